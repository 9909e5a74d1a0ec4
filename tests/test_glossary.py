"""The glossary: in order, each term with its Chinese, one sentence, and a place that exists."""

import re

import pytest
from bookfiles import BOOK, NOTEBOOKS, chapters, prose, without_code
from mdit_py_plugins.anchors.index import slugify

PAGE = BOOK / "glossary.md"
TEXT = PAGE.read_text(encoding="utf-8")
ENTRY = re.compile(
    r"^### (?P<term>.+)\n\n\*\*(?P<chinese>.+?)\*\* · (?P<meaning>.+)\n"
    r"\[Chapter\u00a0(?P<number>\d+)\]\((?P<file>[\w-]+\.ipynb)#(?P<anchor>[^)]+)\)$",
    re.M,
)
ENTRIES = {found["term"]: found for found in ENTRY.finditer(TEXT)}
every_entry = pytest.mark.parametrize("term", ENTRIES)


def links(path):
    """Return the anchors of the glossary that a notebook links to."""
    return re.findall(r"\]\(glossary\.md#([^)]*)\)", prose(path))


def test_every_heading_is_a_whole_entry():
    assert re.findall(r"^### (.+)$", TEXT, re.M) == list(ENTRIES)
    assert len({slugify(term) for term in ENTRIES}) == len(ENTRIES) > 100


def test_the_terms_are_in_alphabetical_order_under_their_letters():
    terms = list(ENTRIES)
    assert terms == sorted(terms, key=str.casefold)
    letter = None
    for level, words in re.findall(r"^(##+) (.+)$", TEXT, re.M):
        if level == "##":
            letter = words
        else:
            assert letter == (words[0].upper() if words[0].isalpha() else "0–9"), words


@every_entry
def test_an_entry_has_chinese_and_one_sentence(term):
    entry = ENTRIES[term]
    assert re.search(r"[\u4e00-\u9fff]", entry["chinese"])
    meaning = entry["meaning"]
    assert meaning.endswith(".") and not re.search(r"[.!?] ", meaning), "one sentence"
    assert len(meaning) < 160


@every_entry
def test_an_entry_leads_to_a_section_of_its_chapter(term):
    entry = ENTRIES[term]
    path = BOOK / entry["file"]
    assert path.exists() and int(path.name[:2]) == int(entry["number"])
    sections = re.findall(r"^###? (.+)$", without_code(prose(path)), re.M)
    assert entry["anchor"] in [slugify(words) for words in sections]


@every_entry
def test_the_chapter_uses_the_term(term):
    """It links to the entry where it explains the term, or at least says the word."""
    entry = ENTRIES[term]
    path = BOOK / entry["file"]
    said = re.search(rf"\b{re.escape(term)}", prose(path), re.I)
    assert slugify(term) in links(path) or said


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.name)
def test_links_to_the_glossary_lead_to_terms_of_that_chapter(path):
    known = {slugify(term): entry["file"] for term, entry in ENTRIES.items()}
    for anchor in links(path):
        assert known.get(anchor) == path.name, anchor


def test_each_chapter_links_to_its_terms():
    linked = [slugify(term) in links(BOOK / entry["file"]) for term, entry in ENTRIES.items()]
    assert sum(linked) > 0.9 * len(linked)


def test_the_glossary_stands_behind_the_notation():
    pages = chapters()
    assert pages.index("book/glossary") == pages.index("book/notation") + 1
