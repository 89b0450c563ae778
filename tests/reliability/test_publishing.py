"""Publishing while words arrive, change and go: an edition's report holds everything under its cut-off.

`tests/features/editions/test_races.py` shows who waits for whom, one writer at a time. Here many write at once
through the API; then the exclusive lock is taken away, and each kind of write lands under a cut-off
that the gate had already looked at.
"""

from __future__ import annotations

import asyncio
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest
from sqlalchemy.ext.asyncio import AsyncSession

import app.features.editions.actions.publish as publishing
from app.core.clock import now
from app.features.deliverables.queries.gate import Gate, publication_gate
from app.features.statements.models import Statement
from tests.factories import make_contribution
from tests.features.editions.shelf import Ready, ready
from tests.features.editions.test_races import _edit, _publish, _tighten, _withdraw, in_flight
from tests.world import World

ROUNDS = 4
PATH = "/api/v1/contributions"


async def contribute(world: World) -> httpx.Response:
    body = {
        "space_id": str(world.restricted.id),
        "kind": "need",
        "title": f"En vol {uuid4()}",
        "markdown": "Des mots de dernière minute.",
    }
    return await world.post("participant", PATH, body)


async def change(world: World, statement: Statement, *, withdraw: bool) -> httpx.Response:
    client = await world.client("participant")
    headers = {"If-Match": "*", "Idempotency-Key": str(uuid4())}
    if withdraw:
        return await client.post(f"{PATH}/{statement.id}/withdraw", json={"reason": "mistake"}, headers=headers)
    return await client.patch(f"{PATH}/{statement.id}", json={"markdown": "Revu au dernier moment."}, headers=headers)


async def cut_off_now(text_: Ready) -> None:
    """What comes from now on belongs to the next edition."""
    scope = {**text_.deliverable["scope"], "cutoff_at": now().isoformat()}
    await text_.desk.ok("PUT", f"/deliverables/{text_.deliverable['id']}/scope", scope)


async def publish(text_: Ready) -> httpx.Response:
    return await text_.desk.send("POST", f"/deliverables/{text_.deliverable['id']}/editions", {"label": "En plein vol"})


async def gate_of(world: World, text_: Ready) -> Gate:
    async with world.database.reading() as connection:
        return await publication_gate(connection, UUID(text_.deliverable["id"]))


async def treat_the_rest(world: World, text_: Ready) -> None:
    """Whatever the gate says is untreated, or was treated in other words, is answered."""
    gate = await gate_of(world, text_)
    for one in (*gate.untreated, *gate.outdated_treatments):
        await text_.desk.treat(text_.deliverable, one.statement_id)


@pytest.mark.timeout(120)
async def test_an_edition_has_looked_at_everything_under_its_cut_off(world: World) -> None:
    """Posts, an edit and a withdrawal fly at each publication: it is refused, or no post escapes its report."""
    spare = [await make_contribution(world) for _ in range(2 * ROUNDS)]
    text_ = await ready(world)
    statuses = [(await publish(text_)).status_code]
    assert statuses == [409], "eight contributions that nobody has treated"
    for turn in range(ROUNDS):
        await cut_off_now(text_)
        await treat_the_rest(world, text_)
        flying = [asyncio.create_task(contribute(world)) for _ in range(5)]
        flying.append(asyncio.create_task(change(world, spare[2 * turn], withdraw=False)))
        flying.append(asyncio.create_task(change(world, spare[2 * turn + 1], withdraw=True)))
        if turn % 2:  # else every post is after the cut-off, whenever it lands
            await cut_off_now(text_)
        edition = await publish(text_)
        statuses.append(edition.status_code)
        answers = await asyncio.gather(*flying)
        assert {answer.status_code for answer in answers} <= {200, 201}, [answer.text for answer in answers]
        if edition.status_code == 201:
            assert not (await gate_of(world, text_)).untreated, "a post landed under the cut-off of an edition"
    await cut_off_now(text_)
    await treat_the_rest(world, text_)
    statuses.append((await publish(text_)).status_code)
    assert statuses[-1] == 201
    assert set(statuses) == {201, 409}, statuses


def what_moved(gate: Gate) -> int:
    """How much of what the edition rests on is not what it was."""
    return len(gate.outdated_citations) + len(gate.consent_violations) + len(gate.outdated_treatments)


@pytest.mark.parametrize("write", [_edit, _tighten, _withdraw])
async def test_control_without_the_lock_the_gate_looks_too_early(
    world: World, write: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def no_lock(_db: AsyncSession, _initiative_id: UUID) -> None:
        return

    monkeypatch.setattr(publishing, "lock_exclusive", no_lock)
    text_ = await ready(world)
    async with in_flight(world, text_, write) as db:
        edition = await asyncio.wait_for(_publish(world, text_), 10)
        await db.commit()
    assert edition.n == 1
    assert what_moved(await gate_of(world, text_)) >= 1, "the damage that the lock prevents"
