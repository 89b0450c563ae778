"""Who came, or was expected."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import Select, func, select, tuple_

from app.core.db import Handle
from app.core.paging import Mark, Page, mark_of, page_of
from app.features.identity.models import Organisation, Person
from app.features.sessions.models import Attendance


@dataclass(frozen=True, slots=True)
class AttendanceRow:
    """Who came, or was expected."""

    organisation_id: UUID
    organisation_name: str
    person_id: UUID | None
    person_name: str | None
    status: str


NAME = func.lower(func.f_unaccent(Organisation.name))


def attendance(session_id: Any) -> Select[Any]:
    """The columns of `AttendanceRow`, then what they are sorted by."""
    return (
        select(
            *(Attendance.organisation_id, Organisation.name.label("organisation_name")),
            *(Attendance.person_id, Person.name.label("person_name")),
            *(Attendance.status, NAME.label("sorted"), Attendance.id),
        )
        .join(Organisation, Organisation.id == Attendance.organisation_id)
        .outerjoin(Person, Person.id == Attendance.person_id)
        .where(Attendance.session_id == session_id)
        .order_by(NAME, Attendance.id)
    )


async def list_attendance(read: Handle, session_id: UUID, *, cursor: str | None, limit: int) -> Page[AttendanceRow]:
    """By organisation. The caller was allowed to read the session (`get_card`)."""
    mark, question = mark_of(cursor, str), attendance(session_id)
    if mark is not None:
        question = question.where(tuple_(NAME, Attendance.id) > (mark.key, mark.id))
    rows = (await read.execute(question.limit(limit + 1))).all()
    page = page_of(rows, limit, lambda row: Mark(row.sorted, row.id))
    return Page([AttendanceRow(*row[:5]) for row in page.items], page.next_cursor)
