"""What may be given to a network: its layers, its samples, its training."""

from descent import checks
from descent.activations import ACTIVATIONS
from descent.losses import LOSSES

activation, loss, inputs = checks.choice(ACTIVATIONS), checks.choice(LOSSES), checks.array("n d")
penalty = checks.array(at_least=0)
NETWORK = "a Network, as from initialize(sizes, rng=rng) or Network(layers)"
network = checks.kind_of(lambda value: hasattr(value, "activations"), NETWORK)


def activations_of(value, name, given):
    """One name for all layers, or a name for each; softmax in the last layer only."""
    n_layers = len(given["layers"])
    names = [value] * n_layers if isinstance(value, str) else value
    if not isinstance(names, (list, tuple)) or len(names) != n_layers:
        words = f"for {n_layers} layers it must be one name, or a list with a name for each"
        raise TypeError(f"{name} is {checks.shown(value)}; {words}.")
    if "softmax" in names[:-1]:
        raise ValueError(f"{name} has softmax before the last layer; it must be an output's.")
    return tuple(activation(one, name) for one in names)


def loss_of(value, name, given):
    """The name of a loss that suits the last activation."""
    found, last = loss(value, name), given["activations"][-1].name
    if found.partner not in (None, last):
        words = f"the last activation must be {found.partner!r}, not {last!r}"
        raise ValueError(f"{name} is {value!r}, which reads outputs as probabilities; {words}.")
    return found


def a_network(value, name, given):
    """A Network, whose inputs d and outputs k hold in the whole call."""
    d, k = network(value, name).layers[0].W.shape[-1], value.layers[-1].W.shape[-2]
    given[checks.SIZES] |= {"d": (d, "the network's inputs"), "k": (k, "the network's outputs")}
    return value


def targets(value, name, given):
    """A row of targets for each sample; one number will do where the network has one output."""
    y = checks.array("n | n k" if given[checks.SIZES]["k"][0] == 1 else "n k")(value, name, given)
    network = given["self"] if "self" in given else given["network"]
    return network.loss.targets(y if y.ndim == 2 else y[:, None], name, given)


def held_out(value, name, given):
    """A pair (X, y) that suits the network, or None."""
    if value is None:
        return None
    X, y = checks.pair("(X, y)")(value, name)
    del given[checks.SIZES]["n"]
    return inputs(X, f"{name} X", given), targets(y, f"{name} y", given)


def parameters_of(value, name, given):
    """As many numbers along the last axis as the network has parameters."""
    given[checks.SIZES]["p"] = given["self"].flatten().shape[-1], "the network's parameters"
    return checks.weights(value, name, given)


def layer_sizes(value, name, given):
    """Neurons in each layer, the input's first."""
    value = checks.counts(value, name, given)
    if len(value) < 2:
        raise ValueError(f"{name} is {value}; it must have an input and an output, as (2, 1).")
    return value


def networks_alike(value, name, given):
    """Networks of one shape, at least one."""
    checks.instance((tuple, list), "a list of networks")(value, name)
    found = [network(one, f"{name}[{i}]") for i, one in enumerate(value)]
    shapes = {tuple(W.shape for W, _ in one.layers) for one in found}
    if len(shapes) != 1:
        raise ValueError(f"{name} holds {len(shapes)} shapes of network; it must hold one shape.")
    return found


def generator_unless_zeros(value, name, given):
    """A generator, which zeros do without."""
    return value if given["scheme"] == "zeros" else checks.generator(value, name)


def generator_if_drawn(value, name, given):
    """A generator, needed for batches and for dropout."""
    drawn = given["batch_size"] < len(given["X"]) or given["dropout"]
    return checks.generator(value, name) if drawn else value


def patience_of(value, name, given):
    """A whole number or None; it watches the validation cost."""
    if value is not None and (given["validation"] is None or given["every"] is None):
        raise ValueError(f"{name} watches the validation cost: pass validation=(X, y) and every.")
    return checks.optional(checks.count())(value, name)
