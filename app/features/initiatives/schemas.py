"""What the API takes and gives about initiatives."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated
from uuid import UUID

from pydantic import AfterValidator, ConfigDict, Field

from app.core.i18n import later
from app.core.schema import Input, Instant, Output
from app.core.text import Code, LanguageTag, Line, MarkdownText, ShortText, WebAddress, Whole
from app.core.zones import ZoneName
from app.features.initiatives.models import InitiativeState
from app.policy.actor import ParticipationRole

Day = Annotated[date, Field(ge=date(1900, 1, 1), le=date(2200, 12, 31), examples=["2020-03-20"])]
Languages = Annotated[list[LanguageTag], Field(min_length=1, max_length=2)]


def _argued(reason: str) -> str:
    if len(reason) < 10:
        raise ValueError(later("Donnez votre raison en dix caractères au moins : les co-pilotes la lisent."))
    return reason


Reason = Annotated[ShortText, AfterValidator(_argued)]


def _french() -> list[LanguageTag]:
    return ["fr"]


class InitiativeDraft(Input):
    """A new initiative; it begins in preparation."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "slug": "penser-l-apres",
                    "title": "Penser l’après ensemble",
                    "summary": "Préparer **à plusieurs** la sortie de crise.",
                    "languages": ["fr"],
                    "timezone": "Europe/Paris",
                    "starts_on": "2020-03-20",
                }
            ]
        }
    )

    slug: Code = Field(description="Its short name in addresses.")
    title: Line
    summary: MarkdownText | None = None
    note: ShortText | None = Field(default=None, description="What readers must know of its data.")
    languages: Languages = Field(default_factory=_french)
    timezone: ZoneName = "Europe/Paris"
    starts_on: Day | None = None
    ends_on: Day | None = None
    demonstration: bool = False


class InitiativePatch(Input):
    """What changes; a null empties a text or a date."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"title": "Penser l’après", "ends_on": "2020-09-30"}]})

    title: Line | None = None
    summary: MarkdownText | None = None
    note: ShortText | None = None
    languages: Languages | None = None
    timezone: ZoneName | None = None
    starts_on: Day | None = None
    ends_on: Day | None = None


class PhaseDraft(Input):
    """A dated stage."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [{"title": "Faire remonter les besoins", "starts_on": "2020-03-20", "ends_on": "2020-05-31"}]
        }
    )

    title: Line
    starts_on: Day
    ends_on: Day | None = None


class PhasePatch(Input):
    """What changes; a null takes the end off."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"ends_on": "2020-06-15"}]})

    title: Line | None = None
    starts_on: Day | None = None
    ends_on: Day | None = None


class MilestoneDraft(Input):
    """Something that happens on a day."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "on_date": "2020-09-03",
                    "title": "Présentation de France Relance",
                    "url": "https://example.org/relance",
                }
            ]
        }
    )

    on_date: Day
    title: Line
    summary: ShortText | None = None
    url: WebAddress | None = None


class MilestonePatch(Input):
    """What changes; a null empties a text or the link."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"summary": "Mise à jour de la base partagée."}]})

    on_date: Day | None = None
    title: Line | None = None
    summary: ShortText | None = None
    url: WebAddress | None = None


class TermDraft(Input):
    """A word of a taxonomy; its code never changes."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"taxonomy": "axe", "code": "urgence", "label": "Urgence", "position": 1}]}
    )

    taxonomy: Code
    code: Code
    label: Line
    position: Whole = 0


class TermPatch(Input):
    """What changes."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"label": "Urgence sociale"}]})

    label: Line | None = None
    position: Whole | None = None


class ParticipationDraft(Input):
    """An organisation that joins."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [{"organisation_id": "01930d2e-7c00-7000-8000-000000000001", "role": "participant"}]
        }
    )

    organisation_id: UUID
    role: ParticipationRole
    since: Instant | None = Field(default=None, description="Now, unless it joined earlier.")


class AccessGrantDraft(Input):
    """Why an administrator needs to read restricted content."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"reason": "Signalement d’un membre sur un message de l’espace 2."}]}
    )

    reason: Reason = Field(description="At least ten characters; the co-pilots read it.")


class CopilotOut(Output):
    """An organisation that co-pilots."""

    id: UUID
    name: str


class PhaseOut(Output):
    """A dated stage."""

    id: UUID
    initiative_id: UUID
    title: str
    starts_on: date
    ends_on: date | None
    version: int
    abilities: list[str] = Field(default_factory=list)


class MilestoneOut(Output):
    """Something that happened on a day, with a link to it."""

    id: UUID
    initiative_id: UUID
    on_date: date
    title: str
    summary: str
    url: str | None
    version: int
    abilities: list[str] = Field(default_factory=list)


class TermOut(Output):
    """A word of a taxonomy; `retired_at` when it is no longer proposed."""

    id: UUID
    initiative_id: UUID
    taxonomy: str
    code: str
    label: str
    position: int
    retired_at: datetime | None
    version: int
    abilities: list[str] = Field(default_factory=list)


class ParticipationOut(Output):
    """An organisation in the initiative, from when to when."""

    id: UUID
    initiative_id: UUID
    organisation_id: UUID
    organisation_name: str
    organisation_profile: str
    organisation_family: str | None
    role: ParticipationRole
    since: datetime | None
    until: datetime | None
    abilities: list[str] = Field(default_factory=list)


class AccessGrantOut(Output):
    """An administrator's access to restricted content, with its reason."""

    id: UUID
    initiative_id: UUID
    person_id: UUID
    person_name: str | None
    reason: str
    since: datetime | None
    until: datetime | None
    running: bool
    abilities: list[str] = Field(default_factory=list)


class InitiativeCard(Output):
    """An initiative in a list."""

    id: UUID
    slug: str
    title: str
    summary: str
    note: str
    languages: list[str]
    timezone: str = Field(description="Whose clocks its editions print.", examples=["Europe/Paris"])
    state: InitiativeState
    starts_on: date | None
    ends_on: date | None
    demonstration: bool
    created_at: datetime
    version: int
    abilities: list[str] = Field(default_factory=list)


class InitiativeOut(InitiativeCard):
    """An initiative with its dates, its organisations and its words."""

    phases: list[PhaseOut] = Field(description="The first two hundred, by date.")
    milestones: list[MilestoneOut] = Field(description="The first two hundred, by date.")
    participations: dict[ParticipationRole, int] = Field(description="How many organisations, by role, today.")
    copilots: list[CopilotOut]
    terms: list[TermOut] = Field(description="The words in use of its taxonomies.")
