"""The initiative, its spaces and themes, and who is a member where."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from psycopg.types.range import TimestamptzRange

from app.core.events import Audience
from app.core.model import new_id
from app.features.harvest.models import Theme
from app.features.imports.batches import Batch, Trace
from app.features.imports.drafts import MemberDraft, SpaceDraft, ThemeDraft
from app.features.imports.mapping import InitiativePart
from app.features.initiatives.models import Initiative
from app.features.spaces.models import Space, SpaceMember


async def store_initiative(batch: Batch, part: InitiativePart, zone: str) -> None:
    """The initiative itself, under the id that the batch was opened for, on the clocks of `zone`."""
    row = {
        "id": batch.initiative_id,
        "slug": part.slug,
        "title": part.title,
        "summary": part.summary,
        "note": part.note,
        "languages": list(part.languages),
        "state": part.state.value,
        "starts_on": part.starts_on,
        "ends_on": part.ends_on,
        "timezone": zone,
        "demonstration": False,
        "version": 1,
        "created_at": batch.at,
    }
    await batch.copy(Initiative, [row])
    await batch.record("initiative.imported", "initiative", [Trace(batch.initiative_id, Audience.INITIATIVE)])


async def store_spaces(batch: Batch, drafts: Sequence[SpaceDraft]) -> dict[str, UUID]:
    """New spaces; their ids by external id."""
    ids = {draft.external_id: new_id() for draft in drafts}
    await batch.copy(
        Space,
        [
            {
                "id": ids[it.external_id],
                "initiative_id": batch.initiative_id,
                "number": it.number,
                "title": it.title,
                "question": it.question,
                "summary": it.summary,
                "visibility": it.visibility.value,
                "state": it.state.value,
                "version": 1,
                "created_at": batch.at,
            }
            for it in drafts
        ],
    )
    traces = [Trace(it, Audience.INITIATIVE, space_id=it) for it in ids.values()]
    await batch.record("space.imported", "space", traces)
    return ids


async def store_themes(batch: Batch, drafts: Sequence[ThemeDraft], spaces: Mapping[str, UUID]) -> dict[str, UUID]:
    """New themes; their ids by external id."""
    ids = {draft.external_id: new_id() for draft in drafts}
    await batch.copy(
        Theme,
        [
            {
                "id": ids[it.external_id],
                "initiative_id": batch.initiative_id,
                "space_id": spaces[it.space],
                "parent_id": None,
                "title": it.title,
                "position": it.position,
                "version": 1,
                "created_at": batch.at,
            }
            for it in drafts
        ],
    )
    traces = [Trace(ids[it.external_id], Audience.SPACE, space_id=spaces[it.space]) for it in drafts]
    await batch.record("theme.imported", "theme", traces)
    return ids


async def store_members(
    batch: Batch,
    drafts: Sequence[MemberDraft],
    spaces: Mapping[str, UUID],
    organisations: Mapping[str, UUID],
    since: datetime,
) -> int:
    """Membership for whoever never had one: one that a co-pilot ended stays ended. Returns how many."""
    rows = await batch.fetch(
        "SELECT space_id, organisation_id FROM space_members WHERE initiative_id = %(id)s", id=batch.initiative_id
    )
    known = set(rows)
    wanted = {(spaces[it.space], organisations[it.organisation]): None for it in drafts}
    members: list[dict[str, Any]] = [
        {
            "id": new_id(),
            "initiative_id": batch.initiative_id,
            "space_id": space,
            "organisation_id": organisation,
            "during": TimestamptzRange(since, None),
            "created_at": batch.at,
        }
        for space, organisation in wanted
        if (space, organisation) not in known
    ]
    await batch.copy(SpaceMember, members)
    traces = [
        Trace(it["id"], Audience.SPACE, space_id=it["space_id"], data={"member": str(it["organisation_id"])})
        for it in members
    ]
    await batch.record("space_member.imported", "space_member", traces)
    return len(members)
