"""A computational graph of single numbers: values go forward, gradients come back.

Each `Value` remembers what it was made from and how strongly it answers to each of these, its local
gradients. On the way back every value hands its own gradient, times the local one, to each value it
was made from; what arrives over several paths adds up. (source 004, sections 3.3.2 and 4.2)
"""

import math
import numbers


class Value:
    """A number in a graph: combine with +, -, *, /, ** n, exp, log, cos, sigmoid, tanh, relu.

    Call `backward()` on the result, then read `.grad` of anything it was made from.

    Parameters
    ----------
    data : real number
    name : str, for drawings
    """

    __array_ufunc__ = None  # lets NumPy's numbers stand on the left of an operator

    def __init__(self, data, name="", operation="", edges=()):
        if isinstance(data, bool) or not isinstance(data, numbers.Real):
            raise TypeError(f"data is of type {type(data).__name__}; it must be one real number.")
        self.data = float(data)
        self.grad = 0.0  # d(result) / d(this), after result.backward()
        self.name, self.operation = name, operation  # an input has no operation
        self.edges = edges  # pairs (value it was made from, local gradient d(this) / d(that value))

    def __repr__(self):
        return f"Value({self.name + ' = ' if self.name else ''}{self.data:g}, grad={self.grad:g})"

    def _made(self, operation, function, local, *others):
        """Return function(a, ...) as a Value, with the local gradients local(a, ...)."""
        parents = (self, *(v if isinstance(v, Value) else Value(v) for v in others))
        numbers_in = [parent.data for parent in parents]
        try:
            data, slopes = function(*numbers_in), local(*numbers_in)
        except (ArithmeticError, ValueError):
            words = f"{operation} of {', '.join(f'{a:g}' for a in numbers_in)}, or its slope,"
            raise ValueError(f"{words} is not a number that a double holds.") from None
        return Value(data, "", operation, tuple(zip(parents, slopes, strict=True)))

    def __add__(self, other):
        return self._made("+", lambda a, b: a + b, lambda a, b: (1.0, 1.0), other)

    def __sub__(self, other):
        return self._made("-", lambda a, b: a - b, lambda a, b: (1.0, -1.0), other)

    def __mul__(self, other):
        return self._made("*", lambda a, b: a * b, lambda a, b: (b, a), other)

    def __truediv__(self, other):
        return self._made("/", lambda a, b: a / b, lambda a, b: (1 / b, -a / b / b), other)

    def __pow__(self, n):
        if isinstance(n, Value):
            raise TypeError("the exponent is a Value; write a ** b as (b * a.log()).exp().")
        n, slope = Value(n).data, lambda a: (n * math.pow(a, n - 1) if n else 0.0,)
        return self._made(f"** {n:g}", lambda a: math.pow(a, n), slope)

    def __neg__(self):
        return self._made("-", lambda a: -a, lambda a: (-1.0,))

    def __rsub__(self, other):
        return Value(other) - self

    def __rtruediv__(self, other):
        return Value(other) / self

    __radd__, __rmul__ = __add__, __mul__

    def exp(self):
        return self._made("exp", math.exp, lambda a: (math.exp(a),))

    def log(self):
        return self._made("log", math.log, lambda a: (1 / a,))

    def cos(self):
        return self._made("cos", math.cos, lambda a: (-math.sin(a),))

    def sigmoid(self):
        e = math.exp(-abs(self.data))  # never too large
        top = 1.0 if self.data >= 0 else e
        return self._made("sigmoid", lambda a: top / (1 + e), lambda a: (e / (1 + e) ** 2,))

    def tanh(self):
        return self._made("tanh", math.tanh, lambda a: (1 - math.tanh(a) ** 2,))

    def relu(self):  # the slope at 0 is 0
        return self._made("relu", lambda a: max(a, 0.0), lambda a: (1.0 if a > 0 else 0.0,))

    def order(self):
        """Return all values behind this one and itself, each after everything it was made from."""
        order, seen, waiting = [], set(), [(self, False)]
        while waiting:  # a list instead of recursion, so that no chain is too long
            value, ready = waiting.pop()
            if ready:
                order.append(value)
            elif id(value) not in seen:
                seen.add(id(value))
                waiting += [(value, True), *((parent, False) for parent, _ in value.edges[::-1])]
        return order

    def backward(self):
        """Set `.grad` to d(this) / d(value), here and in all values behind; return how it came.

        The way back is a list of (value, parent, gradient that this edge brought to the parent), in
        order: what a drawing needs to show it step by step.
        """
        order, way = self.order(), []
        for value in order:
            value.grad = 0.0  # a second call starts afresh
        self.grad = 1.0
        for value in reversed(order):
            for parent, local in value.edges:
                way.append((value, parent, value.grad * local))
                parent.grad += value.grad * local
        return way
