"""Find the numbers that a page claims, and whether its own outputs bear them out.

What counts as a claim: every number in the Markdown except whole numbers up to 12 (they count
things), years, the digits of formulas' structure (indices, exponents, the names of exercises,
chapters and equations), links and code spans.
"""

import re
from bisect import bisect_left

STRUCTURE = [
    r"\]\([^)]*\)",  # the target of a link
    r"https?://\S+",
    r"`[^`]*`",  # code
    r"^\([\w-]+\)=\s*$",  # a label
    r"^:[\w-]+:.*$",  # an option of a directive
    r"\{(?:ref|eq|cite\w*|numref|doc)\}`[^`]*`",
    r"(?:Exercises?|Solutions?|Hints?|Chapters?|chapters?|Sections?|Figures?|Equations?|Eq\.|§+)\s*"
    r"\(?[\d.]+(?:\s*(?:,|and|to|–)\s*\(?[\d.]+\)?)*",
    r"^#+ \d+ · ",  # the number in a chapter's title
    r"(?:[_^])(?:\{[^{}]*\}|\d)",  # indices and exponents
    r"\\\\\[[^\]]*\]",  # the space between two lines of a formula
]
SOURCE_SECTION = re.compile(r"^#+ Where the source.*?(?=^# |\Z)", re.M | re.S)
POWER = re.compile(r"(?:([\d.]+)\s*(?:\\cdot|\\times|×|·)\s*)?10\^(?:\{([-−]?\d+)\}|(\d))")
NUMBER = re.compile(
    r"(?<![\w.])[-−+]?\d+(?:(?:,|\\,|\{,\}|\u202f|\u2009)\d{3})*(?:\.\d+)?(?:e[-+]?\d+)?"
)
GAP = re.compile(r",|\\,|\{,\}|\u202f|\u2009")


def plain(text):
    return float(GAP.sub("", text).replace("−", "-"))


def claims(markdown):
    """Return (text, value, half a unit of its last digit) of every number the prose claims."""
    text = SOURCE_SECTION.sub("", markdown)
    found = []

    def power(match):
        digits, exponent = match.group(1), int((match.group(2) or match.group(3)).replace("−", "-"))
        if digits:
            places = len(digits.partition(".")[2])
            scale = 10.0**exponent
            found.append((match.group(), float(digits) * scale, 0.5 * 10**-places * scale))
        return " "

    text = POWER.sub(power, text)
    for pattern in STRUCTURE:
        text = re.sub(pattern, " ", text, flags=re.M)
    for match in NUMBER.finditer(text):
        value = plain(match.group())
        mantissa = match.group().partition("e")[0]
        places = len(mantissa.partition(".")[2])
        whole = "." not in match.group() and "e" not in match.group()
        if whole and (abs(value) <= 12 or 1600 <= value <= 2100):
            continue
        half = 0.5 * 10.0**-places
        found.append((match.group(), value, half))
        if text[match.end() : match.end() + 3].lstrip("\u202f\u00a0 \\").startswith("%"):
            found[-1] = (match.group() + " %", value / 100, half / 100)
    return found


def numbers_in(text):
    """Every number of a cell's text or output, without its sign."""
    return [abs(plain(match)) for match in NUMBER.findall(text.replace("_", ""))] + [
        abs(float(match))
        for match in re.findall(r"(?<![\w.])[-+]?(?:\d+\.\d*|\.\d+|\d+)(?:e[-+]?\d+)?", text)
    ]


def unsupported(markdown, texts, allowed=()):
    """Return the claims that no number of `texts`, rounded as they are, bears out."""
    known = sorted({value for text in texts for value in numbers_in(text)})

    def supported(value, half):
        slack = half * (1 + 1e-9) + 1e-12 * abs(value)
        at = bisect_left(known, abs(value) - slack)
        return at < len(known) and known[at] <= abs(value) + slack

    return [
        text
        for text, value, half in claims(markdown)
        if text not in allowed
        and not supported(value, half)
        and not (text.endswith("%") and supported(100 * value, 100 * half))
    ]
