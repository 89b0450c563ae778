"""The gate: everything that refuses the publication of a deliverable (promise 4).

Publishing asks it under the initiative's exclusive lock, so nothing lands between the check and
the edition. It asks nobody who is calling: what is missing is missing for everybody.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import func, select, true
from sqlalchemy.sql.selectable import FromClause

from app.core.db import Handle
from app.features.deliverables.models import (
    Deliverable,
    Fate,
    OutdatedBecause,
    Passage,
    PassageRevision,
    PassageState,
    Waiver,
)
from app.features.deliverables.queries.citations import reasons
from app.features.deliverables.queries.fates import fates, picked
from app.features.deliverables.queries.outline import standing_passages
from app.features.deliverables.queries.sources import (
    CITED_WORDS,
    ERASED,
    FORBIDDEN,
    KEPT,
    MOVED,
    STANDING,
    UNSETTLED,
    C,
    E,
    S,
    in_force,
)
from app.features.deliverables.schemas.citing import OutdatedWhy
from app.features.deliverables.schemas.fates import GateCitation, GateOut, GateStatement, GateWaiver
from app.features.identity.models import Organisation, Person
from app.features.statements.models import Revision, StatementState

O: FromClause = Organisation.__table__  # noqa: E741 - as in the statements' own queries
PE: FromClause = Person.__table__
P: FromClause = Passage.__table__
PR: FromClause = PassageRevision.__table__
W: FromClause = Waiver.__table__
H: FromClause = Revision.__table__.alias("heads")

LONGEST_LIST = 1_000
PROPOSED_NOTE = (
    "Les passages proposés ne bloquent pas la publication et ne comptent pour rien tant que personne ne les accepte."
)


@dataclass(frozen=True, slots=True)
class Waited:
    """A contribution that nobody treated, or that was treated in an older revision."""

    statement_id: UUID
    title: str
    organisation: str | None
    because: OutdatedBecause | None
    moderated: bool
    """It was hidden since: moderating answers nobody."""


@dataclass(frozen=True, slots=True)
class Unsettled:
    """A citation of the accepted text whose source has moved, and that nobody settled."""

    citation_id: UUID
    number: int
    statement_id: UUID
    why: tuple[OutdatedWhy, ...]


@dataclass(frozen=True, slots=True)
class LetThrough:
    """A waiver that holds."""

    waiver_id: UUID
    statement_id: UUID
    title: str
    kind: str
    reason: str
    by_person: UUID
    by_name: str | None
    organisation_id: UUID
    at: datetime


@dataclass(frozen=True, slots=True)
class Gate:
    """What refuses publication, and what is good to know beside; of contributions that wait, the first 1,000 of each kind."""

    untreated: tuple[Waited, ...]
    outdated_treatments: tuple[Waited, ...]
    outdated_citations: tuple[Unsettled, ...]
    consent_violations: tuple[Unsettled, ...]
    waived: tuple[LetThrough, ...]
    counts: dict[Fate, int]
    accepted: int
    proposed: int

    @property
    def empty(self) -> bool:
        """Whether nothing is accepted in the text."""
        return self.accepted == 0

    @property
    def blocks(self) -> bool:
        """Whether anything refuses publication."""
        waiting = self.counts[Fate.UNTREATED] or self.counts[Fate.OUTDATED]
        return bool(self.empty or waiting or self.outdated_citations or self.consent_violations)


async def publication_gate(read: Handle, deliverable: Deliverable | UUID) -> Gate:
    """Everything that refuses publishing the deliverable now; four statements, whatever its size."""
    deliverable_id = deliverable if isinstance(deliverable, UUID) else deliverable.id
    counts = await count_fates(read, deliverable_id)
    return await gate_of(read, deliverable_id, counts, await list_waiting(read, deliverable_id))


async def gate_of(
    read: Handle, deliverable_id: UUID, counts: dict[Fate, int], waiting: Sequence[tuple[Fate, Waited]]
) -> Gate:
    """The gate of a scope whose contributions are counted; two statements."""
    citations = await _unsettled(read, deliverable_id)
    accepted, proposed, waived = await _beside(read, deliverable_id)
    return Gate(
        untreated=tuple(one for fate, one in waiting if fate == Fate.UNTREATED),
        outdated_treatments=tuple(one for fate, one in waiting if fate == Fate.OUTDATED),
        outdated_citations=tuple(one for one in citations if OutdatedWhy.CONSENT not in one.why),
        consent_violations=tuple(one for one in citations if OutdatedWhy.CONSENT in one.why),
        waived=waived,
        counts=counts,
        accepted=accepted,
        proposed=proposed,
    )


async def count_fates(read: Handle, deliverable_id: UUID) -> dict[Fate, int]:
    """How many contributions of the scope met each fate."""
    each = fates(deliverable_id)
    rows = await read.execute(select(each.c.fate, func.count()).group_by(each.c.fate))
    found = {Fate(fate): count for fate, count in rows}
    return {fate: found.get(fate, 0) for fate in Fate}


async def list_waiting(
    read: Handle, deliverable_id: UUID, *, among: Sequence[UUID] | None = None, most: int = LONGEST_LIST
) -> list[tuple[Fate, Waited]]:
    """The contributions that wait for a decision, the oldest first, at most `most` of each fate."""
    each = fates(deliverable_id, of=None if among is None else picked(deliverable_id, among))
    rank = func.row_number().over(partition_by=each.c.fate, order_by=(each.c.occurred_at, each.c.id))
    ranked = (
        select(
            each.c.id,
            each.c.head_id,
            each.c.organisation_id,
            each.c.capacity,
            each.c.fate,
            each.c.because,
            each.c.state,
        )
        .add_columns(rank.label("rank"))
        .where(each.c.fate.in_([Fate.UNTREATED, Fate.OUTDATED]))
        .subquery("ranked")
    )
    rows = await read.execute(
        select(ranked, H.c.title, O.c.name)
        .select_from(ranked.join(H, H.c.id == ranked.c.head_id).outerjoin(O, O.c.id == ranked.c.organisation_id))
        .where(ranked.c.rank <= most)
        .order_by(ranked.c.rank)
    )
    return [
        (
            Fate(row.fate),
            Waited(
                row.id,
                row.title,
                row.name if row.capacity == "organisation" else None,
                row.because,
                row.state == StatementState.MODERATED,
            ),
        )
        for row in rows
    ]


async def _unsettled(read: Handle, deliverable_id: UUID) -> list[Unsettled]:
    named = in_force(deliverable_id)
    rows = await read.execute(
        select(
            C.c.id,
            C.c.number,
            C.c.statement_id,
            FORBIDDEN.label("forbidden"),
            ERASED.label("erased"),
            MOVED.label("moved"),
            KEPT.label("kept"),
            STANDING.label("standing"),
            (E.c.revision_id != S.c.head_id).label("revised"),
        )
        .select_from(CITED_WORDS.join(named, named.c.citation_id == C.c.id))
        .where(UNSETTLED)
        .order_by(C.c.number)
    )
    return [Unsettled(row.id, row.number, row.statement_id, tuple(reasons(row))) for row in rows]


async def _beside(read: Handle, deliverable_id: UUID) -> tuple[int, int, tuple[LetThrough, ...]]:
    """How many passages are accepted, how many proposals wait, and the waivers that hold; one statement."""
    standing = standing_passages(deliverable_id)
    accepted = select(func.count()).select_from(standing.where(P.c.head_id.is_not(None)).subquery()).scalar_subquery()
    proposed = (
        select(func.count()).where(PR.c.state == PassageState.PROPOSED, PR.c.passage_id.in_(standing)).scalar_subquery()
    )
    counts = select(accepted.label("accepted"), proposed.label("proposed")).subquery("counts")
    waived = (
        select(
            W.c.id,
            W.c.statement_id,
            H.c.title,
            W.c.kind,
            W.c.reason,
            W.c.person_id,
            PE.c.name,
            W.c.organisation_id,
            W.c.created_at,
        )
        .select_from(
            W.join(S, S.c.id == W.c.statement_id).join(H, H.c.id == S.c.head_id).join(PE, PE.c.id == W.c.person_id)
        )
        .where(W.c.deliverable_id == deliverable_id, W.c.revoked_at.is_(None), W.c.revision_id == S.c.head_id)
        .subquery("waived")
    )
    rows: list[Any] = list(
        await read.execute(select(counts, waived).select_from(counts.outerjoin(waived, true())).order_by(waived.c.id))
    )
    through = tuple(
        LetThrough(
            waiver_id=row.id,
            statement_id=row.statement_id,
            title=row.title,
            kind=row.kind,
            reason=row.reason,
            by_person=row.person_id,
            by_name=row.name,
            organisation_id=row.organisation_id,
            at=row.created_at,
        )
        for row in rows
        if row.id is not None
    )
    return rows[0].accepted, rows[0].proposed, through


def gate_out(gate: Gate) -> GateOut:
    """The gate as it is answered, also inside the refusal to publish."""
    return GateOut(
        blocks=gate.blocks,
        empty=gate.empty,
        untreated_count=gate.counts[Fate.UNTREATED],
        untreated=[GateStatement.model_validate(one) for one in gate.untreated],
        outdated_treatments_count=gate.counts[Fate.OUTDATED],
        outdated_treatments=[GateStatement.model_validate(one) for one in gate.outdated_treatments],
        outdated_citations_count=len(gate.outdated_citations),
        outdated_citations=[GateCitation.model_validate(one) for one in gate.outdated_citations[:LONGEST_LIST]],
        consent_violations_count=len(gate.consent_violations),
        consent_violations=[GateCitation.model_validate(one) for one in gate.consent_violations[:LONGEST_LIST]],
        waived_count=len(gate.waived),
        waived=[GateWaiver.model_validate(one) for one in gate.waived[:LONGEST_LIST]],
        proposed=gate.proposed,
        proposed_note=PROPOSED_NOTE,
        counts=gate.counts,
    )


__all__ = [
    "Gate",
    "LetThrough",
    "Unsettled",
    "Waited",
    "count_fates",
    "gate_of",
    "gate_out",
    "list_waiting",
    "publication_gate",
]
