"""Home: what is expected and the one action that does it, what changed, and a visit that only a reader makes."""

from __future__ import annotations

import itertools
import re
from datetime import timedelta

import pytest
from fastapi import FastAPI
from sqlalchemy import delete, select, update

from app.core.clock import now
from app.features.reading.models import Visit
from app.features.sessions.models import SessionAnswer
from tests.browser import browser, signed_in
from tests.factories import make_contribution
from tests.features.deliverables.desk import Desk
from tests.features.sessions.conftest import TOMORROW, Plan
from tests.features.sessions.conftest import plan as plan  # noqa: PLC0414 - the fixture
from tests.features.statements.test_contributions_api import contribute
from tests.world import World


async def _visits(world: World) -> int:
    async with world.database.reading() as connection:
        found = await connection.execute(select(Visit).where(Visit.person_id == world.persons["participant"].id))
        return len(found.all())


async def test_a_visitor_has_the_front_page_and_a_stranger_learns_what_to_do(app: FastAPI, world: World) -> None:
    async with browser(app) as one:
        assert "Depuis votre dernière visite" not in (await one.open("/")).text
    async with signed_in(app, world, "stranger") as one:
        page = await one.open("/")
        assert page.status_code == 200


async def test_what_changed_is_there_without_a_click(app: FastAPI, world: World) -> None:
    async with signed_in(app, world, "participant") as one:
        await one.open("/")
        async with world.database.sessions() as db:
            await db.execute(update(Visit).values(seen_at=now() - timedelta(days=1)))
            await db.commit()
        said = await contribute(world, "copilot", title="Le solde arrive trop tard")
        page = (await one.open("/")).text
        assert "Le solde arrive trop tard" in page
        assert f"/contributions/{said['id']}" in page
        assert "1 nouveauté" in page
        assert "a publié une contribution" in page
        assert "minute de lecture" in page
        # The same visit goes on: still told; and somebody else's words are never told as one's own news
        assert "Le solde arrive trop tard" in (await one.open("/")).text
    async with signed_in(app, world, "copilot") as one:
        assert "Le solde arrive trop tard" not in (await one.open("/")).text


async def test_since_a_visit_a_week_or_a_date_stands_in_the_address(app: FastAPI, world: World) -> None:
    await contribute(world, "copilot", title="Le solde arrive trop tard")
    tomorrow = (now() + timedelta(days=1)).date()
    async with signed_in(app, world, "participant") as one:
        assert "Le solde arrive trop tard" in (await one.open("/?depuis=semaine")).text
        assert "Le solde arrive trop tard" not in (await one.open(f"/?depuis=date&date={tomorrow}")).text
        for junk in ("?depuis=jamais", "?depuis=date&date=hier", "?demarche=ailleurs", "?depuis=date&date=0001-01-01"):
            assert (await one.open(f"/{junk}")).status_code == 200, junk


@pytest.mark.parametrize("header", ["Sec-Purpose", "Purpose", "X-Moz"])
async def test_a_page_that_is_fetched_ahead_is_no_visit(app: FastAPI, world: World, header: str) -> None:
    async with signed_in(app, world, "participant") as one:
        await one.open("/lire")
        async with world.database.sessions() as db:
            await db.execute(delete(Visit))
            await db.commit()
        assert (await one.open("/", **{header: "prefetch"})).status_code == 200
        assert await _visits(world) == 0
        await one.open("/")
        assert await _visits(world) == 1


async def test_attendance_is_confirmed_in_one_click(app: FastAPI, world: World, plan: Plan) -> None:
    session_id = await plan(days=TOMORROW)
    action = f"/seances/{session_id}/reponse"
    async with signed_in(app, world, "participant") as one:
        page = (await one.open("/")).text
        assert "Nous venons" in page
        assert "dans 1 jours" not in page
        done = await one.submit(action, answer="comes")
        assert done.status_code == 200
        assert "votre organisation vient à la séance" in done.text
        assert action not in done.text
        assert "vous venez" in done.text
        # A second tab that still shows the button overwrites nothing
        again = await one.post(
            action,
            {
                "csrf": one.csrf,
                "idempotency_key": "0199c0de-0000-7000-8000-000000000001",
                "organisation_id": str(world.organisation.id),
                "version": "0",
                "answer": "does_not",
                "vers": "/",
            },
        )
        assert again.status_code == 412
    async with world.database.reading() as connection:
        answers = await connection.execute(select(SessionAnswer.answer).where(SessionAnswer.session_id == session_id))
        assert list(answers.scalars()) == ["comes"]


