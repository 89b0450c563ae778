"""Things that are about people and places as a whole: accounts, mandates, invitations, states of a process, editions."""

from __future__ import annotations

from datetime import timedelta
from uuid import uuid4

from sqlalchemy import update
from sqlalchemy.dialects.postgresql import Range

from app.core.clock import now
from app.core.security.passwords import hash_password
from app.core.security.secrets import fingerprint, new_secret
from app.features.drafts.models import Draft
from app.features.identity.links import address_token, invitation_token, reset_token
from app.features.identity.models import (
    AddressChange,
    ApiToken,
    Invitation,
    Mandate,
    PasswordReset,
    Person,
    RefreshToken,
)
from app.features.identity.queries.addresses import find_change
from app.features.identity.queries.invitations import version_of
from app.features.identity.queries.resets import find_reset
from app.features.initiatives.models import AccessGrant, Initiative, Participation
from tests.features.deliverables.desk import Desk
from tests.features.editions import shelf
from tests.policy.rows import Ids
from tests.policy.things import everything, known, thing
from tests.world import World, from_now, login, mandate, person

PASSWORD = "les tilleuls en juin 1987"
_hashed: list[str] = []


async def _password() -> str:
    """Hashed once: it costs 25 ms."""
    if not _hashed:
        _hashed.append(await hash_password(PASSWORD))
    return _hashed[0]


@thing("adresse d’un compte et son mot de passe", own=True)
async def _account(world: World, _who: str) -> Ids:
    somebody = person("compte")
    somebody.password = await _password()
    secret = new_secret("alg_ref_")
    async with world.database.sessions() as db:
        db.add(somebody)
        await db.flush()
        device = login(somebody.id)
        db.add(device)
        await db.flush()
        db.add(RefreshToken(login_id=device.id, fingerprint=fingerprint(secret)))
        reset = PasswordReset(person_id=somebody.id, expires_at=now() + timedelta(hours=1))
        db.add(reset)
        await db.commit()
    async with world.database.reading() as connection:
        letter = await find_reset(connection, reset.id)
    assert letter is not None
    return known(world, world.restricted) | {
        "account_email": somebody.email,
        "password": PASSWORD,
        "refresh_token": secret,
        "account_id": somebody.id,
        "reset_token": reset_token(world.app.state.settings, letter),
    }


@thing("soi-même", own=True, apart=True)
async def _oneself(world: World, who: str) -> Ids:
    ids = known(world, world.restricted)
    if who == "visitor":
        return ids | {"login_id": uuid4(), "token_id": uuid4(), "password": PASSWORD, "address_token": "alg_adr_x"}
    async with world.database.sessions() as db:
        await db.execute(update(Person).where(Person.id == world.persons[who].id).values(password=await _password()))
        device = login(world.persons[who].id)
        token = ApiToken(
            person_id=world.persons[who].id,
            name="Export",
            scope="read",
            fingerprint=fingerprint(uuid4().hex),
            expires_at=now() + timedelta(days=1),
        )
        change = AddressChange(
            person_id=world.persons[who].id,
            before=world.persons[who].email,
            after=f"nouvelle-{uuid4().hex[:8]}@alliage.example",
            expires_at=now() + timedelta(hours=1),
        )
        db.add_all([device, token, change])
        await db.commit()
    async with world.database.reading() as connection:
        letter = await find_change(connection, change.id)
    assert letter is not None
    return ids | {
        "login_id": device.id,
        "token_id": token.id,
        "password": PASSWORD,
        "address_token": address_token(world.app.state.settings, letter),
    }


async def _draft_of(world: World, who: str) -> Ids:
    key = f"contribution:new:{uuid4()}"
    ids = known(world, world.restricted) | {"key": key}
    if who != "visitor":
        async with world.database.sessions() as db:
            db.add(Draft(person_id=world.persons[who].id, key=key, body={"markdown": "Il manque"}))
            await db.commit()
    return ids


