"""What a row becomes before it is written: values checked, other objects named by their external ids."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from app.features.identity.models import Family, Profile, Scale
from app.features.spaces.models import SpaceState, Visibility
from app.features.statements.models import Consent, Kind, Side, SourceCategory, StatementState
from app.policy.actor import ParticipationRole


@dataclass(frozen=True, slots=True)
class Speaker:
    """Who said it: an account of an organisation, of a person, or nobody known."""

    organisation: str | None = None
    person: str | None = None


@dataclass(frozen=True, slots=True)
class Draft:
    """One row that goes in."""

    external_id: str


@dataclass(frozen=True, slots=True)
class SpaceDraft(Draft):
    """A space to be."""

    number: int
    title: str
    question: str
    summary: str
    visibility: Visibility
    state: SpaceState


@dataclass(frozen=True, slots=True)
class ThemeDraft(Draft):
    """A theme to be; its rank is that of its row."""

    title: str
    space: str
    position: int


@dataclass(frozen=True, slots=True)
class OrganisationDraft(Draft):
    """An account of an organisation; `same_as` names another account of the same one."""

    name: str
    profile: Profile
    acronym: str | None
    family: Family | None
    scale: Scale | None
    description: str
    website: str | None
    role: ParticipationRole
    same_as: str | None = None


@dataclass(frozen=True, slots=True)
class StatementDraft(Draft):
    """A contribution, or the reply to one."""

    space: str
    contribution: str | None
    """What a reply answers."""
    theme: str | None
    kind: Kind | None
    side: Side | None
    title: str
    body: str
    speaker: Speaker
    state: StatementState
    consent: Consent
    language: str
    occurred_at: datetime


@dataclass(frozen=True, slots=True)
class SourceDraft(Draft):
    """A document to be attached."""

    contribution: str
    space: str
    category: SourceCategory
    title: str
    url: str
    note: str
    speaker: Speaker
    occurred_at: datetime


@dataclass(frozen=True, slots=True)
class TallyDraft(Draft):
    """Votes counted elsewhere."""

    contribution: str
    votes_for: int
    votes_against: int
    votes_mixed: int


@dataclass(frozen=True, slots=True)
class MemberDraft(Draft):
    """An organisation that spoke in a space, and so was a member of it."""

    space: str
    organisation: str
