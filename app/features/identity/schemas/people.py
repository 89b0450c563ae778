"""Persons, mandates, invitations."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from pydantic import AfterValidator, ConfigDict, Field

from app.core.paging import LIMIT_MOST
from app.core.schema import Input, Instant, Output
from app.core.text import EmailAddress, LanguageTag, Name
from app.features.identity.schemas.organisations import InitiativeName, OrganisationName
from app.features.identity.schemas.signing_in import LoginOut, Password, Secret
from app.policy.actor import Power


def _in_order(powers: list[Power]) -> list[Power]:
    return sorted(set(powers))


Powers = Annotated[
    list[Power], Field(min_length=1, max_length=4, examples=[["contributes"]]), AfterValidator(_in_order)
]


class PersonName(Output):
    """A person as the caller may see them: the address is shown to themselves, their managers and administrators."""

    id: UUID
    name: str | None
    email: str | None = None


class PersonChange(Input):
    """What changes; what is not named stays."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"locale": "en"}]})

    name: Name | None = None
    locale: LanguageTag | None = None


class MandateIn(Input):
    """A mandate for somebody whom the organisation knows already; for anybody else, send an invitation."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "person_id": "0175e0f4-7c00-7000-8000-000000000001",
                    "organisation_id": "0175e0f4-7c00-7000-8000-000000000002",
                    "powers": ["contributes"],
                }
            ]
        }
    )

    person_id: UUID
    organisation_id: UUID
    initiative_id: UUID | None = Field(
        default=None, description="Empty: in every initiative in which the organisation takes part."
    )
    powers: Powers
    starts_at: Instant | None = Field(default=None, description="Now unless given; never in the past.")
    ends_at: Instant | None = None


class MandateChange(Input):
    """The mandate that opens when the present one ends: what is not named stays as it was."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"powers": ["speaks", "contributes"]}]})

    powers: Powers
    ends_at: Instant | None = None


class MandateOut(Output):
    """Powers that an organisation gave to a person, from when to when."""

    id: UUID
    person: PersonName
    organisation: OrganisationName
    initiative_id: UUID | None
    initiative: InitiativeName | None = Field(description="Where the mandate is for one initiative, and visible.")
    powers: list[Power]
    starts_at: datetime | None = Field(description="Empty for a mandate that was ended before it began.")
    ends_at: datetime | None
    running: bool
    given_by: UUID | None
    ended_by: UUID | None
    version: int
    abilities: list[str]


class InvitationIn(Input):
    """Who is invited to act for an organisation."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "email": "prenom.nom@alliage.example",
                    "organisation_id": "0175e0f4-7c00-7000-8000-000000000002",
                    "powers": ["contributes"],
                }
            ]
        }
    )

    email: EmailAddress
    organisation_id: UUID
    initiative_id: UUID | None = None
    powers: Powers


InvitationState = Literal["waiting", "accepted", "revoked", "expired"]


class InvitationOut(Output):
    """An invitation, as those who manage the organisation see it. The link goes to the mailbox and nowhere else."""

    id: UUID
    email: str
    organisation: OrganisationName
    initiative_id: UUID | None
    powers: list[Power]
    invited_by: UUID
    state: InvitationState
    created_at: datetime
    expires_at: datetime
    sent_at: datetime | None = Field(description="When the mail left.")
    accepted_at: datetime | None
    version: int
    abilities: list[str]


class InvitationToken(Input):
    """The code that the mail carries."""

    token: Secret = Field(repr=False, examples=["alg_inv_…"])


class InvitationFacts(Output):
    """What somebody who received an invitation must know before accepting it."""

    email: str
    organisation: OrganisationName
    initiative: InitiativeName | None
    powers: list[Power]
    invited_by: str | None = Field(description="The name of the person who invites.")
    expires_at: datetime
    account_exists: bool = Field(description="Then sign in to it first; else give a name and a password.")


class Acceptance(Input):
    """The code of the mail; a name and a password where the mailbox has no account yet."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {"token": "alg_inv_…", "name": "Prénom Nom", "password": "une phrase que vous retenez"},
                {"token": "alg_inv_…"},
            ]
        }
    )

    token: Secret = Field(repr=False)
    name: Name | None = None
    password: Password | None = Field(default=None, repr=False)


class AcceptedOut(Output):
    """What accepting opened."""

    person_id: UUID
    mandate_id: UUID
    account_created: bool


class PersonOut(Output):
    """An account, as administrators see it."""

    id: UUID
    name: str | None
    email: str | None
    state: str
    is_admin: bool
    locale: str
    demonstration: bool
    created_at: datetime
    version: int
    abilities: list[str]


class MyMandate(Output):
    """One of my mandates of today."""

    id: UUID
    organisation: OrganisationName
    initiative_id: UUID | None
    powers: list[Power]
    starts_at: datetime
    ends_at: datetime | None


class MyParticipation(Output):
    """An initiative in which I act, for whom, and what my organisation is there."""

    initiative: InitiativeName
    organisation: OrganisationName
    role: str
    powers: list[Power]


class MySpace(Output):
    """A space that I may read."""

    id: UUID
    initiative_id: UUID
    number: int
    title: str
    visibility: str
    inside: bool = Field(description="False where I read only what its authors let out.")


class MeOut(Output):
    """Who I am here."""

    id: UUID
    name: str
    email: str
    locale: LanguageTag
    is_admin: bool
    version: int
    mandates: list[MyMandate]
    participations: list[MyParticipation]
    spaces: list[MySpace] = Field(description=f"The first {LIMIT_MOST}.")
    logins: list[LoginOut] = Field(description=f"The newest {LIMIT_MOST}.")
    more_spaces: str | None = Field(default=None, description="Where all of them are listed, when there are more.")
    more_logins: str | None = Field(default=None, description="The same of the logins.")
    abilities: list[str]
