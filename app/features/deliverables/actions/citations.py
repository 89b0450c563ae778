"""Cite an extract in a deliverable."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.errors import Conflict, WrongState, unknown
from app.core.model import new_id
from app.features.deliverables.actions.ground import hold_named, pilot, say
from app.features.deliverables.actions.writing import ConsentForbids
from app.features.deliverables.models import Citation, Deliverable, Relation
from app.features.deliverables.queries.sources import STANDING, E, R, S, consent_in_force, consent_of
from app.features.deliverables.schemas.citing import CitationDraft
from app.features.harvest.models import Extract
from app.features.harvest.queries import EXTRACT_NOT_FOUND
from app.features.statements.models import Consent, StatementState
from app.policy.actions import Action
from app.policy.actor import Actor
from app.policy.decide import visible
from app.policy.speaker import Speaker


class CitedAlready(Conflict):
    """This extract is cited here with this relation already: `key` says by which marker."""

    title = "Citation déjà faite"


async def cite(db: AsyncSession, actor: Actor, draft: CitationDraft) -> Citation:
    """Give an extract a key in the deliverable; other words, or another relation, are another citation."""
    deliverable = await hold_named(db, actor, draft.deliverable_id)
    source = await _source(db, actor, draft.extract_id)
    if source is None or source.initiative_id != deliverable.initiative_id:
        raise unknown("/extract_id", EXTRACT_NOT_FOUND)
    if source.standing != StatementState.PUBLISHED:
        raise WrongState("Ces mots ont été retirés : ils ne peuvent plus être cités.", state=source.standing)
    if source.quote == "":
        raise WrongState("Ces mots ont été effacés : il n’y a plus rien à citer.", state="erased")
    check_consent(consent_of(source.width), draft.relation)
    if known := await find_citation(db, deliverable.id, draft.extract_id, draft.relation):
        raise CitedAlready(
            f"Cet extrait est déjà cité ainsi : c{known.number}.", key=f"c{known.number}", citation_id=str(known.id)
        )
    said = pilot(actor, deliverable)
    citation = add_citation(db, deliverable, said, source.id, source.statement_id, draft.relation)
    await db.flush()
    say(db, actor, "citation.made", citation, said, number=citation.number, relation=citation.relation)
    return citation


def add_citation(
    db: AsyncSession, deliverable: Deliverable, said: Speaker, extract_id: UUID, statement_id: UUID, relation: str
) -> Citation:
    """The next number of a held deliverable, given to an extract."""
    citation = Citation(
        id=new_id(),
        deliverable_id=deliverable.id,
        initiative_id=deliverable.initiative_id,
        number=deliverable.next_citation,
        extract_id=extract_id,
        statement_id=statement_id,
        relation=relation,
        **said.columns(),
    )
    deliverable.next_citation += 1
    db.add(citation)
    return citation


def check_consent(consent: Consent, relation: str) -> None:
    """Return when words said under this consent may do that in a deliverable (promise 7)."""
    if consent == Consent.INTERNAL:
        raise ConsentForbids(
            "L’auteur garde ces mots à l’intérieur de l’espace : ils ne peuvent pas être cités. "
            "La contribution peut être fusionnée, recevoir une réponse ou être écartée avec ce motif.",
            consent=consent,
        )
    if consent == Consent.PARAPHRASE and relation == Relation.QUOTES:
        raise ConsentForbids(
            "L’auteur accepte que ses mots soient reformulés, pas cités : choisissez « appuie », « nuance » "
            "ou « contredit ».",
            consent=consent,
        )


async def find_citation(db: AsyncSession, deliverable_id: UUID, extract_id: UUID, relation: str) -> Citation | None:
    """The citation of this extract with this relation, if there is one."""
    found = await db.execute(
        select(Citation).where(
            Citation.deliverable_id == deliverable_id,
            Citation.extract_id == extract_id,
            Citation.relation == relation,
        )
    )
    return found.scalar_one_or_none()


async def _source(db: AsyncSession, actor: Actor, extract_id: UUID) -> Any:
    question = (
        select(
            E.c.id,
            E.c.statement_id,
            E.c.initiative_id,
            E.c.quote,
            STANDING.label("standing"),
            consent_in_force.label("width"),
        )
        .select_from(E.join(R, R.c.id == E.c.revision_id).join(S, S.c.id == E.c.statement_id))
        .where(E.c.id == extract_id, visible(actor, Extract, Action.EXTRACT_READ))
    )
    return (await db.execute(question)).first()
