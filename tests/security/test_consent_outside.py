"""From outside a space that may be read, only what its authors let out, attributed as they consent (R4, promise 7).

One contribution for each consent and each state, with a marker of its own in its words; a crawl by
somebody who reads the space from outside. No answer may tell, by words, by name, by a filter or by a
count, of what was not let out.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest
from fastapi import FastAPI
from sqlalchemy import update

from app.core.db import Database
from app.features.identity.models import Person
from app.features.spaces.models import Space
from tests.policy import rows as write
from tests.policy.ladder import SAME_REQUEST
from tests.policy.meetings import meeting
from tests.policy.rows import Ids, Rows
from tests.policy.things import known
from tests.security.crawl import addresses, answers, mentions
from tests.world import World, make_world

API = "/api/v1"
OUTSIDE = {"initiative": ("observer",), "public": ("visitor", "stranger", "admin", "outsider")}
"""Who reads the space from outside, by its visibility: nobody of these is a member of it."""


@dataclass
class Window:
    """A space read from outside: what was said in it, by the name of the case."""

    world: World
    space: Space
    said: dict[str, Any]
    marks: dict[str, str]
    things: list[Ids]
    person: str


CASES: dict[str, dict[str, str]] = {
    "name": {"consent": "name"},
    "profile": {"consent": "profile"},
    "paraphrase": {"consent": "paraphrase"},
    "internal": {"consent": "internal"},
    "draft": {"consent": "name", "state": "draft"},
    "moderated": {"consent": "name", "state": "moderated"},
    "withdrawn": {"consent": "name", "state": "withdrawn"},
}
LET_OUT = {"name", "profile"}


async def _say(world: World, space: Space) -> Window:
    said, marks, things = {}, {}, []
    for case, how in CASES.items():
        mark = marks[case] = f"{case}{uuid4().hex[:10]}"
        rows = Rows(world, space, mark)
        root = said[case] = write.statement(rows, **how)  # type: ignore[arg-type]
        ids = known(world, space) | {"contribution_id": root.id, "revision_id": root.head_id}
        ids |= write.opinions(rows, root) | meeting(rows, "held")
        root.session_id = ids["session_id"]
        write.happened(rows, root)
        await rows.save()
        things.append(ids)
    return Window(world, space, said, marks, things, f"Personne{uuid4().hex[:10]}")


@pytest.fixture(scope="module", params=sorted(OUTSIDE))
async def window(request: pytest.FixtureRequest, app: FastAPI, database: Database) -> AsyncIterator[Window]:
    """A space of this visibility, and what was said there by somebody whose name is a marker too."""
    async with make_world(app, database) as world:
        space = world.shared if request.param == "initiative" else world.restricted
        async with database.sessions() as db:
            await db.execute(update(Space).where(Space.id == space.id).values(visibility=request.param))
            await db.commit()
        space.visibility = request.param
        made = await _say(world, space)
        async with database.sessions() as db:
            theirs = Person.id == world.persons["participant"].id
            await db.execute(update(Person).where(theirs).values(name=made.person))
            await db.commit()
        yield made


def _outside(window: Window) -> tuple[str, ...]:
    return OUTSIDE[window.space.visibility]


async def _get(window: Window, who: str, path: str, **query: Any) -> Any:
    client = await window.world.client(who)
    answer = await client.get(f"{API}{path}", params=query, headers={"X-Request-Id": SAME_REQUEST})
    assert answer.status_code == 200, answer.text
    return answer.json()


async def test_only_words_that_were_let_out_are_read(window: Window) -> None:
    for number, who in enumerate(_outside(window)):
        asked = list(addresses(window.world.app, window.things, filters=number == 0))
        read = set()
        for answer in await answers(window.world, who, asked):
            seen = {case for case, mark in window.marks.items() if mentions(answer, mark)}
            assert seen <= LET_OUT, (who, answer.request.url, answer.text)
            people = (
                f"{API}/mandates",
                f"{API}/persons",
                "/organisations/",
            )  # who is mandated, for who manages accounts
            if not answer.request.url.path.startswith(people) or who != "admin":
                assert not mentions(answer, window.person), (who, answer.request.url, answer.text)
            read |= seen
        assert read == LET_OUT, who


async def test_inside_they_are_all_read(window: Window) -> None:
    """The control: the same crawl by a colleague and the author finds every case."""
    asked = list(addresses(window.world.app, window.things, filters=False))
    found = await answers(window.world, "participant", asked)
    assert {case for case, mark in window.marks.items() if any(mentions(answer, mark) for answer in found)} == set(
        CASES
    )
    assert any(mentions(answer, window.person) for answer in found)


async def test_who_speaks_is_told_as_they_consent(window: Window) -> None:
    for who in _outside(window):
        items = (await _get(window, who, "/contributions", space_id=window.space.id))["items"]
        speakers = {item["id"]: item["speaker"] for item in items}
        assert set(speakers) == {str(window.said[case].id) for case in LET_OUT}
        named, hidden = speakers[str(window.said["name"].id)], speakers[str(window.said["profile"].id)]
        assert named["organisation_id"] == str(window.world.organisation.id)
        assert hidden["organisation_id"] is None
        assert hidden["organisation"] is None
        assert hidden["profile"] is None, "one association alone takes part: its profile would name it"
        assert hidden["person"] is None
        assert hidden["anonymous"] is True


async def test_no_count_tells_of_what_is_hidden(window: Window) -> None:
    for who in _outside(window):
        items = (await _get(window, who, "/contributions", space_id=window.space.id))["items"]
        assert [item["counts"] for item in items] == [None, None]
        for item in items:
            assert item["consent"] is None
            assert item["session_id"] is None


async def test_positions_stay_inside(window: Window) -> None:
    """Nobody is asked whether a position may be told: outside, not even that there is one."""
    for case in LET_OUT:
        path = f"/contributions/{window.said[case].id}/positions"
        assert len((await _get(window, "participant", path))["items"]) == 1
        for who in _outside(window):
            assert await _get(window, who, path) == {"items": [], "next_cursor": None}, who


@pytest.mark.parametrize(
    ("list_of", "by"),
    [
        ("/contributions", "organisation_id"),
        ("/contributions", "session_id"),
        ("/search", "organisation_id"),
        ("/search", "profile"),
    ],
)
async def test_a_filter_is_no_oracle(window: Window, list_of: str, by: str) -> None:
    """Who spoke by profile alone is not found by asking which of them is of this organisation or of that session."""
    values = {"organisation_id": str(window.world.organisation.id), "profile": "association"}
    values["session_id"] = str(window.things[list(CASES).index("profile")]["session_id"])
    words = {"q": "trésorerie"} if list_of == "/search" else {}
    hidden = str(window.said["profile"].id)
    for who in _outside(window):
        plain = await _get(window, who, list_of, space_id=window.space.id, **words)
        assert hidden in {item["id"] for item in plain["items"]}, "without the filter it is there"
        asked = await _get(window, who, list_of, space_id=window.space.id, **words, **{by: values[by]})
        assert hidden not in {item["id"] for item in asked["items"]}, (who, asked)


@pytest.mark.parametrize("asked", ["/contributions?profile=association", f"/search?q=mot&session_id={UUID(int=7)}"])
async def test_the_other_list_has_no_such_filter(client: httpx.AsyncClient, asked: str) -> None:
    """The pairs that are missing above: were one of these filters made, its oracle would have to be tried."""
    assert (await client.get(f"{API}{asked}")).status_code == 422


async def test_the_audit_seen_from_outside_tells_of_nobody(window: Window) -> None:
    for who in set(_outside(window)) - {"admin"}:
        for case in set(CASES) - LET_OUT:
            events = await _get(window, who, "/events", object_id=window.said[case].id)
            assert events["items"] == [], (who, case)


async def test_consent_that_is_tightened_holds_at_once(window: Window) -> None:
    rows = Rows(window.world, window.space, mark := f"serre{uuid4().hex[:10]}")
    said = write.statement(rows)
    await rows.save()
    author = await window.world.client("participant")
    for who in _outside(window):
        client = await window.world.client(who)
        assert mark in (await client.get(f"{API}/contributions/{said.id}")).text
    change = await author.patch(
        f"{API}/contributions/{said.id}", json={"consent": "internal"}, headers={"If-Match": "*"}
    )
    assert change.status_code == 200, change.text
    for who in _outside(window):
        client = await window.world.client(who)
        for path in (f"/contributions/{said.id}", f"/contributions/{said.id}/revisions", f"/search?q={mark}"):
            assert mark not in (await client.get(f"{API}{path}")).text, (who, path)
