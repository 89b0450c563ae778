"""Publish an edition, or take one off the shelf."""

from __future__ import annotations

import hashlib
from typing import Any
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.clock import now
from app.core.db import lock_exclusive
from app.core.errors import Conflict, NotFound
from app.core.events import Audience, record
from app.core.model import new_id
from app.core.versions import Expected
from app.features.deliverables.models import Deliverable
from app.features.deliverables.queries.gate import Gate, gate_out, publication_gate
from app.features.editions.models import (
    Edition,
    EditionCitation,
    EditionFile,
    EditionPassage,
    EditionWithdrawal,
)
from app.features.editions.queries.payload import Frozen, freeze
from app.features.editions.queries.shelf import NOT_FOUND
from app.features.editions.renderers import RenderedFile, render_all
from app.features.editions.schemas import EditionDraft, EditionWithdrawalDraft
from app.features.initiatives.queries import require_not_archived
from app.policy.actions import Action
from app.policy.actor import Actor
from app.policy.decide import require, visible
from app.policy.speaker import pilot_speaker, signature

LONGEST_LIST = 200
LISTS = ("untreated", "outdated_treatments", "outdated_citations", "consent_violations")


class PublicationRefused(Conflict):
    """A contribution of the scope is untreated, or was treated or cited in an older revision, or a consent is missing. The lists say which: at most 200 each, beside their full counts."""

    title = "Publication refusée"


class CutoffAhead(Conflict):
    """The scope runs until an instant that has not come: what would still arrive under it would be in no report. Bring the cut-off back to now, or wait."""

    title = "Périmètre encore ouvert"


class AlreadyWithdrawn(Conflict):
    """This edition is off the shelf already."""

    title = "Édition déjà retirée"


async def publish(
    db: AsyncSession, actor: Actor, deliverable_id: UUID, draft: EditionDraft, expected: Expected
) -> Edition:
    """Freeze the accepted text as the next edition: payload, files and the rows that lead back from them, or nothing.

    The initiative's exclusive lock is held from before the check until the commit, so that no
    statement lands under the cut-off after the gate has looked.
    """
    deliverable = await _locked(db, actor, deliverable_id)
    require(actor, Action.DELIVERABLE_PUBLISH, deliverable)
    await require_not_archived(db, deliverable.initiative_id)
    expected.check(deliverable.version)
    said = pilot_speaker(actor, deliverable.initiative_id)
    at = now()
    if deliverable.cutoff_at > at:
        raise CutoffAhead("La date limite du périmètre n’est pas encore passée.", cutoff_at=deliverable.cutoff_at)
    gate = await publication_gate(db, deliverable)
    if gate.blocks:
        raise _refused(gate)
    at = at.replace(microsecond=0)  # to the second, in the row as in the payload
    n = await _next_number(db, deliverable.id)
    frozen = await freeze(db, actor, deliverable, gate, n=n, label=draft.label, published_at=at)
    files = render_all(frozen.payload)
    edition = Edition(
        id=new_id(),
        deliverable_id=deliverable.id,
        initiative_id=deliverable.initiative_id,
        n=n,
        label=draft.label,
        title=deliverable.title,
        published_at=at,
        payload=frozen.payload,
        sha256=hashlib.sha256(frozen.payload).digest(),
        manifest_sha256=files[-1].sha256,
        **said.columns(),
    )
    db.add(edition)
    await db.flush()
    db.add_all(_rows(edition, frozen, files))
    deliverable.version += 1
    told = {"deliverable_id": str(deliverable.id), "n": n}
    record(db, actor, "edition.published", edition, audience=Audience.EVERYBODY, **told, **signature(said))
    await db.flush()
    return edition


