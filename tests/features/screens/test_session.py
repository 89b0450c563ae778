"""The page of a session: before, during and after it, for who runs it, who comes and who only reads."""

from __future__ import annotations

import re
from uuid import UUID

from fastapi import FastAPI

from app.features.sessions.models import SessionState
from tests.browser import Browser, signed_in
from tests.climbing import call
from tests.features.sessions.conftest import TOMORROW, Plan, items, made, move_to
from tests.world import World

MOST = 12
"""Statements of one page, the two of the frame included."""


async def _point(world: World, session_id: UUID, title: str = "Tour de table") -> dict[str, str]:
    found: dict[str, str] = await made(
        world, "facilitator", f"/sessions/{session_id}/agenda", {"title": title, "minutes": 30}
    )
    return found


def _forms(browser: Browser) -> set[str]:
    return set(re.findall(r'<form[^>]* action="(/seances/[^"]+)"', browser.page.text))


async def test_before_it_an_organisation_answers_with_one_click(app: FastAPI, world: World, plan: Plan) -> None:
    session_id = await plan(days=TOMORROW)
    await _point(world, session_id, "Qui avance, qui garantit ?")
    async with signed_in(app, world, "participant") as browser:
        page = await browser.open(f"/seances/{session_id}")
        assert page.status_code == 200
        assert "On attend votre réponse" in page.text
        assert "Qui avance, qui garantit" in page.text
        assert "Sans réponse, 1" in page.text.replace("\u00a0", " ")
        action = f"/seances/{session_id}/reponses/{world.organisation.id}"
        page = await browser.submit(action, answer="comes")
        assert "La réponse de votre organisation est enregistrée" in page.text
        assert "On attend votre réponse" not in page.text
        page = await browser.submit(action, answer="sends", sent_name="Camille Durand")
        assert "Camille Durand" in page.text
        page = await browser.submit(action, answer="sends", sent_name="")
        assert page.status_code == 422
        assert 'class="errsum' in page.text
        assert await browser.open(f"/seances/{session_id}/seance.ics")
        assert f"/seances/{session_id}" in browser.page.text.replace("\r\n ", "")


async def test_who_runs_it_writes_the_agenda_and_others_have_no_form_for_it(
    app: FastAPI, world: World, plan: Plan
) -> None:
    session_id = await plan(days=TOMORROW)
    async with signed_in(app, world, "facilitator") as browser:
        await browser.open(f"/seances/{session_id}")
        page = await browser.submit(f"/seances/{session_id}/points", title="Premier", minutes="")
        assert page.status_code == 422
        assert 'value="Premier"' in page.text
        await browser.submit(f"/seances/{session_id}/points", title="Premier", minutes="20")
        page = await browser.submit(f"/seances/{session_id}/points", title="Second", minutes="40")
        assert page.text.index("Premier") < page.text.index("Second")
        second = (await items(world, "facilitator", f"/sessions/{session_id}/agenda"))[1]
        page = await browser.submit(f"/seances/{session_id}/points/{second['id']}/deplacer")
        assert page.text.index('<h3 class="size-1">Second') < page.text.index('<h3 class="size-1">Premier')
        page = await browser.open(f"/seances/{session_id}?vue=preparer&point={second['id']}")
        page = await browser.submit(f"/seances/{session_id}/points/{second['id']}", title="Second, revu")
        assert "Second, revu" in page.text
        await browser.submit(f"/seances/{session_id}/points/{second['id']}/retirer")
        assert "Second, revu" not in browser.page.text
    async with signed_in(app, world, "observer") as browser:
        await browser.open(f"/seances/{session_id}?vue=preparer")
        assert not _forms(browser)


