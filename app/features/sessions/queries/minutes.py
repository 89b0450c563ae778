"""The minutes and their revisions."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import func, select

from app.core.db import Handle
from app.core.errors import NotFound
from app.core.paging import Mark, Page, mark_of, page_of
from app.features.sessions.models import MinutesRevision
from app.features.sessions.queries.signatures import signed

NO_REVISION = "Le compte rendu n’a pas de révision de ce numéro."
_M = MinutesRevision.__table__.c


@dataclass(frozen=True, slots=True)
class MinutesRow:
    """The minutes as they were saved once, or not yet (`n` is 0)."""

    session_id: UUID
    n: int = 0
    markdown: str = ""
    html: str = ""
    saved_at: datetime | None = None
    person_id: UUID | None = None
    person_name: str | None = None
    organisation_id: UUID | None = None
    organisation_name: str | None = None
    capacity: str | None = None


@dataclass(frozen=True, slots=True)
class RevisionRow:
    """One saving of the minutes, without its words."""

    id: UUID
    session_id: UUID
    n: int
    length: int
    saved_at: datetime
    person_id: UUID | None
    person_name: str | None
    organisation_id: UUID | None
    organisation_name: str | None
    capacity: str


async def get_minutes(read: Handle, session_id: UUID, n: int | None = None) -> MinutesRow:
    """The minutes in force (empty before the first saving), or the revision `n`; the caller may read the session."""
    question = signed(MinutesRevision, _M.session_id, _M.n, _M.markdown, _M.html, _M.created_at).where(
        _M.session_id == session_id
    )
    if n is not None:
        question = question.where(_M.n == n)
    row = (await read.execute(question.order_by(_M.n.desc()).limit(1))).first()
    if row is None and n is not None:
        raise NotFound(NO_REVISION)
    return MinutesRow(session_id) if row is None else MinutesRow(*row)


async def list_revisions(read: Handle, session_id: UUID, *, cursor: str | None, limit: int) -> Page[RevisionRow]:
    """The latest first. The caller was allowed to read the session (`get_card`)."""
    mark = mark_of(cursor, int)
    question = signed(MinutesRevision, _M.id, _M.session_id, _M.n, func.length(_M.plain), _M.created_at).where(
        _M.session_id == session_id
    )
    if mark is not None:
        question = question.where(_M.n < mark.key)
    rows = await read.execute(question.order_by(_M.n.desc()).limit(limit + 1))
    return page_of([RevisionRow(*row) for row in rows], limit, lambda row: Mark(row.n, row.id))


async def get_plain_texts(read: Handle, session_id: UUID, one: int, other: int) -> tuple[str, str]:
    """The words of two revisions of the minutes; revision 0 is the empty text."""
    question = select(_M.n, _M.plain).where(_M.session_id == session_id, _M.n.in_({one, other}))
    texts: dict[int, str] = {0: ""}
    texts.update((n, plain) for n, plain in await read.execute(question))
    if one not in texts or other not in texts:
        raise NotFound(NO_REVISION)
    return texts[one], texts[other]
