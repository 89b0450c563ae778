"""The synthesis and its two editions, made by the real actions on the days of the content.

Nothing here is a row written by hand: extracts, citations, passages, treatments, waivers and
publications pass every gate that a co-pilot of today passes, with the clock stopped in 2020.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import select, text
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.clock import now, stopped_at
from app.core.events import Audience
from app.core.versions import ANY_VERSION
from app.features.deliverables.actions.acknowledge import acknowledge
from app.features.deliverables.actions.citations import cite
from app.features.deliverables.actions.lifecycle import create, edit, set_scope
from app.features.deliverables.actions.passages import add_passage, rewrite
from app.features.deliverables.actions.sections import edit_section
from app.features.deliverables.actions.treatments import treat
from app.features.deliverables.actions.waivers import waive
from app.features.deliverables.models import AckChoice, Angle, Outcome, Passage, Section, WaiverKind
from app.features.deliverables.schemas.citing import Acknowledgement, CitationDraft
from app.features.deliverables.schemas.fates import TreatmentDraft, WaiverDraft
from app.features.deliverables.schemas.writing import (
    DeliverableDraft,
    DeliverablePatch,
    PassageDraft,
    PassageText,
    ScopeIn,
    SectionPatch,
)
from app.features.demonstration.content import Row, at
from app.features.demonstration.ledger import Ledger
from app.features.editions.actions.publish import publish
from app.features.editions.schemas import EditionDraft
from app.features.harvest.actions.extracts import harvest
from app.features.harvest.models import Extract, ExtractFiling, Theme
from app.features.harvest.schemas import ExtractDraft
from app.features.statements.models import Revision
from app.policy.actor import Actor
from app.policy.speaker import pilot_speaker
from app.policy.standing import BY_PERSON, actor_from

MARKER = re.compile(r"\[@(c\d+)\]")
ANGLES = {"register": Angle.DATABASE, "fruits": Angle.FRUITS, "lessons": Angle.LESSONS}
REASONS = {"out_of_scope_of_mandate": "out_of_mandate"}

WRITTEN_AFTER = timedelta(hours=12)
"""The text is written on the day after the cut-off; treatments are dated by the content."""
WAIVED_AHEAD = timedelta(days=1)

MERGED = "Rejoint une contribution citée dans le texte, qui porte la même demande."
"""What is said of a merge for which the content has no sentence of its own."""


async def load_actor(db: AsyncSession, person_id: UUID, *, quiet: bool = False) -> Actor:
    """Somebody's rights as they are now; `quiet`: what they do is kept for the audit and told to nobody."""
    question = text(BY_PERSON.replace("%(person)s", ":person"))
    actor = actor_from((await db.execute(question, {"person": person_id})).scalar_one())
    return replace(actor, is_import=True) if quiet else actor


