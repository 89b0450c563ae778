"""A deliverable to read: 120 passages over four sections, every second one a sourced quotation, through the real actions."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import select

from app.core.db import Database, fetch
from app.features.deliverables.actions.citations import cite
from app.features.deliverables.actions.lifecycle import create
from app.features.deliverables.actions.passages import add_passage
from app.features.deliverables.models import Deliverable, Section
from app.features.deliverables.schemas.citing import CitationDraft
from app.features.deliverables.schemas.writing import DeliverableDraft, PassageDraft
from app.features.harvest.actions.extracts import harvest
from app.features.harvest.schemas import ExtractDraft
from app.features.statements.models import Revision, Statement
from app.policy.standing import actor_from
from app.web.auth import LOGIN
from bench.data import Corpus

PASSAGES = 120


async def write_deliverable(database: Database, corpus: Corpus) -> str:
    """Its id; the one that an earlier run wrote, where there is one."""
    async with database.sessions() as db:
        known = (await db.execute(select(Deliverable.id).where(Deliverable.title == "Mesure"))).scalars().first()
        if known is not None:
            return str(known)
        login, person = corpus.logins["copilot"]
        [row] = await fetch(db, LOGIN, {"login": UUID(login), "person": UUID(person)})
        actor = actor_from(row.standing)
        deliverable = await create(
            db,
            actor,
            DeliverableDraft(
                initiative_id=UUID(corpus.initiative), title="Mesure", space_ids=[UUID(s) for s in corpus.spaces[:4]]
            ),
        )
        await db.flush()
        sections = (
            (
                await db.execute(
                    select(Section.id).where(
                        Section.deliverable_id == deliverable.id, Section.about_space_id.is_not(None)
                    )
                )
            )
            .scalars()
            .all()
        )
        heads = await db.execute(
            select(Revision.id, Revision.plain)
            .join(Statement, Statement.head_id == Revision.id)
            .where(Statement.space_id == UUID(corpus.spaces[0]), Revision.plain_length > 60)
            .limit(PASSAGES // 2)
        )
        for n, (revision, plain) in enumerate(heads):
            quote = plain[: plain.index(" ", 40)]
            extract = await harvest(db, actor, ExtractDraft(revision_id=revision, quote=quote))
            await db.flush()
            citation = await cite(
                db, actor, CitationDraft(deliverable_id=deliverable.id, extract_id=extract.id, relation="quotes")
            )
            await db.flush()
            section = sections[n % len(sections)]
            marker = f"[@c{citation.number}]"
            sentence = f"Une organisation le dit ainsi {marker}."
            await add_passage(db, actor, PassageDraft(section_id=section, kind="paragraph", markdown=sentence))
            await add_passage(db, actor, PassageDraft(section_id=section, kind="quotation", markdown=marker))
        await db.commit()
        return str(deliverable.id)
