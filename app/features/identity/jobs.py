"""What the worker does for accounts: mails, and forgetting what has had its time."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from sqlalchemy import select, update

from app.core.clock import now
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
from app.jobs.work import Work

ATTEMPTS_KEPT = timedelta(days=1)
RESETS_KEPT = ADDRESSES_KEPT = timedelta(days=30)
CODES_KEPT = timedelta(days=1)


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


async def forget_attempts(work: Work) -> int:
    """Delete the counts of attempts that are over."""
    async with work.transaction() as db:
        return await forget_attempts_before(db, now() - ATTEMPTS_KEPT)


async def mail_reset(work: Work, *, object_id: str) -> None:
    """Send the code of a forgotten password, unless it was sent or used, is over, or nobody has that address."""
    async with work.database.reading() as connection:
        letter = await find_reset(connection, UUID(object_id))
    if letter is None or letter.sent_at is not None or letter.expires_at <= now():
        return
    await work.mailer.send(reset_mail(work.settings, letter))
    async with work.transaction() as db:
        await db.execute(update(PasswordReset).where(PasswordReset.id == letter.id).values(sent_at=now()))


async def forget_resets(work: Work) -> int:
    """Delete the requests for another password that are long over."""
    async with work.transaction() as db:
        return await forget_resets_before(db, now() - RESETS_KEPT)


async def mail_address(work: Work, *, object_id: str) -> None:
    """Write to the mailbox that somebody wants, unless it was done or is over."""
    async with work.database.reading() as connection:
        letter = await find_change(connection, UUID(object_id))
    if letter is None or letter.sent_at is not None or letter.used_at is not None or letter.expires_at <= now():
        return
    await work.mailer.send(address_mail(work.settings, letter))
    async with work.transaction() as db:
        await db.execute(update(AddressChange).where(AddressChange.id == letter.id).values(sent_at=now()))


async def mail_address_moved(work: Work, *, object_id: str) -> None:
    """Tell the mailbox of before that the account has another one."""
    async with work.database.reading() as connection:
        letter = await find_change(connection, UUID(object_id))
    if letter is None or letter.used_at is None or letter.told_at is not None:
        return
    await work.mailer.send(address_moved_mail(work.settings, letter))
    async with work.transaction() as db:
        await db.execute(update(AddressChange).where(AddressChange.id == letter.id).values(told_at=now()))


async def forget_addresses(work: Work) -> int:
    """Delete the changes of address that are long over: they hold addresses that nobody uses."""
    async with work.transaction() as db:
        return await forget_changes_before(db, now() - ADDRESSES_KEPT)


async def mail_sign_in(work: Work, *, object_id: str) -> None:
    """Send the code of somebody who signs in by mail, unless it was sent or used, is over, or nobody has that address."""
    async with work.database.reading() as connection:
        letter = await find_code(connection, UUID(object_id))
    if letter is None or letter.sent_at is not None or letter.expires_at <= now():
        return
    await work.mailer.send(sign_in_mail(work.settings, letter))
    async with work.transaction() as db:
        await db.execute(update(SignInCode).where(SignInCode.id == letter.id).values(sent_at=now()))


async def forget_codes(work: Work) -> int:
    """Delete the codes that are over."""
    async with work.transaction() as db:
        return await forget_codes_before(db, now() - CODES_KEPT)
