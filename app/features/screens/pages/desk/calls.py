"""The text of a passage with its notes called where its markers stand."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from markupsafe import Markup

from app.features.deliverables.models.markers import MARKER
from app.web.templates import prose

GROUP = re.compile(rf"[ \u00a0\u202f]?((?:{MARKER.pattern}[ \u00a0\u202f]?)+)([.,;:!?…»)]*)")
Citations = Mapping[int, Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class Piece:
    """Some of the text, then the notes that are called there, with the punctuation that they are not parted from."""

    html: Markup
    notes: tuple[Mapping[str, Any], ...] = ()
    after: str = ""


@dataclass(frozen=True, slots=True)
class Cited:
    """What speaks in a passage, as the thread in its margin shows it."""

    organisation: str | None
    family: str | None


def pieces_of(html: str, citations: Citations) -> list[Piece]:
    """The safe HTML of a passage, cut where it names citations."""
    text = str(prose(html))
    found: list[Piece] = []
    end = 0
    for group in GROUP.finditer(text):
        numbers = [int(number) for number in MARKER.findall(group[1])]
        notes = tuple(citations[number] for number in numbers if number in citations)
        before = Markup(text[end : group.start()])  # noqa: S704 - a run of what `prose` says is safe
        found.append(Piece(before, notes, group[group.lastindex or 0]))
        end = group.end()
    return [*found, Piece(Markup(text[end:]))]  # noqa: S704 - the same


def cited_in(numbers: list[int], citations: Citations) -> list[Cited]:
    """Who is cited, each organisation once; those whom nobody may name are one each."""
    found: dict[object, Cited] = {}
    for number in numbers:
        if (citation := citations.get(number)) is None:
            continue
        by = citation["attribution"]
        found.setdefault(by["organisation_id"] or number, Cited(by["organisation"], by["family"]))
    return list(found.values())
