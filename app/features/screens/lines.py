"""What happened, as one line of a page: who, what, where it leads, and the words that changed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from app.core.i18n import gettext, later
from app.features.reading.schemas import ChangeLine, ChangesOut, DifferenceOut
from app.features.statements.schemas import Speaker

STANCES = {
    "supports": later("a soutenu"),
    "nuances": later("a nuancé"),
    "objects": later("a objecté à"),
}


@dataclass(frozen=True, slots=True)
class Line:
    """One thing that happened."""

    id: int
    at: datetime
    by: Speaker | None
    sentence: str
    title: str
    href: str
    excerpt: str
    times: int
    difference: DifferenceOut | None
    versions: str
    """Where the differences are shown, or nothing."""


@dataclass(frozen=True, slots=True)
class Group:
    """What happened in one space, or in the initiative as a whole."""

    space_id: UUID | None
    number: int | None
    title: str
    lines: list[Line]
    others: int


def shown_changes(changes: ChangesOut, initiative_id: UUID) -> list[Group]:
    """The groups of the page, in the order of the spaces."""
    return [
        Group(
            group.space_id,
            group.number,
            group.title or "",
            [_line(line, group.space_id, initiative_id) for line in group.items],
            group.others,
        )
        for group in changes.groups
    ]


def _line(line: ChangeLine, space_id: UUID | None, initiative_id: UUID) -> Line:
    stance = line.data.get("stance") if line.verb == "position.taken" else None
    return Line(
        id=line.event_id,
        at=line.at,
        by=line.by,
        sentence=gettext(STANCES.get(str(stance), line.sentence)),
        title=line.title or "",
        href=_href(line, space_id, initiative_id),
        excerpt=line.excerpt or "",
        times=line.times,
        difference=line.difference,
        versions=f"/contributions/{line.object_id}/versions" if line.verb == "contribution.revised" else "",
    )


def _href(line: ChangeLine, space_id: UUID | None, initiative_id: UUID) -> str:
    if line.object_type == "statement":
        where = "contributions" if line.root_id in (None, line.object_id) else "reponses"
        return f"/{where}/{line.object_id}"
    if line.object_type in ("session", "edition"):
        return f"/{'seances' if line.object_type == 'session' else 'editions'}/{line.object_id}"
    if session := line.data.get("session"):
        return f"/seances/{session}"
    return f"/espaces/{space_id}" if space_id else f"/demarches/{initiative_id}"
