"""Suggest other words for a passage, and decide on suggestions: one by one, or many by a recorded rule."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import exists, func, select, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from app.core.clock import now
from app.core.errors import NotFound, PreconditionFailed, WrongState, invalid
from app.core.versions import Expected
from app.features.deliverables.actions.ground import hold_named, hold_passage, pilot, say
from app.features.deliverables.actions.writing import forbidden, write_revision
from app.features.deliverables.models import Passage, PassageCitation, PassageRevision, PassageState
from app.features.deliverables.queries.outline import standing_passages
from app.features.deliverables.queries.sources import CITED_WORDS, FORBIDDEN, C
from app.features.deliverables.schemas.writing import AcceptMany, PassageRefusal, Suggestion
from app.policy.actor import Actor

PC = PassageCitation.__table__


class HeadMoved(PreconditionFailed):
    """The passage has other words since this suggestion was made on the earlier ones. Compare, then suggest again."""

    title = "Suggestion dépassée"


async def suggest(db: AsyncSession, actor: Actor, passage_id: UUID, suggestion: Suggestion) -> PassageRevision:
    """Propose other words, on the revision that the author read (`base_id`)."""
    passage, deliverable = await hold_passage(db, actor, passage_id)
    base_id = suggestion.base_id or passage.head_id
    if suggestion.base_id is not None:
        question = select(PassageRevision.id).where(
            PassageRevision.id == suggestion.base_id, PassageRevision.passage_id == passage.id
        )
        if (await db.execute(question)).first() is None:
            raise invalid("/base_id", "Cette version n’est pas de ce passage.")
    said = pilot(actor, deliverable)
    revision = await write_revision(db, said, passage, suggestion, state=PassageState.PROPOSED, base_id=base_id)
    say(db, actor, "passage.suggested", passage, said, n=revision.n)
    return revision


async def accept(db: AsyncSession, actor: Actor, passage_id: UUID, n: int, expected: Expected) -> Passage:
    """Put a suggestion in force; 412 when it was made on words that are no longer in force."""
    passage, deliverable = await hold_passage(db, actor, passage_id)
    expected.check(passage.version)
    revision = await _suggestion(db, passage, n)
    if revision.base_id != passage.head_id:
        raise HeadMoved(
            "Ce passage a changé depuis que la suggestion a été écrite : comparez, puis suggérez de nouveau.",
            base_id=revision.base_id,
            head_id=passage.head_id,
        )
    broken = await db.execute(
        select(C.c.number)
        .select_from(CITED_WORDS.join(PC, PC.c.citation_id == C.c.id))
        .where(PC.c.passage_revision_id == revision.id, FORBIDDEN)
        .order_by(C.c.number)
    )
    if numbers := list(broken.scalars()):
        raise forbidden(numbers)
    _decide(actor, revision, PassageState.ACCEPTED)
    passage.head_id = revision.id
    passage.version += 1
    await db.flush()
    say(db, actor, "passage.accepted", passage, pilot(actor, deliverable), n=n)
    return passage


async def refuse(
    db: AsyncSession, actor: Actor, passage_id: UUID, n: int, refusal: PassageRefusal, expected: Expected
) -> Passage:
    """Turn a suggestion down, and say why; a passage that was only that suggestion goes with it."""
    passage, deliverable = await hold_passage(db, actor, passage_id)
    expected.check(passage.version)
    revision = await _suggestion(db, passage, n)
    _decide(actor, revision, PassageState.REFUSED)
    revision.refusal_reason = refusal.reason
    passage.version += 1
    await db.flush()
    if passage.head_id is None and not await _has_proposals(db, passage.id):
        passage.removed_at = now()
    say(db, actor, "passage.refused", passage, pilot(actor, deliverable), n=n)
    return passage


def _decide(actor: Actor, revision: PassageRevision, state: PassageState) -> None:
    revision.state = state
    revision.decided_by = actor.person_id
    revision.decided_at = now()


async def _suggestion(db: AsyncSession, passage: Passage, n: int) -> PassageRevision:
    question = select(PassageRevision).where(PassageRevision.passage_id == passage.id, PassageRevision.n == n)
    revision = (await db.execute(question)).scalar_one_or_none()
    if revision is None:
        raise NotFound("Cette suggestion n’existe pas.")
    if revision.state != PassageState.PROPOSED:
        raise WrongState("Cette suggestion a déjà reçu une réponse.", state=revision.state)
    return revision


async def _has_proposals(db: AsyncSession, passage_id: UUID) -> bool:
    question = select(
        exists().where(PassageRevision.passage_id == passage_id, PassageRevision.state == PassageState.PROPOSED)
    )
    return bool((await db.execute(question)).scalar_one())


@dataclass(frozen=True, slots=True)
class Accepted:
    """What became of the proposals that a rule looked at."""

    accepted: int
    refused_by_consent: list[UUID]
    stale: list[UUID]


async def accept_many(db: AsyncSession, actor: Actor, order: AcceptMany) -> Accepted:
    """Accept the newest proposal of each passage that the rule names; the rule is recorded beside each decision.

    Left as they are, and listed: proposals on words that are no longer in force, and those whose
    sources do not consent to what they do.
    """
    deliverable = await hold_named(db, actor, order.deliverable_id)
    rows = await _candidates(db, deliverable.id, order)
    stale = [row.passage_id for row in rows if row.base_id != row.head_id]
    broken = [row.passage_id for row in rows if row.base_id == row.head_id and row.forbidden]
    good = {row.id: row.passage_id for row in rows if row.base_id == row.head_id and not row.forbidden}
    if good:
        await _accept_all(db, actor, good, order.rule)
    said = pilot(actor, deliverable)
    say(db, actor, "passages.accepted", deliverable, said, accepted=len(good), by_rule=True)
    return Accepted(len(good), broken, stale)


async def _candidates(db: AsyncSession, deliverable_id: UUID, order: AcceptMany) -> Sequence[Any]:
    """The newest proposal of each passage, with whether a citation in it lacks consent."""
    broken = exists(
        select(C.c.id)
        .select_from(CITED_WORDS.join(PC, PC.c.citation_id == C.c.id))
        .where(PC.c.passage_revision_id == PassageRevision.id, FORBIDDEN)
    )
    other = aliased(PassageRevision)
    newest = (
        select(func.max(other.n))
        .where(other.passage_id == PassageRevision.passage_id, other.state == PassageState.PROPOSED)
        .scalar_subquery()
    )
    question = (
        select(
            PassageRevision.id,
            PassageRevision.passage_id,
            PassageRevision.base_id,
            Passage.head_id,
            broken.label("forbidden"),
        )
        .join(Passage, Passage.id == PassageRevision.passage_id)
        .where(
            PassageRevision.state == PassageState.PROPOSED,
            PassageRevision.deliverable_id == deliverable_id,
            PassageRevision.n == newest,
            Passage.id.in_(standing_passages(deliverable_id)),
        )
        .order_by(PassageRevision.passage_id)
    )
    if order.passage_ids is not None:
        question = question.where(Passage.id.in_(order.passage_ids))
    if order.section_id is not None:
        question = question.where(Passage.section_id == order.section_id)
    if order.by_rule is not None:
        question = question.where(func.starts_with(PassageRevision.by_rule, order.by_rule))
    return (await db.execute(question)).all()


async def _accept_all(db: AsyncSession, actor: Actor, revisions: dict[UUID, UUID], rule: str) -> None:
    decision = {"state": PassageState.ACCEPTED, "decided_by": actor.person_id, "decided_at": now()}
    await db.execute(
        update(PassageRevision)
        .where(PassageRevision.id.in_(list(revisions)))
        .values(**decision, decided_by_rule=rule)
        .execution_options(synchronize_session=False)
    )
    await db.execute(
        update(Passage)
        .where(Passage.id == PassageRevision.passage_id, PassageRevision.id.in_(list(revisions)))
        .values(head_id=PassageRevision.id, version=Passage.version + 1)
        .execution_options(synchronize_session=False)
    )
