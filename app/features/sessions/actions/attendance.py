"""The attendance sheet, saved as a whole."""

from __future__ import annotations

from collections import Counter
from uuid import UUID

from sqlalchemy import delete, insert, or_, select, tuple_
from sqlalchemy.dialects.postgresql import Range
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.errors import Invalid, refused
from app.core.versions import Expected
from app.features.identity.models import Mandate
from app.features.initiatives.models import Participation
from app.features.sessions.actions.session import get_to_edit, tell
from app.features.sessions.models import AnswerChoice, Attendance, AttendanceStatus, Session
from app.features.sessions.queries import AttendanceRow, list_answers, list_attendance
from app.features.sessions.schemas import ATTENDANCE_MOST, AttendanceSheet, Attendant, Ticked
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
        line = f"/entries/{at}"
        pair = (entry.person_id, entry.organisation_id)
        if pair in seen:
            errors.append(refused(line, "Cette présence est déjà sur la feuille."))
        elif entry.organisation_id not in organisations:
            errors.append(refused(line + "/organisation_id", "Cette organisation ne participe pas à la démarche."))
        elif entry.person_id is not None and pair not in mandates:
            errors.append(refused(line + "/person_id", "Cette organisation n’a pas donné de mandat à cette personne."))
        seen.add(pair)
    if errors:
        raise Invalid(
            "Des lignes de la feuille sont refusées : voir « errors ».",
            errors=errors[:50],
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


async def tick_attendance(
    db: AsyncSession, actor: Actor, session_id: UUID, ticked: Ticked, expected: Expected
) -> Session:
    """Record which organisations are there; people whom the sheet names stay named.

    Of those that are not ticked, who answered that it does not come is excused, who stood on the sheet is absent
    unless it was excused, and of the others nothing is said: silence is no absence.
    """
    await get_to_edit(db, actor, session_id, Action.ATTENDANCE_RECORD)
    rows: dict[UUID, list[AttendanceRow]] = {}
    for row in (await list_attendance(db, session_id, cursor=None, limit=ATTENDANCE_MOST)).items:
        rows.setdefault(row.organisation_id, []).append(row)
    excused = {
        it.organisation_id
        for it in (await list_answers(db, session_id, cursor=None, limit=ATTENDANCE_MOST)).items
        if it.answer == AnswerChoice.DOES_NOT
    }
    entries: list[Attendant] = []
    for organisation_id in {**dict.fromkeys(ticked.present), **rows, **dict.fromkeys(excused)}:
        here = organisation_id in ticked.present
        known = rows.get(organisation_id, [])
        entries += [_seat(organisation_id, row.person_id, _moved(row.status, here=here, people=known)) for row in known]
        if not known:
            status = AttendanceStatus.PRESENT if here else AttendanceStatus.EXCUSED
            entries.append(_seat(organisation_id, None, status))
    return await record_attendance(db, actor, session_id, AttendanceSheet(entries=entries), expected)


def _seat(organisation_id: UUID, person_id: UUID | None, status: AttendanceStatus) -> Attendant:
    return Attendant(organisation_id=organisation_id, person_id=person_id, status=status)


def _moved(status: str, *, here: bool, people: list[AttendanceRow]) -> AttendanceStatus:
    """What a line of the sheet becomes: somebody absent beside a present colleague stays absent."""
    if here:
        came = any(row.status == AttendanceStatus.PRESENT for row in people)
        return AttendanceStatus(status) if came else AttendanceStatus.PRESENT
    return AttendanceStatus.EXCUSED if status == AttendanceStatus.EXCUSED else AttendanceStatus.ABSENT
