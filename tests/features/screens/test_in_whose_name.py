"""Whoever several co-pilot organisations mandated says on each form in whose name they act; others see no such field."""

from __future__ import annotations

import re
from uuid import UUID, uuid4

import pytest
from fastapi import FastAPI
from sqlalchemy import select

from app.core.events import Event
from app.features.attachments.models import Attachment
from tests.browser import FROM_OUR_PAGES, Browser, signed_in
from tests.features.editions.shelf import ready
from tests.world import World, second_copilot

FIELD = 'name="acting_for"'
SESSION = {"title": "Qui garantit ?", "starts_at": "2030-04-07T14:00", "ends_at": "2030-04-07T16:00"}


@pytest.fixture
async def second(world: World) -> UUID:
    """Another co-pilot organisation, which mandates the co-pilot too."""
    return await second_copilot(world)


async def signed(world: World, verb: str) -> UUID | None:
    """The organisation of the last event of this verb."""
    async with world.database.reading() as connection:
        question = select(Event.organisation_id).where(Event.verb == verb).order_by(Event.id.desc()).limit(1)
        return (await connection.execute(question)).scalar_one()


async def plan(one: Browser, world: World, **changed: str) -> str:
    """Plan a session by the page; where it is."""
    where = f"/espaces/{world.restricted.id}/seances/nouvelle"
    await one.open(where)
    return (await one.submit(where, **SESSION | changed)).url.path


async def test_nobody_else_is_asked(app: FastAPI, world: World) -> None:
    async with signed_in(app, world, "copilot") as one:
        assert FIELD not in (await one.open(f"/espaces/{world.restricted.id}/seances/nouvelle")).text
        assert FIELD not in (await one.open(await plan(one, world))).text


async def test_a_session_is_run_for_the_chosen_one(app: FastAPI, world: World, second: UUID) -> None:
    async with signed_in(app, world, "copilot") as one:
        session = await plan(one, world)
        first = {world.piloting.id, second} - {await signed(world, "session.planned")}
        assert len(first) == 1, "by default for the first of them"
        for organisation in (second, world.piloting.id):
            await plan(one, world, acting_for=str(organisation))
            assert await signed(world, "session.planned") == organisation
            await one.open(f"{session}?vue=preparer")
            await one.submit(f"{session}/points", title="Bilan", minutes="20", acting_for=str(organisation))
            assert await signed(world, "agenda_item.added") == organisation
            await one.open(f"{session}?vue=notes")
            await one.submit(f"{session}/notes", markdown="Douze présents.", acting_for=str(organisation))
            assert await signed(world, "note.written") == organisation


async def test_what_was_chosen_is_shown_again(app: FastAPI, world: World, second: UUID) -> None:
    async with signed_in(app, world, "copilot") as one:
        where = f"/espaces/{world.restricted.id}/seances/nouvelle"
        for organisation in (second, world.piloting.id):
            await one.open(where)
            refused = await one.submit(where, **SESSION | {"title": ""}, acting_for=str(organisation))
            assert refused.status_code == 422
            assert f'<option value="{organisation}" selected>' in refused.text
            await one.submit(where, title="Qui garantit ?")
            assert await signed(world, "session.planned") == organisation


async def test_one_that_is_not_theirs_is_refused(app: FastAPI, world: World, second: UUID) -> None:
    async with signed_in(app, world, "copilot") as one:
        where = f"/espaces/{world.restricted.id}/seances/nouvelle"
        for other, status in ((world.organisation.id, 403), (uuid4(), 403), ("Le RAMEAU", 422)):
            await one.open(where)
            assert (await one.submit(where, **SESSION, acting_for=str(other))).status_code == status
        async with world.database.reading() as connection:
            here = select(Event.id).where(Event.verb == "session.planned", Event.space_id == world.restricted.id)
            assert not (await connection.execute(here)).all()


async def test_a_paper_is_joined_for_the_chosen_one(app: FastAPI, world: World, second: UUID) -> None:
    async with signed_in(app, world, "copilot") as one:
        session = await plan(one, world)
        for organisation, status in ((second, 303), (world.piloting.id, 303), (world.organisation.id, 403)):
            page = (await one.open(session)).text
            assert FIELD in page
            keys = re.findall(r'name="idempotency_key" value="([^"]+)"', page.partition("/fichiers")[2])
            fields = {"csrf": one.csrf, "idempotency_key": keys[0], "acting_for": str(organisation)}
            sent = await one.client.post(
                f"{session}/fichiers",
                data=fields,
                files={"file": (f"{organisation}.txt", b"Ordre du jour", "text/plain")},
                headers=FROM_OUR_PAGES,
            )
            assert sent.status_code == status, sent.text
    async with world.database.reading() as connection:
        joined = (await connection.execute(select(Attachment.name, Attachment.organisation_id))).all()
    assert f"{world.organisation.id}.txt" not in {name for name, _ in joined}
    assert {(f"{one}.txt", one) for one in (second, world.piloting.id)} <= {tuple(row) for row in joined}


async def test_a_deliverable_is_written_for_the_chosen_one(app: FastAPI, world: World) -> None:
    done = await ready(world)
    second = await second_copilot(world)
    desk = f"/livrables/{done.deliverable['id']}/redaction"
    write = f"{desk}/passages/{done.passage['id']}"
    async with signed_in(app, world, "copilot") as one:
        for n, organisation in enumerate((second, world.piloting.id)):
            await one.open(f"{desk}?passage={done.passage['id']}")
            answer = await one.submit(write, markdown=f"La trésorerie [@c1] manque, {n}.", acting_for=str(organisation))
            assert answer.status_code == 200, answer.text
            assert await signed(world, "passage.rewritten") == organisation
        await one.open(f"{desk}?passage={done.passage['id']}")
        refused = await one.submit(write, markdown="Non [@c1].", acting_for=str(world.organisation.id))
        assert refused.status_code == 403
