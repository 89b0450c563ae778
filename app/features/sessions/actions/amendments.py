"""Amendments to the minutes, and their validation, by the organisations that came, until the window ends."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.changes import move
from app.core.clock import now
from app.core.errors import Conflict, Forbidden, NotFound, WrongState, invalid
from app.core.versions import Expected
from app.features.initiatives.queries import require_not_archived
from app.features.sessions.actions.session import check_item, hold_session, tell_as
from app.features.sessions.models import (
    AMENDMENT_STATES,
    Amendment,
    Attendance,
    AttendanceStatus,
    MinutesRevision,
    MinutesValidation,
    Session,
    SessionState,
)
from app.features.sessions.queries import NO_AMENDMENT, SessionLocked
from app.features.sessions.queries.cards import Within
from app.features.sessions.schemas import AmendmentDraft, ValidationDraft
from app.policy.actions import Action
from app.policy.actor import Actor
from app.policy.decide import require, visible
from app.policy.speaker import Speaker, pilot_speaker, speaker

MOST = 500


class WindowClosed(Conflict):
    """The window for amendments to these minutes is over. Write to whoever runs the session."""

    title = "Période de correction terminée"


class NotPresent(Forbidden):
    """Minutes are amended and validated by the organisations that the attendance sheet says were present."""

    title = "Organisation absente de la séance"


class TooManyAmendments(Conflict):
    """The minutes have as many amendments as they may have."""

    title = "Trop de corrections"


class OlderMinutes(Conflict):
    """The minutes changed since the revision that you read: read them again before you validate them."""

    title = "Compte rendu modifié depuis"


async def propose_amendment(db: AsyncSession, actor: Actor, session_id: UUID, draft: AmendmentDraft) -> Amendment:
    """Say what the minutes should say, for an organisation that came."""
    session = await hold_session(db, actor, session_id, Action.AMENDMENT_PROPOSE)
    said = await _attendee(db, actor, session, draft.organisation_id)
    await check_item(db, session, draft.agenda_item_id)
    count = select(func.count()).where(Amendment.session_id == session.id)
    if (await db.execute(count)).scalar_one() >= MOST:
        raise TooManyAmendments(f"Ce compte rendu a déjà {MOST} corrections demandées.")
    amendment = Amendment(
        session_id=session.id,
        initiative_id=session.initiative_id,
        space_id=session.space_id,
        minutes_n=await _minutes_n(db, session),
        agenda_item_id=draft.agenda_item_id,
        text=draft.text,
        **said.columns(),
    )
    db.add(amendment)
    await db.flush()
    tell_as(db, actor, said, "amendment.proposed", amendment, session=str(session.id))
    return amendment


async def validate_minutes(db: AsyncSession, actor: Actor, session_id: UUID, draft: ValidationDraft) -> Session:
    """Say that one's organisation read the minutes in force and has nothing to amend; once for each revision."""
    session = await hold_session(db, actor, session_id, Action.AMENDMENT_PROPOSE, alone=True)
    said = await _attendee(db, actor, session, draft.organisation_id)
    head = await _minutes_n(db, session)
    if head == 0 or draft.n > head:
        raise invalid("/n", "Le compte rendu n’a pas de révision de ce numéro.")
    if draft.n < head:
        raise OlderMinutes("Le compte rendu a changé depuis votre lecture : relisez-le avant de le valider.", n=head)
    known = select(func.count()).where(
        MinutesValidation.session_id == session.id,
        MinutesValidation.organisation_id == said.organisation_id,
        MinutesValidation.n == head,
    )
    if not (await db.execute(known)).scalar_one():
        place = {"session_id": session.id, "initiative_id": session.initiative_id, "space_id": session.space_id}
        validation = MinutesValidation(n=head, **place, **said.columns())
        db.add(validation)
        await db.flush()
        tell_as(db, actor, said, "minutes.validated", validation, session=str(session.id), n=head)
    return session


async def accept_amendment(
    db: AsyncSession, actor: Actor, amendment_id: UUID, reason: str | None, expected: Expected
) -> Amendment:
    """Agree to write it in the minutes: the words are written by saving a revision of them."""
    return await _decide(db, actor, amendment_id, "accept", reason, expected)


async def refuse_amendment(
    db: AsyncSession, actor: Actor, amendment_id: UUID, reason: str, expected: Expected
) -> Amendment:
    """Leave the minutes as they are, and say why."""
    return await _decide(db, actor, amendment_id, "refuse", reason, expected)


async def withdraw_amendment(db: AsyncSession, actor: Actor, amendment_id: UUID, expected: Expected) -> Amendment:
    """Take it back before it was answered, for the organisation that proposed it."""
    amendment, session = await _hold(db, actor, amendment_id, Action.AMENDMENT_WITHDRAW)
    said = speaker(actor, session.initiative_id, session.space_id, amendment.organisation_id)
    return await _settle(db, actor, amendment, "withdraw", said, expected)


async def _decide(
    db: AsyncSession, actor: Actor, amendment_id: UUID, verb: str, reason: str | None, expected: Expected
) -> Amendment:
    amendment, session = await _hold(db, actor, amendment_id, Action.AMENDMENT_DECIDE)
    said = pilot_speaker(actor, session.initiative_id, session.space_id)
    return await _settle(db, actor, amendment, verb, said, expected, reason)


async def _settle(
    db: AsyncSession,
    actor: Actor,
    amendment: Amendment,
    verb: str,
    said: Speaker,
    expected: Expected,
    reason: str | None = None,
) -> Amendment:
    expected.check(amendment.version)
    move(amendment, AMENDMENT_STATES, verb)
    amendment.reason, amendment.decided_by, amendment.decided_at = reason, actor.person_id, now()
    await db.flush()
    tell_as(db, actor, said, f"amendment.{amendment.state}", amendment, session=str(amendment.session_id))
    return amendment


async def _hold(db: AsyncSession, actor: Actor, amendment_id: UUID, action: Action) -> tuple[Amendment, Session]:
    question = (
        select(Amendment, Session)
        .join(Session, Session.id == Amendment.session_id)
        .where(Amendment.id == amendment_id, visible(actor, Session, Action.SESSION_READ))
        .with_for_update(key_share=True)
    )
    row = (await db.execute(question)).first()
    if row is None:
        raise NotFound(NO_AMENDMENT)
    amendment, session = row
    locked = session.state == SessionState.LOCKED
    require(actor, action, Within.of(session, amendment), SessionLocked if locked else WrongState)
    await require_not_archived(db, session.initiative_id)
    return amendment, session


async def _attendee(db: AsyncSession, actor: Actor, session: Session, organisation_id: UUID | None) -> Speaker:
    """As whom somebody says something of the minutes: an organisation that came, before the window ends."""
    said = speaker(actor, session.initiative_id, session.space_id, organisation_id)
    came = select(func.count()).where(
        Attendance.session_id == session.id,
        Attendance.organisation_id == said.organisation_id,
        Attendance.status == AttendanceStatus.PRESENT,
    )
    if not (await db.execute(came)).scalar_one():
        raise NotPresent("La feuille de présence ne dit pas que votre organisation était là.")
    if session.minutes_until is None or session.minutes_until <= now():
        raise WindowClosed("La période de correction de ce compte rendu est terminée.")
    return said


async def _minutes_n(db: AsyncSession, session: Session) -> int:
    last = select(func.coalesce(func.max(MinutesRevision.n), 0)).where(MinutesRevision.session_id == session.id)
    return int((await db.execute(last)).scalar_one())
