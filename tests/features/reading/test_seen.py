"""What is new is exact: also for what commits late, under a lower number than what was seen already."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select, text, update

from app.core.db import Database
from app.core.model import new_id
from app.features.reading.actions import mark_seen
from app.features.reading.models import Arrival, Reading
from app.features.reading.queries.seen import count_new, list_new
from app.features.spaces.models import SpaceMember
from app.features.statements.models import Statement
from tests.factories import make_contribution, make_reply
from tests.features.statements.test_contributions_api import contribute
from tests.world import World, from_now

API = "/api/v1"


async def new_to(world: World, who: str, ids: Iterable[UUID]) -> set[UUID]:
    """Those that are new."""
    async with world.database.reading() as read:
        return await list_new(read, await world.actor(who), ids)


async def counted(world: World, who: str, *spaces: UUID) -> dict[UUID, int]:
    """How many are new, by space."""
    async with world.database.reading() as read:
        found = await count_new(read, await world.actor(who), spaces or (world.restricted.id, world.shared.id))
        return {each.space_id: each.new for each in found}


async def see(world: World, who: str, *ids: UUID, everything: bool = False, space: UUID | None = None) -> set[UUID]:
    """Mark as the page does."""
    actor = await world.actor(who)
    async with world.database.sessions() as db:
        new = await mark_seen(db, actor, space or world.restricted.id, ids, everything=everything)
        await db.commit()
    return new


async def reading(world: World, who: str) -> Any:
    """The row, with its ranges."""
    async with world.database.reading() as read:
        found = await read.execute(
            select(Reading.seen, Reading.settled).where(
                Reading.person_id == world.persons[who].id, Reading.space_id == world.restricted.id
            )
        )
        return found.one()


async def test_what_was_on_the_page_is_seen_and_the_rest_is_new(world: World) -> None:
    ids = [(await make_contribution(world)).id for _ in range(4)]
    assert await new_to(world, "colleague", ids) == set(ids)
    assert await counted(world, "colleague") == {world.restricted.id: 4}
    assert await see(world, "colleague", ids[0], ids[2]) == {ids[0], ids[2]}
    assert await new_to(world, "colleague", ids) == {ids[1], ids[3]}
    assert await see(world, "colleague", ids[0], ids[1]) == {ids[1]}
    assert await counted(world, "colleague") == {world.restricted.id: 1}
    assert await counted(world, "lead") == {world.restricted.id: 4}, "a reading is one person's"


async def test_ones_own_words_and_hidden_ones_are_never_new(world: World) -> None:
    mine = await make_contribution(world, who="colleague")
    draft = await make_contribution(world, state="draft")
    gone = await make_contribution(world, state="withdrawn")
    assert await new_to(world, "colleague", [mine.id, draft.id]) == set()
    assert await counted(world, "colleague") == {}
    for who in ("outsider", "stranger", "visitor", "admin"):
        assert await new_to(world, who, [mine.id, gone.id]) == set(), who
        assert await counted(world, who) == {}, who


async def test_a_draft_that_is_published_is_new_when_it_appears(world: World) -> None:
    body = await contribute(world, draft=True)
    await see(world, "colleague", everything=True)
    assert await counted(world, "colleague") == {}
    published = await world.post("participant", f"{API}/contributions/{body['id']}/publish", None, **{"If-Match": "*"})
    assert published.status_code == 200, published.text
    assert await new_to(world, "colleague", [UUID(body["id"])]) == {UUID(body["id"])}


async def _slow(world: World) -> tuple[Any, UUID]:
    """A contribution that is written, and whose transaction waits."""
    first = await make_contribution(world)
    db = world.database.sessions()
    session = await db.__aenter__()
    late = new_id()
    columns = "initiative_id, space_id, type, root_state, root_consent, kind, state, consent, origin, occurred_at, recorded_at, published_at, first_n, capacity"
    await session.execute(text("SET CONSTRAINTS ALL DEFERRED"))
    await session.execute(
        text(
            f"INSERT INTO statements (id, root_id, head_id, language, tags, version, replies_for, replies_against, "
            f"replies_other, positions_supports, positions_nuances, positions_objects, sources_count, person_id, "
            f"organisation_id, mandate_id, {columns}) "
            f"SELECT :id, :id, :head, language, tags, 1, 0,0,0,0,0,0,0, person_id, organisation_id, mandate_id, {columns} "
            f"FROM statements WHERE id = :model"
        ),
        {"id": late, "head": (head := new_id()), "model": first.id},
    )
    await session.execute(
        text(
            "INSERT INTO revisions (id, statement_id, initiative_id, space_id, n, title, markdown, plain, plain_sha256, "
            "plain_length, plain_version, html, consent, language, created_at) SELECT :head, :id, initiative_id, space_id, 1, "
            "title, markdown, plain, plain_sha256, plain_length, plain_version, html, consent, language, created_at "
            "FROM revisions WHERE statement_id = :model"
        ),
        {"id": late, "head": head, "model": first.id},
    )
    return session, late


@pytest.mark.parametrize("everything", [True, False])
async def test_a_slow_writer_overtaken_by_a_fast_one_is_still_new(world: World, everything: bool) -> None:
    session, late = await _slow(world)
    after = [(await make_contribution(world)).id for _ in range(3)]
    async with world.database.reading() as read:
        before = list(await read.execute(select(Statement.id).where(Statement.space_id == world.restricted.id)))
    shown = [row.id for row in before]
    assert late not in shown
    for _ in range(3):
        await see(world, "colleague", *([] if everything else shown), everything=everything)
    assert await counted(world, "colleague") == {}
    await session.commit()
    await session.close()
    async with world.database.reading() as read:
        rows = await read.execute(select(Arrival).where(Arrival.statement_id.in_([late, *after])))
        numbers = {row.statement_id: row.number for row in rows}
    assert numbers[late] < min(numbers[each] for each in after), "the control: it has the lower number"
    assert await new_to(world, "colleague", [late, *after]) == {late}
    assert await counted(world, "colleague") == {world.restricted.id: 1}
    await see(world, "colleague", late)
    await see(world, "colleague", *after)
    assert await counted(world, "colleague") == {}
    assert len((await reading(world, "colleague")).seen) == 1, "what is settled is one range"


async def test_ranges_close_over_the_numbers_of_other_spaces(world: World) -> None:
    ids = []
    for _ in range(30):
        ids.append((await make_contribution(world)).id)
        await make_contribution(world, space=world.shared)
    for at in range(0, 30, 5):
        await see(world, "colleague", *ids[at : at + 5])
    more = await make_contribution(world)
    await see(world, "colleague", more.id)
    row = await reading(world, "colleague")
    assert len(row.seen) <= 2, row.seen
    assert await new_to(world, "colleague", ids) == set()
    assert (await counted(world, "colleague"))[world.shared.id] == 30


async def test_two_pages_that_mark_at_once_are_both_remembered(world: World) -> None:
    ids = [(await make_contribution(world)).id for _ in range(8)]
    await asyncio.gather(*(see(world, "colleague", each) for each in ids))
    assert await new_to(world, "colleague", ids) == set()


async def test_a_reading_is_bounded_and_forgets_the_oldest_holes_first(world: World, database: Database) -> None:
    async with database.reading() as read:
        many = "SELECT range_agg(int8range(2 * n, 2 * n + 1)) FROM generate_series(1, 5000) AS n"
        row = (
            await read.execute(
                text(f"SELECT newest_ranges(({many}), 1000) AS kept, newest_ranges(({many}), 5000) = ({many}) AS same")
            )
        ).one()
    assert row.same
    assert len(row.kept) == 1000
    assert (row.kept[0].lower, row.kept[0].upper, row.kept[-1].lower) == (0, 8003, 10_000)


async def test_a_space_holds_at_most_ninety_nine_and_more(world: World) -> None:
    root = await make_contribution(world)
    for _ in range(101):
        await make_reply(world, root, who="participant")
    assert await counted(world, "colleague") == {world.restricted.id: 100}


async def test_from_outside_one_sees_less_and_a_member_starts_anew(world: World, database: Database) -> None:
    inside = await make_contribution(world, space=world.shared, consent="internal")
    out = await make_contribution(world, space=world.shared, consent="name")
    assert await new_to(world, "observer", [inside.id, out.id]) == {out.id}
    assert await counted(world, "observer", world.shared.id) == {world.shared.id: 1}
    await see(world, "observer", everything=True, space=world.shared.id)
    assert await counted(world, "observer", world.shared.id) == {}
    async with database.sessions() as db:
        db.add(
            SpaceMember(
                initiative_id=world.initiative.id,
                space_id=world.shared.id,
                organisation_id=world.watching.id,
                during=from_now(),
            )
        )
        await db.commit()
    assert await new_to(world, "observer", [inside.id, out.id]) == {inside.id, out.id}


async def test_the_api_marks_and_counts(world: World, database: Database) -> None:
    ids = [str((await make_contribution(world)).id) for _ in range(2)]
    client = await world.client("colleague")
    unseen = f"{API}/initiatives/{world.initiative.slug}/unseen"
    assert (await client.get(unseen)).json()["items"] == [{"space_id": str(world.restricted.id), "new": 2}]
    path = f"{API}/spaces/{world.restricted.id}/seen"
    answer = await client.post(path, json={"statement_ids": ids[:1]})
    assert answer.json() == {"new": ids[:1]}
    assert (await client.post(path, json={"statement_ids": ids})).json() == {"new": ids[1:]}
    assert (await client.get(unseen)).json()["items"] == []
    # An id of elsewhere marks nothing and tells nothing
    other = await make_contribution(world, space=world.shared)
    assert (await client.post(path, json={"statement_ids": [str(other.id), str(new_id())]})).json() == {"new": []}
    assert await new_to(world, "colleague", [other.id]) == {other.id}
    assert (await (await world.client("outsider")).post(path, json={"everything": True})).status_code == 404
    assert (await client.post(path, json={"statement_ids": ids * 101})).status_code == 422
    async with database.sessions() as db:
        await db.execute(update(Statement).where(Statement.id == UUID(ids[0])).values(state="withdrawn"))
        await db.commit()
    assert (await client.get(unseen)).status_code == 200
