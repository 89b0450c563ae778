"""The addresses that mails carry open pages with one form each; opening them changes nothing."""

from __future__ import annotations

import re
from datetime import timedelta
from pathlib import Path
from uuid import UUID, uuid4

import pytest
from fastapi import FastAPI
from sqlalchemy import select, update

from app.core.clock import now
from app.features.identity.jobs import mail_address, mail_invitation, mail_reset
from app.features.identity.links import invitation_token
from app.features.identity.models import AddressChange, Invitation, Mandate, PasswordReset, Person
from app.settings import Settings
from tests.browser import FROM_OUR_PAGES, browser, signed_in
from tests.features.identity import letters
from tests.features.identity.doors import PASSWORD, give_password, visitor
from tests.world import World

PHRASE = "une phrase dont je me souviens"


async def _invited(world: World, settings: Settings, folder: Path, email: str = "") -> tuple[UUID, str]:
    """An invitation by the lead, and the link of its mail."""
    wish = {
        "email": email or f"{uuid4().hex}@exemple.org",
        "organisation_id": str(world.organisation.id),
        "powers": ["contributes"],
    }
    made = await world.post("lead", "/api/v1/invitations", wish)
    assert made.status_code == 201, made.text
    invitation_id = UUID(made.json()["id"])
    return invitation_id, await _link(world, settings, folder, invitation_id)


async def _link(world: World, settings: Settings, folder: Path, invitation_id: UUID) -> str:
    """The link of the newest mail of an invitation."""
    before = len(letters.read(folder))
    await mail_invitation(letters.work(world.database, settings, folder), object_id=str(invitation_id))
    mails = letters.read(folder)
    assert len(mails) == before + 1
    [link] = re.findall(rf"{settings.base_url}(/invitation/\S+)", mails[-1][1])
    return str(link)


async def _expire(world: World, invitation_id: UUID, age: timedelta = timedelta(hours=1)) -> Invitation:
    async with world.database.sessions() as db:
        await db.execute(
            update(Invitation)
            .where(Invitation.id == invitation_id)
            .values(expires_at=(now() - age).replace(microsecond=0))
        )
        await db.commit()
        found = await db.get(Invitation, invitation_id)
        assert found is not None
        return found


async def test_an_invitation_says_what_it_is_and_takes_three_fields(
    app: FastAPI, world: World, settings: Settings, tmp_path: Path
) -> None:
    invitation_id, link = await _invited(world, settings, tmp_path)
    async with browser(app) as one:
        for _ in range(2):  # as often as one likes: nothing was accepted
            page = await one.open(link)
            assert page.status_code == 200
        assert page.headers["cache-control"] == "no-store"
        assert page.headers["referrer-policy"] == "same-origin"
        for said in (world.organisation.name, world.persons["lead"].name or "", "Contribuer, répondre"):
            assert said in page.text
        refused = await one.submit(link, name="Camille Nouvelle", password="court", public="1")
        assert refused.status_code == 422
        assert 'value="Camille Nouvelle"' in refused.text
        refused = await one.submit(link, name="Camille Nouvelle", password=PHRASE, public="")
        assert refused.status_code == 422
        assert "Cochez la case" in refused.text
        assert "alliage" not in one.client.cookies
        await one.submit(link, name="Camille Nouvelle", password=PHRASE, public="1")
        assert "alliage" in one.client.cookies
        assert one.page.url.params["dit"] == "welcome"
        again = await one.open(link)
        assert "a déjà servi" in again.text
    async with world.database.sessions() as db:
        taken = await db.get(Invitation, invitation_id)
        assert taken is not None
        assert taken.accepted_at is not None
        held = (await db.execute(select(Mandate.powers).where(Mandate.person_id == taken.accepted_by))).scalar_one()
        assert held == ["contributes"]


async def test_who_has_an_account_signs_in_first_and_comes_back(
    app: FastAPI, world: World, settings: Settings, tmp_path: Path
) -> None:
    email = await give_password(world, "stranger")
    _, link = await _invited(world, settings, tmp_path, email)
    async with browser(app) as one:
        page = await one.open(link)
        assert 'name="password"' not in page.text
        towards = re.search(r'href="(/connexion\?vers=[^"]*)"', page.text)
        assert towards
        await one.open(towards[1])
        back = await one.submit("/connexion", email=email, password=PASSWORD)
        assert back.url.path == link
        before = one.client.cookies["alliage"]
        await one.submit(link)
        assert one.page.url.params["dit"] == "welcome"
        assert one.client.cookies["alliage"] != before, "the identifier is another one"
    _, other = await _invited(world, settings, tmp_path)
    async with signed_in(app, world, "participant") as one:
        page = await one.open(other)
        assert "Autre boîte aux lettres" in page.text
        refused = await one.post(other, {"csrf": one.csrf, "idempotency_key": str(uuid4())})
        assert refused.status_code == 409