async def test_an_answer_goes_back_to_one_of_our_pages_only(app: FastAPI, world: World, plan: Plan) -> None:
    session_id = await plan(days=TOMORROW)
    async with signed_in(app, world, "participant") as one:
        await one.open(f"/espaces/{world.restricted.id}")
        fields = {
            "csrf": one.csrf,
            "idempotency_key": "0199c0de-0000-7000-8000-000000000002",
            "organisation_id": str(world.organisation.id),
            "version": "0",
            "answer": "comes",
            "vers": "https://ailleurs.example/",
        }
        sent = await one.client.post(
            f"/seances/{session_id}/reponse",
            data=fields,
            headers={"Sec-Fetch-Site": "same-origin", "Origin": "http://testserver"},
        )
        assert sent.status_code == 303
        assert sent.headers["location"] == "/?dit=session-coming"
        bad = await one.post(f"/seances/{session_id}/reponse", fields | {"organisation_id": "x", "answer": "comes"})
        assert bad.status_code in (404, 409, 422)


async def test_a_refused_answer_shows_the_page_that_it_was_sent_from(app: FastAPI, world: World, plan: Plan) -> None:
    session_id = await plan(days=TOMORROW)
    action = f"/seances/{session_id}/reponse"
    async with signed_in(app, world, "participant") as one:
        space = f"/espaces/{world.restricted.id}?kind=need"
        for address in (space, f"/seances/{session_id}", "/"):
            await one.open(space)
            shown = re.findall("<h1[^>]*>.*?</h1>", (await one.client.get(address)).text, re.DOTALL)
            page = await one.submit(action, answer="perhaps", vers=f"{address}#next")
            assert page.status_code == 422
            assert re.findall("<h1[^>]*>.*?</h1>", page.text, re.DOTALL) == shown, address
            assert 'id="errors"' in page.text, address
        home = re.findall("<h1[^>]*>.*?</h1>", (await one.client.get("/")).text, re.DOTALL)
        for elsewhere in (
            "/direct?space_id={space_id}",
            "/api/v1/me",
            "https://ailleurs.example/",
            "//ailleurs.example",
        ):
            await one.open(space)
            page = await one.submit(action, answer="perhaps", vers=elsewhere)
            assert re.findall("<h1[^>]*>.*?</h1>", page.text, re.DOTALL) == home, elsewhere


async def test_a_question_leads_to_its_answer(app: FastAPI, world: World) -> None:
    asked = await make_contribution(world, who="copilot", kind="question", title="Qui décide ?")
    async with signed_in(app, world, "participant") as one:
        page = (await one.open("/")).text
        assert f'href="/contributions/{asked.id}#repondre"' in page
        assert "1 à faire" in page
    async with signed_in(app, world, "observer") as one:
        page = (await one.open("/")).text
        assert "Rien n’est attendu de vous" in page
        assert "à faire" not in page


async def test_one_s_drafts_lead_back_to_what_one_was_writing(app: FastAPI, world: World) -> None:
    client = await world.client("participant")
    saved = await client.put(
        f"/api/v1/drafts/contribution:new:{world.restricted.id}",
        json={
            "body": {"title": "Mutualiser les achats", "markdown": "Nous achetons seuls."},
            "initiative_id": str(world.initiative.id),
            "space_id": str(world.restricted.id),
        },
        headers={"If-Match": '"v0"'},
    )
    assert saved.status_code < 300, saved.text
    async with signed_in(app, world, "participant") as one:
        page = (await one.open("/")).text
        assert "Mutualiser les achats" in page
        assert f'href="/espaces/{world.restricted.id}/contributions/nouvelle"' in page
    async with signed_in(app, world, "colleague") as one:
        assert "Mutualiser les achats" not in (await one.open("/")).text


