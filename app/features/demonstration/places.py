"""The initiative, its calendar and its words; its spaces, who is in them, who runs them, and their themes."""

from __future__ import annotations

from collections import Counter
from datetime import datetime
from uuid import UUID

from app.core.events import Audience
from app.features.demonstration.content import Row, day_begins, during
from app.features.demonstration.ledger import Ledger
from app.features.harvest.models import Theme
from app.features.initiatives.models import Initiative, Milestone, Phase, Term
from app.features.spaces.models import Facilitator, Space, SpaceMember
from app.policy.speaker import Speaker

KEEPER = "mediateur-des-entreprises", "agathe"
"""The co-pilot organisation, and its person, by whom the initiative is run."""


def add_initiative(ledger: Ledger) -> None:
    """The initiative itself, before whatever belongs to it."""
    row = ledger.content.initiative
    start = day_begins(row["starts_on"])
    ledger.add(
        Initiative,
        start,
        "initiative",
        row["slug"],
        slug=row["slug"],
        title=row["title"],
        summary=row["summary"],
        note=row["note"],
        languages=row["languages"],
        state=row["state"],
        starts_on=row["starts_on"],
        demonstration=True,
    )


def add_calendar(ledger: Ledger) -> None:
    """Phases, milestones and terms."""
    row = ledger.content.initiative
    start = day_begins(row["starts_on"])
    said = keeper(ledger, start)
    ledger.tell(start, "initiative.created", Initiative, ledger.initiative_id, Audience.INITIATIVE, said)
    for phase in row["phases"]:
        dates = {name: phase[name] for name in ("starts_on", "ends_on")}
        phase_id = ledger.add(Phase, start, title=phase["title"], **dates)
        ledger.tell(start, "phase.added", Phase, phase_id, Audience.INITIATIVE, said)
    for milestone in row["milestones"]:
        milestone_id = ledger.add(
            Milestone,
            start,
            on_date=milestone["date"],
            title=milestone["title"],
            summary=milestone.get("summary", ""),
            url=milestone.get("url"),
        )
        ledger.tell(start, "milestone.added", Milestone, milestone_id, Audience.INITIATIVE, said)
    for taxonomy, terms in row["taxonomies"].items():
        for position, term in enumerate(terms):
            facts = {"taxonomy": taxonomy, "code": term["code"]}
            term_id = ledger.add(Term, start, label=term["label"], position=position, **facts)
            ledger.tell(start, "term.added", Term, term_id, Audience.INITIATIVE, said, **facts)


def add_spaces(ledger: Ledger) -> None:
    """Spaces with their members and facilitators."""
    first = ledger.content.initiative["starts_on"]
    start = day_begins(first)
    for row in ledger.content.spaces:
        values = {name: row[name] for name in ("number", "title", "question", "summary", "visibility")}
        space_id = ledger.add(Space, start, "space", row["key"], **values)
        said = keeper(ledger, start)
        told = {"space_id": space_id, "visibility": row["visibility"]}
        ledger.tell(start, "space.created", Space, space_id, Audience.SPACE, said, **told)
        for organisation in ledger.content.organisations:
            if row["key"] in organisation["spaces"]:
                _add_member(ledger, space_id, ledger.ids["organisation", organisation["key"]])
        for facilitator in row["facilitators"]:
            _add_facilitator(ledger, space_id, facilitator)


def _add_member(ledger: Ledger, space_id: UUID, organisation_id: UUID) -> None:
    first = ledger.content.initiative["starts_on"]
    start = day_begins(first)
    span = during({"from": first})
    member_id = ledger.add(SpaceMember, start, space_id=space_id, organisation_id=organisation_id, during=span)
    ledger.tell(
        start,
        "space_member.added",
        SpaceMember,
        member_id,
        Audience.SPACE,
        keeper(ledger, start),
        space_id=space_id,
        member=str(organisation_id),
    )


def _add_facilitator(ledger: Ledger, space_id: UUID, row: Row) -> None:
    span = during(row)
    person_id = ledger.ids["person", row["person"]]
    named = day_begins(row["from"])
    facilitator_id = ledger.add(Facilitator, named, space_id=space_id, person_id=person_id, during=span)
    for verb, when in (("facilitator.added", span.lower), ("facilitator.ended", span.upper)):
        if when is not None:
            ledger.tell(
                when,
                verb,
                Facilitator,
                facilitator_id,
                Audience.SPACE,
                keeper(ledger, when),
                space_id=space_id,
                facilitator=str(person_id),
            )


def add_themes(ledger: Ledger) -> None:
    """The trees of themes."""
    start = day_begins(ledger.content.initiative["starts_on"])
    rank: Counter[tuple[str, str | None]] = Counter()
    for row in ledger.content.themes:
        parent = row.get("parent")
        space_id = ledger.ids["space", row["space"]]
        theme_id = ledger.add(
            Theme,
            start,
            "theme",
            row["key"],
            space_id=space_id,
            parent_id=None if parent is None else ledger.ids["theme", parent],
            title=row["title"],
            position=rank[row["space"], parent],
        )
        rank[row["space"], parent] += 1
        said = facilitator_of(ledger, row["space"], start)
        ledger.tell(start, "theme.created", Theme, theme_id, Audience.PILOTS, said, space_id=space_id)


def keeper(ledger: Ledger, when: datetime) -> Speaker:
    """The co-pilot who runs the initiative."""
    return ledger.speaker(*KEEPER, when)


def facilitator_of(ledger: Ledger, space: str | None, when: datetime) -> Speaker:
    """Who runs a space at that instant, by the mandate of an organisation that is a member of it; a plenary has its keeper."""
    rows = (row for row in ledger.content.spaces if row["key"] == space)
    people = [it["person"] for row in rows for it in row["facilitators"] if when in during(it)]
    for organisation in ledger.content.organisations:
        held = {mandate["person"] for mandate in organisation["mandates"]}
        if space in organisation["spaces"] and people and people[0] in held:
            return ledger.speaker(organisation["key"], people[0], when)
    return keeper(ledger, when)
