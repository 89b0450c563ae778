"""French typography for display only: what is stored keeps the spaces that were typed.

A narrow no-break space stands before ; ! and ?, a no-break space before : and inside « ». Only spaces are
added or replaced, never a letter, so a selection on the page still maps to the stored words. Addresses, times
(14:05) and code are left alone, as is a mark that no space or closing sign follows: `a;b`, `x?y=1`, `::`.
"""

from __future__ import annotations

import re

NO_BREAK = "\u00a0"
NARROW = "\u202f"

_SPACE = "[ \u00a0\u202f\u2009]"
_EDGE = rf"\A(?={_SPACE})"  # a space before the mark, and before the space a tag: <em>oui</em> !
_WORD = rf"(?:(?<=[\w»)\]”\"'’%€°*…])|{_EDGE})"
_END = r"(?=[\s»)\]”\"…]|\Z)"
_MARKS = re.compile(
    r"(?P<kept>`[^`]*`|(?:https?://|mailto:|www\.)\S+)"
    rf"|{_WORD}{_SPACE}*(?P<high>[;!?]+){_END}"
    rf"|{_WORD}{_SPACE}*(?P<colon>:){_END}"
    rf"|(?P<opening>«)(?:{_SPACE}*(?=[^\s»])|{_SPACE}+\Z)"
    rf"|(?:(?<=\S)|{_EDGE}){_SPACE}*(?P<closing>»)"
)
_TAG = re.compile(r"""(</?[a-z][^\s>/]*(?:"[^"]*"|'[^']*'|[^>"'])*>|&[a-z0-9#]+;)""", re.IGNORECASE)
_CODE_OPENS = re.compile(r"<(?:pre|code)\b", re.IGNORECASE)
_CODE_CLOSES = re.compile(r"</(?:pre|code)\b", re.IGNORECASE)


def french(text: str) -> str:
    """The text with the spaces of French typography."""
    return _MARKS.sub(_spaced, text)


def figure(value: float) -> str:
    """A number as it is written in French: 71 940, or 5,2 with one decimal where it is no whole number."""
    return (f"{value:,}" if isinstance(value, int) else f"{value:,.1f}").replace(",", NARROW).replace(".", ",")


def counted(value: int, one: str, many: str = "") -> str:
    """A number with its noun: French counts 0 and 1 in the singular. `many` is `one` with an s unless given."""
    return f"{figure(value)} {one if value < 2 else many or one + 's'}"


def french_html(html: str) -> str:
    """The same between the tags of safe HTML (that of `to_html`), outside `code` and `pre`."""
    pieces = _TAG.split(html)
    depth = 0
    for at, piece in enumerate(pieces):
        if at % 2:
            depth += bool(_CODE_OPENS.match(piece)) - bool(_CODE_CLOSES.match(piece))
        elif not depth:
            pieces[at] = french(piece)
    return "".join(pieces)


def _spaced(found: re.Match[str]) -> str:
    match found.lastgroup:
        case "high":
            return NARROW + found["high"]
        case "colon":
            return NO_BREAK + ":"
        case "opening":
            return "«" + NO_BREAK
        case "closing":
            return NO_BREAK + "»"
        case _:
            return found[0]