async def test_several_people_note_and_nobody_writes_over_anybody(app: FastAPI, world: World, plan: Plan) -> None:
    session_id = await plan()
    point = await _point(world, session_id)
    notes = f"/seances/{session_id}/notes"
    async with signed_in(app, world, "facilitator") as one, signed_in(app, world, "participant") as two:
        await one.open(f"/seances/{session_id}")
        assert "en cours" in one.page.text or "terminée, à clore" in one.page.text
        await one.submit(notes, markdown="Trois mois font accord.", agenda_item_id=point["id"])
        await two.open(f"/seances/{session_id}?vue=notes")
        said = {"markdown": "La garantie reste en débat.", "speaker_organisation_id": str(world.organisation.id)}
        page = await two.submit(notes, **said)
        assert "Trois mois font accord." in page.text
        assert "La garantie reste en débat." in page.text
        page = await two.submit(notes, markdown="  ")
        assert page.status_code == 422
        kept = await items(world, "facilitator", f"/sessions/{session_id}/notes")
        mine = next(it for it in kept if it["markdown"].startswith("La garantie"))
        await two.open(f"/seances/{session_id}?vue=notes&note={mine['id']}")
        await one.open(f"/seances/{session_id}?vue=notes&note={mine['id']}")
        await one.submit(f"{notes}/{mine['id']}", markdown="La garantie reste en débat, dit l’animation.")
        page = await two.submit(f"{notes}/{mine['id']}", markdown="La garantie est refusée.")
        assert page.status_code == 412
        assert "Garder la mienne" in page.text
        assert "La garantie est refusée." in page.text
        assert "dit l’animation" in page.text
        page = await two.submit(f"{notes}/{mine['id']}", keep="mine")
        assert page.status_code == 200
        assert "La garantie est refusée." in page.text
        await two.open(f"/seances/{session_id}?vue=notes&reprendre={mine['id']}")
        sent = await two.client.post(
            f"{notes}/{mine['id']}/reprendre",
            data={"csrf": two.csrf, "kind": "need", "title": "Garantie", "markdown": "Nous ne garantissons pas."}
            | {"idempotency_key": re.findall(r'name="idempotency_key" value="([^"]+)"', two.page.text)[0]},
            headers={"Sec-Fetch-Site": "same-origin"},
        )
        assert sent.status_code == 303, sent.text
        assert sent.headers["location"].startswith("/contributions/")


async def test_a_block_is_read_again_alone(app: FastAPI, world: World, plan: Plan) -> None:
    session_id = await plan()
    await _point(world, session_id)
    await made(world, "facilitator", f"/sessions/{session_id}/notes", {"markdown": "Une note."})
    async with signed_in(app, world, "participant") as browser:
        for view, block in (
            *(("preparer", "agenda"), ("preparer", "answers"), ("notes", "notes"), ("notes", "decisions")),
            *(("notes", "noter"), ("compte-rendu", "amendments"), ("compte-rendu", "decided")),
        ):
            page = await browser.open(f"/seances/{session_id}?vue={view}", **{"HX-Request": "true", "HX-Target": block})
            assert page.status_code == 200, block
            assert "<main" not in page.text, block
        assert (
            "Une note."
            in (await browser.open(f"/seances/{session_id}", **{"HX-Request": "true", "HX-Target": "notes"})).text
        )


async def test_presences_are_ticked_and_silence_is_no_absence(app: FastAPI, world: World, plan: Plan) -> None:
    session_id = await plan()
    async with signed_in(app, world, "facilitator") as browser:
        await browser.open(f"/seances/{session_id}?vue=notes")
        await browser.submit(f"/seances/{session_id}/presences", present=[str(world.organisation.id)])
        sheet = await items(world, "facilitator", f"/sessions/{session_id}/attendance")
        assert [(it["organisation_id"], it["status"]) for it in sheet] == [(str(world.organisation.id), "present")]
        await browser.submit(f"/seances/{session_id}/presences", present=[])
        sheet = await items(world, "facilitator", f"/sessions/{session_id}/attendance")
        assert [it["status"] for it in sheet] == ["absent"]