async def test_accepting_needs_the_token_of_the_page(
    app: FastAPI, world: World, settings: Settings, tmp_path: Path
) -> None:
    email = await give_password(world, "stranger")
    _, link = await _invited(world, settings, tmp_path, email)
    async with signed_in(app, world, "stranger") as one:
        answer = await one.client.post(link, data={"idempotency_key": str(uuid4())}, headers=FROM_OUR_PAGES)
        assert answer.status_code == 403


async def test_an_expired_invitation_is_sent_again_once_to_its_own_mailbox(
    app: FastAPI, world: World, settings: Settings, tmp_path: Path
) -> None:
    invitation_id, valid = await _invited(world, settings, tmp_path)
    async with browser(app) as one:
        await one.open(valid)
        early = await one.post(f"{valid}/renouveler", {})
        assert early.status_code == 409, "one that waits is accepted, not sent again"
        link = f"/invitation/{_code(settings, await _expire(world, invitation_id))}"
        page = await one.open(link)
        assert "Invitation expirée" in page.text
        assert 'name="name"' not in page.text
        answer = await one.submit(f"{link}/renouveler")
        assert answer.url.path == "/connexion"
        assert "vient de partir" in answer.text
        fresh = await _link(world, settings, tmp_path, invitation_id)
        assert fresh.removeprefix("/invitation/") not in answer.text, "nobody but the mailbox sees it"
        assert (await one.open(link)).status_code == 404, "the earlier link is dead"
        assert (await one.post(f"{link}/renouveler", {})).status_code == 404, "and asks once"
        assert 'name="name"' in (await one.open(fresh)).text


@pytest.mark.parametrize("why", ["revoked", "too old", "inviter left"])
async def test_what_was_taken_back_is_not_sent_again(
    app: FastAPI, world: World, settings: Settings, tmp_path: Path, why: str
) -> None:
    invitation_id, _ = await _invited(world, settings, tmp_path)
    found = await _expire(world, invitation_id, timedelta(days=91 if why == "too old" else 1))
    async with world.database.sessions() as db:
        if why == "revoked":
            await db.execute(update(Invitation).where(Invitation.id == invitation_id).values(revoked_at=now()))
        if why == "inviter left":
            await db.execute(
                update(Invitation)
                .where(Invitation.id == invitation_id)
                .values(invited_by=world.persons["participant"].id)
            )
        await db.commit()
    async with browser(app) as one:
        answer = await one.post(f"/invitation/{_code(settings, found)}/renouveler", {})
        assert answer.status_code == 409
    async with world.database.sessions() as db:
        after = await db.get(Invitation, invitation_id)
        assert after is not None
        assert after.expires_at == found.expires_at


def _code(settings: Settings, invitation: Invitation) -> str:
    return invitation_token(settings, invitation)


async def test_a_forgotten_password_is_replaced_on_a_page(
    app: FastAPI, world: World, settings: Settings, tmp_path: Path
) -> None:
    email = await give_password(world, "participant")
    async with browser(app) as one:
        await one.open("/mot-de-passe")
        known = await one.submit("/mot-de-passe", email=email)
        assert "Si cette adresse a un compte" in known.text
        async with world.database.reading() as connection:
            newest = await connection.execute(select(PasswordReset.id).order_by(PasswordReset.id.desc()).limit(1))
            reset_id = newest.scalar_one()
        await one.open("/mot-de-passe")
        unknown = await one.submit("/mot-de-passe", email=f"{uuid4().hex}@exemple.org")
        assert unknown.url == known.url
        assert _without_chance(unknown.text) == _without_chance(known.text)
        await mail_reset(letters.work(world.database, settings, tmp_path), object_id=str(reset_id))
        [(to, content)] = letters.read(tmp_path)
        assert to == email
        [link] = re.findall(rf"{settings.base_url}(/mot-de-passe/\S+)", content)
        page = await one.open(link)
        assert page.headers["cache-control"] == "no-store"
        assert (await one.submit(link, password="court")).status_code == 422
        done = await one.submit(link, password="un merle au mois de mars 88")
        assert done.url.path == "/connexion"
        assert (await one.post(link, {"password": PHRASE})).status_code == 422, "once"
        signed = await one.post(
            "/connexion", {"email": email, "password": "un merle au mois de mars 88", "vers": "/lire"}
        )
        assert signed.url.path == "/lire"