@thing("brouillon à soi", own=True)
async def _own_draft(world: World, who: str) -> Ids:
    return await _draft_of(world, who)


@thing("brouillon d’un autre")
async def _draft_of_participant(world: World, _who: str) -> Ids:
    return await _draft_of(world, "participant")


@thing("appareil et jeton du participant")
async def _device_of_participant(world: World, _who: str) -> Ids:
    return await _oneself(world, "participant")


@thing("compte d’une autre personne")
async def _somebody(world: World, _who: str) -> Ids:
    somebody = person("autre")
    async with world.database.sessions() as db:
        db.add(somebody)
        await db.commit()
    return known(world, world.restricted) | {"person_id": somebody.id, "person_email": somebody.email}


@thing("compte désactivé")
async def _disabled(world: World, who: str) -> Ids:
    ids = await _somebody(world, who)
    async with world.database.sessions() as db:
        await db.execute(update(Person).where(Person.id == ids["person_id"]).values(state="disabled"))
        await db.commit()
    return ids


@thing("mandat d’une personne de l’organisation", apart=True)
async def _mandate(world: World, who: str) -> Ids:
    ids = await _somebody(world, who)
    given = mandate(ids["person_id"], world.organisation.id, ["contributes"])
    async with world.database.sessions() as db:
        db.add(given)
        await db.commit()
    newcomer = await _somebody(world, who)
    before = mandate(newcomer["person_id"], world.organisation.id, ["contributes"])
    before.during = Range(now() - timedelta(days=9), now() - timedelta(days=2))
    async with world.database.sessions() as db:
        db.add(before)
        await db.commit()
    return ids | {"mandate_id": given.id, "newcomer_id": newcomer["person_id"]}


@thing("son propre mandat", own=True, apart=True)
async def _own_mandate(world: World, who: str) -> Ids:
    held = world.mandates.get(who)
    return known(world, world.restricted) | {"mandate_id": held.id if held else uuid4()}


@thing("personne que l’organisation ne connaît pas")
async def _unknown_person(world: World, who: str) -> Ids:
    newcomer = await _somebody(world, who)
    return newcomer | {"newcomer_id": newcomer["person_id"]}


@thing("invitation de l’organisation")
async def _invitation(world: World, _who: str) -> Ids:
    ids = known(world, world.restricted)
    sent = Invitation(
        email=f"autre-{uuid4().hex[:8]}@alliage.example",
        organisation_id=world.organisation.id,
        powers=["contributes"],
        invited_by=world.persons["lead"].id,
        created_at=now() - timedelta(minutes=5),
        expires_at=now() + timedelta(days=3),
    )
    async with world.database.sessions() as db:
        db.add(sent)
        await db.commit()
    token = invitation_token(world.app.state.settings, sent)
    return ids | {"invitation_id": sent.id, "token": token, "invitation_code": token, "version": version_of(sent)}


@thing("organisation dont le responsable ne l’est que dans une autre démarche", apart=True)
async def _led_elsewhere(world: World, who: str) -> Ids:
    ids = await everything(world, world.restricted) | await _mandate(world, who) | await _invitation(world, who)
    here = mandate(world.persons["lead"].id, world.organisation.id, ["contributes"])
    there = mandate(world.persons["lead"].id, world.organisation.id, ["speaks", "manages"])
    there.initiative_id = world.elsewhere.id
    joined = Participation(
        initiative_id=world.elsewhere.id, organisation_id=world.organisation.id, role="participant", during=from_now()
    )
    async with world.database.sessions() as db:
        await db.execute(
            update(Mandate)
            .where(Mandate.id == world.mandates["lead"].id)
            .values(during=Range(now() - timedelta(hours=3), now() - timedelta(hours=2)))
        )
        db.add_all([here, there, joined])
        await db.commit()
    return ids


