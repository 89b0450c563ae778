"""The attendance sheet, saved as a whole."""

from __future__ import annotations

from collections import Counter
from uuid import UUID

from sqlalchemy import delete, insert, or_, select, tuple_
from sqlalchemy.dialects.postgresql import Range
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.errors import Invalid
from app.core.versions import Expected
from app.features.identity.models import Mandate
from app.features.initiatives.models import Participation
from app.features.sessions.actions.session import get_to_edit, tell
from app.features.sessions.models import Attendance, Session
from app.features.sessions.schemas import AttendanceSheet, Attendant
from app.policy.actions import Action
from app.policy.actor import Actor


async def record_attendance(
    db: AsyncSession, actor: Actor, session_id: UUID, sheet: AttendanceSheet, expected: Expected
) -> Session:
    """Replace the sheet; the version is the session's."""
    session = await get_to_edit(db, actor, session_id, Action.ATTENDANCE_RECORD)
    expected.check(session.version)
    await _check(db, session, sheet.entries)
    await db.execute(delete(Attendance).where(Attendance.session_id == session.id))
    place = {"session_id": session.id, "initiative_id": session.initiative_id, "space_id": session.space_id}
    if sheet.entries:
        rows = [place | entry.model_dump() | {"recorded_by": actor.person_id} for entry in sheet.entries]
        await db.execute(insert(Attendance), rows)
    session.version += 1
    await db.flush()
    tell(db, actor, "attendance.recorded", session, **Counter(entry.status.value for entry in sheet.entries))
    return session


async def _check(db: AsyncSession, session: Session, entries: list[Attendant]) -> None:
    """422 with every line refused: twice the same, not of the initiative, or a person without a mandate there.

    Past participations count, and mandates that ran during the session: minutes are often written after somebody left.
    """
    organisations, mandates = await _known(db, session, entries)
    errors, seen = [], set()
    for at, entry in enumerate(entries):
        pair = (entry.person_id, entry.organisation_id)
        if pair in seen:
            errors.append((f"/entries/{at}", "Cette présence est déjà sur la feuille."))
        elif entry.organisation_id not in organisations:
            errors.append((f"/entries/{at}/organisation_id", "Cette organisation ne participe pas à la démarche."))
        elif entry.person_id is not None and pair not in mandates:
            errors.append((f"/entries/{at}/person_id", "Cette organisation n’a pas donné de mandat à cette personne."))
        seen.add(pair)
    if errors:
        raise Invalid(
            "Des lignes de la feuille sont refusées : voir « errors ».",
            errors=[{"pointer": pointer, "detail": detail} for pointer, detail in errors[:50]],
        )


async def _known(
    db: AsyncSession, session: Session, entries: list[Attendant]
) -> tuple[set[UUID], set[tuple[UUID | None, UUID]]]:
    """The organisations that ever took part, and the pairs (person, organisation) that a mandate joined there and then.

    Another initiative's mandates answer like none: a sheet must not tell who acts for whom elsewhere.
    """
    asked = {entry.organisation_id for entry in entries}
    pairs = {(entry.person_id, entry.organisation_id) for entry in entries if entry.person_id is not None}
    took_part = select(Participation.organisation_id).where(
        Participation.initiative_id == session.initiative_id, Participation.organisation_id.in_(asked)
    )
    mandated = select(Mandate.person_id, Mandate.organisation_id).where(
        tuple_(Mandate.person_id, Mandate.organisation_id).in_(pairs),
        or_(Mandate.initiative_id.is_(None), Mandate.initiative_id == session.initiative_id),
        Mandate.during.overlaps(Range(session.starts_at, session.ends_at)),
    )
    organisations = set((await db.execute(took_part)).scalars())
    return organisations, {(person, organisation) for person, organisation in await db.execute(mandated)}
