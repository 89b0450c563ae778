"""Rows of what people say, for tests of what is made of it: words, revisions, positions, tallies, themes.

They are written as rows, with the canonical text derived as the application derives it, so that a
test of the synthesis does not depend on how words come in.
"""

from __future__ import annotations

import hashlib
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.clock import now
from app.core.model import new_id
from app.core.richtext.canonical import PLAIN_VERSION, to_plain
from app.core.richtext.render import to_html
from app.features.harvest.models import Filing, Theme
from app.features.identity.models import Organisation
from app.features.initiatives.models import Participation
from app.features.spaces.models import Space, SpaceMember
from app.features.statements.models import Position, Revision, Statement, Tally
from tests.world import World, from_now, login, mandate, organisation, person

WORDS = "Les subventions attendues en mars ne sont pas versées. Il manque deux mois de trésorerie à nos adhérents."


def _revision(statement: Statement, n: int, title: str, markdown: str, consent: str) -> Revision:
    plain = to_plain(markdown)
    return Revision(
        id=new_id(),
        statement_id=statement.id,
        initiative_id=statement.initiative_id,
        space_id=statement.space_id,
        n=n,
        title=title,
        markdown=markdown,
        plain=plain,
        plain_sha256=hashlib.sha256(plain.encode()).digest(),
        plain_length=len(plain),
        plain_version=PLAIN_VERSION,
        html=to_html(markdown),
        consent=consent,
        author_id=statement.person_id,
        created_at=now(),
    )


def _speaker(world: World, who: str | None, capacity: str) -> dict[str, Any]:
    """The columns of whoever speaks; nobody for an import."""
    if who is None:
        return {"person_id": None, "organisation_id": None, "mandate_id": None, "capacity": "personal"}
    mandate_of = world.mandates[who]
    return {
        "person_id": mandate_of.person_id,
        "organisation_id": mandate_of.organisation_id,
        "mandate_id": mandate_of.id,
        "capacity": capacity,
    }


async def _write(world: World, statement: Statement, revision: Revision) -> Statement:
    statement.head_id = revision.id
    async with world.database.sessions() as db:
        db.add_all([statement, revision])
        await db.commit()
    return statement


async def make_contribution(
    world: World,
    markdown: str = WORDS,
    *,
    who: str | None = "participant",
    space: Space | None = None,
    kind: str = "need",
    title: str = "Trésorerie",
    consent: str = "name",
    state: str = "published",
    capacity: str = "organisation",
    at: datetime | None = None,
) -> Statement:
    """A contribution, said by `who` (None: imported, from nobody known)."""
    when = at or now()
    statement_id = new_id()
    place = space or world.restricted
    statement = Statement(
        id=statement_id,
        initiative_id=place.initiative_id,
        space_id=place.id,
        type="contribution",
        root_id=statement_id,
        root_state=state,
        root_consent=consent,
        kind=kind,
        state=state,
        consent=consent,
        origin="import" if who is None else "posted",
        occurred_at=when,
        recorded_at=when,
        published_at=None if state == "draft" else when,
        first_n=None if state == "draft" else 1,
        **_speaker(world, who, capacity),
    )
    return await _write(world, statement, _revision(statement, 1, title, markdown, consent))


async def make_reply(
    world: World,
    to: Statement,
    markdown: str = "Nous observons exactement la même chose dans notre territoire.",
    *,
    who: str | None = "colleague",
    side: str = "for",
    consent: str = "name",
) -> Statement:
    """An answer to a contribution."""
    when = now()
    reply = Statement(
        id=new_id(),
        initiative_id=to.initiative_id,
        space_id=to.space_id,
        type="reply",
        parent_id=to.id,
        root_id=to.id,
        root_state=to.state,
        root_consent=to.consent,
        side=side,
        state="published",
        consent=consent,
        origin="import" if who is None else "posted",
        occurred_at=when,
        recorded_at=when,
        published_at=when,
        first_n=1,
        **_speaker(world, who, "organisation"),
    )
    return await _write(world, reply, _revision(reply, 1, "", markdown, consent))


