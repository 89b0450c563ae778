"""Every route, tried by everybody, gives what `ladder.csv` says: the table is the specification (R3).

A route that is not in the table, or a line whose route is gone, is a failure. Where the table says
« introuvable », « absent » or « refusé », the same request about things that do not exist must be
answered by the same bytes: what one may not see cannot be told from what is not there. No page asks
the database more than twelve times, whoever reads it.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass

import pytest
from fastapi import FastAPI

from app.core.db import Database
from app.web.routing import api_routes
from tests.policy import things_of_people  # noqa: F401 - registers its things
from tests.policy.asks import SOUGHT, ask, short
from tests.policy.ladder import Line, hidden_twin, kept_headers, lists, read_table, send, word
from tests.policy.rows import Ids
from tests.policy.things import THINGS
from tests.world import LADDER, World, make_world

LINES = read_table()
MOST_STATEMENTS = 12
"""Of a page, whoever reads it."""
ALIKE = {"introuvable", "absent", "refusé"}
Kept = dict[str, tuple[World, Ids]]
WORDS_OF_THE_TABLE = {"oui", "interdit", "se connecter", "fermé", "retiré", *ALIKE}


@dataclass
class Common:
    """What lines share: a world, and things that nobody changed yet."""

    world: World
    stack: AsyncExitStack
    kept: Kept


@pytest.fixture(scope="module")
async def common(app: FastAPI, database: Database) -> AsyncIterator[Common]:
    """The world that lines share: they make their own objects in it."""
    async with AsyncExitStack() as stack:
        yield Common(await stack.enter_async_context(make_world(app, database)), stack, {})


class Attempt:
    """One line tried by everybody: a thing serves, here and in other lines, until somebody changed it."""

    def __init__(self, line: Line, common: World, stack: AsyncExitStack, kept: Kept) -> None:
        self.line, self.world, self.common, self.stack, self.kept = line, common, common, stack, kept
        self.thing = THINGS[line.on]
        self.ids: Ids = {}

    async def prepare(self, who: str) -> None:
        """A thing to be tried by `who`; a world for it when what is tried changes who may do what."""
        if self.thing.own:
            if self.thing.apart and self.world is self.common:
                self.world = await self.stack.enter_async_context(make_world(self.common.app, self.common.database))
            self.ids = await self.thing.make(self.world, who)
            return
        if self.line.on not in self.kept:
            world = self.common
            if self.thing.apart:
                world = await self.stack.enter_async_context(make_world(self.common.app, self.common.database))
            self.kept[self.line.on] = world, await self.thing.make(world, who)
        self.world, self.ids = self.kept[self.line.on]

    async def by(self, who: str, asked: list[str]) -> str:
        """What `who` is told, in the words of the table."""
        await self.prepare(who)
        sent = ask(self.line.method, self.line.path, self.ids)
        asked.clear()
        answer = await send(self.world, who, sent)
        told = word(answer)
        if self.line.method == "GET" and not self.line.path.startswith("/api/"):
            assert len(asked) <= MOST_STATEMENTS, (self.line.name, who, asked)
        if told in ALIKE:
            other = await send(self.world, who, hidden_twin(self.world, who, self.ids, sent))
            assert answer.content == other.content, (self.line.name, who, answer.text, other.text)
            assert kept_headers(answer) == kept_headers(other), (self.line.name, who)
        if told == "oui" and self.line.method != "GET":
            self.kept.pop(self.line.on, None)
        if told == "oui" and (sought := SOUGHT.get(f"{self.line.method} {short(self.line.path)}")):
            told = "oui" if await lists(self.world, who, sent, str(self.ids[sought])) else "absent"
        return told if told in WORDS_OF_THE_TABLE else f"{told} {answer.text[:200]}"


@pytest.mark.parametrize("line", LINES, ids=lambda line: line.name)
async def test_everybody_is_told_what_the_table_says(line: Line, common: Common, asked: list[str]) -> None:
    attempt = Attempt(line, common.world, common.stack, common.kept)
    told = {who: await attempt.by(who, asked) for who in LADDER}
    assert told == line.cells


def test_every_route_is_in_the_table_and_every_line_has_its_route(app: FastAPI) -> None:
    routes = {(method, route.path) for route in api_routes(app) for method in (route.methods or set()) - {"HEAD"}}
    listed = {line.route for line in LINES}
    assert not routes - listed, "these routes are in nobody's table: add their lines to tests/policy/ladder.csv"
    assert not listed - routes, "these lines have no route any more"


def test_every_cell_has_a_word_and_every_line_a_thing() -> None:
    for line in LINES:
        assert set(line.cells.values()) <= WORDS_OF_THE_TABLE, line.name
        assert line.on in THINGS, f"tests/policy/things.py ne sait pas faire « {line.on} »"
        assert line.what, line.name
    assert len({(line.route, line.on) for line in LINES}) == len(LINES), "a line stands twice"
