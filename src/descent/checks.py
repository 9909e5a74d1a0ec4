"""What a public function asks of its arguments: declared above it, looked at once a call.

    @checked(X=array("n p"), y=array("n"), w=array("... p", finite=False))
    def cost(X, y, w):
        return np.mean((w @ X.T - y) ** 2, axis=-1) / 2

A call of `cost` looks at X, then y, then w, and runs the lines below with floating-point warnings
off: what is too large for a double is infinity. Loops call `cost.plain`, the lines alone.

A check is a function (value, name, given) -> value. `given` holds all arguments by name, and under
SIZES what the letters n and p have come to stand for. It raises TypeError for the wrong kind of
thing, ValueError for the right kind with a wrong shape or value, and says what was given, what was
expected and what to do. Arrays come out as float64 and are copied only where they must be: nobody
writes to them.
"""

import contextlib
import difflib
import functools
import inspect
import numbers
from decimal import Decimal

import numpy as np

FLOAT = np.dtype(float)
SIZES = "the sizes of axes by letter"  # their key among the arguments while these are looked at


def checked(*, warn=False, **checks):
    """Return the decorator that checks these arguments of each call; `warn` keeps warnings."""
    errors = {} if warn else {"all": "ignore"}

    def declare(function):
        parameters = inspect.signature(function).parameters.values()
        names = [p.name for p in parameters if p.kind is not p.KEYWORD_ONLY]
        known = {p.name for p in parameters}
        defaults = {p.name: p.default for p in parameters if p.default is not p.empty}

        @functools.wraps(function)
        def public(*values, **keywords):
            given = {**defaults, **dict(zip(names, values, strict=False)), **keywords}
            twice = keywords and not keywords.keys().isdisjoint(names[: len(values)])
            if twice or len(values) > len(names) or given.keys() != known:
                return misused(function, values, keywords, known)
            given[SIZES] = {}
            for name, check in checks.items():
                given[name] = check(given[name], name, given)
            del given[SIZES]
            with np.errstate(**errors):
                return function(**given)

        public.checks, public.plain = checks, function
        return public

    return declare


def misused(function, values, keywords, known):
    """Raise for a call with wrong arguments: name the right keyword, or leave it to Python."""
    for name in keywords.keys() - known:
        near = difflib.get_close_matches(name, known, 1, 0.0)[0]
        raise TypeError(f"{function.__name__}() has no argument {name}; the nearest is {near}.")
    return function(*values, **keywords)


BOUNDS = {  # what lies outside, and how a message says what must be
    "above": (np.less_equal, "greater than"),
    "at_least": (np.less, "at least"),
    "below": (np.greater_equal, "less than"),
    "at_most": (np.greater, "at most"),
    "among": (lambda found, known: ~np.isin(found, known), "one of"),
}


def array(spec="", *, finite=True, hint="", **bounds):
    """Return the check of an array of real numbers.

    `spec` names its axes, or alternatives: "n p", "n | n p", "... p" for any leading axes. A letter
    stands for the same size in the whole call. The rest are bounds of the entries, as in BOUNDS.
    """
    patterns = [(p.replace("...", "").split(), "..." in p) for p in spec.split("|") if p]
    limits = [(*BOUNDS[kind], bound) for kind, bound in bounds.items()]

    def check(value, name, given=None):
        found = floats(value, name)
        if patterns:
            fit(found, name, given[SIZES], patterns)
        if found.size == 0:
            raise ValueError(f"{name} is empty (shape {found.shape}); give at least one number.")
        if finite and np.count_nonzero(np.isfinite(found)) < found.size:
            where = ", ".join(map(str, np.argwhere(~np.isfinite(found))[0]))
            entry = f"{name}[{where}]" if where else name
            raise ValueError(f"{entry} is NaN or infinite; make it finite.")
        for outside, words, bound in limits:
            if (wrong := found[outside(found, bound)]).size:
                verb = "holds" if found.ndim else "is"
                raise ValueError(f"{name} {verb} {wrong[0]:g}; it must be {words} {bound}.{hint}")
        return found

    return check


def fit(found, name, sizes, patterns):
    """Let the letters of one pattern stand for the sizes of the axes, or raise."""
    for letters, leading in patterns:
        shape = found.shape[-len(letters) :] if leading else found.shape
        if len(shape) == len(letters):
            for letter, size in zip(letters, shape, strict=True):
                if sizes.setdefault(letter, (size, name))[0] != size:
                    break
            else:
                return
    others = {k: sizes[k] for k in letters if sizes.get(k, (0, name))[1] != name}
    known = " and ".join(f"{k} = {size} like {other}" for k, (size, other) in others.items())
    shapes = [", ".join(["..."] * leading + letters) for letters, leading in patterns]
    wanted = " or ".join(f"({shape})" if " " in shape else f"({shape},)" for shape in shapes)
    words = f"{wanted}, with {known}" if known else wanted
    raise ValueError(f"{name} has shape {found.shape}; it must be {words}.")


