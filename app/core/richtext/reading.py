"""How Markdown is read, once for the HTML and the plain text, so that both hold the same words.

It is CommonMark with tables, less what would hide words from a reader or surprise somebody who never heard of
Markdown: raw HTML, entities and links to anything but the web and mail stay the letters that were typed;
four spaces do not make a program; `[1]: https://…` is a line and not a definition; a line break is a line
break; an image, which would make the reader's browser call a stranger, is a link to it. Headings start at the
third level, below those of the page.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable, Iterable, Iterator
from typing import TypeVar

from markdown_it import MarkdownIt
from markdown_it.rules_core import StateCore
from markdown_it.token import Token

DEEPEST = 40  # lists and quotations inside one another; the library drops what is deeper, we do not
# Where the parser's time grows with the square (seconds for 40,000 characters): brackets, cells to fill up
MOST_BRACKETS, MOST_IMAGES, MOST_CELLS = 1_000, 50, 20_000
LINKS = re.compile(r"(?:https?://[^/\s]|mailto:[^\s@]+@)", re.IGNORECASE)
SHORT = 2_000
"""Characters that are read at once, in some 20 ms at worst; the longest text takes half a second, ordinary lists too."""
Result = TypeVar("Result")
_ALIGNED = re.compile(r"text-align:(left|center|right)")


class _Reader(MarkdownIt):
    def validateLink(self, url: str) -> bool:  # noqa: N802 - the library's name
        """Whether an address may be a link; when it may not, the source is shown as it was typed."""
        return LINKS.match(url) is not None


def _house_rules(state: StateCore) -> None:
    for token in state.tokens:
        if token.type.startswith("heading_"):
            token.tag = f"h{min(int(token.tag[1:]) + 2, 6)}"
        if style := _ALIGNED.fullmatch(str(token.attrGet("style"))):
            token.attrs = {"class": style[1]}  # a strict Content-Security-Policy allows no style attribute
        if token.children:
            token.children = list(_without_images(token.children))


def _without_images(tokens: Iterable[Token]) -> Iterator[Token]:
    inside = False
    for token in tokens:
        inside = token.type == "link_open" or (inside and token.type != "link_close")
        if token.type == "image":
            yield from _link_to(token, inside=inside)
        else:
            yield token


def _link_to(image: Token, *, inside: bool) -> Iterator[Token]:
    """The words of an image, as a link to it unless they stand in a link already."""
    address = str(image.attrGet("src"))
    words = [token for token in _without_images(image.children or []) if token.type not in ("link_open", "link_close")]
    if inside:
        yield from words
        return
    yield Token("link_open", "a", 1, attrs={"href": address})
    yield from words or [Token("text", "", 0, content=address)]
    yield Token("link_close", "a", -1)


READER = _Reader("commonmark", {"html": False, "breaks": True, "maxNesting": DEEPEST})
READER.enable("table").disable(["code", "reference", "entity", "html_block", "html_inline"])
READER.core.ruler.push("house_rules", _house_rules)

_LITERAL = MarkdownIt("zero", {"html": False, "breaks": True}).enable("newline")


def read(markdown: str) -> list[Token]:
    """The tokens of a text; what no person would write (a bomb, 40 levels) is read as plain paragraphs."""
    if _is_bomb(markdown):
        return _LITERAL.parse(markdown)
    tokens = READER.parse(markdown)
    if any(token.level >= DEEPEST - 1 for token in tokens):
        return _LITERAL.parse(markdown)
    return tokens


async def aside(markdown: str, work: Callable[[], Result]) -> Result:
    """Do what reads this text; in a thread where it is long, so that others are served meanwhile."""
    return work() if len(markdown) <= SHORT else await asyncio.to_thread(work)


def _is_bomb(markdown: str) -> bool:
    lines = markdown.split("\n")
    cells = max(line.count("|") for line in lines) * len(lines)
    return cells > MOST_CELLS or markdown.count("[") > MOST_BRACKETS or markdown.count("![") > MOST_IMAGES
