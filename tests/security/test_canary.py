"""Restricted content leaks nowhere (R4): a marker in every text of a restricted space, looked for in every answer.

The control is the same crawl by somebody who is inside, who must find every field.
"""

from __future__ import annotations

import io
import re
from collections.abc import AsyncIterator

import pytest
from fastapi import FastAPI
from sqlalchemy import text

from app.core.db import Database
from app.core.log import configure_logging
from tests.policy.asks import ask
from tests.policy.ladder import read_table, send
from tests.security.aviary import Aviary, fill
from tests.security.crawl import addresses, answers, mentions, wrong_methods
from tests.world import make_world

OUTSIDE = ("visitor", "stranger", "outsider", "former")
"""Those who may not see the restricted space; `former` contributed there once. The administrator is apart."""
WITH_FILTERS = {"visitor", "outsider"}
"""Those who also try every filter; what the others are refused is refused by the same rules."""

FIELDS = {
    "statement-words",
    "statement-title",
    "other-words",
    "late-title",
    "reply-words",
    "position-reason",
    "source-title",
    "source-url",
    "source-note",
    "session-title",
    "session-place",
    "session-url",
    "minutes",
    "decision",
    "agenda-title",
    "sent-name",
    "note",
    "action",
    "amendment",
    "amendment-reason",
    "theme-title",
    "deliverable-title",
    "deliverable-summary",
    "section-title",
    "passage",
    "suggestion",
    "treatment-sentence",
    "waiver-reason",
    "attachment-name",
    "attachment-content",
    "space-title",
    "space-question",
    "space-summary",
    "invitation",
    "person",
    "api",
}
"""Every text that people write in a space: somebody inside must read each of them, or the crawl proves nothing."""


@pytest.fixture(scope="module")
async def aviary(app: FastAPI, database: Database) -> AsyncIterator[Aviary]:
    """A world full of markers."""
    async with make_world(app, database) as world:
        yield await fill(world)


async def _found(aviary: Aviary, who: str, *, filters: bool = False) -> set[str]:
    """The fields whose marker `who` was answered."""
    app, found = aviary.world.app, set()
    for answer in await answers(aviary.world, who, list(addresses(app, aviary.things, filters=filters))):
        assert answer.status_code < 500, (who, answer.request.url, answer.text)
        if mentions(answer, aviary.mark):
            found |= set(re.findall(rf"{aviary.mark}-([a-z]+(?:-[a-z]+)?)", answer.text + str(answer.headers)))
    return found


async def test_somebody_inside_reads_every_field(aviary: Aviary) -> None:
    found = await _found(aviary, "copilot") | await _found(aviary, "lead")
    assert FIELDS - found == set()
    assert aviary.written_through > 50


@pytest.mark.parametrize("who", OUTSIDE)
async def test_nobody_outside_is_answered_a_marker(aviary: Aviary, who: str) -> None:
    asked = list(addresses(aviary.world.app, aviary.things, filters=who in WITH_FILTERS))
    assert len(asked) > (600 if who in WITH_FILTERS else 150)
    configure_logging("debug", json=True, stream=(heard := io.StringIO()))
    try:
        leaks = [str(a.request.url) for a in await answers(aviary.world, who, asked) if mentions(a, aviary.mark)]
    finally:
        configure_logging("warning", json=True)
    assert not leaks
    assert aviary.mark not in heard.getvalue()
    assert heard.getvalue().count("\n") >= len(asked), "the log was listening"


async def test_the_administrator_reads_names_and_addresses_and_no_words(aviary: Aviary) -> None:
    """Accounts and invitations are theirs to manage; what people say takes an opened access."""
    assert await _found(aviary, "admin") <= {"person", "invitation"}


@pytest.mark.parametrize("who", [*OUTSIDE, "admin"])
async def test_refusals_of_writing_hold_no_marker(aviary: Aviary, who: str) -> None:
    ids = aviary.things[0]
    for line in read_table():
        if line.method == "GET" or line.path.startswith("/api/v1/auth") or line.on != "espace restreint":
            continue
        if who == "admin" and line.path == "/api/v1/erasures":
            continue  # done unread: `tests/features/editions/test_erasure.py` looks for the words in its answer
        answer = await send(aviary.world, who, ask(line.method, line.path, ids))
        assert answer.status_code >= 400, (line.name, who)
        assert not mentions(answer, aviary.mark), (line.name, who, answer.text)


@pytest.mark.parametrize("who", ["visitor", "outsider"])
async def test_a_wrong_method_tells_nothing(aviary: Aviary, who: str) -> None:
    client = await aviary.world.client(who)
    for method, path in wrong_methods(aviary.world.app, aviary.things[1]):
        answer = await client.request(method, path)
        assert answer.status_code < 500, (method, path)
        assert not mentions(answer, aviary.mark), (method, path)


async def test_the_log_holds_no_word_of_anybody(aviary: Aviary) -> None:
    assert aviary.log.count('"event"') > 50
    assert aviary.mark not in aviary.log


async def test_the_audit_holds_no_word_of_anybody(aviary: Aviary) -> None:
    async with aviary.world.database.reading() as connection:
        at = {"initiative": aviary.world.initiative.id}
        of_here = "FROM events WHERE initiative_id = :initiative"
        assert (await connection.execute(text(f"SELECT count(*) {of_here}"), at)).scalar_one() > 50
        said = text(f"SELECT count(*) {of_here} AND events::text LIKE :mark")
        assert (await connection.execute(said, at | {"mark": f"%{aviary.mark}%"})).scalar_one() == 0


async def test_moderated_and_withdrawn_words_are_tombstones(aviary: Aviary) -> None:
    """Inside, others see that something was said; whoever moderates, and the author, still read it."""
    for ids, readers in (
        (aviary.things[2], {"participant", "facilitator", "copilot"}),
        (aviary.things[3], {"participant"}),
    ):
        for who in ("observer", "participant", "colleague", "lead", "facilitator", "copilot"):
            client = await aviary.world.client(who)
            for tail in ("", "/revisions"):
                answer = await client.get(f"/api/v1/contributions/{ids['contribution_id']}{tail}")
                assert answer.status_code == 200
                reads = f"{aviary.mark}-statement-words" in answer.text
                assert reads == (who in readers), (who, tail, answer.text)