async def test_a_co_pilot_is_led_to_the_texts_that_are_being_written(app: FastAPI, world: World) -> None:
    desk = Desk(world)
    written = await desk.deliverable(title="Ce que nous avons appris")
    closed = await desk.deliverable(title="Un texte clos")
    await desk.ok("POST", f"/deliverables/{closed['id']}/close")
    async with signed_in(app, world, "copilot") as one:
        page = (await one.open("/")).text
        assert f'href="/livrables/{written["id"]}"' in page
        assert f'href="/livrables/{written["id"]}/redaction"' in page
        assert closed["id"] not in page
    for who in ("participant", "facilitator", "observer"):
        async with signed_in(app, world, who) as one:
            assert written["id"] not in (await one.open("/")).text, who


async def test_only_spaces_that_take_contributions_are_offered(app: FastAPI, world: World) -> None:
    """By the state of the space and of its initiative: an open space of a closed initiative refuses them."""
    link = f"/espaces/{world.restricted.id}/contributions/nouvelle"
    async with signed_in(app, world, "copilot") as one:
        assert link in (await one.open("/")).text
        desk = Desk(world)
        await desk.ok("POST", f"/initiatives/{world.initiative.id}/close")
        page = (await one.open("/")).text
        assert "/contributions/nouvelle" not in page
        assert "La démarche ne reçoit pas de contribution" in page
        await desk.ok("POST", f"/initiatives/{world.initiative.id}/open")
        for space in (world.restricted, world.shared):
            await desk.ok("POST", f"/spaces/{space.id}/close")
        page = (await one.open("/")).text
        assert "Aucun espace n’est ouvert aux contributions" in page
        await desk.ok("POST", f"/spaces/{world.restricted.id}/reopen")
        assert link in (await one.open("/")).text
    async with signed_in(app, world, "observer") as one:
        assert "Vos espaces" not in (await one.open("/")).text


async def test_the_home_of_a_co_pilot_costs_no_more(app: FastAPI, world: World, plan: Plan, asked: list[str]) -> None:
    await plan(days=TOMORROW)
    await Desk(world).deliverable(title="Ce que nous avons appris")
    said = await contribute(world, "participant", title="Le solde arrive trop tard")
    answer = await (await world.client("participant")).patch(
        f"/api/v1/contributions/{said['id']}",
        json={"markdown": "Le solde arrive en moyenne sept mois après l’action, parfois huit."},
        headers={"If-Match": "*"},
    )
    assert answer.status_code == 200, answer.text
    async with signed_in(app, world, "copilot") as one:
        asked.clear()
        page = (await one.open("/")).text
        assert len(asked) <= 12, "\n\n".join(asked)
        assert "Voir les différences" in page
        assert "Ce que nous avons appris" in page


async def test_home_costs_at_most_twelve_statements(app: FastAPI, world: World, plan: Plan, asked: list[str]) -> None:
    await plan(days=TOMORROW)
    said = await contribute(world, "copilot", title="Le solde arrive trop tard")
    client = await world.client("copilot")
    answer = await client.patch(
        f"/api/v1/contributions/{said['id']}",
        json={"markdown": "Le solde arrive en moyenne sept mois après l’action, parfois huit."},
        headers={"If-Match": "*"},
    )
    assert answer.status_code == 200, answer.text
    planned = await world.post(
        "facilitator",
        "/api/v1/sessions",
        {
            "initiative_id": str(world.initiative.id),
            "space_id": str(world.restricted.id),
            "title": "Qui avance ?",
            "starts_at": "2027-04-07T14:00",
            "ends_at": "2027-04-07T16:00",
        },
    )
    async with signed_in(app, world, "participant") as one:
        asked.clear()
        page = (await one.open("/")).text
        assert len(asked) <= 12, "\n\n".join(asked)
        assert "a modifié sa contribution" in page
        assert "Voir les différences" in page
        assert planned.status_code == 201, planned.text
        assert "a prévu une séance" in page
        levels = [int(level) for level in re.findall(r"<h([1-6])", page)]
        assert levels[0] == 1
        assert all(b - a <= 1 for a, b in itertools.pairwise(levels)), levels
        ids = re.findall(r'\sid="([^"]+)"', page)
        assert len(ids) == len(set(ids))
