"""What the worker does for spaces: it tells those who run one that somebody asks to be let in."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import update

from app.core.clock import now
from app.core.mail import Message
from app.features.spaces.models import AccessRequest
from app.features.spaces.queries import RequestLetter, find_request, list_runners
from app.jobs.work import Work

_ASKED = """\
Bonjour,

{who} demande l’accès à l’espace « {space} », que vous animez ou co-pilotez.

Pour lire sa demande et y répondre, ouvrez cette adresse :

{base}/espaces/{space_id}/demandes

Alliage, {base}
"""


async def mail_access_request(work: Work, *, object_id: str) -> None:
    """Write to each co-pilot and facilitator, unless it was done or somebody has answered."""
    async with work.database.reading() as connection:
        letter = await find_request(connection, UUID(object_id))
        if letter is None or letter.told_at is not None or letter.answered_at is not None:
            return
        runners = await list_runners(connection, letter)
    for person_id, email in runners:
        await work.mailer.send(_mail(work.settings.base_url, letter, person_id, email))
    async with work.transaction() as db:
        await db.execute(update(AccessRequest).where(AccessRequest.id == letter.id).values(told_at=now()))


def _mail(base: str, letter: RequestLetter, person_id: UUID, email: str) -> Message:
    text = _ASKED.format(who=letter.person, space=letter.space, space_id=letter.space_id, base=base)
    return Message(
        to=email,
        subject="Une demande d’accès à un espace",
        text=text,
        reference=f"access request {letter.id} {person_id}",
    )
