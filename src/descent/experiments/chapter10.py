"""The three graphs that chapter 10 walks through, forward and backward done."""

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