def floats(value, name):
    """Return an array of float64 with the real numbers in `value`: itself if it is one."""
    if type(value) is np.ndarray and value.dtype is FLOAT:
        return value
    try:
        found = np.asarray(value)
    except ValueError:
        raise TypeError(f"{name} has rows of different lengths; they must be of one.") from None
    if np.ma.is_masked(value):
        raise TypeError(f"{name} has masked entries; it must be complete. Leave their rows out.")
    if found.dtype.kind not in "buif":
        for entry in found.flat:
            if not isinstance(entry, (numbers.Real, np.bool_, Decimal)):
                words = f"{name} holds {shown(entry)}; it must hold real numbers (int or float)."
                raise TypeError(words)
    with np.errstate(over="ignore"):  # a longer float may not fit
        return found.astype(float)


def number(**bounds):
    """Return the check of one real number, which comes out as a float."""

    def check(value, name, given=None):
        found = array(**bounds)(value, name)
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


def counts(value, name, given):
    """Whole numbers, such as the sizes of layers."""
    instance((tuple, list), "a tuple of whole numbers")(value, name)
    return tuple(count()(size, f"each entry of {name}") for size in value)


def batch_size(value, name, given):
    """A whole number, at most that of the samples; None is all of them."""
    n = given["n_samples"] if "n_samples" in given else len(given["X"])
    value = n if value is None else count()(value, name)
    if value > n:
        raise ValueError(f"{name} is {value} but there are only {n} samples; it must not be more.")
    return value


def choice(known):
    """Return the check of a word out of a dict, which comes out as what it stands for."""

    def check(value, name, given=None):
        if not isinstance(value, str) or value not in known:
            words = ", ".join(map(repr, known))
            raise ValueError(f"{name} is {shown(value)}; it must be one of {words}.")
        return known[value]

    return check


def kind_of(test, words):
    """Return the check of a value that passes a test; `words` say what it must be."""

    def check(value, name, given=None):
        if not test(value):
            raise TypeError(f"{name} is {shown(value)}; it must be {words}.")
        return value

    return check


def instance(kind, words):
    """Return the check of a value of this kind; `words` say what it must be."""
    return kind_of(lambda value: isinstance(value, kind), words)


def pair(words):
    """Return the check of two things in a tuple or a list; `words` say which."""
    return kind_of(lambda v: isinstance(v, (tuple, list)) and len(v) == 2, f"a pair {words}")


def function(words):
    """Return the check of a function; `words` say of what, and how one is made."""

    def is_one(value):  # and not the maker of one, such as ball in place of ball(1.0)
        return callable(value) and not hasattr(value, "makes")

    return kind_of(is_one, f"a function {words}")


def schedule(value, name, given):
    """A rate, several, or a function t -> rate; it comes out as a function with a `family`.

    The function gives the rate of step t, a number or (..., 1), which it has looked at.
    """
    function = getattr(value, "plain", value)

    def look(found):
        if callable(found):
            words = "call what makes the schedule first, as in inverse_sqrt(0.1)"
            raise TypeError(f"{name} is a function that returned a function; {words}.")
        found = rate(found, name)
        return found[..., None] if found.ndim else float(found)

    first = look(function(1) if callable(function) else function)
    rate_at = (lambda t: look(function(t))) if callable(function) else (lambda t: first)
    rate_at.family = np.shape(first)[:-1]
    return rate_at


def optional(check):
    """Return the check that lets None pass."""
    return lambda value, name, given=None: None if value is None else check(value, name, given)


def holder(value, name, given):
    """An object with data X, whose sizes hold in the whole call."""
    given[SIZES] |= {"n": (value.X.shape[0], "X"), "p": (value.X.shape[1], "X")}
    return value


def batch(value, name, given):
    """What picks rows of X: their numbers, a mask or a slice; at least one."""
    with contextlib.suppress(IndexError, ValueError):
        picked = given["self"].y[value]
        if picked.ndim == 1 and picked.size:
            return value
    raise ValueError(f"{name} is {shown(value)}; it must pick rows of X, at least one.")


def shown(value):
    """Return a value as a message shows it: by its type if it is long or only an address."""
    if callable(value) and hasattr(value, "__name__"):
        return f"{value.__name__} itself"
    text = repr(value.item() if isinstance(value, np.generic) else value)
    short = len(text) <= 40 and " at 0x" not in text and "\n" not in text
    return text if short else f"of type {type(value).__name__}"


matrix, features, targets = array("n p"), array("n | n d"), array("n")
labels = array("n", among=(-1, 1), hint=" Labels 0 and 1 become -1 and 1 as 2 * y - 1.")
weights = array("... p", finite=False)  # NaN marks a run that diverged
anything, rate, not_negative = array(finite=False), array(above=0), array(at_least=0)
share, positive = array(at_least=0, below=1), number(above=0)
flag = instance((bool, np.bool_), "True or False")
generator = instance(np.random.Generator, "a numpy.random.Generator, as of default_rng(0)")
ADAM = "an optimiser such as Adam(), with parentheses"
optimizer = optional(kind_of(lambda o: hasattr(o, "step") and not isinstance(o, type), ADAM))
