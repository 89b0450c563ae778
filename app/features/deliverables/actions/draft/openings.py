"""Which words of a text a draft proposes to quote: its first sentences, to the letter.

The rule, so that anybody can check it: from the first word, whole sentences while they fit in 240
characters; not beyond the first paragraph once 40 characters are there, unless it ends in a colon: what it
announces is the substance. A first sentence that is longer is cut after a clause, else between two words.
Ten characters and two words at least, as the database asks of every quote, or the whole text.
"""

from __future__ import annotations

import re

LONGEST = 240
ENOUGH = 40

# A point ends a sentence when a space and something that begins one follow it, unless it shortens a word.
_SENTENCE = re.compile(r"[.!?…]+(?:[ \u00a0\u202f]?»|[”\"')\]])*(?=\s|$)")
_SHORTENED = re.compile(
    r"(?:^|[\s(«'’])(?:[A-Za-zÀ-Ý]|M[mr]e?s?|etc|cf|ex|art|al|n°|p|vol|St|Ste|Dr|Pr|env)$", re.IGNORECASE
)
_CLAUSE = re.compile(r"\s*[;,](?=\s)")
_TWO_WORDS = re.compile(r"\S[ \n\t]+\S")
_TWO_WHOLE_WORDS = re.compile(r"\S+[ \n\t]+\S+")


def opening(plain: str) -> tuple[int, int] | None:
    """The span that the rule chooses in a canonical text, in code points; None when nothing can be quoted."""
    if not plain.strip():
        return None
    start = len(plain) - len(plain.lstrip())
    for end in (_end(plain, start), _cut(plain, start, min(len(plain), start + LONGEST))):
        if _quotable(plain, start, end):
            return start, end
    return (0, len(plain)) if len(plain) <= LONGEST else _second_word(plain, start)


def _quotable(plain: str, start: int, end: int) -> bool:
    """What the database accepts: ten characters and two words, or everything."""
    quote = plain[start:end]
    return quote == plain or (len(quote) >= 10 and _TWO_WORDS.search(quote) is not None)


def _end(plain: str, start: int) -> int:
    """Where whole sentences end, in the first paragraph when it says enough."""
    limit = min(len(plain), start + LONGEST)
    paragraph = plain.find("\n\n", start + ENOUGH)
    while 0 <= paragraph <= limit and plain[:paragraph].rstrip().endswith(":"):
        paragraph = plain.find("\n\n", paragraph + 2)
    if 0 <= paragraph <= limit:
        limit = paragraph
    if limit == len(plain):
        return len(plain.rstrip())
    if ends := _sentence_ends(plain, start, limit):
        return ends[-1]
    return len(plain[:limit].rstrip()) if limit == paragraph else _cut(plain, start, limit)


def _sentence_ends(plain: str, start: int, limit: int) -> list[int]:
    found = []
    for mark in _SENTENCE.finditer(plain, start, min(len(plain), limit + 1)):
        shortened = mark[0] == "." and _SHORTENED.search(plain, start, mark.start())
        goes_on = mark[0][0] in ".…" and plain[mark.end() : mark.end() + 2].strip()[:1].islower()
        if mark.end() <= limit and not shortened and not goes_on and _quotable(plain, start, mark.end()):
            found.append(mark.end())
    return found


def _cut(plain: str, start: int, limit: int) -> int:
    """After the last clause that fits, else before the word that does not."""
    if limit == len(plain):
        return len(plain.rstrip())
    clauses = [mark.start() for mark in _CLAUSE.finditer(plain, start + ENOUGH, limit)]
    if clauses:
        return clauses[-1]
    space = max(plain.rfind(" ", start, limit + 1), plain.rfind("\n", start, limit + 1))
    return len(plain[:space].rstrip(" \u00a0\u202f\n\t,;:(«")) if space > start else limit


def _second_word(plain: str, start: int) -> tuple[int, int] | None:
    """The first two words of a text that begins with an endless one (an address, mostly)."""
    words = _TWO_WHOLE_WORDS.match(plain, start)
    return words.span() if words else None
