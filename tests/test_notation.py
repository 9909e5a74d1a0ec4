"""The notation table: every symbol of every chapter's formulas, with the chapters it holds in."""

import re
from collections import defaultdict

import pytest
from bookfiles import BOOK, NOTEBOOKS, prose
from symbols import formulas, symbols, written

PAGE = BOOK / "notation.md"
CHAPTERS = {int(path.name[:2]): path for path in NOTEBOOKS if path.name[:2].isdecimal()}
LAST = max(CHAPTERS)


def used():
    """Return letter -> index -> the chapters whose formulas have it."""
    found = defaultdict(lambda: defaultdict(set))
    for number, path in CHAPTERS.items():
        for tex in formulas(prose(path)):
            for letter, index in symbols(tex):
                found[letter][index].add(number)
    return found


def in_chapters(words):
    """Read "1–4, 6" or "8–" as a set of chapters."""
    found = set()
    for part in words.split(","):
        first, dash, last = part.strip().partition("–")
        found |= set(range(int(first), int(last or LAST if dash else first) + 1))
    return found


def rows():
    """Return (letter, index, chapters) of every symbol in the two tables."""
    found = []
    for line in PAGE.read_text(encoding="utf-8").splitlines():
        cells = [cell.strip() for cell in line.strip("|").split(" | ")]
        if len(cells) not in (3, 5) or "$" not in cells[0]:
            continue
        chapters = in_chapters(cells[4] if len(cells) == 5 else cells[1])
        for tex in re.findall(r"\$(.+?)\$", cells[0]):
            outer = symbols(tex, inside=False)
            found += [(*symbol, frozenset(chapters)) for symbol in outer[:1]]
    return found


USED, ROWS = used(), rows()


@pytest.mark.parametrize("letter", sorted(USED))
def test_a_symbol_is_in_the_table_for_every_chapter_that_has_it(letter):
    listed = set().union(*(chapters for name, _, chapters in ROWS if name == letter))
    missing = set().union(*USED[letter].values()) - listed
    assert not missing, f"${letter}$ of chapters {sorted(missing)} is not on the notation page"


@pytest.mark.parametrize("letter", sorted({name for name, _, _ in ROWS}))
def test_the_table_names_the_chapter_where_a_symbol_first_occurs(letter):
    assert letter in USED, f"${letter}$ is in no formula"
    first = min(min(chapters) for name, _, chapters in ROWS if name == letter)
    assert first == min(min(found) for found in USED[letter].values())


@pytest.mark.parametrize(
    ("letter", "index", "chapters"), ROWS, ids=lambda part: part if isinstance(part, str) else ""
)
def test_a_row_holds_where_it_says(letter, index, chapters):
    """Its symbol occurs in the first of its chapters; with its index nowhere before."""
    name = written(letter, index)
    having = set().union(*USED[letter].values()) if not index else USED[letter][index]
    assert min(chapters) in having, f"${name}$ does not occur in chapter {min(chapters)}"
    if index:
        earliest = min(min(c) for other, i, c in ROWS if (other, i) == (letter, index))
        assert earliest == min(having), f"${name}$ occurs in chapter {min(having)} already"


@pytest.mark.parametrize(
    ("tex", "found"),
    [
        (r"\hat y_i = \mathbf{x}_i^\top\mathbf{w}", [r"\hat{y}_i", r"\mathbf{x}_i", r"\mathbf{w}"]),
        (r"2/\lambda_{\max}", [r"\lambda_{\max}"]),
        (r"\mathbf{w}^*_t", [r"\mathbf{w}^*_t"]),
        (r"\operatorname{diag}(0, 1) \text{ if } \sin 2", []),
        (r"w^{\ell+1}_{kj}\,\sigma'(z^\ell_j)", ["w_{kj}", r"\sigma", "z_j"]),
        (r"\mathbf{W}_\text{start}", [r"\mathbf{W}_{\text{start}}"]),
    ],
)
def test_how_symbols_are_read(tex, found):
    assert [written(*symbol) for symbol in symbols(tex, inside=False)] == found


def test_indices_are_symbols_too():
    assert [letter for letter, _ in symbols(r"w_{jk}^{\ell - 1}")] == ["j", "k", r"\ell", "w"]
