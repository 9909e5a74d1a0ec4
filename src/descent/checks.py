"""What a public function asks of its arguments: declared above it, looked at once a call.

    @checked(X=array("n p"), y=array("n"), w=array("... p", finite=False))
    def cost(X, y, w):
        return np.mean((w @ X.T - y) ** 2, axis=-1) / 2

A call of `cost` looks at X, then y, then w, and runs the lines below with floating-point warnings
off: what is too large for a double is infinity. Loops call `cost.plain`, the lines alone.

A check is a function (value, name, given) -> value. `given` holds all arguments by name, and
under SIZES what the letters n and p have come to stand for. It raises TypeError for the wrong
kind of thing, ValueError for the right kind with a wrong shape or value, and says what was given,
what was expected and what to do. Arrays come out as float64 and are copied only where they must
be: nobody writes to them.
"""

import difflib
import functools
import inspect
import numbers
from decimal import Decimal

import numpy as np

FLOAT = np.dtype(float)


SIZES = "the sizes of axes by letter"  # their key among the arguments while these are checked


def checked(*, result=None, warn=False, **checks):
    """Check these arguments of each call, and its answer by `result`; `warn` keeps warnings."""
    errors = {} if warn else {"all": "ignore"}

    def declare(function):
        parameters = inspect.signature(function).parameters.values()
        names = [p.name for p in parameters if p.kind is p.POSITIONAL_OR_KEYWORD]
        rest = [p.name for p in parameters if p.kind is p.VAR_POSITIONAL]
        known = {p.name for p in parameters} - set(rest)
        defaults = {p.name: p.default for p in parameters if p.default is not p.empty}
        needed, looked_at = known - defaults.keys(), tuple(checks.items())

        @functools.wraps(function)
        def public(*values, **keywords):
            given = {**defaults, **dict(zip(names, values, strict=False)), **keywords}
            if keywords and (unknown := keywords.keys() - known):
                near = difflib.get_close_matches(min(unknown), known, 1, 0.0)
                text = f"{function.__name__}() has no argument {min(unknown)}; did you mean "
                raise TypeError(f"{text}{near[0]}? It must be one of {', '.join(sorted(known))}.")
            twice = keywords and not keywords.keys().isdisjoint(names[: len(values)])
            if twice or (len(values) > len(names) and not rest) or not needed <= given.keys():
                return function(*values, **keywords)  # which Python refuses in words of its own
            given.update((name, values[len(names) :]) for name in rest)
            given[SIZES] = {}
            for name, check in looked_at:
                given[name] = check(given[name], name, given)
            del given[SIZES]
            with np.errstate(**errors):
                if rest:
                    answer = function(*map(given.get, names), *given[rest[0]])
                else:
                    answer = function(**given)
            return answer if result is None else result(answer, given)

        public.checks, public.plain = checks, function
        return public

    return declare


def array(spec="", *, finite=True, above=None, at_least=None, below=None, at_most=None, among=None):
    """Return the check of an array of real numbers.

    `spec` names its axes, or alternatives: "n p", "n | n p", "... p" for any leading axes. A letter
    stands for the same size in the whole call. The rest are bounds of the entries.
    """
    patterns = [pattern.split() for pattern in spec.split("|") if pattern]
    bounds = [
        (above, np.less_equal, f"greater than {above}"),
        (at_least, np.less, f"at least {at_least}"),
        (below, np.greater_equal, f"less than {below}"),
        (at_most, np.greater, f"at most {at_most}"),
    ]
    bounds = [bound for bound in bounds if bound[0] is not None]

    def check(value, name, given=None):
        found = value if type(value) is np.ndarray and value.dtype is FLOAT else floats(value, name)
        if patterns:
            fit(found, name, given[SIZES], patterns)
        if found.size == 0:
            raise ValueError(f"{name} is empty (shape {found.shape}); give at least one number.")
        if finite and not np.isfinite(found).all():
            where = np.argwhere(~np.isfinite(found))[0]
            place = f"{name}[{', '.join(map(str, where))}]" if where.size else name
            raise ValueError(
                f"{place} is {found[tuple(where)]}; every entry must be finite. "
                "Remove or replace NaN and infinity first."
            )
        for bound, outside, words in bounds:
            if (wrong := found[outside(found, bound)]).size:
                verb = "holds" if found.ndim else "is"
                raise ValueError(f"{name} {verb} {wrong[0]:g}; it must be {words}.")
        if among and (wrong := found[~np.isin(found, among)]).size:
            hint = f" Labels 0 and 1 become -1 and +1 as 2 * {name} - 1." if -1 in among else ""
            words = f"{among[0]} or {among[1]:+d}" if -1 in among else f"{among[0]} or {among[1]}"
            raise ValueError(f"{name} holds {wrong[0]:g}; every entry must be {words}.{hint}")
        return found

    return check


def fit(found, name, sizes, patterns):
    """Let the letters of one pattern stand for the sizes of the axes, or raise."""
    for pattern in patterns:
        letters, shape = pattern, found.shape
        if pattern[0] == "...":
            letters = pattern[1:]
            shape = shape[max(0, len(shape) - len(letters)) :]
        if len(shape) == len(letters):
            for letter, size in zip(letters, shape, strict=True):
                if sizes.setdefault(letter, (size, name))[0] != size:
                    break
            else:
                return
    known = {letter: sizes[letter] for letter in letters if sizes.get(letter, (0, name))[1] != name}
    words = " and ".join(f"{letter} = {size} like {where}" for letter, (size, where) in known.items())
    wanted = " or ".join(f"({', '.join(p)}{',' * (len(p) == 1)})" for p in patterns)
    raise ValueError(
        f"{name} has shape {found.shape}; it must be {wanted}{', with ' * bool(words)}{words}."
    )


