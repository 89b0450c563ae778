"""The standard template: the shared database, the fruits of the spaces, the lessons."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from app.core.clock import now
from app.core.model import new_id
from app.core.richtext.render import to_html
from app.features.deliverables.models import (
    Angle,
    Deliverable,
    Passage,
    PassageKind,
    PassageRevision,
    PassageState,
    Section,
)
from app.features.spaces.models import Space
from app.policy.speaker import Speaker

RULE = "modèle standard"

SENTENCES = {
    "fr": {
        Angle.DATABASE: "La base partagée",
        Angle.FRUITS: "Les fruits des espaces",
        Angle.LESSONS: "Les enseignements",
        "empty": (
            "La base partagée des besoins et des solutions n’existe pas encore dans cet espace de travail : "
            "cette partie est vide, et rien n’a été inventé pour la remplir."
        ),
    },
    "en": {
        Angle.DATABASE: "The shared database",
        Angle.FRUITS: "The fruits of the spaces",
        Angle.LESSONS: "The lessons",
        "empty": (
            "The shared database of needs and solutions does not exist yet in this workspace: "
            "this part is empty, and nothing was made up to fill it."
        ),
    },
}


async def lay_standard(db: AsyncSession, deliverable: Deliverable, spaces: list[Space], said: Speaker) -> None:
    """Write the three parts; the first one says honestly that there is nothing to put in it yet."""
    words = SENTENCES[deliverable.language]
    database = _section(deliverable, 0, words[Angle.DATABASE], Angle.DATABASE)
    fruits = _section(deliverable, 1, words[Angle.FRUITS], Angle.FRUITS)
    lessons = _section(deliverable, 2, words[Angle.LESSONS], Angle.LESSONS)
    db.add_all([database, fruits, lessons])
    await db.flush()
    for rank, space in enumerate(spaces):
        section = _section(deliverable, rank, space.title, Angle.FRUITS, fruits.id)
        section.about_space_id = space.id
        db.add(section)
    await _say_empty(db, deliverable, database, words["empty"], said)


def _section(
    deliverable: Deliverable, position: int, title: str, angle: Angle, parent_id: UUID | None = None
) -> Section:
    return Section(
        id=new_id(),
        deliverable_id=deliverable.id,
        initiative_id=deliverable.initiative_id,
        parent_id=parent_id,
        position=position,
        title=title,
        angle=angle,
        version=1,
    )


async def _say_empty(
    db: AsyncSession, deliverable: Deliverable, section: Section, sentence: str, said: Speaker
) -> None:
    """An editorial passage, accepted by whoever chose the template, and said to come from it."""
    passage = Passage(
        id=new_id(),
        deliverable_id=deliverable.id,
        initiative_id=deliverable.initiative_id,
        section_id=section.id,
        position=0,
        kind=PassageKind.PARAGRAPH,
        version=1,
    )
    db.add(passage)
    await db.flush()
    revision = PassageRevision(
        id=new_id(),
        passage_id=passage.id,
        deliverable_id=deliverable.id,
        n=1,
        markdown=sentence,
        html=to_html(sentence),
        state=PassageState.ACCEPTED,
        by_rule=RULE,
        decided_by=said.person_id,
        decided_at=now(),
        decided_by_rule=RULE,
        **said.columns(),
    )
    db.add(revision)
    await db.flush()
    passage.head_id = revision.id
