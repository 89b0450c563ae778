"""What has become of the words of an edition since: what live pages add to what was frozen, and what they keep back.

The files of an edition never move (promise 6). A page does: consent that was tightened since holds at once
(promise 7), so the words, or the name, are not shown there any more, whatever the files say.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import case, false, select, true
from sqlalchemy.sql.selectable import FromClause

from app.core.db import Handle
from app.features.deliverables.models import Treatment, Waiver
from app.features.deliverables.queries.sources import CITED_WORDS, ERASED, STANDING, C, E, R, S, consent_in_force
from app.features.editions.models import EditionCitation
from app.features.identity.models import Organisation
from app.features.initiatives.models import Participation
from app.features.statements.models import CONSENT_WIDTH, Consent, Revision, Statement, StatementState, StatementType
from app.policy.actions import Action
from app.policy.actor import Actor, Capacity
from app.policy.decide import visible

EC: FromClause = EditionCitation.__table__
H: FromClause = Revision.__table__.alias("heads")
O: FromClause = Organisation.__table__  # noqa: E741 - as in the statements' own queries
PA: FromClause = Participation.__table__
T: FromClause = Treatment.__table__
W: FromClause = Waiver.__table__


@dataclass(frozen=True, slots=True)
class Home:
    """An organisation that the edition names: where it has its page, and its family."""

    id: UUID
    family: str | None


@dataclass(frozen=True, slots=True)
class Standing:
    """Where the source of one note stands today, for one reader."""

    width: int
    """Of the strictest consent since (CONSENT_WIDTH)."""
    state: str
    """`same`, `revised`, `withdrawn`, `moderated` or `erased`."""
    home: Home | None
    """Of the organisation that spoke, where the consent in force lets it be named."""
    address: str = ""
    """Of the whole text, for who may read it."""
    revision: int | None = None
    """The words that are cited, and those in force: told to who may read the whole text."""
    head: int | None = None
    head_at: datetime | None = None

    @property
    def named(self) -> bool:
        """Whether who spoke may be named."""
        return self.width <= CONSENT_WIDTH[Consent.NAME]

    def shows_words(self, published: str) -> bool:
        """Whether the words may be read on a page, given the state that the source had when it was `published`."""
        hidden_since = self.state == StatementState.MODERATED and published != StatementState.MODERATED
        return self.width < CONSENT_WIDTH[Consent.PARAPHRASE] and self.state != "erased" and not hidden_since


async def get_standing(read: Handle, actor: Actor, edition_ids: Sequence[UUID]) -> dict[UUID, dict[int, Standing]]:
    """Edition -> number of the note -> where its source stands; one statement."""
    readable = case((visible(actor, Statement, Action.STATEMENT_READ), true()), else_=false())
    rows = await read.execute(
        select(
            *(EC.c.edition_id, EC.c.number, S.c.id, S.c.type, S.c.capacity, S.c.organisation_id),
            *(R.c.n.label("revision"), H.c.n.label("head"), H.c.created_at.label("head_at"), O.c.family),
            consent_in_force.label("width"),
            STANDING.label("standing"),
            ERASED.label("erased"),
            (E.c.revision_id != S.c.head_id).label("revised"),
            readable.label("readable"),
        )
        .select_from(
            EC.join(CITED_WORDS, C.c.id == EC.c.citation_id)
            .join(H, H.c.id == S.c.head_id)
            .outerjoin(O, O.c.id == S.c.organisation_id)
        )
        .where(EC.c.edition_id.in_(edition_ids))
    )
    found: dict[UUID, dict[int, Standing]] = {id_: {} for id_ in edition_ids}
    for row in rows.all():
        found[row.edition_id][row.number] = _standing(row)
    return found


def _standing(row: Any) -> Standing:
    gone = row.standing if row.standing != StatementState.PUBLISHED else ""
    spoke = row.capacity == Capacity.ORGANISATION and row.organisation_id is not None
    named = spoke and row.width <= CONSENT_WIDTH[Consent.NAME]
    told: dict[str, Any] = {}
    if row.readable:
        where = "contributions" if row.type == StatementType.CONTRIBUTION else "reponses"
        told["address"] = f"/{where}/{row.id}"
        told |= {"revision": row.revision, "head": row.head, "head_at": row.head_at}
    return Standing(
        width=row.width,
        state="erased" if row.erased else gone or ("revised" if row.revised else "same"),
        home=Home(row.organisation_id, row.family) if named else None,
        **told,
    )


async def get_homes(read: Handle, initiative_id: UUID, names: Iterable[str]) -> dict[str, Home]:
    """Name -> page and family, for names that an edition printed; one that two organisations bear is left out. One statement."""
    rows = await read.execute(
        select(O.c.id, O.c.name, O.c.family)
        .distinct()
        .select_from(PA.join(O, O.c.id == PA.c.organisation_id))
        .where(PA.c.initiative_id == initiative_id, O.c.name.in_(list(names)))
    )
    found: dict[str, list[Home]] = {}
    for row in rows.all():
        found.setdefault(row.name, []).append(Home(row.id, row.family))
    return {name: homes[0] for name, homes in found.items() if len(homes) == 1}


@dataclass(frozen=True, slots=True)
class Readable:
    """A contribution of the report that may still be read from outside; `name` while its organisation may be named."""

    id: UUID
    name: str | None


async def get_readable(
    read: Handle, actor: Actor, deliverable_id: UUID, edition_id: UUID, titles: Iterable[str]
) -> Mapping[str, list[Readable]]:
    """Title -> the contributions that were published under it and that may still be read.

    A report holds no identifier, so they are found by their title among what the edition cites and what the co-pilots
    decided on before it. One statement.
    """
    decided = (
        select(EC.c.statement_id)
        .where(EC.c.edition_id == edition_id)
        .union(
            select(T.c.statement_id).where(T.c.deliverable_id == deliverable_id, T.c.id < edition_id),
            select(W.c.statement_id).where(W.c.deliverable_id == deliverable_id, W.c.id < edition_id),
        )
    ).subquery("decided")
    rows = await read.execute(
        select(S.c.id, S.c.consent, S.c.capacity, R.c.title, H.c.consent.label("head_consent"), O.c.name)
        .distinct()
        .select_from(
            decided.join(S, S.c.id == decided.c.statement_id)
            .join(R, R.c.statement_id == S.c.id)
            .join(H, H.c.id == S.c.head_id)
            .outerjoin(O, O.c.id == S.c.organisation_id)
        )
        .where(R.c.title.in_(list(titles)), S.c.released, visible(actor, Statement, Action.STATEMENT_READ))
    )
    found: dict[str, list[Readable]] = {}
    for row in rows.all():
        named = row.consent == row.head_consent == Consent.NAME and row.capacity == Capacity.ORGANISATION
        found.setdefault(row.title, []).append(Readable(row.id, row.name if named else None))
    return found
