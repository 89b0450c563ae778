"""What the worker does for accounts: mails, and forgetting what has had its time."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from typing import Protocol, TypeVar
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.orm import InstrumentedAttribute

from app.core.clock import now
from app.core.db import Handle
from app.core.mail import Message
from app.features.identity.actions.addresses import forget_changes_before
from app.features.identity.actions.attempts import forget_attempts_before
from app.features.identity.actions.browsers import forget_codes_before
from app.features.identity.actions.forgotten import forget_resets_before
from app.features.identity.mails import address_mail, address_moved_mail, invitation_mail, reset_mail, sign_in_mail
from app.features.identity.models import AddressChange, Invitation, PasswordReset, SignInCode
from app.features.identity.queries.addresses import find_change
from app.features.identity.queries.codes import find_code
from app.features.identity.queries.invitations import InvitationLetter, find_letter
from app.features.identity.queries.resets import find_reset
from app.jobs.work import Run, Work, forgetting
from app.settings import Settings


class _Letter(Protocol):
    @property
    def id(self) -> UUID: ...


L = TypeVar("L", bound=_Letter)


def _mailing(
    find: Callable[[Handle, UUID], Awaitable[L | None]],
    due: Callable[[L], bool],
    write: Callable[[Settings, L], Message],
    sent: InstrumentedAttribute[datetime | None],
) -> Run:
    """A job that sends the mail of what it finds while it is `due`, then writes when in `sent`."""

    async def mail(work: Work, *, object_id: str) -> None:
        async with work.database.reading() as connection:
            letter = await find(connection, UUID(object_id))
        if letter is None or not due(letter):
            return
        await work.mailer.send(write(work.settings, letter))
        async with work.transaction() as db:
            await db.execute(update(sent.class_).where(sent.class_.id == letter.id).values({sent: now()}))

    return mail


mail_reset = _mailing(
    find_reset, lambda it: it.sent_at is None and it.expires_at > now(), reset_mail, PasswordReset.sent_at
)
"""The code of a forgotten password, unless it was used, or nobody has that address."""
mail_sign_in = _mailing(
    find_code, lambda it: it.sent_at is None and it.expires_at > now(), sign_in_mail, SignInCode.sent_at
)
"""The code of somebody who signs in by mail, unless it was used, or nobody has that address."""
mail_address = _mailing(
    find_change,
    lambda it: it.sent_at is None and it.used_at is None and it.expires_at > now(),
    address_mail,
    AddressChange.sent_at,
)
"""To the mailbox that somebody wants, unless the address was changed already."""
mail_address_moved = _mailing(
    find_change,
    lambda it: it.used_at is not None and it.told_at is None,
    address_moved_mail,
    AddressChange.told_at,
)
"""To the mailbox of before: the account has another one."""


async def mail_invitation(work: Work, *, object_id: str) -> None:
    """Send the mail of an invitation unless it was sent, used, revoked or is over."""
    letter = await _waiting(work, UUID(object_id))
    if letter is None:
        return
    await work.mailer.send(invitation_mail(work.settings, letter))
    async with work.transaction() as db:
        # Renewed while the mail left: that end has a code of its own, and its mail is still to be sent.
        await db.execute(
            update(Invitation)
            .where(Invitation.id == letter.id, Invitation.expires_at == letter.expires_at)
            .values(sent_at=now())
        )


async def _waiting(work: Work, invitation_id: UUID) -> InvitationLetter | None:
    async with work.database.reading() as connection:
        sent = (
            await connection.execute(select(Invitation.sent_at).where(Invitation.id == invitation_id))
        ).scalar_one_or_none()
        letter = await find_letter(connection, invitation_id)
    if letter is None or sent is not None or letter.accepted_at is not None or letter.revoked_at is not None:
        return None
    return letter if letter.expires_at > now() else None


forget_attempts = forgetting(forget_attempts_before, timedelta(days=1))
"""The counts of attempts that are over."""
forget_codes = forgetting(forget_codes_before, timedelta(days=1))
forget_resets = forgetting(forget_resets_before, timedelta(days=30))
forget_addresses = forgetting(forget_changes_before, timedelta(days=30))
"""Changes of address hold addresses that nobody uses."""
