"""The pages of an organisation: its card for everybody, its people for its people, and what each may read of its words."""

from __future__ import annotations

import re
from pathlib import Path
from uuid import uuid4

from fastapi import FastAPI
from sqlalchemy import select

from app.features.identity.models import Invitation, Mandate, Organisation
from app.features.screens.audit import SENTENCES
from tests.browser import browser, signed_in
from tests.world import World

FEATURES = Path(__file__).parents[3] / "app" / "features"
NOUNS = (
    "access_grant|access_request|action|agenda_item|amendment|attachment|attendance|citation|contributions?|decision|"
    "deliverable|edition|extract|facilitator|initiative|invitation|mandate|milestone|minutes|note|organisation|"
    "participation|passages?|phase|position|reply|section|session|source|space|space_member|tally|term|theme|waiver"
)
"""What may happen in the name of an organisation, or to what is its own."""


async def _contribute(world: World, title: str, consent: str = "internal", who: str = "participant") -> str:
    body = {
        "space_id": str(world.restricted.id),
        "kind": "need",
        "title": title,
        "markdown": "Deux mois de trésorerie manquent partout.",
        "consent": consent,
    }
    made = await world.post(who, "/api/v1/contributions", body)
    assert made.status_code == 201, made.text
    return str(made.json()["id"])


async def test_people_without_rights_see_the_public_card_alone(app: FastAPI, world: World, asked: list[str]) -> None:
    words = await _contribute(world, f"Parole {uuid4().hex}")
    here = f"/organisations/{world.organisation.id}"
    async with browser(app) as one:
        asked.clear()
        page = await one.open(here)
        assert page.status_code == 200
        assert 2 < len(asked) <= 12, asked
        assert world.organisation.name in page.text
        for hidden in (world.persons["lead"].name or "?", words, "/equipe", "/modifier"):
            assert hidden not in page.text
        assert "/connexion" in str((await one.open(f"{here}/equipe")).url)
        assert (await one.open(f"/organisations/{uuid4()}")).status_code == 404
    async with signed_in(app, world, "stranger") as one:
        page = await one.open(here)
        assert words not in page.text
        assert (world.persons["lead"].name or "?") not in page.text


async def test_its_people_read_who_speaks_and_what_was_said(app: FastAPI, world: World, asked: list[str]) -> None:
    words = await _contribute(world, f"Parole {uuid4().hex}")
    position = {"stance": "objects", "reason": "Sans garantie, non."}
    taken = await world.post("colleague", f"/api/v1/contributions/{words}/positions", position)
    assert taken.status_code == 201, taken.text
    here = f"/organisations/{world.organisation.id}"
    async with signed_in(app, world, "participant") as one:
        asked.clear()
        page = await one.open(here)
        assert 2 < len(asked) <= 12, asked
        assert f"/contributions/{words}" in page.text
        assert (world.persons["lead"].name or "?") in page.text
        assert "/equipe" not in page.text
        page = await one.open(f"{here}?vue=positions")
        assert "Sans garantie, non." in page.text
        assert (await one.open(f"{here}/equipe")).status_code == 403
    async with signed_in(app, world, "stranger") as one:
        assert "Sans garantie" not in (await one.open(f"{here}?vue=positions")).text


async def test_its_lead_invites_renews_and_takes_back(app: FastAPI, world: World, asked: list[str]) -> None:
    team = f"/organisations/{world.organisation.id}/equipe"
    email = f"{uuid4().hex}@exemple.org"
    invite = team.replace("equipe", "invitations")
    async with signed_in(app, world, "lead") as one:
        asked.clear()
        await one.open(team)
        assert 2 < len(asked) <= 12, asked
        refused = await one.submit(invite, email="pas une adresse", powers=["contributes", "observes"])
        assert refused.status_code == 422
        assert 'value="pas une adresse"' in refused.text
        assert refused.text.count('value="observes" checked') == 1
        await one.submit(invite, email=email, powers=["contributes"])
        assert one.page.url.params["dit"] == "invitation-sent"
        assert email in one.page.text
        async with world.database.reading() as connection:
            wanted = select(Invitation.id).where(Invitation.email == email)
            invitation_id = (await connection.execute(wanted)).scalar_one()
        await one.submit(f"{invite}/{invitation_id}/renvoyer")
        assert one.page.url.params["dit"] == "invitation-sent-again"
        stale = await one.post(f"{invite}/{invitation_id}/reprendre", {"csrf": one.csrf, "version": "1"})
        assert stale.status_code == 412
        unsaid = await one.post(f"{invite}/{invitation_id}/reprendre", {"csrf": one.csrf})
        assert unsaid.status_code == 428
        await one.open(team)
        await one.submit(f"{invite}/{invitation_id}/reprendre")
        assert one.page.url.params["dit"] == "invitation-revoked"