@dataclass(slots=True)
class Synthesis:
    """The deliverable, from one edition to the next."""

    db: AsyncSession
    ledger: Ledger
    deliverable_id: UUID | None = None
    sections: dict[str, UUID] = field(default_factory=dict)
    passages: dict[str, UUID] = field(default_factory=dict)
    citations: dict[str, UUID] = field(default_factory=dict)

    @property
    def content(self) -> Row:
        """What the file says."""
        return self.ledger.content.synthesis

    async def make(self, edition: Row) -> None:
        """Write, treat, waive and publish one edition."""
        author = await self._actor(self.content["author"])
        publisher = await self._actor(edition["published_by"])
        published = at(edition["published_at"])
        with stopped_at(at(edition["cut_off"]) + WRITTEN_AFTER):
            if self.deliverable_id is None:
                await self._create(author, edition)
            else:
                await self._move_on(author, self.deliverable_id, edition)
            await self.db.flush()  # an action expects a transaction of its own, and reads the row anew
            await self._cite(author, edition["n"])
            await self._write(author, edition["n"])
        await self._treat(author, edition["n"])
        with stopped_at(published - WAIVED_AHEAD):
            await self._waive(publisher, edition["n"])
        with stopped_at(published):
            await self._publish(publisher, edition)

    async def _actor(self, key: str) -> Actor:
        return await load_actor(self.db, self.ledger.ids["person", key], quiet=True)

    def _scope(self, edition: Row) -> ScopeIn:
        scope = self.content["scope"]
        spaces = [self.ledger.ids["space", key] for key in scope["spaces"]]
        return ScopeIn(space_ids=spaces, kinds=scope["kinds"], cutoff_at=at(edition["cut_off"]))

    async def _create(self, author: Actor, edition: Row) -> None:
        """From the standard template, whose parts take the titles of the content."""
        scope = self._scope(edition)
        draft = DeliverableDraft(
            initiative_id=self.ledger.initiative_id,
            title=self.content["title"],
            summary=self.content["note"],
            template=self.content["template"],
            **scope.model_dump(),
        )
        deliverable = await create(self.db, author, draft)
        self.deliverable_id = deliverable.id
        rows = await self.db.execute(
            select(Section.id, Section.angle, Section.about_space_id, Section.title).where(
                Section.deliverable_id == deliverable.id
            )
        )
        laid = {(row.angle, row.about_space_id): row for row in rows}
        for section in self.content["sections"]:
            space = self.ledger.ids["space", section["space"]] if "space" in section else None
            found = laid[ANGLES[section.get("angle", "fruits")], space]
            self.sections[section["key"]] = found.id
            if found.title != section["title"]:
                await edit_section(self.db, author, found.id, SectionPatch(title=section["title"]), ANY_VERSION)
        await self.db.flush()

    async def _move_on(self, author: Actor, deliverable_id: UUID, edition: Row) -> None:
        """The scope of the next edition, and what its readers must know."""
        await set_scope(self.db, author, deliverable_id, self._scope(edition), ANY_VERSION)
        await self.db.flush()
        summary = f"{self.content['note']} {edition['note']}"
        await edit(self.db, author, deliverable_id, DeliverablePatch(summary=summary), ANY_VERSION)

    def _text(self, passage: Row, n: int) -> str | None:
        """The passage's words in edition `n`, if that edition is the one that brings or changes them."""
        if passage["edition"] == n:
            return str(passage["text"])
        for revision in passage.get("revisions", []):
            if revision["edition"] == n:
                return str(revision["text"])
        return None

    async def _cite(self, author: Actor, n: int) -> None:
        """The citations that this edition names for the first time, numbered as the content names them."""
        texts = [self._text(passage, n) or "" for passage in self.content["passages"]]
        named = {key for found in texts for key in MARKER.findall(found)}
        for row in self.content["citations"]:
            if row["key"] in named and row["key"] not in self.citations:
                earlier = self._outdated_by(row)
                made = await (self._renew(author, earlier, row) if earlier else self._new(author, row))
                self.citations[row["key"]] = made
        await self.ledger.write(self.db)

    def _outdated_by(self, row: Row) -> Row | None:
        """The citation, already made, of an earlier revision of the same words, that this one renews."""
        for other in self.content["citations"]:
            same = all(other.get(name) == row.get(name) for name in ("contribution", "reply", "relation"))
            if same and other["key"] in self.citations and other["revision"] < row["revision"]:
                return dict(other)
        return None

    async def _new(self, author: Actor, row: Row) -> UUID:
        assert self.deliverable_id is not None
        theme = next(it["theme"] for it in self.ledger.content.contributions if it["key"] == row["contribution"])
        extract = await harvest(
            self.db,
            author,
            ExtractDraft(revision_id=self._revision(row), quote=row["quote"], theme_id=self.ledger.ids["theme", theme]),
        )
        draft = CitationDraft(deliverable_id=self.deliverable_id, extract_id=extract.id, relation=row["relation"])
        citation = await cite(self.db, author, draft)
        assert f"c{citation.number}" == row["key"], row["key"]
        return citation.id

    def _file(self, author: Actor, row: Row, extract: Extract) -> None:
        """Under the theme of its contribution; a hundred single filings would take a second of the ten."""
        theme = next(it["theme"] for it in self.ledger.content.contributions if it["key"] == row["contribution"])
        theme_id, said = self.ledger.ids["theme", theme], pilot_speaker(author, extract.initiative_id)
        self.ledger.add(ExtractFiling, now(), theme_id=theme_id, extract_id=extract.id, by_person=said.person_id)
        self.ledger.tell(
            now(),
            "theme.filed",
            Theme,
            theme_id,
            Audience.PILOTS,
            said,
            space_id=extract.space_id,
            extract_id=str(extract.id),
        )

    async def _renew(self, author: Actor, earlier: Row, row: Row) -> UUID:
        """Its source was revised: the citation is renewed on the words of the revision in force."""
        revision = self._revision(row)
        plain = (await self.db.execute(select(Revision.plain).where(Revision.id == revision))).scalar_one()
        start = plain.index(row["quote"])
        wish = Acknowledgement(
            choice=AckChoice.RENEWED, seen_revision_id=revision, start=start, end=start + len(row["quote"])
        )
        settled = await acknowledge(self.db, author, self.citations[earlier["key"]], wish)
        assert settled.ack.replaced_by is not None
        return settled.ack.replaced_by

    def _revision(self, row: Row) -> UUID:
        return self.ledger.ids["revision", f"{row.get('reply') or row['contribution']}#{row['revision']}"]

    async def _write(self, author: Actor, n: int) -> None:
        """New passages where the content puts them, and new words in those that stand."""
        await self._take_template_passage()
        for position, passage in self._placed(n):
            words = self._text(passage, n)
            if words is None:
                continue
            if passage["key"] in self.passages:
                await rewrite(self.db, author, self.passages[passage["key"]], PassageText(markdown=words), ANY_VERSION)
            else:
                draft = PassageDraft(
                    section_id=self.sections[passage["section"]],
                    kind=passage["kind"],
                    markdown=words,
                    position=position,
                )
                self.passages[passage["key"]] = (await add_passage(self.db, author, draft)).id

    def _placed(self, n: int) -> Sequence[tuple[int, Row]]:
        """The passages that stand in edition `n`, each with its rank in its section."""
        ranks: dict[str, int] = {}
        placed: list[tuple[int, Row]] = []
        for passage in self.content["passages"]:
            if passage["edition"] <= n:
                rank = ranks.get(passage["section"], 0)
                placed.append((rank, passage))
                ranks[passage["section"]] = rank + 1
        return placed

    async def _take_template_passage(self) -> None:
        """The template says itself that the database is empty: the content's first words replace that sentence."""
        first = next(it["key"] for it in self.content["passages"] if it["section"] == "register")
        if first not in self.passages:
            found = await self.db.execute(select(Passage.id).where(Passage.section_id == self.sections["register"]))
            self.passages[first] = found.scalar_one()

    async def _treat(self, author: Actor, n: int) -> None:
        assert self.deliverable_id is not None
        for row in self.content["treatments"]:
            if row["edition"] == n:
                verdict: dict[str, Any] = {"outcome": row["outcome"], "sentence": row.get("sentence", MERGED)}
                if row["outcome"] == Outcome.MERGED:
                    verdict["target_id"] = self.ledger.ids["statement", row["target"]]
                if row["outcome"] == Outcome.SET_ASIDE:
                    verdict["reason_code"] = REASONS.get(row["reason_code"], row["reason_code"])
                draft = TreatmentDraft(
                    deliverable_id=self.deliverable_id,
                    statement_id=self.ledger.ids["statement", row["contribution"]],
                    revision_id=self.ledger.ids["revision", f"{row['contribution']}#{row['revision']}"],
                    **verdict,
                )
                with stopped_at(_noon(row["date"])):
                    await treat(self.db, author, draft)

    async def _waive(self, publisher: Actor, n: int) -> None:
        assert self.deliverable_id is not None
        for row in self.content["waivers"]:
            if row["edition"] == n:
                draft = WaiverDraft(
                    deliverable_id=self.deliverable_id,
                    statement_id=self.ledger.ids["statement", row["contribution"]],
                    kind=WaiverKind.UNTREATED,
                    reason=row["reason"],
                )
                await waive(self.db, publisher, draft)

    async def _publish(self, publisher: Actor, edition: Row) -> None:
        assert self.deliverable_id is not None
        await self.db.flush()
        await publish(self.db, publisher, self.deliverable_id, EditionDraft(label=edition["label"]), ANY_VERSION)


def _noon(day: str) -> datetime:
    return at(f"{day} 12:00")
