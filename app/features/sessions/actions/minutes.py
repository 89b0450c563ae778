"""The minutes: each saving is a revision that nobody changes any more."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.richtext.canonical import to_plain
from app.core.richtext.reading import aside
from app.core.richtext.render import to_html
from app.core.versions import Expected
from app.features.sessions.actions.composing import composed
from app.features.sessions.actions.session import as_whom, get_to_edit, tell
from app.features.sessions.models import MinutesRevision, Session
from app.features.sessions.queries import get_session_page
from app.features.sessions.schemas import MinutesDraft
from app.policy.actions import Action
from app.policy.actor import Actor


async def save_minutes(
    db: AsyncSession, actor: Actor, session_id: UUID, draft: MinutesDraft, expected: Expected
) -> None:
    """Put new minutes in force; `expected` names the revision that they were written on, 0 for the first."""
    session = await get_to_edit(db, actor, session_id, Action.MINUTES_WRITE)
    await _save(db, actor, session, draft.markdown, expected)


async def compose_minutes(db: AsyncSession, actor: Actor, session_id: UUID, expected: Expected) -> None:
    """Write them from the agenda, the attendance, the notes, the decisions and the actions: a revision that people edit.

    Composed again, they are another revision: what people had edited stays in the one before.
    """
    session = await get_to_edit(db, actor, session_id, Action.MINUTES_WRITE)
    found = await get_session_page(db, actor, session.id)
    await _save(db, actor, session, composed(found), expected)


async def _save(db: AsyncSession, actor: Actor, session: Session, markdown: str, expected: Expected) -> None:
    head = (
        await db.execute(
            select(MinutesRevision.n, MinutesRevision.markdown)
            .where(MinutesRevision.session_id == session.id)
            .order_by(MinutesRevision.n.desc())
            .limit(1)
        )
    ).first()
    n = head.n if head is not None else 0
    expected.check(n)
    if head is not None and head.markdown == markdown:
        return
    plain, html = await aside(markdown, lambda: (to_plain(markdown), to_html(markdown)))
    revision = MinutesRevision(
        session_id=session.id,
        initiative_id=session.initiative_id,
        space_id=session.space_id,
        n=n + 1,
        markdown=markdown,
        plain=plain,
        html=html,
        **as_whom(actor, session).columns(),
    )
    db.add(revision)
    await db.flush()
    tell(db, actor, "minutes.saved", revision, n=revision.n)
