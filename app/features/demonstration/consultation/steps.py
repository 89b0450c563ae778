"""`consult`: import a real consultation, write, treat and publish a synthesis of it, and have it read again.

Each step is a transaction of its own and finds what an interrupted run left: run again, the
command goes on from there, and once the edition is published it only reads.
"""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar
from uuid import UUID

from sqlalchemy import select, text
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.db import Database
from app.core.versions import ANY_VERSION
from app.features.deliverables.actions.draft import draft
from app.features.deliverables.actions.lifecycle import create
from app.features.deliverables.actions.passages import add_passage
from app.features.deliverables.actions.suggestions import accept_many
from app.features.deliverables.models import Angle, Deliverable, PassageKind, Section
from app.features.deliverables.schemas.writing import AcceptMany, DeliverableDraft, PassageDraft
from app.features.demonstration.consultation.hearing import RULE as HEARD
from app.features.demonstration.consultation.hearing import hear_everybody
from app.features.demonstration.consultation.pilot import make_pilot
from app.features.demonstration.consultation.report import ConsultationReport, read_report
from app.features.demonstration.consultation.rules import AMENDMENT, MERGE, REST, RULES, WAIVER
from app.features.demonstration.consultation.treating import treat_everything
from app.features.demonstration.synthesis import load_actor
from app.features.editions.actions.export import export_edition
from app.features.editions.actions.publish import publish
from app.features.editions.models import Edition
from app.features.editions.schemas import EditionDraft
from app.features.editions.trace import trace
from app.features.editions.verify import verify
from app.features.imports.actions import run_import
from app.features.imports.command import OPERATOR
from app.features.imports.mapping import read_mapping
from app.features.initiatives.models import Initiative
from app.features.spaces.models import Space
from app.policy.actor import Actor
from app.settings import Settings

MAPPING = Path("republique-numerique-2015")
TITLE = "Ce que la consultation de 2015 a dit"
SUMMARY = (
    "Synthèse de démonstration, proposée par règles à partir d’une consultation publique de 2015 et publiée par un "
    "co-pilote de démonstration. Elle n’engage ni le Gouvernement, ni les organisations et les personnes qu’elle cite."
)
LABEL = "Édition de démonstration"
PER_THEME = 6
ACCEPTED = "Tout le brouillon automatique, accepté en bloc pour la démonstration, sans relecture passage par passage"
LESSONS = "Cette partie reste à écrire par des personnes : une règle compte et cite, elle ne tire pas d’enseignements."
METHOD = (
    "Ce texte a été fait par ces règles, dans cet ordre ; aucune ne lit ni ne juge ce que disent les contributions :"
)
WORDS = (
    f"Citer, dans chaque thème, les {PER_THEME} contributions les plus soutenues, et la réponse la plus soutenue de chaque côté",
    HEARD,
    MERGE,
    AMENDMENT.words,
    *(rule.words for rule in RULES),
    WAIVER,
    REST.words,
)

Progress = Callable[[str], None]
Result = TypeVar("Result")


@dataclass(slots=True)
class Run:
    """One run under way."""

    database: Database
    settings: Settings
    data: Path
    out: Path
    progress: Progress
    seconds: dict[str, float] = field(default_factory=dict)
    person_id: UUID | None = None

    async def step(self, name: str, work: Callable[[AsyncSession], Awaitable[Result]]) -> Result:
        """`work` in a transaction of its own, told and timed."""
        self.progress(name)
        begun = time.monotonic()
        async with self.database.sessions.begin() as db:
            result = await work(db)
        self.seconds[name] = time.monotonic() - begun
        return result

    async def as_pilot(self, name: str, work: Callable[[AsyncSession, Actor], Awaitable[Result]]) -> Result:
        """The same, as the demonstration's co-pilot."""

        async def acting(db: AsyncSession) -> Result:
            assert self.person_id is not None
            return await work(db, await load_actor(db, self.person_id))

        return await self.step(name, acting)

    async def bring_in(self, name: str) -> Any:
        """Import the folder."""
        self.progress(name)
        report = await run_import(self.database, OPERATOR, self.data, MAPPING)
        self.seconds[name] = report.seconds
        return report


