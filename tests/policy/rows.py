"""One of each object of a space, as rows: what the table of rights, the crawl and the junk are tried on.

Everything is written in one transaction, with a marker at the end of every text that people wrote,
so that the same objects serve to ask "who may" and "does it leak".
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from uuid import UUID

import obstore
from sqlalchemy.dialects.postgresql import Range

from app.core.clock import now
from app.core.events import Event
from app.core.model import Base, new_id
from app.core.richtext.canonical import to_plain
from app.core.richtext.render import to_html
from app.core.storage import key_of
from app.features.attachments.models import Attachment
from app.features.deliverables.models import (
    Citation,
    Deliverable,
    Figure,
    Passage,
    PassageCitation,
    PassageRevision,
    ScopeSpace,
    Section,
    Treatment,
    Waiver,
)
from app.features.harvest.models import Extract, ExtractFiling, Filing, Theme
from app.features.identity.models import Organisation
from app.features.initiatives.models import Milestone, Participation, Phase, Term
from app.features.live.models import Presence
from app.features.sessions.models import AgendaItem, MinutesRevision, Session
from app.features.spaces.models import Space
from app.features.statements.models import Position, Revision, Source, Statement
from tests.world import World, organisation

Ids = dict[str, Any]
QUOTE = "Il manque deux mois de trésorerie"


STAGES: tuple[tuple[type[Base], ...], ...] = (
    (Organisation, Session),
    (Statement,),
    (Revision, Theme, Deliverable, AgendaItem, MinutesRevision),
    (Extract, Section),
    (Citation,),
    (Passage,),
    (PassageRevision,),
)
"""What others point to is written first; the rest comes after these."""


def _stage(row: Base) -> int:
    return next((number for number, kinds in enumerate(STAGES) if isinstance(row, kinds)), len(STAGES))


@dataclass
class Rows:
    """What is being written in one space of a world."""

    world: World
    space: Space
    mark: str = ""
    made: list[Base] = field(default_factory=list)

    def text(self, words: str, where: str) -> str:
        """The words, and the marker with the name of the field it stands in."""
        return f"{words} {self.mark}-{where}" if self.mark else words

    def add(self, row: Any) -> Any:
        """Write the row with the others."""
        self.made.append(row)
        return row

    @property
    def place(self) -> dict[str, UUID]:
        """The columns that every row of a space carries."""
        return {"initiative_id": self.space.initiative_id, "space_id": self.space.id}

    def acted(self, who: str, capacity: str = "organisation") -> dict[str, Any]:
        """The columns of whoever acts."""
        mandate = self.world.mandates[who]
        return {
            "person_id": mandate.person_id,
            "organisation_id": mandate.organisation_id,
            "mandate_id": mandate.id,
            "capacity": capacity,
        }

    def writes(self, kind: str, thing: UUID, scope: UUID) -> None:
        """The co-pilot has it open."""
        since, until = now(), now() + timedelta(days=1)
        who = self.world.persons["copilot"].id
        self.add(Presence(place=f"{kind}:{thing}", person_id=who, scope_id=scope, since=since, until=until))

    async def save(self) -> None:
        """One transaction for all of it."""
        async with self.world.database.sessions() as db:
            for stage in range(len(STAGES) + 1):
                db.add_all(row for row in self.made if _stage(row) == stage)
                await db.flush()
            await db.commit()
        for row in self.made:
            if isinstance(row, Attachment):
                key = key_of(row.organisation_id, row.id)  # type: ignore[arg-type]
                await obstore.put_async(self.world.app.state.storage, key, row.content)  # type: ignore[attr-defined]


def revision(rows: Rows, statement: Statement, n: int, title: str, markdown: str, consent: str) -> Revision:
    """The words of a statement, once."""
    plain = to_plain(markdown)
    return Revision(
        id=new_id(),
        statement_id=statement.id,
        n=n,
        title=title,
        markdown=markdown,
        plain=plain,
        plain_sha256=hashlib.sha256(plain.encode()).digest(),
        plain_length=len(plain),
        html=to_html(markdown),
        consent=consent,
        author_id=statement.person_id,
        created_at=now(),
        **rows.place,
    )


def statement(
    rows: Rows,
    *,
    to: Statement | None = None,
    who: str = "participant",
    state: str = "published",
    consent: str = "name",
    label: str = "statement",
    twice: bool = False,
    minutes_ago: int = 5,
) -> Statement:
    """A contribution, or a reply `to` one; `twice` gives it a second revision, which becomes the head."""
    said, at = new_id(), now() - timedelta(minutes=minutes_ago)
    kind = {"type": "contribution", "kind": "need", "root_id": said, "root_state": state, "root_consent": consent}
    if to is not None:
        kind = {"type": "reply", "side": "for", "parent_id": to.id, "root_id": to.id, "root_state": to.state}
        kind["root_consent"] = to.consent
    made = Statement(
        id=said,
        state=state,
        consent=consent,
        state_reason="off_topic" if state == "moderated" else None,
        occurred_at=at,
        recorded_at=at,
        published_at=None if state == "draft" else at,
        first_n=None if state == "draft" else 1,
        **kind,
        **rows.place,
        **rows.acted(who),
    )
    words = rows.text(f"Avant cela. {QUOTE} partout.", f"{label}-words")
    title = "" if to else rows.text("Trésorerie", f"{label}-title")
    said_first = revision(rows, made, 1, title, words, consent)
    made.head_id = said_first.id
    later = None
    if twice:
        later = revision(rows, made, 2, title, f"{words} Ajout.", consent)
        made.head_id = later.id
    rows.add(made)
    rows.add(said_first)
    if later:
        rows.add(later)
    made.first_revision = said_first.id  # type: ignore[attr-defined]
    return made


def attached(rows: Rows, who: str, *, plenary: bool = False, **owner: UUID) -> UUID:
    """A file of a contribution (`statement_id`) or of a session (`session_id`), with its bytes in the store."""
    content = rows.text("Deux mois de trésorerie.", "attachment-content").encode()
    file = rows.add(
        Attachment(
            id=new_id(),
            state="stored",
            name=rows.text("budget", "attachment-name") + ".txt",
            media_type="text/plain",
            size=len(content),
            sha256=hashlib.sha256(content).digest(),
            stored_at=now(),
            **owner,
            **rows.place | ({"space_id": None} if plenary else {}),
            **rows.acted(who),
        )
    )
    file.content = content
    attached_id: UUID = file.id
    return attached_id


def happened(rows: Rows, contribution: Statement) -> None:
    """What the audit tells of it, to whoever is inside."""
    rows.add(
        Event(
            verb="contribution.submitted",
            object_type="statement",
            object_id=contribution.id,
            audience="space",
            data={},
            **rows.place,
            **{name: value for name, value in rows.acted("participant").items() if name != "mandate_id"},
        )
    )


def opinions(rows: Rows, contribution: Statement) -> Ids:
    """What others say of a contribution: a reply, a position, a source."""
    reply = statement(rows, to=contribution, label="reply", twice=True)
    about = {"statement_id": contribution.id, **rows.place, **rows.acted("participant")}
    rows.add(Position(id=new_id(), stance="nuances", reason=rows.text("Oui, si.", "position-reason"), **about))
    source, of_reply = (
        rows.add(
            Source(
                id=new_id(),
                category="report",
                title=rows.text("Rapport", "source-title"),
                url=f"https://exemple.org/{rows.mark}-source-url",
                note=rows.text("Page 4.", "source-note"),
                occurred_at=now(),
                **about | {"statement_id": said.id},
            )
        )
        for said in (contribution, reply)
    )
    file = attached(rows, "participant", statement_id=contribution.id)
    ids = {"reply_id": reply.id, "source_id": source.id, "reply_source_id": of_reply.id}
    return ids | {"attachment_id": file}


def harvest(rows: Rows, cited: Statement, other: Statement) -> Ids:
    """Themes with something under them and without, and an extract of the first revision."""
    theme = rows.add(Theme(id=new_id(), title=rows.text("Accueil", "theme-title"), **rows.place))
    empty = rows.add(Theme(id=new_id(), title=rows.text("Diagnostic", "theme-title"), position=1, **rows.place))
    rows.add(Filing(theme_id=theme.id, statement_id=other.id, **rows.place))
    plain = to_plain(rows.text(f"Avant cela. {QUOTE} partout.", "statement-words"))
    start = plain.index(QUOTE)
    extract = rows.add(
        Extract(
            id=new_id(),
            revision_id=cited.first_revision,  # type: ignore[attr-defined]
            statement_id=cited.id,
            start=start,
            end=start + len(QUOTE),
            quote=QUOTE,
            before=plain[:start],
            after=plain[start + len(QUOTE) :][:60],
            **rows.place,
            **rows.acted("copilot"),
        )
    )
    rows.add(ExtractFiling(theme_id=theme.id, extract_id=extract.id))
    return {"theme_id": theme.id, "empty_theme_id": empty.id, "extract_id": extract.id}


def synthesis(rows: Rows, cited: Statement, other: Statement, extract_id: UUID, state: str) -> Ids:
    """A deliverable: two parts, a passage that cites and a suggestion on it, a treatment and a waiver."""
    within, said = {"initiative_id": rows.space.initiative_id}, rows.acted("copilot")
    text = rows.add(
        Deliverable(
            id=new_id(),
            title=rows.text("Synthèse", "deliverable-title"),
            summary=rows.text("En deux mots.", "deliverable-summary"),
            kinds=["need"],
            cutoff_at=now() - timedelta(minutes=1),
            state=state,
            next_citation=2,
            **within,
        )
    )
    of = {"deliverable_id": text.id, **within}
    rows.add(ScopeSpace(space_id=rows.space.id, **of))
    section = rows.add(Section(id=new_id(), position=0, title=rows.text("Entendu", "section-title"), **of))
    empty = rows.add(Section(id=new_id(), position=1, title=rows.text("Demandé", "section-title"), **of))
    citation = Citation(id=new_id(), number=1, extract_id=extract_id, statement_id=cited.id, relation="quotes")
    for name, value in {**of, **said}.items():
        setattr(citation, name, value)
    rows.add(citation)
    ids = _passage(rows, text, section, citation)
    rows.writes("passage", ids["passage_id"], text.id)
    image = Figure(id=new_id(), media_type="image/png", width=1, height=1, content=b"x", sha256=bytes(32), **of, **said)
    ids["figure_id"] = rows.add(image).id
    about = {"statement_id": cited.id, "revision_id": cited.first_revision, **of, **said}  # type: ignore[attr-defined]
    sentence = rows.text("Lue ensemble en septembre.", "treatment-sentence")
    treatment = rows.add(Treatment(id=new_id(), outcome="answered", sentence=sentence, **about))
    reason = rows.text("Arrivée la veille de la clôture.", "waiver-reason")
    waiver = rows.add(Waiver(id=new_id(), kind="outdated_treatment", reason=reason, **about))
    ids |= {"deliverable_id": text.id, "section_id": section.id, "empty_section_id": empty.id}
    ids |= {"citation_id": citation.id, "treatment_id": treatment.id, "waiver_id": waiver.id}
    return ids | {"untreated_id": other.id}


def _passage(rows: Rows, text: Deliverable, section: Section, citation: Citation) -> Ids:
    of, said = {"deliverable_id": text.id}, rows.acted("copilot")
    passage = Passage(
        id=new_id(), initiative_id=text.initiative_id, section_id=section.id, position=0, kind="paragraph", **of
    )
    accepted = PassageRevision(
        id=new_id(),
        passage_id=passage.id,
        n=1,
        markdown=rows.text("La trésorerie inquiète [@c1].", "passage"),
        html=rows.text("<p>La trésorerie inquiète.</p>", "passage"),
        state="accepted",
        decided_by=said["person_id"],
        decided_at=now(),
        **of,
        **said,
    )
    passage.head_id = accepted.id
    rows.add(passage)
    rows.add(accepted)
    rows.add(PassageCitation(passage_revision_id=accepted.id, citation_id=citation.id, ordinal=0, **of))
    rows.add(
        PassageRevision(
            id=new_id(),
            passage_id=passage.id,
            n=2,
            base_id=accepted.id,
            markdown=rows.text("La trésorerie inquiète tout le monde.", "suggestion"),
            html=rows.text("<p>La trésorerie inquiète tout le monde.</p>", "suggestion"),
            state="proposed",
            **of,
            **said,
        )
    )
    return {"passage_id": passage.id, "passage_revision_id": accepted.id, "n": 2}


def calendar(rows: Rows) -> Ids:
    """What an initiative tells of itself: read by whoever takes part."""
    of = {"initiative_id": rows.space.initiative_id}
    phase = rows.add(Phase(id=new_id(), title="Besoins", starts_on=now().date(), **of))
    milestone = rows.add(Milestone(id=new_id(), on_date=now().date(), title="Relance", **of))
    code = f"axe-{new_id().hex[-12:]}"
    term = rows.add(Term(id=new_id(), taxonomy="axe", code=code, label="Urgence", **of))
    retired = Term(id=new_id(), taxonomy="axe", code=f"{code}-ancien", label="Ancien", retired_at=now(), **of)
    rows.add(retired)
    since = Range(now() - timedelta(hours=1), None)
    joined = rows.add(organisation("Arrivante"))
    joined.id = new_id()
    part = rows.add(Participation(id=new_id(), organisation_id=joined.id, role="observer", during=since, **of))
    return {
        "phase_id": phase.id,
        "milestone_id": milestone.id,
        "term_id": term.id,
        "retired_term_id": retired.id,
        "participation_id": part.id,
    }
