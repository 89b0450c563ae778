"""Reading and comparing take a time that grows with the text, and hold nobody up."""

from __future__ import annotations

import asyncio
import gc
import os
import time
from collections.abc import Awaitable, Callable, Iterator

import pytest

from app.core.richtext.canonical import to_plain
from app.core.richtext.differences import united
from app.core.richtext.reading import aside
from app.core.richtext.render import to_html
from app.core.text import LONGEST_MARKDOWN
from app.features.statements.pages.revise import together

HELD_AT_MOST = 0.1
"""Seconds that the event loop waits for one request; more where others wait for the processor."""
HOSTILE = {
    "nested": ("- " * 15 + "a\n") * 1_200,
    "lists": "- a\n" * 10_000,
    "paragraphs": "a\n\n" * 13_000,
    "emphasis": "*a_ " * 10_000,
    "quotations": (">" * 30 + " a\n") * 1_200,
}


@pytest.fixture
def as_served() -> Iterator[None]:
    """The heap of the program is set aside, as the server does when it starts: collecting it would hold everybody too."""
    gc.collect()
    gc.freeze()
    yield
    gc.unfreeze()


async def longest_hold(work: Callable[[], Awaitable[object]]) -> float:
    """How long nobody else was served while `work` went on, in seconds."""
    worst, going = 0.0, True

    async def tick() -> None:
        nonlocal worst
        while going:
            began = time.perf_counter()
            await asyncio.sleep(0.005)
            worst = max(worst, time.perf_counter() - began - 0.005)

    ticking = asyncio.create_task(tick())
    await asyncio.sleep(0)
    await work()
    going = False
    await ticking
    return worst


@pytest.mark.usefixtures("as_served")
@pytest.mark.parametrize("name", HOSTILE)
async def test_a_hostile_text_holds_nobody_up(name: str) -> None:
    text = HOSTILE[name][:LONGEST_MARKDOWN]
    busy = max(1.0, os.getloadavg()[0] / (os.cpu_count() or 1))
    held = await longest_hold(lambda: aside(text, lambda: (to_plain(text), to_html(text))))
    assert held <= HELD_AT_MOST * busy, held


async def test_control_read_at_once_it_does() -> None:
    text = HOSTILE["nested"][:LONGEST_MARKDOWN]

    async def at_once() -> None:
        to_html(text)

    assert await longest_hold(at_once) > HELD_AT_MOST


def test_uniting_thousands_of_equal_paragraphs_takes_no_square_of_time() -> None:
    """4,000 of them took 1.6 s and 13,000 some 17, by the square; 13,000 take 0.04 s since."""
    began = time.process_time()
    many = ["a"] * 13_000
    assert united(["x", *many], [*many[:-1], "y"])[0] == "x"
    assert time.process_time() - began < 1


def test_two_texts_in_one() -> None:
    assert together("Un.\n\nDeux.\n\nTrois.", "Un.\n\nDeux, revu.\n\nTrois.") == (
        "Un.\n\nDeux.\n\nDeux, revu.\n\nTrois."
    )
    assert together("Un.", "Un.") == "Un."
    assert together("La première.", "La seconde.") == "La première.\n\nLa seconde."
