"""The two things that every picture of the book writes: a label beside a point, and a number."""

_RAISED = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")


def label(ax, text, at, shift=(0, 0), color=None, **more):
    """Write `text` beside the point `at` and return the annotation.

    at : (x, y), a point in the coordinates of the data
    shift : (right, up), how far the text stands from it, in points: the same on every scale
    color : a colour; None is the colour of the axes' other texts
    more : goes to `ax.annotate`: ha, va, fontsize, arrowprops, ...
    """
    return ax.annotate(text, at, xytext=shift, textcoords="offset points", color=color, **more)


def number(x, digits="g"):
    """Write a number as the book sets it: -0.5 is "−0.5", -0.001 to two decimals is "0.00".

    The minus is a true minus, a zero has no sign, and 5e-07 is "5·10⁻⁷".

    x : float or int
    digits : str, a format of Python: "g", ".3f", "+.2f", ",d", ...; or int, so many decimals at
        most: 2 writes 0.254 as "0.25", 0.5 as "0.5" and 3.0 as "3"
    """
    if isinstance(digits, int):
        text = f"{x:.{digits}f}"
        text = text.rstrip("0").rstrip(".") if digits else text
    else:
        text = f"{x:{digits}}"
    head, e, exponent = text.partition("e")
    if not head.strip("+-0.,"):
        head = head.lstrip("+-")
    power = f"·10{str(int(exponent)).translate(_RAISED)}" if e else ""
    return head.replace("-", "\N{MINUS SIGN}") + power
