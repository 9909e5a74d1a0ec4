"""What a reader moves: `Control`, one slider, and `Mark`, a value worth finding on it."""

from dataclasses import dataclass, field

import numpy as np

from descent import checks

MINUS = "\N{MINUS SIGN}"


@dataclass(frozen=True)
class Mark:
    """A value worth finding, marked on the control itself: `Mark(0.1501, "2/λmax")`."""

    value: float
    label: str


@dataclass
class Control:
    """One slider of a flipbook.

    Parameters
    ----------
    name : str, an identifier; `code` refers to it
    values : (n,) numbers that rise or fall, or names; the slider's positions
    label : str, what the reader sees, with its unit
    start : int, the position at first: choose one that tells the story
    format : str, how a value is written
    marks : sequence of Mark
    """

    name: str
    values: object
    label: str = ""
    start: int = 0
    format: str = "{:g}"
    marks: tuple = ()
    texts: list = field(init=False, repr=False)  # how each value is written

    def __post_init__(self):
        if not isinstance(self.name, str) or not self.name.isidentifier():
            raise ValueError(f"the control's name is {self.name!r}; it must be an identifier.")
        self.label, self.marks = self.label or self.name, tuple(self.marks)
        self.values = self._positions(self.values)
        self.start = checks.count(0)(self.start, f"control {self.name}: start")
        if self.start >= len(self.values):
            raise ValueError(
                f"control {self.name}: start is {self.start}; "
                f"the last position is {len(self.values) - 1}."
            )
        if self.marks and self._named():
            raise ValueError(f"control {self.name}: names cannot carry marks.")
        self.texts = [self._written(value) for value in self.values.tolist()]

    def _named(self):
        return self.values.dtype.kind == "U"

    def _positions(self, given):
        """Return the positions as an array of names, whole numbers or real ones."""
        values = np.asarray(given)
        named, whole = values.dtype.kind == "U", values.dtype.kind in "iu"
        if not named:
            values = checks.array("n")(values, f"{self.name}.values", {checks.SIZES: {}})
            values = values.astype(int) if whole else values
        if values.ndim != 1 or len(values) < 2:
            raise ValueError(
                f"control {self.name}: values has shape {values.shape}; "
                "it needs two or more in a row."
            )
        if not named and not (np.all(np.diff(values) > 0) or np.all(np.diff(values) < 0)):
            raise ValueError(
                f"control {self.name}: values must rise, or fall, from one to the next."
            )
        return values

    def _written(self, value):
        return value if self._named() else self.format.format(value).replace("-", MINUS)

    def head(self):
        """Return what the browser needs to know of this control."""
        return {
            "name": self.name,
            "label": self.label,
            "texts": self.texts,
            "start": self.start,
            "marks": self._marks(),
        }

    def _marks(self):
        """Return the marks from left to right, each on the first row where its label has room."""
        placed = sorted((self._place(mark), mark.label) for mark in self.marks)
        ends, marks = [], []  # how far each row is taken, in widths of the slider
        for at, label in placed:
            half = 0.015 * len(label) + 0.02  # on a phone's width
            row = next((k for k, end in enumerate(ends) if end <= at - half), len(ends))
            ends[row:] = [at + half] + ends[row + 1 :]
            marks.append({"at": at, "label": label, "row": row})
        return marks

    def _place(self, mark):
        """Return where on the slider a mark lies, 0 to 1, between its two neighbours."""
        value = checks.number()(mark.value, f"the mark {mark.label!r}")
        rising = self.values if self.values[0] < self.values[-1] else self.values[::-1]
        if not rising[0] <= value <= rising[-1]:
            raise ValueError(
                f"control {self.name}: the mark {mark.label!r} at {value:g} lies outside "
                f"{rising[0]:g} to {rising[-1]:g}."
            )
        place = np.interp(value, rising, np.linspace(0, 1, len(rising)))
        return round(float(place if rising is self.values else 1 - place), 5)
