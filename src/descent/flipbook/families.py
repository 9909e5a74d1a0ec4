"""Numbers and texts whose leading axes are a figure's controls."""

import numpy as np

from descent import checks
from descent.flipbook.encoding import collapse


def numbers(value, name, controls, inner):
    """Return real numbers of shape controls + `inner` axes, or say which shape was needed."""
    array = checks.anything(value, name)
    if array.ndim < inner:
        array = array.reshape((1,) * (inner - array.ndim) + array.shape)
    leading, rest = array.shape[: max(array.ndim - inner, 0)], array.shape[-inner:] if inner else ()
    if len(rest) != inner or not _fits(leading, controls):
        axes = ", ".join([*map(str, controls), *["..."] * inner])
        raise ValueError(
            f"{name} has shape {array.shape}; the controls need ({axes}), "
            "or 1 in place of a control that changes nothing."
        )
    return np.broadcast_to(array, controls + rest)


def strings(value, name, controls):
    """Return texts of shape `controls`, or say which shape was needed."""
    array = np.asarray(value)
    if array.dtype.kind != "U" and not all(isinstance(item, str) for item in array.flat):
        raise TypeError(f"{name} holds {array.dtype}; it must hold texts.")
    array = array.astype(str)
    if not _fits(array.shape, controls):
        raise ValueError(f"{name} has shape {array.shape}; the controls need {controls}.")
    return np.broadcast_to(array, controls)


def string_head(texts):
    """Return texts as the browser gets them: a shape and one flat list."""
    texts = collapse(texts, texts.ndim)
    return {"shape": texts.shape, "items": texts.ravel().tolist()}


def _fits(shape, controls):
    try:
        return np.broadcast_shapes(shape, controls) == controls
    except ValueError:
        return False
