"""An edition to be read on a page: its card, its frozen payload, and its sisters."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from app.core.db import Handle
from app.core.errors import NotFound
from app.features.editions.queries.shelf import ED, NOT_FOUND, editions
from app.features.editions.schemas import EditionOut, Withdrawn
from app.policy.actions import Action
from app.policy.actor import Actor
from app.policy.decide import allowed


@dataclass(frozen=True, slots=True)
class Published:
    """An edition and what it froze; `payload` is empty where it was withdrawn and the caller does not co-pilot."""

    card: EditionOut
    payload: dict[str, Any]


async def get_published(read: Handle, actor: Actor, edition_id: UUID) -> Published:
    """What was published, or NotFound; one statement."""
    row = (await read.execute(editions(actor, ED.c.payload).where(ED.c.id == edition_id))).first()
    if row is None:
        raise NotFound(NOT_FOUND)
    shown = row.at is None or allowed(actor, Action.EDITION_WITHDRAW, row)
    card = EditionOut(
        id=row.id,
        initiative_id=row.initiative_id,
        deliverable_id=row.deliverable_id,
        n=row.n,
        label=row.label,
        title=row.title,
        published_at=row.published_at,
        sha256=row.sha256.hex(),
        fingerprint=row.manifest_sha256.hex(),
        withdrawn=None if row.at is None else Withdrawn(at=row.at, reason=row.reason),
        version=1 if row.at is None else 2,
    )
    return Published(card, json.loads(row.payload) if shown else {})
