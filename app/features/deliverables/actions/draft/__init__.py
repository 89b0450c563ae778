"""Propose a first text, without any language model: what is written is quoted to the letter, or counted.

Everything is proposed, nothing counts until a person accepts it; a second run proposes only what is new.
"""

from __future__ import annotations

from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from app.features.deliverables.actions.draft import plan
from app.features.deliverables.actions.draft.gather import Ground, gather, strongest_replies
from app.features.deliverables.actions.draft.plan import RULE, Group
from app.features.deliverables.actions.draft.store import store
from app.features.deliverables.actions.ground import hold, pilot, say
from app.features.deliverables.models import Fate
from app.features.deliverables.schemas.fates import AbsentProfiles, DraftReport
from app.features.statements.models import Consent
from app.policy.actor import Actor

PER_THEME = 3


async def draft(db: AsyncSession, actor: Actor, deliverable_id: UUID, *, per_theme: int = PER_THEME) -> DraftReport:
    """Propose passages for the contributions of the scope, `per_theme` at most in each theme of each section.

    Proposals are recorded with the rule that made each; what was proposed before, accepted or
    refused since, is not proposed again. The report says what was left out, and where it is.
    """
    deliverable = await hold(db, actor, deliverable_id)
    said = pilot(actor, deliverable)
    ground = await gather(db, deliverable, RULE)
    grouped = plan.groups(ground, per_theme)
    chosen = {candidate.id for group in grouped for candidate in group.chosen}
    replies = await strongest_replies(db, chosen - ground.named)
    proposals = list(plan.proposals(ground, grouped, replies))
    rows = await store(db, deliverable, said, proposals)
    new = len([proposal for proposal in proposals if proposal.by_rule.startswith(f"{RULE} words")])
    if proposals:
        say(db, actor, "deliverable.drafted", deliverable, said, passages=len(proposals), by_rule=True)
    return _report(deliverable_id, ground, grouped, passages=len(proposals), citations=len(rows.citations), new=new)


def _report(
    deliverable_id: UUID, ground: Ground, grouped: list[Group], *, passages: int, citations: int, new: int
) -> DraftReport:
    chosen = {candidate.id for group in grouped for candidate in group.chosen}
    placed = {candidate.id for group in grouped for candidate in group.members}
    waiting = [c for c in ground.candidates if c.fate in (Fate.UNTREATED, Fate.OUTDATED) and c.id not in chosen]
    sections = {group.section.id: group.section for group in grouped}
    return DraftReport(
        rule=RULE,
        passages=passages,
        citations=citations,
        contributions=new,
        left_out=len(waiting),
        internal=sum(candidate.consent == Consent.INTERNAL for candidate in waiting),
        not_placed=sum(candidate.id not in placed for candidate in waiting),
        absent=[
            AbsentProfiles(
                section_id=section.id,
                title=section.title,
                profiles=plan.absent_profiles(ground, [g for g in grouped if g.section.id == section.id]),
            )
            for section in sections.values()
        ],
        queue=f"/api/v1/deliverables/{deliverable_id}/treatments?status={Fate.UNTREATED}",
    )