def _without_chance(html: str) -> str:
    return re.sub(r'value="[0-9a-f-]{36}"', "", html)


async def test_a_new_address_is_taken_by_a_button(
    app: FastAPI, world: World, settings: Settings, tmp_path: Path
) -> None:
    await give_password(world, "participant")
    wanted = f"{uuid4().hex}@exemple.org"
    asked = await world.post("participant", "/api/v1/auth/address", {"email": wanted, "password": PASSWORD})
    assert asked.status_code == 202, asked.text
    async with world.database.reading() as connection:
        newest = await connection.execute(select(AddressChange.id).order_by(AddressChange.id.desc()).limit(1))
        change_id = newest.scalar_one()
    await mail_address(letters.work(world.database, settings, tmp_path), object_id=str(change_id))
    [(_, content)] = letters.read(tmp_path)
    [link] = re.findall(rf"{settings.base_url}(/adresse/\S+)", content)
    async with browser(app) as nobody:
        page = await nobody.open(link)
        assert "/connexion?vers=" in page.text
    async with signed_in(app, world, "participant") as one:
        await one.open(link)
        await one.submit(link)
        assert one.page.url.params["dit"] == "address-changed"
    async with world.database.sessions() as db:
        person = await db.get(Person, world.persons["participant"].id)
        assert person is not None
        assert person.email == wanted


@pytest.mark.parametrize(("path", "kind"), [("mot-de-passe", "pwd"), ("adresse", "adr")])
async def test_a_code_opens_its_own_page_only(app: FastAPI, path: str, kind: str) -> None:
    code = f"alg_{kind}_{'0' * 32}_{'a' * 43}"
    async with visitor(app) as client:
        assert (await client.get(f"/{path}/{code}")).status_code == 200
        assert (await client.get(f"/{path}/{code}x")).status_code == 404
        assert (await client.get(f"/{path}/{code.replace(kind, 'pat')}")).status_code == 404


async def test_what_waits_is_read_again_and_goes_where_it_was_going(app: FastAPI, world: World) -> None:
    """Through a wrong password, a code, and the sign-in itself; a password is never carried along."""
    email = await give_password(world, "participant")
    waiting = {
        "garde:markdown": "Deux mois de trésorerie <manquent>",
        "garde:space_id": str(world.restricted.id),
        "action": "/espaces/x/contributions",
        "cle": str(uuid4()),
    }
    async with browser(app) as one:
        await one.open("/connexion")
        refused = await one.post("/connexion", {"email": email, "password": "pas le bon", **waiting})
        assert refused.status_code == 401
        assert "Deux mois de trésorerie &lt;manquent&gt;" in refused.text
        assert f'<blockquote class="card said kept">{world.restricted.id}' not in refused.text
        by_code = await one.submit("/connexion/code", email=email)
        assert 'value="/espaces/x/contributions"' in by_code.text
        wrong = await one.submit("/connexion/code/verifier", code="000000")
        assert wrong.status_code == 422
        assert 'value="/espaces/x/contributions"' in wrong.text
        resumed = await one.post("/connexion", {"email": email, "password": PASSWORD, **waiting})
        assert 'action="/espaces/x/contributions"' in resumed.text
        assert "Deux mois de trésorerie" in resumed.text


async def test_htmx_signs_in_over_the_page(app: FastAPI, world: World) -> None:
    email = await give_password(world, "participant")
    over = {"HX-Request": "true", "HX-Target": "dialog"}
    async with browser(app) as one:
        refused = await one.post("/connexion", {"email": email, "password": "pas le bon"}, **over)
        assert refused.status_code == 401
        assert "<html" not in refused.text
        assert 'hx-post="/connexion"' in refused.text
        assert "pas le bon" not in refused.text
        done = await one.post("/connexion", {"email": email, "password": PASSWORD}, **over)
        assert done.status_code == 204
        assert "alliage:signed-in" in done.headers["hx-trigger"]