@thing("mandat pour une démarche que l’organisation a quittée", apart=True)
async def _mandate_for_another(world: World, who: str) -> Ids:
    ids = await _somebody(world, who)
    given = mandate(ids["person_id"], world.organisation.id, ["contributes"])
    given.initiative_id = world.elsewhere.id
    async with world.database.sessions() as db:
        db.add(given)
        await db.commit()
    return ids | {"mandate_id": given.id}


@thing("l’organisation", apart=True)
async def _organisation(world: World, _who: str) -> Ids:
    return known(world, world.restricted)


@thing("profil de l’organisation", apart=True)
async def _profile(world: World, _who: str) -> Ids:
    return known(world, world.restricted) | {"profile": "research"}


async def _initiative_in(world: World, state: str) -> Ids:
    async with world.database.sessions() as db:
        await db.execute(update(Initiative).where(Initiative.id == world.initiative.id).values(state=state))
        await db.commit()
    return known(world, world.restricted)


@thing("démarche ouverte", apart=True)
async def _open(world: World, _who: str) -> Ids:
    return await _initiative_in(world, "open")


@thing("démarche fermée", apart=True)
async def _closed(world: World, _who: str) -> Ids:
    return await _initiative_in(world, "closed")


@thing("démarche archivée", apart=True)
async def _archived(world: World, _who: str) -> Ids:
    return await _initiative_in(world, "archived")


@thing("espace d’une démarche fermée", apart=True)
async def _in_closed(world: World, _who: str) -> Ids:
    await _initiative_in(world, "closed")
    return await everything(world, world.restricted)


@thing("espace d’une démarche archivée", apart=True)
async def _in_archived(world: World, _who: str) -> Ids:
    await _initiative_in(world, "archived")
    return await everything(world, world.restricted)


@thing("parole modérée d’une démarche archivée", apart=True)
async def _moderated_in_archived(world: World, _who: str) -> Ids:
    await _initiative_in(world, "archived")
    return await everything(world, world.restricted, state="moderated")


@thing("livrable prêt à publier d’une démarche archivée", apart=True)
async def _ready_in_archived(world: World, who: str) -> Ids:
    ids = await _ready(world, who)
    return ids | await _initiative_in(world, "archived")


@thing("accès ouvert par l’administrateur", apart=True)
async def _grant(world: World, _who: str) -> Ids:
    opened = AccessGrant(
        initiative_id=world.initiative.id,
        person_id=world.persons["admin"].id,
        reason="Signalement reçu d’un membre.",
        during=from_now(),
    )
    async with world.database.sessions() as db:
        db.add(opened)
        await db.commit()
    return known(world, world.restricted) | {"grant_id": opened.id}


@thing("livrable prêt à publier", apart=True)
async def _ready(world: World, _who: str) -> Ids:
    done = await shelf.ready(world)
    return known(world, world.restricted) | {"deliverable_id": done.deliverable["id"]}


@thing("édition publiée", apart=True)
async def _edition(world: World, _who: str) -> Ids:
    done = await shelf.ready(world)
    first = await shelf.publish(done.desk, done.deliverable)
    desk = Desk(world)
    later = await desk.ok("POST", f"/deliverables/{done.deliverable['id']}/editions", {"label": "Seconde"})
    ids = known(world, world.restricted)
    ids |= {"deliverable_id": done.deliverable["id"], "contribution_id": done.statement.id}
    return ids | {"edition_id": later["id"], "since": first["id"], "name": "edition.html", "number": 1}


@thing("image que l’édition n’a pas", apart=True)
async def _no_figure(world: World, who: str) -> Ids:
    return await _edition(world, who) | {"n": 7}


@thing("édition retirée", apart=True)
async def _withdrawn(world: World, who: str) -> Ids:
    ids = await _edition(world, who)
    await Desk(world).ok("POST", f"/editions/{ids['edition_id']}/withdraw", {"reason": "mistake"})
    return ids
