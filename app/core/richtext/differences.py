"""What changed between two texts, word by word, as a person would mark it.

The method is patience: the words that stand once in both texts, in the longest order that both share, are
anchors (runs of 5, then 17 words where no single one is alone); what lies between two anchors is compared in
the same way, and a small rest by the longest common subsequence. It takes time in n log n where a plain
comparison takes n² or worse, and it reads better: a rare word is what tells a reader where they are. Last,
what stayed between two changes and is shorter than both joins them, or two paragraphs that have nothing in
common but "de" and "la" would be shown as confetti.
"""

from __future__ import annotations

import asyncio
import re
from bisect import bisect_left
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Literal, NamedTuple, TypeVar

Op = Literal["same", "removed", "added"]
Words = Sequence[str]
Step = tuple[Op, str]
_ORDER: tuple[Op, Op, Op] = ("removed", "added", "same")

SMALL, TINY = 10_000, 1_000  # pairs of words that are worth comparing one by one, and at once
RUNS = (1, 5, 17)  # words and spaces
DEEPEST = 8
LONGEST = 400_000
"""Characters that one answer compares word by word: two texts as long as they may be take 80,000, and 0.4 s."""

Result = TypeVar("Result")

_WORDS = re.compile(r"\w+['’]?|\s+|[^\w\s]")


@dataclass(frozen=True, slots=True)
class Change:
    """A run of text that stayed, went or came. No run is empty; what went stands before what came."""

    op: Op
    text: str


async def apart(work: Callable[[], Result]) -> Result:
    """Do the comparing of an answer in a thread: it takes a while, and others' requests go on. Hold no connection."""
    return await asyncio.to_thread(work)


class Comparison:
    """The differences of an answer that compares many texts: after `most` characters, texts are shown whole."""

    def __init__(self, most: int = LONGEST) -> None:
        self.left = most

    def differences(self, before: str, after: str) -> list[Change]:
        """As `differences`; past the bound, what went and what came."""
        self.left -= len(before) + len(after)
        if self.left >= 0:
            return differences(before, after)
        whole: tuple[Step, Step] = (("removed", before), ("added", after))
        return [Change(op, text) for op, text in whole if text]


def differences(before: str, after: str) -> list[Change]:
    """The changes in order: `same` and `removed` make `before` again, `same` and `added` make `after`."""
    steps = _compare(_WORDS.findall(before), _WORDS.findall(after), 0)
    return _merged(steps)


def united(before: Words, after: Words) -> list[str]:
    """Both in one: what they share once, and where they part what went, then what came. Any pieces will do for words."""
    return [piece for _, piece in _compare(before, after, 0)]


def _compare(before: Words, after: Words, depth: int) -> Iterator[Step]:
    head = _shared(before, after)
    tail = _shared(before[head:][::-1], after[head:][::-1])
    yield from (("same", word) for word in before[:head])
    yield from _between(before[head : len(before) - tail], after[head : len(after) - tail], depth)
    yield from (("same", word) for word in before[len(before) - tail :])


def _shared(before: Words, after: Words) -> int:
    """How many words the two begin with alike."""
    count = 0
    for one, other in zip(before, after, strict=False):
        if one != other:
            break
        count += 1
    return count


def _between(before: Words, after: Words, depth: int) -> Iterator[Step]:
    tries = RUNS if len(before) * len(after) > TINY and depth < DEEPEST else ()
    if anchors := next(filter(None, (_anchors(before, after, size) for size in tries)), None):
        left = right = 0
        for here, there in anchors:
            yield from _compare(before[left:here], after[right:there], depth + 1)
            yield ("same", before[here])
            left, right = here + 1, there + 1
        yield from _compare(before[left:], after[right:], depth + 1)
    elif 0 < len(before) * len(after) <= SMALL:
        yield from _longest_common(before, after)
    else:
        yield from (("removed", word) for word in before)
        yield from (("added", word) for word in after)


def _anchors(before: Words, after: Words, size: int) -> list[tuple[int, int]]:
    """Where runs of `size` words begin that are alone in both, in the longest order that both share."""
    runs, other_runs = (list(zip(*(words[at:] for at in range(size)), strict=False)) for words in (before, after))
    counts, other_counts = Counter(runs), Counter(other_runs)
    there = {run: at for at, run in enumerate(other_runs) if other_counts[run] == 1 and not run[0].isspace()}
    pairs = [(here, there[run]) for here, run in enumerate(runs) if run in there and counts[run] == 1]
    return _longest_order(pairs)


def _longest_order(pairs: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """The longest part of `pairs` (sorted by the first place) that the second place sorts too."""
    ends: list[int] = []  # the smallest last place of an order of each length
    holders: list[int] = []
    previous: list[int] = []
    for index, (_, place) in enumerate(pairs):
        length = bisect_left(ends, place)
        previous.append(holders[length - 1] if length else -1)
        ends[length : length + 1] = [place]
        holders[length : length + 1] = [index]
    chain: list[tuple[int, int]] = []
    index = holders[-1] if holders else -1
    while index >= 0:
        chain.append(pairs[index])
        index = previous[index]
    return chain[::-1]


def _longest_common(before: Words, after: Words) -> Iterator[Step]:
    """The classical table, from the end, so that it is read from the start; a word outweighs the spaces."""
    width = len(after)
    table = [[0] * (width + 1)]
    for word in reversed(before):
        below, row, weight = table[-1], [0] * (width + 1), 1 if word.isspace() else 3
        for j in range(width - 1, -1, -1):
            row[j] = below[j + 1] + weight if word == after[j] else max(below[j], row[j + 1])
        table.append(row)
    table.reverse()
    i = j = 0
    while i < len(before) and j < width:
        if before[i] == after[j]:
            yield ("same", before[i])
            i, j = i + 1, j + 1
        elif table[i + 1][j] >= table[i][j + 1]:
            yield ("removed", before[i])
            i += 1
        else:
            yield ("added", after[j])
            j += 1
    yield from (("removed", word) for word in before[i:])
    yield from (("added", word) for word in after[j:])


class _Block(NamedTuple):
    """What went, what came, and what stayed after them."""

    removed: str
    added: str
    kept: str

    def swallows(self, following: _Block) -> bool:
        """Whether what stayed between the two is too little to part them."""
        changed = max(len(self.removed), len(self.added))
        parted = len(self.kept) >= min(changed, max(len(following.removed), len(following.added)))
        return changed > 0 and (not parted or self.kept.isspace())


def _blocks(steps: Iterable[Step]) -> Iterator[_Block]:
    parts: dict[Op, list[str]] = {"removed": [], "added": [], "same": []}
    for op, text in steps:
        if op != "same" and parts["same"]:
            yield _Block(*("".join(part) for part in parts.values()))
            parts = {"removed": [], "added": [], "same": []}
        parts[op].append(text)
    yield _Block(*("".join(part) for part in parts.values()))


def _merged(steps: Iterable[Step]) -> list[Change]:
    blocks: list[_Block] = []
    for following in _blocks(steps):
        block = following
        while blocks and blocks[-1].swallows(block):
            last = blocks.pop()
            block = _Block(last.removed + last.kept + block.removed, last.added + last.kept + block.added, block.kept)
        blocks.append(block)
    return [Change(op, text) for block in blocks for op, text in zip(_ORDER, block, strict=True) if text]