async def test_a_lead_changes_ends_and_hands_over(app: FastAPI, world: World) -> None:
    here = f"/organisations/{world.organisation.id}"
    async with signed_in(app, world, "lead") as one:
        await one.open(f"{here}/equipe")
        held = world.mandates["participant"].id
        last = await one.submit(f"{here}/mandats/{world.mandates['lead'].id}/rendre")
        assert last.status_code == 409, "the last one who manages stays"
        await one.open(f"{here}/equipe")
        await one.submit(f"{here}/mandats/{held}/changer", powers=["observes"])
        assert one.page.url.params["dit"] == "mandate-changed"
        colleague = world.mandates["colleague"].id
        await one.open(f"{here}/equipe")
        await one.submit(f"{here}/mandats/{colleague}/passer-la-main")
        assert one.page.url.params["dit"] == "handed-over"
        assert (await one.open(f"{here}/equipe")).status_code == 403
    async with signed_in(app, world, "colleague") as one:
        await one.open(f"{here}/equipe")
        assert one.page.status_code == 200
    async with world.database.sessions() as db:
        question = select(Mandate.powers).where(
            Mandate.organisation_id == world.organisation.id,
            Mandate.person_id == world.persons["lead"].id,
            Mandate.ended_by.is_(None),
        )
        kept = (await db.execute(question)).scalars().all()
        assert kept, "what else the lead could do stays"
        assert all("manages" not in powers for powers in kept)


async def test_two_who_describe_it_at_once_lose_nothing(app: FastAPI, world: World) -> None:
    here = f"/organisations/{world.organisation.id}"
    async with signed_in(app, world, "lead") as one, signed_in(app, world, "lead") as other:
        await one.open(f"{here}/modifier")
        await other.open(f"{here}/modifier")
        await other.submit(f"{here}/modifier", description="Nous aidons à Lyon.")
        refused = await one.submit(f"{here}/modifier", description="Nous aidons <partout>.")
        assert refused.status_code == 412
        for said in ("Garder la mienne", "Garder la sienne", "Réunir les deux", "à Lyon", "&lt;partout&gt;"):
            assert said in refused.text
        kept = await one.submit(f"{here}/modifier")
        assert kept.url.params["dit"] == "organisation-described"
    async with world.database.sessions() as db:
        now = await db.get(Organisation, world.organisation.id)
        assert now is not None
        assert now.description == "Nous aidons <partout>."


async def test_its_lead_reads_what_was_done_in_its_name(app: FastAPI, world: World, asked: list[str]) -> None:
    words = await _contribute(world, f"Parole {uuid4().hex}")
    here = f"/organisations/{world.organisation.id}"
    async with signed_in(app, world, "lead") as one:
        assert f"{here}?vue=historique" in (await one.open(here)).text
        asked.clear()
        page = await one.open(f"{here}?vue=historique")
        assert page.status_code == 200
        assert 2 < len(asked) <= 12, asked
        assert f'href="/contributions/{words}">a publié une contribution' in page.text
        assert (world.persons["participant"].name or "?") in page.text
        for n in range(15):
            await _contribute(world, f"Encore {n} {uuid4().hex}")
        page = await one.open(f"{here}?vue=historique")
        older = re.search(r'href="([^"]*vue=historique&amp;cursor=[^"]*)"', page.text)
        assert older
        assert words not in page.text
        assert words in (await one.open(older[1].replace("&amp;", "&"))).text
    for who in ("participant", "stranger"):
        async with signed_in(app, world, who) as one:
            page = await one.open(f"{here}?vue=historique")
            assert ">Historique<" not in page.text
            assert "a publié une contribution" not in page.text


def test_every_event_of_an_organisation_has_words() -> None:
    recorded = {
        verb
        for path in FEATURES.rglob("actions*/**/*.py")
        for verb in re.findall(rf'"((?:{NOUNS})\.[a-z_]+)"', path.read_text("utf-8"))
    }
    assert len(recorded) > 80
    assert recorded - set(SENTENCES) == set()
