"""On what each line of `ladder.csv` is tried: every phrase of its column « sur quoi » is made here.

A thing is a dictionary of identifiers, named as the addresses name them (`space_id`,
`contribution_id`); `asks.py` makes addresses and bodies from it.
"""

from __future__ import annotations

import secrets
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from uuid import uuid4

from sqlalchemy import update

from app.core.clock import now
from app.core.model import new_id
from app.core.security.secrets import fingerprint, new_secret
from app.features.sessions.models import CalendarAddress, Session, SessionAnswer
from app.features.sessions.queries.calendar import PREFIX
from app.features.spaces.models import AccessRequest, Space
from app.web.assets import asset
from tests.policy import meetings
from tests.policy import rows as write
from tests.policy.rows import Ids, Rows
from tests.world import World

Maker = Callable[[World, str], Awaitable[Ids]]


@dataclass(frozen=True, slots=True)
class Thing:
    """How to make it, and in which world."""

    make: Maker
    own: bool = False
    """Made anew for each caller: it is the caller's own."""
    apart: bool = False
    """In a world of its own: what is tried on it changes who may do what."""


THINGS: dict[str, Thing] = {}


def thing(phrase: str, *, own: bool = False, apart: bool = False) -> Callable[[Maker], Maker]:
    """Register the maker of a phrase of the table."""

    def register(make: Maker) -> Maker:
        THINGS[phrase] = Thing(make, own, apart)
        return make

    return register


def known(world: World, space: Space) -> Ids:
    """What stands in the world already."""
    return {
        "initiative_id": space.initiative_id,
        "reference": space.initiative_id,
        "space_id": space.id,
        "organisation_id": world.organisation.id,
        "other_organisation_id": world.other.id,
        "person_id": world.persons["participant"].id,
        "outside_person_id": world.persons["outsider"].id,
        "email": f"invitee-{uuid4().hex[:8]}@alliage.example",
        "code": f"code-{uuid4().hex[:12]}",
        "key": f"contribution:new:{space.id}",
        "foreign_organisation_id": world.foreign.id,
        "slug": "not-found",
        "first": 1,
    }


async def everything(
    world: World,
    space: Space,
    *,
    mark: str = "",
    author: str = "participant",
    state: str = "published",
    consent: str = "name",
    meeting: str = "held",
    deliverable: str = "writing",
) -> Ids:
    """One of each object in the space; `state` and `consent` are those of the contribution."""
    rows = Rows(world, space, mark)
    cited = write.statement(rows, who=author, state=state, consent=consent, twice=state != "draft")
    other = write.statement(rows, label="other")
    write.statement(rows, label="late", minutes_ago=0)
    write.happened(rows, cited)
    ids = known(world, space) | {"contribution_id": cited.id, "revision_id": cited.head_id, "other_id": other.id}
    ids |= {"other_revision_id": other.head_id, "statement_id": cited.id}
    ids |= write.opinions(rows, cited) | meetings.meeting(rows, meeting)
    harvested = write.harvest(rows, cited, other)
    ids |= harvested
    ids |= write.synthesis(rows, cited, other, harvested["extract_id"], deliverable)
    await rows.save()
    return ids


@thing("espace restreint")
async def _restricted(world: World, _who: str) -> Ids:
    return await everything(world, world.restricted)


@thing("espace ouvert à la démarche")
async def _shared(world: World, _who: str) -> Ids:
    return await everything(world, world.shared)


@thing("demande d’accès")
async def _access_request(world: World, _who: str) -> Ids:
    wish = AccessRequest(
        id=new_id(),
        created_at=now(),
        initiative_id=world.restricted.initiative_id,
        space_id=world.restricted.id,
        person_id=world.persons["outsider"].id,
        asked_on=date(2020, 4, 1) + timedelta(days=secrets.randbelow(9000)),
        reason="Nous voulons lire.",
    )
    async with world.database.sessions() as db:
        db.add(wish)
        await db.commit()
    return known(world, world.restricted) | {"request_id": wish.id}


async def _public_space(world: World, consent: str) -> Ids:
    async with world.database.sessions() as db:
        await db.execute(update(Space).where(Space.id == world.restricted.id).values(visibility="public"))
        await db.commit()
    world.restricted.visibility = "public"
    return await everything(world, world.restricted, consent=consent)


@thing("espace public, parole à citer avec le nom", apart=True)
async def _public(world: World, _who: str) -> Ids:
    ids = await _public_space(world, "name")
    return ids | {"let_out": (ids["contribution_id"], ids["attachment_id"])}


@thing("espace public, parole gardée interne", apart=True)
async def _internal(world: World, _who: str) -> Ids:
    return await _public_space(world, "internal")


@thing("espace public, parole à citer sans le nom", apart=True)
async def _veiled(world: World, _who: str) -> Ids:
    ids = await _public_space(world, "profile")
    return ids | {"let_out": (ids["contribution_id"],)}


@thing("brouillon du participant")
async def _draft(world: World, _who: str) -> Ids:
    return await everything(world, world.restricted, state="draft")


@thing("contribution modérée")
async def _moderated(world: World, _who: str) -> Ids:
    return await everything(world, world.restricted, state="moderated")


