"""Chapter 10: three graphs, a walk through each there and back, the errors of measured slopes."""

from typing import NamedTuple

import numpy as np

from descent.graph import Value


def linear_regression(w=5.0, x=1.0, b=1.0, y=2.0):
    """Return the graph of c = (w x + b - y)^2 as a dict of its values, forward and backward done.

    The source writes e = y - y_hat, whose slope in y_hat is -1, and prints +1. With e = y_hat - y
    all its printed numbers hold: e = 4, c = 16, and a gradient of 8 in e, y_hat, u, w and b.

    (source 004, section 4.2.2; errata 4-74)
    """
    x, w, b, y = Value(x), Value(w), Value(b), Value(y)
    u = w * x
    y_hat = u + b
    e = y_hat - y
    c = e**2
    return _named(x=x, w=w, b=b, y=y, u=u, y_hat=y_hat, e=e, c=c)


def neuron(w=0.5, x=2.0, b=-0.3, y=1.0):
    """Return the graph of C = (sigmoid(w x + b) - y)^2 / 2 as a dict of its values, likewise.

    The gradient of z is the common factor that the source calls V_2. (source 004, section 4.1)
    """
    w, x, b, y = Value(w), Value(x), Value(b), Value(y)
    u = w * x
    z = u + b
    a = z.sigmoid()
    e = a - y
    s = e**2
    C = s / 2
    return _named(w=w, x=x, b=b, y=y, u=u, z=z, a=a, e=e, s=s, C=C)


def three_paths(t=1.0):
    """Return the graph of f = y + e^(xy), x = cos t, y = t^2, as a dict of its values, likewise.

    Three paths lead from t to f: by x, by y into the exponent, and by y alone. (004, section 3.3.2)
    """
    t = Value(t)
    x = t.cos()
    y = t**2
    q = x * y
    g = q.exp()
    f = y + g
    return _named(t=t, x=x, y=y, q=q, g=g, f=f)


def _named(**nodes):
    """Give each value its name, go back from the last one, and return them all."""
    for name, node in nodes.items():
        node.name = name
    node.backward()
    return nodes


EXAMPLES = {  # name -> (function, the input that is nudged)
    "line": (linear_regression, "w"),
    "neuron": (neuron, "w"),
    "three paths": (three_paths, "t"),
}
NUDGES = np.array([-1.0, -0.5, -0.1, 0.0, 0.1, 0.5, 1.0])


class Step(NamedTuple):
    """What a walk has seen so far, and where it goes in this step."""

    values: dict  # name -> Value
    gradients: dict  # name -> what has come back to it
    forward: tuple = ()  # edges (parent, child) into the value of this step
    back: tuple = ()  # the edge (parent, child) that this step goes back on
    local: float = np.nan  # the local gradient of that edge
    part: float = np.nan  # what it brings to the parent's gradient


def example(name, nudge=0.0):
    """Return the named values of one of the EXAMPLES, its first input moved by `nudge`."""
    function, moved = EXAMPLES[name]
    start = function()[moved].data
    return function(**{moved: start + nudge})


def walk(name, nudge=0.0):
    """Return the Steps of a walk through an example's graph: the inputs, each value, then back."""
    nodes = example(name, nudge)
    *_, result = nodes.values()
    values = {key: v for key, v in nodes.items() if not v.edges}
    steps = [Step(dict(values), {})]
    for key, v in nodes.items():
        if v.edges:
            values[key] = v
            into = tuple((p.name, key) for p, _ in v.edges if not is_constant(p))
            steps.append(Step(dict(values), {}, forward=into))
    gradients = {result.name: 1.0}
    steps.append(Step(values, dict(gradients)))
    for child, parent, part in result.backward():
        if not is_constant(parent):
            gradients[parent.name] = gradients.get(parent.name, 0.0) + part
            local = next(slope for p, slope in child.edges if p is parent)
            edge = parent.name, child.name
            steps.append(Step(values, dict(gradients), back=edge, local=local, part=part))
    return steps


def is_constant(value):
    """Return whether a Value is a number in an operation, as the 2 of 2 x."""
    return not value.edges and not value.name


def median_errors(f, exact, t, h):
    """Return the median errors of one-sided and two-sided slopes at t, for every h: two (n,)."""
    h = np.asarray(h)[:, None]
    up, down = t + h, t - h
    one = (f(up) - f(t)) / (up - t)
    two = (f(up) - f(down)) / (up - down)
    return tuple(np.median(np.abs(s - exact), axis=1) for s in (one, two))
