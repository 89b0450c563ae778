"""What became of a quote in a later text: the differences, cut to the span where it stood."""

from __future__ import annotations

from collections.abc import Iterator

from app.core.richtext.differences import Change, differences


def differences_around(before: str, after: str, start: int, end: int) -> list[Change]:
    """The changes that touch `before[start:end]`: `same` and `removed` make the quote again.

    What came in its place, or inside it, stands where it came; what was added beside it is left out.
    """
    return list(_cut(differences(before, after), start, end))


def _cut(changes: list[Change], start: int, end: int) -> Iterator[Change]:
    position = 0
    replaced = False
    for change in changes:
        if change.op == "added":
            if replaced or start < position < end:
                yield change
            replaced = False
            continue
        first, last = max(start, position), min(end, position + len(change.text))
        if first < last:
            yield Change(change.op, change.text[first - position : last - position])
        replaced = change.op == "removed" and first < last
        position += len(change.text)


def nearest(text: str, quote: str, start: int) -> int | None:
    """Where `quote` stands in `text`, nearest to `start`; None when it does not."""
    if not quote or (found := text.find(quote)) < 0:
        return None
    best = found
    while found >= 0:
        if abs(found - start) < abs(best - start):
            best = found
        found = text.find(quote, found + 1)
    return best
