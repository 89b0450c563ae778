"""Words as somebody copied them from a page, found again as they were written.

A page puts French spaces, wraps lines and parts paragraphs: blanks are the one thing that a copy may have otherwise.
"""

from __future__ import annotations

_BLANKS = str.maketrans("", "", " \t\n\r\u00a0\u202f\u2060")


def as_written(plain: str, copied: str) -> str | None:
    """The first span of `plain` that reads like `copied`, blanks apart, to the letter; None when there is none."""
    wanted = copied.translate(_BLANKS)
    if not wanted:
        return None
    places = [at for at, letter in enumerate(plain) if letter.translate(_BLANKS)]
    at = "".join(plain[place] for place in places).find(wanted)
    return None if at < 0 else plain[places[at] : places[at + len(wanted) - 1] + 1]