async def test_after_it_the_minutes_are_composed_amended_validated_and_locked(
    app: FastAPI, world: World, plan: Plan
) -> None:
    session_id = await plan()
    await made(world, "facilitator", f"/sessions/{session_id}/notes", {"markdown": "Trois mois font accord."})
    here = f"/seances/{session_id}"
    async with signed_in(app, world, "facilitator") as runs, signed_in(app, world, "participant") as comes:
        await runs.open(f"{here}?vue=notes")
        await runs.submit(f"{here}/presences", present=[str(world.organisation.id)])
        sent = {"kind": "action", "text": "Chiffrer l’avance.", "owner_organisation_id": str(world.organisation.id)}
        await runs.submit(f"{here}/decisions", **sent, due_on="2020-04-15")
        assert "En retard" in runs.page.text
        await runs.submit(f"{here}/tenue")
        await runs.open(here)
        await runs.submit(f"{here}/compte-rendu/composer")
        assert "Trois mois font accord." in runs.page.text
        await runs.submit(f"{here}/compte-rendu", markdown="# Compte rendu\n\nTrois mois.")
        await runs.submit(f"{here}/compte-rendu/ouvrir")
        page = await comes.open(here)
        assert "À valider avant le" in page.text
        page = await comes.submit(f"{here}/amendements", text="Deux mois, et non trois.")
        assert "En attente de réponse" in page.text
        await runs.open(here)
        [asked] = await items(world, "facilitator", f"/sessions/{session_id}/amendments")
        page = await runs.post(
            f"{here}/amendements/{asked['id']}/refuser",
            {"csrf": runs.csrf, "version": "1", "ask": f"amendment:{asked['id']}", "reason": ""},
        )
        assert page.status_code == 422
        page = await runs.submit(f"{here}/amendements/{asked['id']}/accepter", reason="Juste.")
        assert "Acceptée" in page.text
        await comes.open(here)
        page = await runs.submit(f"{here}/verrouiller")
        assert "Séance verrouillée" in page.text
        assert _forms(runs) == {f"{here}/decisions/{(await _todo(world, session_id))['id']}/faite"}
        await comes.open(f"{here}?vue=notes")
        page = await comes.submit(f"{here}/decisions/{(await _todo(world, session_id))['id']}/faite")
        assert "Faite" in page.text


async def _todo(world: World, session_id: UUID) -> dict[str, str]:
    [found] = await items(world, "facilitator", f"/sessions/{session_id}/decisions")
    return dict(found)


async def test_an_organisation_that_came_validates(app: FastAPI, world: World, plan: Plan) -> None:
    session_id = await plan()
    sheet = {"entries": [{"organisation_id": str(world.organisation.id), "status": "present"}]}
    assert (await call(world, "facilitator", "PUT", f"/sessions/{session_id}/attendance", sheet)).status_code == 200
    saved = await call(world, "facilitator", "PUT", f"/sessions/{session_id}/minutes", {"markdown": "Nous."})
    assert saved.status_code == 200
    await move_to(world, session_id, SessionState.MINUTES_OPEN)
    async with signed_in(app, world, "participant") as browser:
        page = await browser.open(f"/seances/{session_id}")
        assert "1, dont la vôtre" in page.text.replace("\u00a0", " ")
        page = await browser.submit(f"/seances/{session_id}/compte-rendu/valider")
        assert "Votre organisation a validé le compte rendu" in page.text
        assert "dont la vôtre" not in page.text


async def test_two_versions_of_the_minutes_stand_side_by_side(app: FastAPI, world: World, plan: Plan) -> None:
    session_id = await plan()
    await move_to(world, session_id, SessionState.HELD)
    here, action = f"/seances/{session_id}?vue=compte-rendu&rediger=1", f"/seances/{session_id}/compte-rendu"
    async with signed_in(app, world, "facilitator") as one, signed_in(app, world, "copilot") as two:
        await one.open(here)
        await two.open(here)
        await one.submit(action, markdown="Douze présents.")
        page = await two.submit(action, markdown="Treize présents.")
        assert page.status_code == 412
        assert "Garder la mienne" in page.text
        assert "Douze" in page.text
        page = await two.submit(action, markdown="Douze présents, puis treize.")
        assert "Douze présents, puis treize." in page.text


