"""Chapter 10: a walk there and back through a graph, and the errors of measured slopes."""

from typing import NamedTuple

import numpy as np

from descent import graph

EXAMPLES = {  # name -> (function, the input that is nudged)
    "line": (graph.linear_regression, "w"),
    "neuron": (graph.neuron, "w"),
    "three paths": (graph.three_paths, "t"),
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