def floats(value, name):
    """Return an array of float64 with the real numbers in `value`."""
    try:
        found = np.asarray(value)
    except ValueError:
        raise TypeError(f"{name} has rows of different lengths; they must be of one.") from None
    real = numbers.Real, np.bool_, Decimal
    wrong = (
        [v for v in found.flat if not isinstance(v, real)] if found.dtype.kind not in "buif" else []
    )
    if wrong:
        raise TypeError(
            f"{name} holds {shown(wrong[0])}; it must hold real numbers (int or float)."
        )
    with np.errstate(over="ignore"):  # a longer float may not fit
        return found.astype(float)


def family(eta=1.0, **shapes):
    """Return the leading axes of a run whose rates and other parts have these, or raise."""
    shapes["eta"] = eta.family if callable(eta) else np.shape(eta)[:-1]
    try:
        return np.broadcast_shapes(*shapes.values())
    except ValueError:
        words = " and ".join(f"{name} of shape {shape}" for name, shape in shapes.items() if shape)
        raise ValueError(
            f"the families {words} must broadcast. Give one an axis of length 1 where the other "
            "varies."
        ) from None


def number(**bounds):
    """Return the check of one real number, which comes out as a float."""
    entries = array(**bounds)

    def check(value, name, given=None):
        found = entries(value, name, given)
        if found.ndim:
            raise ValueError(f"{name} has shape {found.shape}; it must be one number.")
        return float(found)

    return check


def count(at_least=1):
    """Return the check of a whole number. A bool is none."""

    def check(value, name, given=None):
        if isinstance(value, (bool, np.bool_)) or not isinstance(value, numbers.Integral):
            raise TypeError(f"{name} is {shown(value)}; it must be a whole number.")
        if value < at_least:
            raise ValueError(f"{name} is {value}; it must be at least {at_least}.")
        return int(value)

    return check


def batch_size(value, name, given):
    """A whole number, at most that of the samples; None is all of them."""
    n = given["n_samples"] if "n_samples" in given else len(given["X"])
    value = n if value is None else count()(value, name)
    if value > n:
        raise ValueError(f"{name} is {value} but there are only {n} samples; it must not be more.")
    return value


def counts(value, name, given):
    """Whole numbers, such as the sizes of layers."""
    if not isinstance(value, (tuple, list)):
        raise TypeError(f"{name} is {shown(value)}; it must be a tuple of whole numbers.")
    return tuple(count()(size, f"each entry of {name}") for size in value)


def choice(known):
    """Return the check of a word, which comes out as what it stands for in a dict."""

    def check(value, name, given=None):
        if not isinstance(value, str) or value not in known:
            words = ", ".join(map(repr, known))
            raise ValueError(f"{name} is {shown(value)}; it must be one of {words}.")
        return known[value]

    return check


def instance(kind, words):
    """Return the check of a value of this kind; `words` say what it must be."""

    def check(value, name, given=None):
        if not isinstance(value, kind):
            raise TypeError(f"{name} is {shown(value)}; it must be {words}.")
        return value

    return check


def function(words):
    """Return the check of a function; `words` say of what."""

    def check(value, name, given=None):
        if not callable(value) or hasattr(value, "makes"):
            hint = f" Call it first: {value.__name__}(...)." if callable(value) else ""
            raise TypeError(f"{name} is {shown(value)}; it must be a function {words}.{hint}")
        return value

    return check


def factory(function):
    """Mark a function that makes what an argument needs: it must be called first."""
    function.makes = True
    return function


def optional(check):
    """Return the check that lets None pass."""
    return lambda value, name, given=None: None if value is None else check(value, name, given)


def in_reach(name, *fields):
    """Return the check of an answer, or of these fields of it, that must be finite."""

    def check(answer, given):
        parts = [getattr(answer, field) for field in fields] or [answer]
        if all(np.isfinite(part).all() for part in parts):
            return answer
        raise ValueError(
            f"the entries of {name} reach {np.abs(given[name]).max():g}, and what follows from them "
            "leaves the range of a double; scale them first, for instance by another unit."
        )

    return check


def shown(value):
    """Return a value as a message shows it: by its type if it is long or only an address."""
    text = repr(value.item() if isinstance(value, np.generic) else value)
    if callable(value) and hasattr(value, "__name__"):
        return f"{value.__name__} itself"
    short = len(text) <= 40 and " at 0x" not in text and "\n" not in text
    return text if short else f"of type {type(value).__name__}"


def holder(value, name, given):
    """An object with data X, whose sizes hold in the whole call."""
    given[SIZES] |= {"n": (value.X.shape[0], "X"), "p": (value.X.shape[1], "X")}
    return value


def batch(value, name, given):
    """What picks at least one row of X: row numbers, a mask or a slice."""
    try:
        picked = given["self"].y[value].shape
    except (IndexError, TypeError):
        picked = ()
    if len(picked) != 1 or 0 in picked:
        raise ValueError(f"{name} is {shown(value)}; it must pick rows of X by number or mask.")
    return value


matrix, features = array("n p"), array("n | n d")
targets, labels = array("n"), array("n", among=(-1, 1))
weights = array("... p", finite=False)  # NaN marks a run that diverged
anything, rate = array(finite=False), array(above=0)
share, positive = array(at_least=0, below=1), number(above=0)
flag = instance((bool, np.bool_), "True or False")
generator = instance(
    np.random.Generator, "a numpy.random.Generator, such as numpy.random.default_rng(0)"
)