async def consult(
    database: Database, settings: Settings, data: Path, out: Path, progress: Progress | None = None
) -> ConsultationReport:
    """The whole of it; `out/edition-1` is what was published. `MappingRefused` when `data` is not this consultation."""
    run = Run(database, settings, data, out, progress or (lambda _what: None))
    begun = time.monotonic()
    first = await run.bring_in("Import")
    slug = read_mapping(MAPPING).initiative.slug
    initiative_id = await run.step("Démarche", lambda db: _initiative(db, slug))
    run.person_id = await run.step("Co-pilote de démonstration", lambda db: make_pilot(db, settings, initiative_id))
    edition_id, deliverable_id = await _published(run, initiative_id)
    async with database.reading() as connection:
        edition = (await connection.execute(select(Edition.__table__).where(Edition.id == edition_id))).one()
        folder = out / f"edition-{edition.n}"
        fingerprint = bytes(edition.manifest_sha256).hex()
        if not folder.exists():
            await export_edition(connection, edition_id, folder)
        traced = await trace(connection, edition_id)
    verdict = verify(folder, fingerprint)
    again = await run.bring_in("Second import")
    return await run.as_pilot(
        "Relecture",
        lambda db, actor: read_report(
            db,
            actor,
            initiative_id,
            deliverable_id,
            edition_id,
            payload=bytes(edition.payload),
            imported=first,
            again=again,
            traced=traced,
            verdict=verdict,
            folder=folder,
            steps=run.seconds,
            seconds=time.monotonic() - begun,
        ),
    )


async def _published(run: Run, initiative_id: UUID) -> tuple[UUID, UUID]:
    """The edition and its deliverable: those of an earlier run, or made now."""
    deliverable_id = await run.as_pilot("Livrable", lambda db, actor: _deliverable(db, actor, initiative_id))
    known = await run.step("Édition", lambda db: _edition(db, deliverable_id))
    if known is not None:
        return known, deliverable_id
    await run.as_pilot("Brouillon", lambda db, actor: draft(db, actor, deliverable_id, per_theme=PER_THEME))
    order = AcceptMany(deliverable_id=deliverable_id, rule=ACCEPTED)
    await run.as_pilot("Acceptation en bloc", lambda db, actor: accept_many(db, actor, order))
    await run.as_pilot("Chacun cité une fois", lambda db, actor: hear_everybody(db, actor, deliverable_id))
    await run.as_pilot("Traitement par règles", lambda db, actor: treat_everything(db, actor, deliverable_id))
    edition = await run.as_pilot(
        "Publication",
        lambda db, actor: publish(db, actor, deliverable_id, EditionDraft(label=LABEL), ANY_VERSION),
    )
    return edition.id, deliverable_id


async def _initiative(db: AsyncSession, slug: str) -> UUID:
    return UUID(str((await db.execute(select(Initiative.id).where(Initiative.slug == slug))).scalar_one()))


async def _edition(db: AsyncSession, deliverable_id: UUID) -> UUID | None:
    question = select(Edition.id).where(Edition.deliverable_id == deliverable_id).order_by(Edition.n).limit(1)
    found: UUID | None = (await db.execute(question)).scalar_one_or_none()
    return found


async def _deliverable(db: AsyncSession, actor: Actor, initiative_id: UUID) -> UUID:
    """Over the spaces and every kind, until now, with what people say of the method; made once."""
    # Two runs at once would make two: the second waits here, then finds the first one's.
    await db.execute(text("SELECT pg_advisory_xact_lock(1668246638, hashtext(:id))"), {"id": str(initiative_id)})
    question = select(Deliverable.id).where(Deliverable.initiative_id == initiative_id, Deliverable.title == TITLE)
    if (known := (await db.execute(question)).scalar_one_or_none()) is not None:
        return UUID(str(known))
    spaces = await db.execute(select(Space.id).where(Space.initiative_id == initiative_id).order_by(Space.number))
    draft_of_it = DeliverableDraft(
        initiative_id=initiative_id, title=TITLE, summary=SUMMARY, space_ids=list(spaces.scalars())
    )
    deliverable = await create(db, actor, draft_of_it)
    await db.flush()
    lessons = await db.execute(
        select(Section.id).where(Section.deliverable_id == deliverable.id, Section.angle == Angle.LESSONS)
    )
    section_id = lessons.scalar_one()
    rules = "\n".join(f"- {words}." for words in WORDS)
    for kind, words in (
        (PassageKind.PARAGRAPH, LESSONS),
        (PassageKind.PARAGRAPH, METHOD),
        (PassageKind.LIST, rules),
    ):
        await add_passage(db, actor, PassageDraft(section_id=section_id, kind=kind, markdown=words))
    return deliverable.id
