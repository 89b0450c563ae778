"""The revisions of a contribution, and what changed from one to another."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import Query, Response

from app.core.paging import LIMIT_MOST
from app.features.statements.models import StatementType
from app.features.statements.queries.detail import compare, get_statement, list_revisions
from app.web.deps import Cursor, Read
from app.web.forms import page_router
from app.web.screen import Looking

router = page_router()
N = Annotated[int | None, Query(ge=1, le=1_000_000)]
CONTRIBUTION = StatementType.CONTRIBUTION


@router.get("/contributions/{contribution_id}/versions")
async def versions(
    screen: Looking, read: Read, contribution_id: UUID, de: N = None, a: N = None, suite: Cursor = None
) -> Response:
    """Every revision that the reader may read; two of them compared, the last two unless others are chosen."""
    it = await get_statement(read, screen.actor, contribution_id, CONTRIBUTION)
    page = await list_revisions(read, screen.actor, contribution_id, suite, LIMIT_MOST, CONTRIBUTION)
    numbers = [one.n for one in page.items]
    after = a or (numbers[-1] if numbers else it.revision)
    before = de or max((n for n in numbers if n < after), default=after)
    changes = None
    if before != after or (de and a):
        changes = await compare(read, screen.actor, contribution_id, before, after, CONTRIBUTION)
    return await screen.show(
        "statements/versions.html",
        it=it,
        revisions=page.items,
        next=page.next_cursor,
        before=before,
        after=after,
        changes=changes,
    )