async def revise(
    world: World, statement: Statement, markdown: str, *, title: str | None = None, consent: str | None = None
) -> Revision:
    """New words: another revision, which becomes the head."""
    async with world.database.sessions() as db:
        row = (await db.execute(select(Statement).where(Statement.id == statement.id))).scalar_one()
        head = (await db.execute(select(Revision).where(Revision.id == row.head_id))).scalar_one()
        revision = _revision(row, head.n + 1, head.title if title is None else title, markdown, consent or row.consent)
        row.consent = consent or row.consent
        row.head_id = revision.id
        row.version += 1
        db.add(revision)
        await db.commit()
    statement.head_id = revision.id
    return revision


async def change(world: World, statement: Statement, **columns: Any) -> None:
    """Set columns of a statement: its state, its consent."""
    async with world.database.sessions() as db:
        await db.execute(update(Statement).where(Statement.id == statement.id).values(**columns))
        await db.commit()


async def make_position(world: World, to: Statement, stance: str = "supports", *, who: str = "outsider") -> Position:
    """Where an organisation stands, with the contribution's counter."""
    position = Position(
        id=new_id(),
        statement_id=to.id,
        initiative_id=to.initiative_id,
        space_id=to.space_id,
        stance=stance,
        **_speaker(world, who, "organisation"),
    )
    counter = getattr(Statement, f"positions_{stance}")
    async with world.database.sessions() as db:
        db.add(position)
        await db.execute(update(Statement).where(Statement.id == to.id).values({counter: counter + 1}))
        await db.commit()
    return position


async def make_tally(world: World, to: Statement, votes_for: int, votes_against: int = 0, votes_mixed: int = 0) -> None:
    """Votes counted elsewhere."""
    async with world.database.sessions() as db:
        db.add(
            Tally(
                statement_id=to.id,
                initiative_id=to.initiative_id,
                space_id=to.space_id,
                source="consultation d’essai",
                votes_for=votes_for,
                votes_against=votes_against,
                votes_mixed=votes_mixed,
            )
        )
        await db.commit()


async def make_theme(
    world: World, title: str, *statements: Statement, space: Space | None = None, parent: Theme | None = None
) -> Theme:
    """A theme of a space (the restricted one, by default), with contributions under it."""
    place = space or world.restricted
    theme = Theme(
        id=new_id(),
        initiative_id=place.initiative_id,
        space_id=place.id,
        parent_id=parent.id if parent else None,
        title=title,
    )
    async with world.database.sessions() as db:
        db.add(theme)
        await db.flush()
        db.add_all(
            Filing(
                theme_id=theme.id,
                statement_id=statement.id,
                initiative_id=statement.initiative_id,
                space_id=statement.space_id,
            )
            for statement in statements
        )
        await db.commit()
    return theme


async def make_organisation(world: World, name: str, profile: str = "association", *, speaks_as: str) -> Organisation:
    """Another organisation of the initiative and of both spaces, with somebody called `speaks_as` on the ladder."""
    held = organisation(name, profile)
    async with world.database.sessions() as db:
        db.add(held)
        await db.flush()
        await _settle(db, world, held, speaks_as)
        await db.commit()
    return held


async def _settle(db: AsyncSession, world: World, held: Organisation, speaks_as: str) -> None:
    world.persons[speaks_as] = person(speaks_as)
    db.add(world.persons[speaks_as])
    db.add(
        Participation(initiative_id=world.initiative.id, organisation_id=held.id, role="participant", during=from_now())
    )
    await db.flush()
    world.logins[speaks_as] = login(world.persons[speaks_as].id)
    world.mandates[speaks_as] = mandate(world.persons[speaks_as].id, held.id, ["contributes"])
    db.add_all([world.logins[speaks_as], world.mandates[speaks_as]])
    for space in (world.restricted, world.shared):
        db.add(
            SpaceMember(
                initiative_id=space.initiative_id, space_id=space.id, organisation_id=held.id, during=from_now()
            )
        )


async def plain_of(world: World, revision_id: UUID) -> str:
    """The canonical text of a revision."""
    async with world.database.reading() as connection:
        found = await connection.execute(select(Revision.plain).where(Revision.id == revision_id))
        return str(found.scalar_one())
