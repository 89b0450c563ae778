"""Whose hands wrote each passage: the revisions in force and those that wait, with names, and the whole history of one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Select, and_, or_, select
from sqlalchemy.sql.selectable import FromClause

from app.core.clock import now
from app.core.db import Handle
from app.core.errors import NotFound
from app.features.deliverables.models import Passage, PassageRevision, PassageState
from app.features.deliverables.queries.passages import NUMBERS, PASSAGE_NOT_FOUND
from app.features.identity.models import Organisation, Person
from app.policy.actions import Action
from app.policy.actor import Actor
from app.policy.decide import visible

P: FromClause = Passage.__table__
PR: FromClause = PassageRevision.__table__
PE: FromClause = Person.__table__
O: FromClause = Organisation.__table__  # noqa: E741 - as in the statements' own queries
DECIDED: FromClause = Person.__table__.alias("decided")
LATELY = timedelta(days=30)
MOST_REVISIONS = 100
"""Of one passage, on its page: the newest; the API has them all."""


@dataclass(frozen=True, slots=True)
class Hand:
    """One revision of a passage, and who wrote it."""

    id: UUID
    passage_id: UUID
    section_id: UUID
    n: int
    base_id: UUID | None
    kind: str
    markdown: str
    html: str
    caption: str | None
    alt: str | None
    figure_id: UUID | None
    state: str
    citations: Sequence[int]
    by_rule: str | None
    decided_by_rule: str | None
    decided_by: str | None
    decided_at: datetime | None
    refusal_reason: str | None
    created_at: datetime
    person: str | None
    organisation: str
    family: str | None
    head_id: UUID | None
    version: int

    @property
    def in_force(self) -> bool:
        """Whether these are the words of the text now."""
        return self.id == self.head_id

    @property
    def is_refused(self) -> bool:
        """Whether it was proposed and turned down."""
        return self.state == PassageState.REFUSED

    @property
    def is_stale(self) -> bool:
        """Whether it was proposed on words that are no longer in force."""
        return self.base_id != self.head_id


OWN = ("id", "passage_id", "n", "base_id", "markdown", "html", "caption", "alt", "figure_id", "state", "by_rule")
DONE = ("decided_by_rule", "decided_at", "refusal_reason", "created_at")


def _hands(actor: Actor) -> Select[Any]:
    return (
        select(
            *(PR.c[name] for name in (*OWN, *DONE)),
            *(P.c[name] for name in ("section_id", "kind", "head_id", "version")),
            NUMBERS.label("citations"),
            PE.c.name.label("person"),
            DECIDED.c.name.label("decided_by"),
            O.c.name.label("organisation"),
            O.c.family,
        )
        .select_from(
            PR.join(P, P.c.id == PR.c.passage_id)
            .join(PE, PE.c.id == PR.c.person_id)
            .join(O, O.c.id == PR.c.organisation_id)
            .outerjoin(DECIDED, DECIDED.c.id == PR.c.decided_by)
        )
        .where(visible(actor, Passage, Action.DELIVERABLE_READ))
    )


async def list_hands(read: Handle, actor: Actor, section_id: UUID) -> list[Hand]:
    """The revisions of a section that are in force or wait for a person, passage by passage; one statement.

    With them, what the caller proposed there and was lately refused, though its passage went with it.
    """
    lately = and_(
        PR.c.state == PassageState.REFUSED,
        PR.c.person_id == actor.person_id,
        PR.c.decided_at > now() - LATELY,
        PR.c.refusal_reason.is_not(None),
    )
    standing = and_(P.c.removed_at.is_(None), or_(PR.c.id == P.c.head_id, PR.c.state == PassageState.PROPOSED))
    question = (
        _hands(actor).where(P.c.section_id == section_id, or_(standing, lately)).order_by(P.c.position, P.c.id, PR.c.n)
    )
    return [Hand(**row) for row in (await read.execute(question)).mappings()]


async def list_history(read: Handle, actor: Actor, deliverable_id: UUID, passage_id: UUID) -> list[Hand]:
    """The revisions of a passage, the newest first, or NotFound; one statement."""
    question = (
        _hands(actor)
        .where(PR.c.passage_id == passage_id, PR.c.deliverable_id == deliverable_id)
        .order_by(PR.c.n.desc())
        .limit(MOST_REVISIONS)
    )
    found = [Hand(**row) for row in (await read.execute(question)).mappings()]
    if not found:
        raise NotFound(PASSAGE_NOT_FOUND)
    return found
