"""Publishing against whoever writes at the same moment: nothing lands under the cut-off after the gate has looked."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

import app.features.editions.actions.publish as publishing
from app.core.clock import now
from app.core.versions import ANY_VERSION
from app.features.deliverables.queries.gate import publication_gate
from app.features.editions.actions.publish import PublicationRefused
from app.features.editions.schemas import EditionDraft
from app.features.statements.actions import change, submit
from app.features.statements.models import StatementType
from app.features.statements.schemas import ContributionDraft, StatementPatch, Withdrawal
from tests.features.editions.shelf import Ready, ready
from tests.world import World

PAUSE = 0.4


async def _publish(world: World, text_: Ready) -> Any:
    actor = await world.actor("copilot")
    async with world.database.sessions() as db:
        edition = await publishing.publish(
            db, actor, UUID(text_.deliverable["id"]), EditionDraft(label="Course"), ANY_VERSION
        )
        await db.commit()
        return edition


async def _cut_off_now(text_: Ready) -> None:
    scope = {**text_.deliverable["scope"], "cutoff_at": now().isoformat()}
    await text_.desk.ok("PUT", f"/deliverables/{text_.deliverable['id']}/scope", scope)


async def _post(world: World, text_: Ready, db: AsyncSession) -> None:
    actor = await world.actor("participant")
    draft = ContributionDraft(
        space_id=world.restricted.id, kind="need", title="Juste avant", markdown="Des mots de dernière minute."
    )
    await submit.submit(db, actor, draft)


async def _edit(world: World, text_: Ready, db: AsyncSession) -> None:
    actor = await world.actor("participant")
    patch = StatementPatch(markdown="D’autres mots, au dernier moment.")
    await change.edit(db, actor, StatementType.CONTRIBUTION, text_.statement.id, patch, ANY_VERSION)


async def _tighten(world: World, text_: Ready, db: AsyncSession) -> None:
    actor = await world.actor("participant")
    patch = StatementPatch(consent="internal")
    await change.edit(db, actor, StatementType.CONTRIBUTION, text_.statement.id, patch, ANY_VERSION)


async def _withdraw(world: World, text_: Ready, db: AsyncSession) -> None:
    actor = await world.actor("participant")
    body = Withdrawal(reason="mistake")
    await change.withdraw(db, actor, StatementType.CONTRIBUTION, text_.statement.id, body, ANY_VERSION)


WRITERS = [_post, _edit, _tighten, _withdraw]


@asynccontextmanager
async def in_flight(world: World, text_: Ready, write: Any) -> AsyncIterator[AsyncSession]:
    """A write that is done and not yet committed; the cut-off falls while it is in flight."""
    async with world.database.sessions() as db:
        await write(world, text_, db)
        await db.flush()
        await _cut_off_now(text_)
        yield db


@pytest.mark.parametrize("write", WRITERS)
async def test_publishing_waits_for_a_write_in_flight_and_sees_it(world: World, write: Any) -> None:
    text_ = await ready(world)
    async with in_flight(world, text_, write) as db:
        publication = asyncio.create_task(_publish(world, text_))
        await asyncio.sleep(PAUSE)
        assert not publication.done()
        await db.commit()
    with pytest.raises(PublicationRefused):
        await publication


@pytest.mark.parametrize("write", [_edit, _tighten, _withdraw])
async def test_a_write_waits_for_a_publication_and_comes_after_it(
    world: World, write: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The other way round: the gate has looked, the edition is not yet written, somebody changes what it cites."""
    text_ = await ready(world)
    looked, go_on = asyncio.Event(), asyncio.Event()

    async def slow_gate(*args: Any) -> Any:
        gate = await publication_gate(*args)
        looked.set()
        await go_on.wait()
        return gate

    monkeypatch.setattr(publishing, "publication_gate", slow_gate)
    publication = asyncio.create_task(_publish(world, text_))
    await looked.wait()

    async def act() -> None:
        async with world.database.sessions() as db:
            await write(world, text_, db)
            await db.commit()

    writing = asyncio.create_task(act())
    await asyncio.sleep(PAUSE)
    assert not writing.done()
    go_on.set()
    edition = await publication
    await writing
    assert edition.n == 1


async def test_a_post_waits_for_a_publication_and_is_after_the_cut_off(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    text_ = await ready(world)
    looked, go_on = asyncio.Event(), asyncio.Event()

    async def slow_gate(*args: Any) -> Any:
        gate = await publication_gate(*args)
        looked.set()
        await go_on.wait()
        return gate

    monkeypatch.setattr(publishing, "publication_gate", slow_gate)
    publication = asyncio.create_task(_publish(world, text_))
    await looked.wait()
    posting = asyncio.create_task(_post_through_the_api(world))
    await asyncio.sleep(PAUSE)
    assert not posting.done()
    go_on.set()
    await publication
    await posting
    assert await _untreated(world, text_) == 0


async def _post_through_the_api(world: World) -> None:
    body = {"space_id": str(world.restricted.id), "kind": "need", "title": "Pendant", "markdown": "Des mots pendant."}
    client = await world.client("participant")
    answer = await client.post("/api/v1/contributions", json=body, headers={"Idempotency-Key": str(uuid4())})
    assert answer.status_code == 201, answer.text


async def _untreated(world: World, text_: Ready) -> int:
    async with world.database.reading() as connection:
        gate = await publication_gate(connection, UUID(text_.deliverable["id"]))
    return len(gate.untreated)


async def test_without_the_lock_a_post_lands_under_the_cut_off(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """The negative control: take the lock away, and the invariant breaks."""

    async def no_lock(_db: AsyncSession, _initiative_id: UUID) -> None:
        return

    monkeypatch.setattr(publishing, "lock_exclusive", no_lock)
    text_ = await ready(world)
    async with in_flight(world, text_, _post) as db:
        edition = await asyncio.wait_for(_publish(world, text_), 5)
        await db.commit()
    assert edition.n == 1
    assert await _untreated(world, text_) == 1


async def test_two_publications_at_once_make_two_numbers(world: World) -> None:
    text_ = await ready(world)
    editions = await asyncio.gather(*(_publish(world, text_) for _ in range(4)))
    assert sorted(edition.n for edition in editions) == [1, 2, 3, 4]


async def test_a_failure_in_the_middle_publishes_nothing(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    text_ = await ready(world)

    def broken(_payload: bytes) -> Any:
        raise RuntimeError("no ink")

    monkeypatch.setattr(publishing, "render_all", broken)
    with pytest.raises(RuntimeError):
        await _publish(world, text_)
    async with world.database.reading() as connection:
        count = text("SELECT count(*) FROM editions WHERE deliverable_id = :id")
        assert (await connection.execute(count, {"id": text_.deliverable["id"]})).scalar_one() == 0
