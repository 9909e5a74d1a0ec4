"""What a reader types or pastes into a panel's box of data: a table of numbers."""

import re
import unicodedata

import numpy as np

INVISIBLE = dict.fromkeys(map(ord, "\ufeff\u200b\u200c\u200d\u2060"))
DECIMAL_COMMA = re.compile(r"\d,\d")


def read_table(text):
    """Read numbers, one sample a line: its features, then its target.

    Semicolons and tabs separate numbers, then a comma inside one is a decimal comma; without them
    commas or blanks separate. Empty lines are skipped.

    Parameters
    ----------
    text : str

    Returns
    -------
    features (n, d), y (n,)

    Raises
    ------
    ValueError
        What is wrong, with the number of the line.
    """
    text = unicodedata.normalize("NFKC", text).translate(INVISIBLE).replace("\u2212", "-")
    rows, first = [], None
    for number, line in enumerate(text.splitlines(), start=1):
        if not line.strip(" ,;\t"):
            continue
        rows.append([read_cell(cell, number) for cell in cells(line, number)])
        first = first or number
        if len(rows[-1]) != len(rows[0]):
            raise ValueError(
                f"Line {number} has {counted(rows[-1])} but line {first} has {len(rows[0])}; "
                "give every line as many."
            )
    if not rows:
        raise ValueError("The box is empty; write one sample a line, such as 2.7, 1, 25.")
    if len(rows[0]) < 2:
        raise ValueError("Each line has one number; give at least one feature and then the target.")
    table = np.array(rows)
    return table[:, :-1], table[:, -1]


def cells(line, number):
    """Cut a line at its semicolons and tabs, or else at its blanks, or else at its commas."""
    if re.search(r"[;\t]", line):
        parts = re.split(r"[;\t]", line.strip(" "))
    elif re.search(r"[^\s,] +[^\s,]", line.strip()) and "," not in re.sub(r",\d", "", line):
        parts = line.split()
    elif re.search(r",\s", line) and DECIMAL_COMMA.search(line):
        raise ValueError(
            f"Line {number} has commas with a blank behind them and commas without one; which of "
            "them separate numbers? Write a decimal point, or separate by semicolons."
        )
    else:
        parts = line.split(",")
    parts = [part.strip() for part in parts]
    if parts[-1] == "":  # one separator may end a line
        parts.pop()
    if "" in parts:
        raise ValueError(
            f"Line {number} has an empty cell between two separators; every sample must be "
            "complete: fill the cell in or leave the line out."
        )
    return parts


def read_cell(cell, line):
    """Return the number in a cell; where commas do not separate, one is a decimal comma."""
    if re.fullmatch(r"-?\d{1,3}(,\d{3})+", cell):
        whole = cell.replace(",", "")
        raise ValueError(f"Line {line}: “{cell}” may be {whole} or a decimal; write no comma.")
    word = cell.replace(",", ".") if cell.count(",") == 1 and "." not in cell else cell
    try:
        value = float(word)
    except ValueError:
        raise ValueError(f"Line {line}: “{cell[:20]}” is not a number.") from None
    if not abs(value) < 1e100:
        raise ValueError(f"Line {line}: {cell[:20]} is no number that one can train on.")
    return value


def counted(row):
    """Return "1 number" or "3 numbers"."""
    return f"{len(row)} number{'s' * (len(row) != 1)}"
