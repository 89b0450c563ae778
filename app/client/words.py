"""The shapes of what the API gives, for type checkers."""

from __future__ import annotations

from typing import Literal, TypedDict

Kind = Literal["need", "solution", "proposal", "observation", "question", "learning", "example"]
Side = Literal["for", "against", "mixed", "none"]
Stance = Literal["supports", "nuances", "objects"]
Consent = Literal["name", "profile", "paraphrase", "internal"]


class Speaker(TypedDict):
    """Who speaks, as far as the caller may know."""

    capacity: str
    organisation_id: str | None
    organisation: str | None
    profile: str | None
    family: str | None
    person_id: str | None
    person: str | None
    anonymous: bool


class Summary(TypedDict):
    """A contribution or a reply in a list."""

    id: str
    type: str
    space_id: str
    root_id: str
    kind: Kind | None
    side: Side | None
    title: str | None
    excerpt: str | None
    state: str
    speaker: Speaker
    occurred_at: str
    revision: int
    version: int
    abilities: list[str]


class Statement(Summary):
    """A contribution or a reply, whole."""

    revision_id: str
    markdown: str | None
    plain: str | None
    html: str | None