@thing("réponse modérée")
async def _moderated_reply(world: World, _who: str) -> Ids:
    rows = Rows(world, world.restricted)
    to = write.statement(rows)
    reply = write.statement(rows, to=to, state="moderated")
    await rows.save()
    return known(world, world.restricted) | {"contribution_id": to.id, "reply_id": reply.id}


@thing("séance prévue")
async def _planned(world: World, _who: str) -> Ids:
    return await everything(world, world.restricted, meeting="planned")


@thing("compte rendu ouvert")
async def _minutes_open(world: World, _who: str) -> Ids:
    return await everything(world, world.restricted, meeting="minutes_open")


@thing("amendement proposé")
async def _amended(world: World, who: str) -> Ids:
    ids = await _minutes_open(world, who)
    rows = Rows(world, world.restricted)
    ids |= meetings.amendment(rows, {"session_id": ids["session_id"], **rows.place})
    await rows.save()
    return ids


@thing("séance à venir")
async def _to_come(world: World, who: str) -> Ids:
    ids = await _planned(world, who)
    hours = {"starts_at": now() + timedelta(days=2), "ends_at": now() + timedelta(days=2, hours=2)}
    async with world.database.sessions() as db:
        await db.execute(update(Session).where(Session.id == ids["session_id"]).values(**hours))
        answer = update(SessionAnswer).where(SessionAnswer.session_id == ids["session_id"])
        await db.execute(answer.values(Rows(world, world.restricted).acted("copilot")))
        await db.commit()
    return ids


@thing("séance verrouillée")
async def _locked(world: World, _who: str) -> Ids:
    ids = await everything(world, world.restricted, meeting="locked")
    return ids | {"attachment_id": ids["paper_id"]}


@thing("séance plénière")
async def _plenary(world: World, _who: str) -> Ids:
    rows = Rows(world, world.restricted)
    ids = known(world, world.restricted) | meetings.meeting(rows, "held", plenary=True)
    await rows.save()
    return ids | {"space_id": None, "attachment_id": ids["paper_id"]}


@thing("livrable clos")
async def _closed_deliverable(world: World, _who: str) -> Ids:
    return await everything(world, world.restricted, deliverable="closed")


@thing("espace restreint, à part", apart=True)
async def _restricted_apart(world: World, _who: str) -> Ids:
    return await everything(world, world.restricted)


@thing("animateur de l’espace restreint", apart=True)
async def _facilitator(world: World, _who: str) -> Ids:
    return known(world, world.restricted) | {"person_id": world.persons["facilitator"].id}


@thing("espace fermé", apart=True)
async def _closed_space(world: World, _who: str) -> Ids:
    async with world.database.sessions() as db:
        await db.execute(update(Space).where(Space.id == world.restricted.id).values(state="closed"))
        await db.commit()
    return await everything(world, world.restricted)


@thing("étiquette, phase, jalon de la démarche")
async def _calendar(world: World, _who: str) -> Ids:
    rows = Rows(world, world.restricted)
    ids = known(world, world.restricted) | write.calendar(rows)
    await rows.save()
    return ids


@thing("étiquette retirée")
async def _retired_term(world: World, who: str) -> Ids:
    ids = await _calendar(world, who)
    return ids | {"term_id": ids["retired_term_id"]}


async def _address(world: World, who: str) -> Ids:
    """A calendar address of `who`, the only one that they have."""
    secret = new_secret(PREFIX)
    async with world.database.sessions() as db:
        theirs = CalendarAddress.person_id == world.persons[who].id
        await db.execute(update(CalendarAddress).where(theirs).values(revoked_at=now()))
        db.add(CalendarAddress(person_id=world.persons[who].id, fingerprint=fingerprint(secret)))
        await db.commit()
    return known(world, world.restricted) | {"calendar_secret": secret}


@thing("agenda de la personne", own=True)
async def _own_calendar(world: World, who: str) -> Ids:
    return known(world, world.restricted) if who == "visitor" else await _address(world, who)


@thing("adresse d’agenda du participant")
async def _calendar_address(world: World, _who: str) -> Ids:
    return await _address(world, "participant")


@thing("adresse d’agenda que personne n’a")
async def _no_address(world: World, _who: str) -> Ids:
    return known(world, world.restricted) | {"calendar_secret": new_secret(PREFIX)}


@thing("personne")
async def _nothing(world: World, _who: str) -> Ids:
    return known(world, world.restricted)


@thing("page du service")
async def _page(world: World, _who: str) -> Ids:
    kinds = {"invitation": "inv", "reset": "pwd", "address": "adr", "sign_in": "sin"}
    codes = {f"{what}_code": f"alg_{kind}_{'0' * 32}_{'a' * 43}" for what, kind in kinds.items()}
    return known(world, world.restricted) | {"name": asset("alliage.css").removeprefix("/static/")} | codes


@thing("ce qui n’existe pas")
async def _unknown(world: World, _who: str) -> Ids:
    return dict.fromkeys(await everything(world, world.restricted), new_id()) | {"n": 2}


def value_of(ids: Ids, name: str) -> Any:
    """One of the identifiers; a clear failure when the thing has none of that name."""
    assert name in ids, f"cette chose n’a pas de « {name} » : {sorted(ids)}"
    return ids[name]
