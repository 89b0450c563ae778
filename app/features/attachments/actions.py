"""Attach a file in two transactions, with nothing held while it arrives; take it off; let go of what nobody keeps."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import and_, delete, func, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.clock import now
from app.core.db import lock_quota
from app.core.errors import Conflict, NotFound, Problem
from app.core.events import Audience, record
from app.core.model import new_id
from app.core.richtext.typography import figure
from app.core.versions import Expected
from app.features.attachments.contents import Examined
from app.features.attachments.models import Attachment, AttachmentState
from app.features.attachments.queries import MEGABYTE, NO_FILE, Owner, get_attachment
from app.features.sessions.actions.session import as_whom, get_to_edit
from app.features.sessions.models import Session
from app.features.statements.actions.opinions import as_it_was_said
from app.features.statements.actions.spine import audience_of, get_for_update, get_to_change, hold_open
from app.features.statements.models import Statement, StatementType
from app.policy.actions import Action
from app.policy.actor import Actor
from app.policy.decide import require
from app.policy.speaker import Speaker, signature

ABANDONED = timedelta(hours=1)
"""A file that has not arrived by then does not any more: the longest upload is a setting of some minutes."""


class FileTooLarge(Problem):
    """The file is larger than this installation takes. The detail says how large it may be."""

    status = 413
    title = "Fichier trop lourd"


class QuotaExceeded(Conflict):
    """The organisation has attached as much as it may. Remove files that no longer serve, or ask whoever runs the service."""

    title = "Plus de place pour cette organisation"


class UploadLost(Conflict):
    """The place kept for the file is gone: it took too long, or its owner changed hands. Nothing was attached; start again."""

    title = "Envoi à recommencer"


@dataclass(frozen=True, slots=True)
class Reserved:
    """Room kept for a file that is about to arrive."""

    id: UUID
    owner: Owner
    organisation_id: UUID


@dataclass(slots=True)
class Upload:
    """A file that has arrived and is in the store: `finalise` attaches it, or else its bytes are deleted."""

    reserved: Reserved
    examined: Examined
    received_sha256: bytes
    """Of the bytes as they were sent."""
    attached: bool = False


def too_large(most: int) -> FileTooLarge:
    """The refusal in words."""
    return FileTooLarge(f"Ce fichier est trop lourd : {figure(most // MEGABYTE)} Mo au plus.", most=most)


async def reserve(db: AsyncSession, actor: Actor, owner: Owner, *, most: int, quota: int) -> Reserved:
    """Keep room for `most` bytes beside the owner; 404, 403, 409, or `QuotaExceeded`."""
    thing, said = await _hold(db, actor, owner)
    reserved = Reserved(new_id(), owner, said.organisation_id)
    await _take_room(db, reserved, most, quota)
    db.add(
        Attachment(
            id=reserved.id,
            initiative_id=thing.initiative_id,
            space_id=thing.space_id,
            statement_id=owner.statement_id,
            session_id=owner.session_id,
            size=most,
            **said.columns(),
        )
    )
    await db.flush()
    return reserved


async def finalise(db: AsyncSession, actor: Actor, upload: Upload, *, quota: int) -> UUID:
    """Attach what has arrived: rights, states and room are asked again. The caller's transaction; the file's id."""
    reserved, file = upload.reserved, upload.examined
    thing, said = await _hold(db, actor, reserved.owner)
    await _take_room(db, reserved, file.size, quota)
    kept = await db.execute(
        select(Attachment)
        .where(Attachment.id == reserved.id, Attachment.state == AttachmentState.PENDING)
        .with_for_update()
    )
    row = kept.scalar_one_or_none()
    if row is None or said.organisation_id != reserved.organisation_id:
        raise UploadLost("Cet envoi a pris trop de temps : recommencez.")
    for name, value in said.columns().items():
        setattr(row, name, value)
    row.state, row.name, row.media_type = AttachmentState.STORED, file.name, file.media_type
    row.size, row.sha256, row.stored_at = file.size, file.sha256, now()
    row.version += 1
    await db.flush()
    _tell(db, actor, "attachment.added", row, thing, said, media_type=file.media_type, size=file.size)
    upload.attached = True
    return reserved.id


async def release(db: AsyncSession, reserved: Reserved) -> None:
    """Give back the room of a file that was not attached."""
    await db.execute(
        delete(Attachment).where(Attachment.id == reserved.id, Attachment.state == AttachmentState.PENDING)
    )


async def remove(
    db: AsyncSession, actor: Actor, attachment_id: UUID, expected: Expected, owner: Owner | None = None
) -> None:
    """Take a file off, of this `owner` where an address names one: nobody reads it any more, its bytes are deleted soon after, its fingerprint stays."""
    seen = await get_attachment(db, actor, attachment_id)
    if owner is not None and owner != Owner(seen.statement_id, seen.session_id):
        raise NotFound(NO_FILE)
    if seen.statement_id is not None:
        action, kind = Action.STATEMENT_ATTACH, StatementType.CONTRIBUTION
        thing: Any = await get_to_change(db, actor, seen.statement_id, action, kind)
        said = as_it_was_said(actor, thing)
    else:
        assert seen.session_id is not None
        thing = await get_to_edit(db, actor, seen.session_id, Action.SESSION_ATTACH)
        said = as_whom(actor, thing)
    found = await db.execute(
        select(Attachment)
        .where(Attachment.id == attachment_id, Attachment.state == AttachmentState.STORED)
        .with_for_update()
    )
    row = found.scalar_one_or_none()
    if row is None:
        raise NotFound(NO_FILE)
    expected.check(row.version)
    row.state, row.ended_at = AttachmentState.REMOVED, now()
    row.version += 1
    await db.flush()
    _tell(db, actor, "attachment.removed", row, thing, said)


async def erase_files(db: AsyncSession, statement_id: UUID) -> int:
    """Erase the files of words that are being erased: names now, bytes when `contribution.erased` is read; how many.

    The caller has asked for the right, holds the statement, and records the event.
    """
    done = await db.execute(
        update(Attachment)
        .where(
            Attachment.statement_id == statement_id,
            Attachment.state.in_((AttachmentState.STORED, AttachmentState.REMOVED)),
        )
        .values(
            state=AttachmentState.ERASED,
            name="",
            ended_at=func.coalesce(Attachment.ended_at, now()),
            version=Attachment.version + 1,
        )
        .returning(Attachment.id)
        .execution_options(synchronize_session=False)
    )
    return len(done.all())


async def drop_abandoned(db: AsyncSession, before: datetime) -> list[tuple[UUID, UUID]]:
    """Forget the files that did not arrive; (organisation, file) whose bytes may stand in the store."""
    gone = await db.execute(
        delete(Attachment)
        .where(Attachment.state == AttachmentState.PENDING, Attachment.created_at < before)
        .returning(Attachment.organisation_id, Attachment.id)
    )
    return [(row[0], row[1]) for row in gone if row[0] is not None]


async def note_purged(db: AsyncSession, ids: list[UUID]) -> None:
    """Remember that the bytes of these files are deleted."""
    await db.execute(
        update(Attachment)
        .where(Attachment.id.in_(ids), Attachment.purged_at.is_(None))
        .values(purged_at=now())
        .execution_options(synchronize_session=False)
    )


async def _hold(db: AsyncSession, actor: Actor, owner: Owner) -> tuple[Statement | Session, Speaker]:
    """The owner, held as it is until the transaction ends, and as whom the caller attaches something to it."""
    if owner.session_id is not None:
        session = await get_to_edit(db, actor, owner.session_id, Action.SESSION_ATTACH)
        return session, as_whom(actor, session)
    assert owner.statement_id is not None
    statement = await get_for_update(db, actor, owner.statement_id, StatementType.CONTRIBUTION)
    require(actor, Action.STATEMENT_ATTACH, statement)
    await hold_open(db, actor, statement.space_id)
    return statement, as_it_was_said(actor, statement)


async def _take_room(db: AsyncSession, reserved: Reserved, size: int, quota: int) -> None:
    """Count what the organisation has attached or is attaching, alone: two uploads never take the same room."""
    await lock_quota(db, reserved.organisation_id)
    arriving = and_(Attachment.state == AttachmentState.PENDING, Attachment.created_at > now() - ABANDONED)
    used = select(func.coalesce(func.sum(Attachment.size), 0)).where(
        Attachment.organisation_id == reserved.organisation_id,
        Attachment.id != reserved.id,
        or_(Attachment.state == AttachmentState.STORED, arriving),
    )
    taken = int((await db.execute(used)).scalar_one())
    if taken + size > quota:
        raise QuotaExceeded(
            f"Votre organisation a joint {figure(taken // MEGABYTE)} Mo de fichiers sur {figure(quota // MEGABYTE)} : "
            "retirez-en qui ne servent plus, puis recommencez.",
            used=taken,
            quota=quota,
        )


def _tell(db: AsyncSession, actor: Actor, verb: str, row: Attachment, thing: Any, said: Speaker, **data: Any) -> None:
    if row.statement_id is not None:
        audience, about = audience_of(thing.published_at), {"statement_id": str(row.statement_id)}
    else:
        audience = Audience.INITIATIVE if row.space_id is None else Audience.SPACE
        about = {"session_id": str(row.session_id)}
    record(db, actor, verb, row, audience=audience, **signature(said), **about, **data)
