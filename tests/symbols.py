"""Find the symbols in a page's formulas: what a reader would look up in the notation table.

A symbol is written as in TeX, without spaces: `\\mathbf{w}`, `\\hat{y}`, `\\lambda_{\\max}`.
Words (`\\text`, `\\operatorname`, `\\ln`), numbers and signs such as `\\le` are none. Indices and
exponents are symbols themselves (the i of `y_i`); a star belongs to its letter, a transposition and
a prime do not.
"""

import re

from claimed_numbers import SOURCE_SECTION

GREEK = {
    "alpha", "beta", "gamma", "delta", "epsilon", "varepsilon", "eta", "theta", "kappa", "lambda",
    "mu", "pi", "rho", "sigma", "tau", "phi", "xi", "omega", "Delta", "Sigma", "ell",
}  # fmt: skip
FONTS = {"mathbf", "boldsymbol", "mathbb", "mathcal"}
ACCENTS = {"hat", "tilde", "bar"}
SIGNS = {"nabla", "odot", "partial"}
WORDS = {"text", "operatorname", "mathrm", "mathtt", "tag", "begin", "end", "textbf"}
TOKEN = re.compile(r"\\[a-zA-Z]+|\\.|[{}_^]|[a-zA-Z]|\S")


def formulas(markdown):
    """Return the TeX of every formula in a page's Markdown, without what it says of the source."""
    markdown = SOURCE_SECTION.sub("", markdown)
    text = re.sub(r"^(```+)(?!\{).*?^\1\s*$", "", markdown, flags=re.M | re.S)
    text = re.sub(r"`[^`\n]*`", " ", text)
    shown = re.findall(r"\$\$(.+?)\$\$", text, re.S)
    return shown + re.findall(r"(?<!\\)\$([^$]+?)\$", re.sub(r"\$\$.+?\$\$", " ", text, flags=re.S))


def symbols(tex, inside=True):
    """Return the symbols of one formula, each as (letter, index): index is "" if it has none.

    Those inside an index or an exponent are left out if `inside` is False.
    """
    found = []
    _read(TOKEN.findall(tex), 0, found, inside)
    return found


def written(letter, index=""):
    """Write a symbol as the table does: `\\lambda_{\\max}`, `C_i`."""
    return letter + ("_" + (index if len(index) == 1 else f"{{{index}}}") if index else "")


def _group(tokens, at):
    """Return the tokens of the group or the single token at `at`, and where it ends."""
    if tokens[at : at + 1] != ["{"]:
        takes = tokens[at : at + 1] and tokens[at].lstrip("\\") in WORDS | FONTS | ACCENTS
        end = _group(tokens, at + 1)[1] if takes else at + 1
        return tokens[at:end], end
    depth, end = 1, at + 1
    while depth:
        depth += {"{": 1, "}": -1}.get(tokens[end], 0)
        end += 1
    return tokens[at + 1 : end - 1], end


def _read(tokens, at, found, inside):
    while at < len(tokens):
        token, name = tokens[at], tokens[at].lstrip("\\")
        if token.startswith("\\") and name in WORDS:
            _, at = _group(tokens, at + 1)
        elif token in "_^":  # behind a bracket: no symbol of its own
            inner, at = _group(tokens, at + 1)
            _read(inner if inside else [], 0, found, inside)
        else:
            letter, end = _letter(tokens, at)
            if letter is None:
                at += 1
                continue
            at = _scripts(letter, tokens, end, found, inside)


def _letter(tokens, at):
    """Return the letter that stands at `at` with its font and accent, and where it ends."""
    token, name = tokens[at], tokens[at].lstrip("\\")
    if token.startswith("\\"):
        if name in GREEK | SIGNS:
            return token, at + 1
        if name in FONTS | ACCENTS:
            inner, end = _group(tokens, at + 1)
            letter, stop = _letter(inner, 0) if inner else (None, 0)
            if letter is not None and stop == len(inner):
                return f"{token}{{{letter}}}", end
        return None, at + 1
    return (token, at + 1) if token.isalpha() and token.isascii() else (None, at + 1)


def _scripts(letter, tokens, at, found, inside):
    """Read what stands behind a letter: index, exponent, star."""
    index = ""
    while at < len(tokens) and tokens[at] in ("_", "^", "'"):
        if tokens[at] == "'":
            at += 1
            continue
        mark = tokens[at]
        inner, at = _group(tokens, at + 1)
        if mark == "^" and inner[:1] == ["*"]:
            letter, inner = letter + "^*", inner[1:]
        elif mark == "_":
            index = "".join(inner)
        _read(inner if inside else [], 0, found, inside)
    found.append((letter, index))
    return at