async def test_minutes_are_kept_while_they_are_written(app: FastAPI, world: World, plan: Plan) -> None:
    session_id = await plan()
    await move_to(world, session_id, SessionState.HELD)
    here, action = f"/seances/{session_id}?vue=compte-rendu&rediger=1", f"/seances/{session_id}/compte-rendu"
    async with signed_in(app, world, "facilitator") as one:
        await one.open(here)
        typed = {"csrf": one.csrf, "draft_version": "0", "markdown": "Douze prés", "ask": "minutes", "version": "0"}
        assert (await one.post(f"/brouillons/minutes:edit:{session_id}", typed)).status_code == 200
        page = await one.open(here)
        assert "Douze prés" in page.text
        assert 'form="jeter"' in page.text
        assert "Douze présents." in (await one.submit(action, markdown="Douze présents.")).text
        assert 'form="jeter"' not in (await one.open(here)).text


async def test_a_page_makes_few_statements(app: FastAPI, world: World, plan: Plan, statements: list[str]) -> None:
    session_id = await plan()
    for n in range(3):
        await _point(world, session_id, f"Point {n}")
        await made(world, "facilitator", f"/sessions/{session_id}/notes", {"markdown": f"Note {n}."})
    async with signed_in(app, world, "facilitator") as browser:
        for view in ("preparer", "notes", "compte-rendu", "compte-rendu&rediger=1"):
            statements.clear()
            page = await browser.open(f"/seances/{session_id}?vue={view}")
            assert page.status_code == 200
            assert len(statements) <= MOST, (view, len(statements))


async def test_a_session_is_planned_then_changed(app: FastAPI, world: World) -> None:
    async with signed_in(app, world, "copilot") as browser:
        where = f"/espaces/{world.restricted.id}/seances/nouvelle"
        await browser.open(where)
        sent = {"title": "Qui garantit ?", "starts_at": "2030-04-07T14:00", "ends_at": "2030-04-07T13:00"}
        page = await browser.submit(where, **sent)
        assert page.status_code == 422
        assert 'value="Qui garantit ?"' in page.text
        page = await browser.submit(where, **sent | {"ends_at": "2030-04-07T16:00"})
        assert "La séance est prévue" in page.text
        path = page.url.path
        await browser.open(f"{path}/modifier")
        page = await browser.submit(f"{path}/modifier", place="Lyon")
        assert "Lyon" in page.text
        where = f"/demarches/{world.initiative.id}/seances/nouvelle"
        await browser.open(where)
        page = await browser.submit(where, **sent | {"ends_at": "2030-04-07T16:00"})
        assert "Plénière 1" in page.text.replace("\u00a0", " ")


async def test_the_secret_address_is_shown_once(app: FastAPI, world: World, plan: Plan) -> None:
    session_id = await plan(days=TOMORROW)
    async with signed_in(app, world, "participant") as browser:
        page = await browser.open("/agenda")
        assert f"/seances/{session_id}" in page.text
        assert "On attend votre organisation" in page.text
        page = await browser.submit("/agenda/adresse")
        [address] = re.findall(r"/calendrier/alg_cal_[^\"]+\.ics", page.text)
        assert (await browser.client.get(address)).status_code == 200
        assert "alg_cal_" not in (await browser.open("/agenda")).text
        await browser.submit("/agenda/adresse/revoquer")
        assert (await browser.client.get(address)).status_code == 404


async def test_who_does_not_read_it_finds_nothing(app: FastAPI, world: World, plan: Plan) -> None:
    session_id = await plan()
    async with signed_in(app, world, "outsider") as browser:
        hidden = await browser.open(f"/seances/{session_id}")
        assert hidden.status_code == 404


async def test_a_note_that_comes_after_the_lock_is_shown_to_its_author(app: FastAPI, world: World, plan: Plan) -> None:
    """The form is gone from the page of the session: the refusal itself holds the words."""
    session_id = await plan(state=SessionState.HELD)
    async with signed_in(app, world, "facilitator") as person:
        await person.open(f"/seances/{session_id}?vue=notes")
        await move_to(world, session_id, SessionState.LOCKED)
        refused = await person.submit(f"/seances/{session_id}/notes", markdown="Deux mois d’avance, et non trois.")
        assert refused.status_code == 409
        assert ">Deux mois d’avance, et non trois.</blockquote>" in refused.text
        assert "Ce que vous aviez écrit" in refused.text
