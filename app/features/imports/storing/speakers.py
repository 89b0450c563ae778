"""Organisations, which may exist already, and people, of whom nothing is kept but that they exist."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from psycopg.types.range import TimestamptzRange
from sqlalchemy import text

from app.core.db import Handle
from app.core.events import Audience
from app.core.model import new_id
from app.features.identity.models import Organisation, Person, PersonState
from app.features.imports.batches import Batch, Trace
from app.features.imports.drafts import Draft, OrganisationDraft
from app.features.initiatives.models import Participation

_SAME_NAME = text(
    "SELECT wanted.name, lower(f_unaccent(wanted.name)), o.id FROM unnest(CAST(:names AS text[])) AS wanted(name) "
    "LEFT JOIN organisations o ON lower(f_unaccent(o.name)) = lower(f_unaccent(wanted.name))"
)


async def merged_names(db: Handle, names: Sequence[str]) -> dict[str, tuple[str, UUID | None]]:
    """Name -> what makes two names one (case and accents do not count), and the organisation that bears it."""
    rows = await db.execute(_SAME_NAME, {"names": list(names)})
    return {name: (key, found) for name, key, found in rows.all()}


async def store_organisations(
    batch: Batch, drafts: Sequence[OrganisationDraft], before: dict[str, UUID], since: datetime
) -> tuple[dict[str, UUID], int]:
    """The organisation of each account by external id, and how many are new. `before`: accounts known already.

    An existing organisation of the same name is taken as it is: an import changes nobody's card.
    """
    names = await merged_names(batch.db, [it.name for it in drafts])
    by_key = {key: found for key, found in names.values() if found is not None}
    ids: dict[str, UUID] = {}
    fresh: list[tuple[UUID, OrganisationDraft]] = []
    for it in sorted(drafts, key=lambda draft: draft.same_as is not None):
        key = names[it.name][0]
        found = ids.get(it.same_as) or before.get(it.same_as) if it.same_as else by_key.get(key)
        if found is None:
            found = by_key[key] = new_id()
            fresh.append((found, it))
        ids[it.external_id] = found
    await batch.copy(Organisation, [_organisation(it, identity, batch.at) for identity, it in fresh])
    traces = [Trace(identity, Audience.ORGANISATION, organisation_id=identity) for identity, _ in fresh]
    await batch.record("organisation.imported", "organisation", traces)
    await _take_part(batch, drafts, ids, since)
    return ids, len(fresh)


def _organisation(it: OrganisationDraft, identity: UUID, at: datetime) -> dict[str, object]:
    return {
        "id": identity,
        "name": it.name,
        "acronym": it.acronym,
        "profile": it.profile.value,
        "family": it.family.value if it.family else None,
        "scale": it.scale.value if it.scale else None,
        "territories": [],
        "sdgs": [],
        "description": it.description,
        "website": it.website,
        "demonstration": False,
        "version": 1,
        "created_at": at,
    }


async def _take_part(batch: Batch, drafts: Sequence[OrganisationDraft], ids: dict[str, UUID], since: datetime) -> None:
    """A participation for whoever never had one here; the first account of an organisation gives the role."""
    rows = await batch.fetch(
        "SELECT organisation_id FROM participations WHERE initiative_id = %(id)s", id=batch.initiative_id
    )
    known = {organisation for (organisation,) in rows}
    roles: dict[UUID, str] = {}
    for it in drafts:
        roles.setdefault(ids[it.external_id], it.role.value)
    joining: list[dict[str, Any]] = [
        {
            "id": new_id(),
            "initiative_id": batch.initiative_id,
            "organisation_id": organisation,
            "role": role,
            "during": TimestamptzRange(since, None),
            "created_at": batch.at,
        }
        for organisation, role in roles.items()
        if organisation not in known
    ]
    await batch.copy(Participation, joining)
    traces = [
        Trace(it["id"], Audience.INITIATIVE, data={"role": it["role"], "member": str(it["organisation_id"])})
        for it in joining
    ]
    await batch.record("participation.imported", "participation", traces)


async def store_people(batch: Batch, drafts: Sequence[Draft]) -> dict[str, UUID]:
    """People without name, address or password; their ids by external id."""
    ids = {draft.external_id: new_id() for draft in drafts}
    await batch.copy(
        Person,
        [
            {
                "id": identity,
                "state": PersonState.IMPORTED.value,
                "is_admin": False,
                "locale": "fr",
                "demonstration": False,
                "version": 1,
                "created_at": batch.at,
            }
            for identity in ids.values()
        ],
    )
    traces = [Trace(identity, Audience.ADMINISTRATOR) for identity in ids.values()]
    await batch.record("person.imported", "person", traces)
    return ids
