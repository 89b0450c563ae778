"""Live pages: what one does the other hears, a right that ends closes the stream, and nothing is held meanwhile."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from datetime import timedelta
from uuid import UUID

import httpx
import pytest
from fastapi import FastAPI
from sqlalchemy import func, text, update
from sqlalchemy.dialects.postgresql import Range

from app.core.clock import now
from app.core.live import CHANNEL, KEPT, Change, Subscription, Word
from app.features.identity.models import Mandate
from app.features.live import stream
from app.settings import Settings
from tests.features.deliverables.desk import Desk
from tests.features.live.listening import Heard, following, served
from tests.world import World

Serving = tuple[FastAPI, str]


@pytest.fixture(scope="module")
async def serving(settings: Settings) -> AsyncIterator[Serving]:
    async with served(settings) as it:
        yield it


async def test_each_hears_what_the_other_writes_at_once(world: World, serving: Serving) -> None:
    desk, base = Desk(world), serving[1]
    deliverable = await desk.deliverable()
    section = await desk.section(deliverable)
    passage = await desk.passage(section, "Un premier état du texte.")
    query = f"deliverable_id={deliverable['id']}"
    async with (
        following(base, world.token("copilot"), query) as one,
        following(base, world.token("copilot"), query) as two,
    ):
        started = time.monotonic()
        await desk.ok("PUT", f"/passages/{passage['id']}/text", {"markdown": "Un deuxième état."}, match=1)
        for heard in (one, two):
            told = await heard.wait("changed", 1.5, verb="passage.rewritten")
            assert (told["object_id"], told["version"], told["mine"]) == (passage["id"], 2, True)
        assert time.monotonic() - started < 1.5


async def test_another_deliverable_is_not_told(world: World, serving: Serving) -> None:
    desk = Desk(world)
    followed, other = await desk.deliverable(), await desk.deliverable()
    async with following(serving[1], world.token("copilot"), f"deliverable_id={followed['id']}") as heard:
        await desk.section(other)
        await desk.section(followed)
        await heard.wait("changed", verb="section.added")
        assert not heard.events


async def test_minutes_are_heard_by_those_who_read_the_session(world: World, serving: Serving) -> None:
    desk = Desk(world, "facilitator")
    session = await _session(desk, world)
    async with following(serving[1], world.token("participant"), f"session_id={session['id']}") as heard:
        await desk.ok("PUT", f"/sessions/{session['id']}/minutes", {"markdown": "Nous ouvrons."}, match=0)
        told = await heard.wait("changed", 1.5, verb="minutes.saved")
        assert told["mine"] is False


async def test_all_that_is_kept_of_a_session_is_heard_at_once(world: World, serving: Serving) -> None:
    desk, mine = Desk(world, "facilitator"), Desk(world, "participant")
    session = await _session(desk, world, "2126-04-07")
    at = f"/sessions/{session['id']}"
    async with following(serving[1], world.token("participant"), f"session_id={session['id']}") as heard:
        note = await mine.ok("POST", f"{at}/notes", {"markdown": "Trois mois."})
        told = await heard.wait("changed", 1.5, verb="note.written")
        assert (told["object_type"], told["object_id"], told["mine"]) == ("session_note", note["id"], True)
        await desk.ok("POST", f"{at}/agenda", {"title": "Bilan", "minutes": 20})
        await heard.wait("changed", 1.5, object_type="agenda_item")
        await mine.ok("PUT", f"{at}/answers/{world.organisation.id}", {"answer": "comes"}, match=0)
        await heard.wait("changed", 1.5, object_type="session_answer")
        await desk.ok("POST", f"{at}/decisions", {"text": "Se revoir."})
        await heard.wait("changed", 1.5, object_type="decision")


async def _session(desk: Desk, world: World, day: str = "2026-04-07") -> dict[str, str]:
    body = {
        "initiative_id": str(world.initiative.id),
        "space_id": str(world.restricted.id),
        "title": "Séance",
        "starts_at": f"{day}T14:00",
        "ends_at": f"{day}T16:00",
    }
    session: dict[str, str] = await desk.ok("POST", "/sessions", body)
    return session


async def _status(world: World, who: str, base: str, query: str) -> int:
    headers = {} if who == "visitor" else {"Authorization": f"Bearer {world.token(who)}"}
    async with (
        httpx.AsyncClient() as client,
        client.stream("GET", f"{base}/api/v1/live?{query}", headers=headers) as answer,
    ):
        return answer.status_code


async def test_what_one_may_not_read_is_not_found(world: World, serving: Serving) -> None:
    deliverable = await Desk(world).deliverable()
    query, base = f"deliverable_id={deliverable['id']}", serving[1]
    assert await _status(world, "visitor", base, query) == 401
    for who in ("participant", "stranger", "observer", "admin"):
        assert await _status(world, who, base, query) == 404
    assert await _status(world, "outsider", base, f"space_id={world.restricted.id}") == 404
    assert await _status(world, "copilot", base, f"{query}&space_id={world.restricted.id}") == 422
    assert await _status(world, "copilot", base, "") == 422


async def test_a_mandate_that_ends_closes_the_stream_within_two_seconds(world: World, serving: Serving) -> None:
    async with following(serving[1], world.token("participant"), f"space_id={world.restricted.id}") as heard:
        path = f"/api/v1/mandates/{world.mandates['participant'].id}/end"
        started = time.monotonic()
        assert (await world.post("lead", path, **{"If-Match": "*"})).status_code == 200
        assert (await heard.wait("closed", 2.0))["reason"] == "no_access"
        assert time.monotonic() - started < 2
        await asyncio.wait_for(heard.reading, 2)


async def test_a_space_that_is_left_closes_the_stream(world: World, serving: Serving) -> None:
    async with following(serving[1], world.token("participant"), f"space_id={world.restricted.id}") as heard:
        path = f"/api/v1/spaces/{world.restricted.id}/members/{world.organisation.id}/end"
        assert (await world.post("copilot", path)).status_code == 200
        assert (await heard.wait("closed", 2.0))["reason"] == "no_access"


async def test_signing_out_closes_the_stream(world: World, serving: Serving) -> None:
    async with following(serving[1], world.token("copilot"), f"space_id={world.restricted.id}") as heard:
        assert (await world.post("copilot", "/api/v1/auth/sign-out")).status_code == 204
        assert (await heard.wait("closed", 2.0))["reason"] == "signed_out"


async def test_a_mandate_that_ends_by_its_date_closes_the_stream(world: World, serving: Serving) -> None:
    """Nobody records anything at that instant: the stream knows when it comes."""
    ends = now() + timedelta(seconds=2)
    async with world.database.sessions() as db:
        during = Range(now() - timedelta(hours=1), ends)
        await db.execute(update(Mandate).where(Mandate.id == world.mandates["participant"].id).values(during=during))
        await db.commit()
    async with following(serving[1], world.token("participant"), f"space_id={world.restricted.id}") as heard:
        await heard.wait("closed", 4.0)
        assert timedelta() <= now() - ends < timedelta(seconds=2)


async def test_a_mandate_that_nobody_announced_is_felt_at_the_next_question(
    world: World, serving: Serving, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stream, "PATIENCE", 0.5)
    async with following(serving[1], world.token("participant"), f"space_id={world.restricted.id}") as heard:
        async with world.database.sessions() as db:
            ended = func.tstzrange(func.lower(text("during")), func.now())
            await db.execute(update(Mandate).where(Mandate.id == world.mandates["participant"].id).values(during=ended))
            await db.commit()
        await heard.wait("closed", 2.0)


async def test_the_listening_connection_is_killed_and_streams_go_on(world: World, serving: Serving) -> None:
    desk = Desk(world)
    deliverable = await desk.deliverable()
    async with following(serving[1], world.token("copilot"), f"deliverable_id={deliverable['id']}") as heard:
        async with world.database.reading() as connection:
            kill = "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE application_name = :name"
            assert (
                await connection.execute(text(f"{kill} AND datname = current_database()"), {"name": CHANNEL})
            ).scalar_one()
        await heard.wait("reload", 5.0, reason="missed")
        await desk.section(deliverable)
        await heard.wait("changed", 1.5, verb="section.added")


async def test_who_was_away_is_told_what_they_missed(world: World, serving: Serving) -> None:
    desk, token = Desk(world), world.token("copilot")
    deliverable = await desk.deliverable()
    query = f"deliverable_id={deliverable['id']}"
    async with following(serving[1], token, query) as heard:
        mark = heard.last_id
    assert mark
    missed = [(await desk.section(deliverable, title))["id"] for title in ("A", "B")]

    def told(heard: Heard) -> list[str]:
        """But for what was heard before: it is told again while any transaction older than it is open, anywhere."""
        return [one["object_id"] for one in heard.events if one["object_id"] != deliverable["id"]]

    async with following(serving[1], token, query, **{"Last-Event-ID": mark}) as heard:
        assert told(heard) == missed
    async with following(serving[1], token, f"{query}&after={mark}") as heard:
        assert told(heard) == missed
    for lost in ("x", f"{mark.split('-')[0]}-1", f"99999999999-{int(time.time())}"):
        async with following(serving[1], token, f"{query}&after={lost}") as heard:
            assert [one["event"] for one in heard.events] == ["reload"]


async def test_a_slow_transaction_overtaken_by_a_fast_one_is_not_missed(world: World, serving: Serving) -> None:
    """The number of the slow one is smaller than what the client heard last."""
    desk, token = Desk(world), world.token("copilot")
    deliverable = await desk.deliverable()
    query = f"deliverable_id={deliverable['id']}"
    insert = text(
        "INSERT INTO events (at, verb, object_type, object_id, initiative_id, audience, person_id, quiet, data) VALUES "
        "(now(), 'section.slow', 'section', gen_random_uuid(), :initiative, 'pilots', NULL, false, "
        "jsonb_build_object('deliverable_id', CAST(:deliverable AS text)))"
    )
    async with world.database.sessions() as slow:
        await slow.execute(insert, {"initiative": world.initiative.id, "deliverable": deliverable["id"]})
        async with following(serving[1], token, query) as heard:
            await desk.section(deliverable)
            await heard.wait("changed", verb="section.added")
            mark = heard.last_id
        await slow.commit()
    async with following(serving[1], token, query, **{"Last-Event-ID": str(mark)}) as heard:
        await heard.wait("changed", verb="section.slow")


async def test_twenty_streams_hold_no_connection(world: World, settings: Settings) -> None:
    """The smallest pool there is still serves everybody."""
    narrow = settings.model_copy(update={"pool_size": 2})
    desk = Desk(world)
    deliverable = await desk.deliverable()
    query = f"deliverable_id={deliverable['id']}"
    async with served(narrow) as (app, base), AsyncExitStack() as stack, httpx.AsyncClient() as client:
        streams = [await stack.enter_async_context(following(base, world.token("copilot"), query)) for _ in range(10)]
        spaces = [
            await stack.enter_async_context(following(base, world.token(who), f"space_id={world.restricted.id}"))
            for who in ("participant", "lead")
            for _ in range(5)
        ]
        assert len(app.state.listener) == len(streams) + len(spaces) == 20
        headers = {"Authorization": f"Bearer {world.token('copilot')}"}
        answers = await asyncio.gather(*(client.get(f"{base}/api/v1/me", headers=headers) for _ in range(20)))
        assert {answer.status_code for answer in answers} == {200}
        await desk.section(deliverable)
        for heard in streams:
            await heard.wait("changed", 1.5, verb="section.added")
    assert len(app.state.listener) == 0


async def test_one_person_follows_twelve_pages_at_most(world: World, serving: Serving) -> None:
    query = f"space_id={world.restricted.id}"
    async with AsyncExitStack() as stack:
        for _ in range(stream.MOST_OF_ONE):
            await stack.enter_async_context(following(serving[1], world.token("lead"), query))
        assert await _status(world, "lead", serving[1], query) == 429
        async with following(serving[1], world.token("participant"), query):
            pass


async def test_a_head_ends_at_once(world: World, serving: Serving) -> None:
    async with httpx.AsyncClient(timeout=5) as client:
        headers = {"Authorization": f"Bearer {world.token('copilot')}"}
        answer = await client.head(f"{serving[1]}/api/v1/live?space_id={world.restricted.id}", headers=headers)
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("text/event-stream")


def _change(number: int) -> Change:
    return Change("section.added", "section", UUID(int=number))


async def test_a_slow_subscriber_is_dropped_and_delays_nobody() -> None:
    slow, quick = Subscription(lambda _: True), Subscription(lambda _: True)
    for number in range(KEPT + 5):
        for subscription in (slow, quick):
            subscription.tell(_change(number))
        assert await quick.next(0) == _change(number)
    assert await slow.next(0) is Word.DROPPED
    slow.tell(_change(0))
    assert await slow.next(0) is Word.DROPPED, "nothing more comes"


async def test_a_lost_connection_is_one_word_and_then_changes_again() -> None:
    subscription = Subscription(lambda _: True)
    subscription.tell(_change(1))
    subscription.tell(Word.MISSED)
    subscription.tell(_change(2))
    assert [await subscription.next(0) for _ in range(3)] == [Word.MISSED, _change(2), None]
