"""Files as their readers see them: always through what they are attached to."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Select, and_, func, or_, select, true, tuple_

from app.core.db import Handle
from app.core.errors import NotFound
from app.core.paging import LIMIT, Mark, Page, mark_of, page_of
from app.features.attachments.models import Attachment, AttachmentState
from app.features.attachments.schemas import AttachmentOut
from app.features.identity.models import Organisation
from app.features.sessions.models import Session
from app.features.sessions.queries import MISSING as NO_SESSION
from app.features.statements.models import Statement, StatementType
from app.features.statements.queries.feed import NOT_FOUND as NO_CONTRIBUTION
from app.policy.actions import Action
from app.policy.actor import Actor, Capacity
from app.policy.decide import abilities, visible

MEGABYTE = 1_048_576
NO_FILE = "Ce fichier n’existe pas, ou vous n’y avez pas accès."
A, O = Attachment.__table__.c, Organisation.__table__.c  # noqa: E741 - as the statements' queries call it


@dataclass(frozen=True, slots=True)
class Owner:
    """What a file is attached to: a contribution or a session."""

    statement_id: UUID | None = None
    session_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class Held:
    """What the rules look at in the owner of a file."""

    initiative_id: UUID
    space_id: UUID | None
    state: str
    person_id: UUID | None = None
    organisation_id: UUID | None = None
    capacity: str | None = None


@dataclass(frozen=True, slots=True)
class FileRow:
    """A file that the caller may read; `holder_id` is the organisation under whose name its bytes are kept."""

    id: UUID
    statement_id: UUID | None
    session_id: UUID | None
    name: str
    media_type: str
    size: int
    sha256: bytes
    stored_at: datetime
    version: int
    holder_id: UUID
    organisation_id: UUID | None
    organisation: str | None
    abilities: tuple[str, ...]

    def out(self) -> AttachmentOut:
        """The same, for an answer."""
        return AttachmentOut(
            id=self.id,
            contribution_id=self.statement_id,
            session_id=self.session_id,
            name=self.name,
            media_type=self.media_type,
            size=self.size,
            sha256=self.sha256.hex(),
            at=self.stored_at,
            organisation_id=self.organisation_id,
            organisation=self.organisation,
            version=self.version,
            abilities=list(self.abilities),
        )


def _read(actor: Actor) -> Select[Any]:
    """Files that have arrived and that the caller may read, with what their owner is to the rules.

    Outside its space a contribution's files are read only where it may be quoted with its name: they are not the
    exact words, to which the other consents apply, and they name people by themselves.
    """
    return (
        select(
            *(A.id, A.statement_id, A.session_id, A.name, A.media_type, A.size, A.sha256, A.stored_at, A.version),
            *(A.organisation_id, A.capacity, A.initiative_id, A.space_id, O.name.label("organisation")),
            func.coalesce(Statement.state, Session.state).label("owner_state"),
            Statement.person_id.label("author_id"),
            Statement.organisation_id.label("author_organisation_id"),
            Statement.capacity.label("said_as"),
        )
        .select_from(Attachment)
        .join(Organisation, Organisation.id == A.organisation_id)
        .outerjoin(Statement, Statement.id == A.statement_id)
        .outerjoin(Session, Session.id == A.session_id)
        .where(
            A.state == AttachmentState.STORED,
            or_(
                and_(A.statement_id.is_not(None), visible(actor, Statement, Action.ATTACHMENT_READ)),
                and_(A.session_id.is_not(None), visible(actor, Session, Action.SESSION_READ)),
            ),
        )
    )


def _row(actor: Actor, row: Any) -> FileRow:
    of_session = row.session_id is not None
    told = of_session or row.space_id in actor.inner_spaces or row.capacity == Capacity.ORGANISATION
    held = Held(
        row.initiative_id, row.space_id, row.owner_state, row.author_id, row.author_organisation_id, row.said_as
    )
    return FileRow(
        id=row.id,
        statement_id=row.statement_id,
        session_id=row.session_id,
        name=row.name,
        media_type=row.media_type,
        size=row.size,
        sha256=row.sha256,
        stored_at=row.stored_at,
        version=row.version,
        holder_id=row.organisation_id,
        organisation_id=row.organisation_id if told else None,
        organisation=row.organisation if told else None,
        abilities=tuple(abilities(actor, held, "session_attachment" if of_session else "contribution_attachment")),
    )


async def list_attachments(
    read: Handle, actor: Actor, owner: Owner, cursor: str | None = None, limit: int = LIMIT
) -> Page[FileRow]:
    """The files of a contribution or of a session, oldest first; `NotFound` where the caller may not see it.

    Empty where its files are hidden from them.
    """
    after = mark_of(cursor)
    await _require_seen(read, actor, owner)
    here = A.session_id == owner.session_id if owner.statement_id is None else A.statement_id == owner.statement_id
    rows = await read.execute(
        _read(actor)
        .where(here, tuple_(A.stored_at, A.id) > tuple_(after.key, after.id) if after else true())
        .order_by(A.stored_at, A.id)
        .limit(limit + 1)
    )
    page = page_of(rows.all(), limit, lambda row: Mark(row.stored_at, row.id))
    return Page([_row(actor, row) for row in page.items], page.next_cursor)


async def _require_seen(read: Handle, actor: Actor, owner: Owner) -> None:
    if owner.statement_id is None:
        seen = select(Session.id).where(Session.id == owner.session_id, visible(actor, Session, Action.SESSION_READ))
    else:
        seen = select(Statement.id).where(
            Statement.id == owner.statement_id,
            Statement.type == StatementType.CONTRIBUTION,
            visible(actor, Statement, Action.STATEMENT_READ),
        )
    if (await read.execute(seen)).first() is None:
        raise NotFound(NO_SESSION if owner.statement_id is None else NO_CONTRIBUTION)


async def get_attachment(read: Handle, actor: Actor, attachment_id: UUID) -> FileRow:
    """One file; `NotFound` when it is hidden, gone, or has not arrived."""
    row = (await read.execute(_read(actor).where(A.id == attachment_id))).first()
    if row is None:
        raise NotFound(NO_FILE)
    return _row(actor, row)


async def list_unpurged(db: Handle, of: UUID | None = None, limit: int = 500) -> list[tuple[UUID, UUID]]:
    """(organisation, file) whose bytes are to be deleted; `of`: those of one file or of one contribution."""
    question = select(A.organisation_id, A.id).where(
        A.purged_at.is_(None), A.state.in_((AttachmentState.REMOVED, AttachmentState.ERASED))
    )
    if of is not None:
        question = question.where(or_(A.id == of, A.statement_id == of))
    return [(row[0], row[1]) for row in await db.execute(question.order_by(A.id).limit(limit))]


async def find_rows(db: Handle, ids: Iterable[UUID]) -> set[UUID]:
    """Those of `ids` whose bytes have a reason to be there."""
    found = await db.execute(select(A.id).where(A.id.in_(list(ids)), A.purged_at.is_(None)))
    return {row[0] for row in found}
