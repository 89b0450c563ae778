"""Organisations."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import AfterValidator, ConfigDict, Field
from pydantic_core import PydanticCustomError

from app.core.i18n import gettext
from app.core.schema import Input, Output
from app.core.text import Line, MarkdownText, Name, WebAddress
from app.features.identity.models import Family, Profile, Scale
from app.features.identity.territories import NAMES


def _known_territory(code: str) -> str:
    if code not in NAMES:
        raise PydanticCustomError("territory", gettext("Code officiel attendu : FRA, REG-84 ou DEP-69 par exemple."))
    return code


def _in_order(values: list[str]) -> list[str]:
    return sorted(set(values))


def _numbers_in_order(values: list[int]) -> list[int]:
    return sorted(set(values))


Territory = Annotated[str, Field(max_length=8, examples=["REG-84"]), AfterValidator(_known_territory)]
"""An official code of the INSEE."""
Territories = Annotated[list[Territory], Field(max_length=len(NAMES)), AfterValidator(_in_order)]
Sdg = Annotated[int, Field(ge=1, le=17)]
"""The number of a Sustainable Development Goal."""
Sdgs = Annotated[list[Sdg], Field(max_length=17), AfterValidator(_numbers_in_order)]


class OrganisationIn(Input):
    """A new organisation."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "name": "Association de démonstration 12",
                    "profile": "association",
                    "family": "field_actor",
                    "scale": "territorial",
                    "territories": ["DEP-69"],
                    "sdgs": [1, 17],
                }
            ]
        }
    )

    name: Name
    acronym: Line | None = None
    profile: Profile
    family: Family | None = None
    scale: Scale | None = None
    territories: Territories = Field(default=[])
    sdgs: Sdgs = Field(default=[])
    description: MarkdownText | None = None
    website: WebAddress | None = None


class OrganisationChange(Input):
    """What changes; what is not named stays. `null` empties what may be empty."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"website": "https://alliage.example", "sdgs": [3]}]})

    name: Name | None = None
    acronym: Line | None = None
    profile: Profile | None = None
    family: Family | None = None
    scale: Scale | None = None
    territories: Territories | None = None
    sdgs: Sdgs | None = None
    description: MarkdownText | None = None
    website: WebAddress | None = None


class OrganisationName(Output):
    """An organisation, named."""

    id: UUID
    name: str


class InitiativeName(Output):
    """An initiative, named."""

    id: UUID
    title: str


class ParticipationOut(Output):
    """An initiative in which an organisation takes part, and as what."""

    initiative: InitiativeName
    role: str = Field(examples=["participant"])


class OrganisationOut(Output):
    """An organisation."""

    id: UUID
    name: str
    acronym: str | None
    profile: Profile
    family: Family | None
    scale: Scale | None
    territories: list[str]
    sdgs: list[int]
    description: str = Field(description="Markdown.")
    website: str | None
    demonstration: bool = Field(description="True for an organisation made up for a demonstration.")
    version: int
    created_at: datetime
    abilities: list[str]


class OrganisationPage(OrganisationOut):
    """An organisation with the initiatives that the caller may see it in."""

    participations: list[ParticipationOut]