async def _locked(db: AsyncSession, actor: Actor, deliverable_id: UUID) -> Deliverable:
    """The deliverable under both locks, the initiative's first: whoever writes a statement waits, then whoever edits the text."""
    question = select(Deliverable).where(
        Deliverable.id == deliverable_id, visible(actor, Deliverable, Action.DELIVERABLE_READ)
    )
    seen = (await db.execute(question)).scalar_one_or_none()
    if seen is None:
        raise NotFound("Ce livrable n’existe pas, ou vous n’y avez pas accès.")
    require(actor, Action.DELIVERABLE_PUBLISH, seen)  # nobody is kept waiting by somebody who may not publish
    await lock_exclusive(db, seen.initiative_id)
    found = await db.execute(question.with_for_update().execution_options(populate_existing=True))
    return found.scalar_one()


def _refused(gate: Gate) -> PublicationRefused:
    said = gate_out(gate).model_dump(mode="json")
    lists: dict[str, Any] = {}
    for name in LISTS:
        lists[f"{name}_count"] = said[f"{name}_count"]
        lists[name] = said[name][:LONGEST_LIST]
    return PublicationRefused(
        "Rien n’est accepté dans ce texte : il n’y a rien à publier."
        if gate.empty
        else "Des contributions ou des citations attendent une décision : traitez-les, ou donnez une dispense motivée.",
        empty=gate.empty,
        **lists,
    )


async def _next_number(db: AsyncSession, deliverable_id: UUID) -> int:
    last = select(func.coalesce(func.max(Edition.n), 0)).where(Edition.deliverable_id == deliverable_id)
    return int((await db.execute(last)).scalar_one()) + 1


def _rows(edition: Edition, frozen: Frozen, files: tuple[RenderedFile, ...]) -> list[Any]:
    """The files, and what was frozen: which passage revision stood where, which citation each note is."""
    return [
        *(
            EditionFile(
                edition_id=edition.id,
                name=file.name,
                media_type=file.media_type,
                content=file.content,
                sha256=file.sha256,
                size=len(file.content),
                renderer=file.renderer,
                renderer_version=file.version,
            )
            for file in files
        ),
        *(
            EditionPassage(
                edition_id=edition.id,
                ordinal=ordinal,
                section_id=passage.section_id,
                passage_revision_id=passage.revision_id,
            )
            for ordinal, passage in enumerate(frozen.text.passages, 1)
        ),
        *(
            EditionCitation(
                edition_id=edition.id,
                number=cited.content["number"],
                citation_id=cited.citation_id,
                statement_id=cited.statement_id,
            )
            for cited in frozen.cited
        ),
    ]


async def withdraw(
    db: AsyncSession, actor: Actor, edition_id: UUID, draft: EditionWithdrawalDraft, expected: Expected
) -> Edition:
    """Take an edition off the shelf: its card and the class of the reason stay public, its bytes stay for co-pilots."""
    question = select(Edition).where(Edition.id == edition_id, visible(actor, Edition, Action.EDITION_READ))
    edition = (await db.execute(question)).scalar_one_or_none()
    if edition is None:
        raise NotFound(NOT_FOUND)
    require(actor, Action.EDITION_WITHDRAW, edition)
    said = pilot_speaker(actor, edition.initiative_id)
    withdrawn = (
        await db.execute(select(EditionWithdrawal.at).where(EditionWithdrawal.edition_id == edition_id))
    ).first()
    expected.check(1 if withdrawn is None else 2)
    # Nobody may lock the row of an edition; the key of the withdrawal lets one of two through.
    row = {"edition_id": edition.id, "at": now(), "reason": draft.reason, "by_person": said.person_id}
    first = insert(EditionWithdrawal).values(row).on_conflict_do_nothing().returning(EditionWithdrawal.edition_id)
    if (await db.execute(first)).first() is None:
        raise AlreadyWithdrawn("Cette édition est déjà retirée.")
    record(db, actor, "edition.withdrawn", edition, audience=Audience.EVERYBODY, reason=draft.reason, **signature(said))
    await db.flush()
    return edition
