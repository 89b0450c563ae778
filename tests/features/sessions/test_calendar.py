"""Calendars: what a program reads at a secret address is what its owner may see at that instant."""

from __future__ import annotations

import io
from datetime import timedelta
from typing import Any

import httpx
import pytest
from icalendar import Calendar
from sqlalchemy import select, update
from sqlalchemy.dialects.postgresql import Range

from app.core.clock import now
from app.core.log import configure_logging
from app.core.security.secrets import new_secret
from app.features.identity.models import Mandate, Person
from app.features.sessions.models import CalendarAddress
from tests.climbing import call
from tests.features.sessions.conftest import TOMORROW, Plan
from tests.world import World


def events(content: bytes) -> dict[str, Any]:
    """The events of a file, by UID."""
    return {str(event["UID"]): event for event in Calendar.from_ical(content).walk("VEVENT")}


async def address_of(world: World, who: str) -> str:
    """A new secret address of `who`, without its host."""
    answer = await call(world, who, "POST", "/me/calendar")
    assert answer.status_code == 201, answer.text
    assert answer.headers["cache-control"] == "no-store"
    return "/calendrier/" + str(answer.json()["address"]).rsplit("/", 1)[1]


async def test_one_session_keeps_its_uid_and_counts_its_changes(world: World, plan: Plan) -> None:
    session = await plan(days=TOMORROW)
    path = f"/sessions/{session}"
    await call(world, "copilot", "PATCH", path, {"title": "Trésorerie ; bilan, suites", "place": "Lyon"})
    first = await call(world, "observer", "GET", f"{path}/calendar")
    assert first.headers["content-type"] == "text/calendar; charset=utf-8"
    [(uid, event)] = events(first.content).items()
    assert (str(event["SUMMARY"]), str(event["LOCATION"])) == ("Séance 1 : Trésorerie ; bilan, suites", "Lyon")
    assert event["DTSTART"].params["TZID"] == "Europe/Paris"
    assert b"BEGIN:VTIMEZONE" in first.content
    assert event["DTEND"].dt - event["DTSTART"].dt == timedelta(hours=2)
    known = (await call(world, "observer", "GET", path)).json()
    assert event["DTSTART"].dt.isoformat() == known["starts_local"]
    await call(world, "copilot", "PATCH", path, {"place": "Paris"})
    [(same, later)] = events((await call(world, "observer", "GET", f"{path}/calendar")).content).items()
    assert (same, later["SEQUENCE"]) == (uid, event["SEQUENCE"] + 1)


async def test_the_address_shows_what_its_owner_may_see_now(
    world: World, plan: Plan, client: httpx.AsyncClient
) -> None:
    session, plenary = await plan(days=TOMORROW), await plan(plenary=True, days=TOMORROW)
    theirs, others = await address_of(world, "participant"), await address_of(world, "outsider")
    uids = [f"session-{one}@alliage" for one in (session, plenary)]
    mine = await client.get(theirs)
    assert (mine.status_code, set(events(mine.content))) == (200, set(uids))
    assert set(events((await client.get(others)).content)) == {uids[1]}
    assert mine.headers["referrer-policy"] == "no-referrer"
    async with world.database.sessions() as db:
        ended = Range(now() - timedelta(hours=1), now() - timedelta(seconds=1))
        mandate = Mandate.id == world.mandates["participant"].id
        await db.execute(update(Mandate).where(mandate).values(during=ended))
        await db.commit()
    assert events((await client.get(theirs)).content) == {}
    async with world.database.sessions() as db:
        person = Person.id == world.persons["outsider"].id
        await db.execute(update(Person).where(person).values(state="disabled"))
        await db.commit()
    assert (await client.get(others)).status_code == 404


async def test_an_address_is_shown_once_and_dies_when_it_is_renewed_or_revoked(
    world: World, plan: Plan, client: httpx.AsyncClient
) -> None:
    await plan(days=TOMORROW)
    assert (await call(world, "lead", "GET", "/me/calendar")).json() == {"made_at": None}
    first = await address_of(world, "lead")
    secret = first.removeprefix("/calendrier/").removesuffix(".ics")
    assert secret not in (await call(world, "lead", "GET", "/me/calendar")).text
    async with world.database.reading() as read:
        kept = (await read.execute(select(CalendarAddress.__table__))).all()
    assert secret not in str(kept)
    second = await address_of(world, "lead")
    assert (await client.get(first)).status_code == 404
    assert (await client.get(second)).status_code == 200
    assert (await call(world, "lead", "DELETE", "/me/calendar")).status_code == 204
    gone, unknown = await client.get(second), await client.get(f"/calendrier/{new_secret('alg_cal_')}.ics")
    junk = await client.get("/calendrier/alg_pat_x.ics")
    assert gone.status_code == unknown.status_code == junk.status_code == 404
    assert (await call(world, "lead", "DELETE", "/me/calendar")).status_code == 404


async def test_a_repeated_request_shows_no_secret_again(world: World) -> None:
    key = {"Idempotency-Key": "01930d2e-7c00-4000-8000-000000000001"}
    assert (await call(world, "lead", "POST", "/me/calendar", **key)).status_code == 201
    again = await call(world, "lead", "POST", "/me/calendar", **key)
    assert (again.status_code, again.json()["type"]) == (409, "/problems/secret-shown-once")


@pytest.mark.parametrize("json", [True, False])
async def test_the_log_never_holds_the_secret(world: World, client: httpx.AsyncClient, json: bool) -> None:
    address, log = await address_of(world, "colleague"), io.StringIO()
    configure_logging("debug", json=json, stream=log)
    try:
        await client.get(address)
        await client.get(f"/calendrier/{new_secret('alg_cal_')}.ics")
    finally:
        configure_logging("warning", json=True)
    secret = address.removeprefix("/calendrier/").removesuffix(".ics")
    assert secret not in log.getvalue()
