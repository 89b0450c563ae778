"""Organisations, persons, the mandates that join them, and the ways of signing in."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import (
    CheckConstraint,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    LargeBinary,
    UniqueConstraint,
    func,
    text,
)
from sqlalchemy.dialects.postgresql import TSTZRANGE, ExcludeConstraint, Range
from sqlalchemy.orm import Mapped, mapped_column

from app.core.model import Access, Base, Identified, Stamped, Versioned, access, one_of


class Profile(StrEnum):
    """What kind of legal actor an organisation is; coverage counts by it."""

    ASSOCIATION = "association"
    FOUNDATION = "foundation"
    COMPANY = "company"
    INVESTOR = "investor"
    LOCAL_AUTHORITY = "local_authority"
    STATE_BODY = "state_body"
    RESEARCH = "research"
    FEDERATION = "federation"


class Family(StrEnum):
    """Its place in the process."""

    FIELD_ACTOR = "field_actor"
    ENGINEERING_BODY = "engineering_body"
    SOCIETAL_INVESTOR = "societal_investor"
    INSTITUTION = "institution"


class Scale(StrEnum):
    """Where it acts."""

    NATIONAL = "national"
    TERRITORIAL = "territorial"


class PersonState(StrEnum):
    """Whether somebody may sign in."""

    ACTIVE = "active"
    DISABLED = "disabled"
    IMPORTED = "imported"
    """Known by what they said elsewhere: no name, no address, no password."""


class Organisation(Base, Identified, Stamped, Versioned):
    """A legal actor."""

    __tablename__ = "organisations"

    name: Mapped[str]
    acronym: Mapped[str | None]
    profile: Mapped[str]
    family: Mapped[str | None]
    scale: Mapped[str | None]
    territories: Mapped[list[str]] = mapped_column(default=list)
    """Official codes of the INSEE: `REG-84`, `DEP-69`."""
    sdgs: Mapped[list[int]] = mapped_column(default=list)
    description: Mapped[str] = mapped_column(default="")
    website: Mapped[str | None]
    demonstration: Mapped[bool] = mapped_column(default=False)

    __table_args__ = (
        Index("uq_organisations_name", func.lower(func.f_unaccent(text("name"))), unique=True),
        one_of("profile", Profile),
        one_of("family", Family, optional=True),
        one_of("scale", Scale, optional=True),
        access(Access.KEEP),
    )


class Person(Base, Identified, Stamped, Versioned):
    """Somebody who acts for organisations, or an imported author."""

    __tablename__ = "persons"

    name: Mapped[str | None]
    email: Mapped[str | None]
    password: Mapped[str | None]
    state: Mapped[str] = mapped_column(default=PersonState.ACTIVE)
    is_admin: Mapped[bool] = mapped_column(default=False)
    locale: Mapped[str] = mapped_column(default="fr")
    demonstration: Mapped[bool] = mapped_column(default=False)

    __table_args__ = (
        Index("uq_persons_email", text("lower(email)"), unique=True),
        one_of("state", PersonState),
        CheckConstraint(
            "state <> 'imported' OR (name IS NULL AND email IS NULL AND password IS NULL)", "imported_bare"
        ),
        CheckConstraint("state <> 'active' OR (name IS NOT NULL AND email IS NOT NULL)", "active_named"),
        access(Access.KEEP),
    )


class Mandate(Base, Identified, Stamped):
    """Powers that an organisation gave to a person, from when to when. Never edited: ended, and another opened."""

    __tablename__ = "mandates"

    person_id: Mapped[UUID] = mapped_column(ForeignKey("persons.id"))
    organisation_id: Mapped[UUID] = mapped_column(ForeignKey("organisations.id"))
    initiative_id: Mapped[UUID | None] = mapped_column(ForeignKey("initiatives.id"))
    """Empty: in every initiative in which the organisation takes part."""
    powers: Mapped[list[str]]
    during: Mapped[Range[datetime]] = mapped_column(TSTZRANGE())
    given_by: Mapped[UUID | None] = mapped_column(ForeignKey("persons.id"))
    ended_by: Mapped[UUID | None] = mapped_column(ForeignKey("persons.id"))

    __table_args__ = (
        UniqueConstraint("id", "person_id", "organisation_id", name="uq_mandates_speaker"),
        ExcludeConstraint(
            ("person_id", "="),
            ("organisation_id", "="),
            (text("coalesce(initiative_id, '00000000-0000-0000-0000-000000000000'::uuid)"), "="),
            ("during", "&&"),
            name="ex_mandates_overlap",
            using="gist",
        ),
        CheckConstraint("cardinality(powers) > 0", "some_power"),
        CheckConstraint("powers <@ ARRAY['speaks', 'contributes', 'observes', 'manages']", "powers_known"),
        Index("ix_mandates_organisation", "organisation_id"),
        access(Access.APPEND, "during", "ended_by"),
    )


class Login(Base, Identified, Stamped):
    """A signed-in device: what an access token or a cookie points to, so that ending it is felt at the next request."""

    __tablename__ = "logins"

    person_id: Mapped[UUID] = mapped_column(ForeignKey("persons.id"))
    browser_fingerprint: Mapped[bytes | None] = mapped_column(LargeBinary, unique=True)
    """Of the cookie, for a browser; None for a program, which holds refresh tokens."""
    seen_at: Mapped[datetime | None]
    """The browser's last request, to the minute."""
    expires_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    ended_because: Mapped[str | None]
    agent: Mapped[str] = mapped_column(default="")

    __table_args__ = (Index("ix_logins_person", "person_id"), access(Access.KEEP))


class RefreshToken(Base, Identified, Stamped):
    """One link of a login's chain; presented a second time, it ends the login for good."""

    __tablename__ = "refresh_tokens"

    login_id: Mapped[UUID] = mapped_column(ForeignKey("logins.id"))
    fingerprint: Mapped[bytes] = mapped_column(LargeBinary, unique=True)
    used_at: Mapped[datetime | None]

    __table_args__ = (Index("ix_refresh_tokens_login", "login_id"), access(Access.KEEP))


class TokenScope(StrEnum):
    """What a personal token may do."""

    READ = "read"
    WRITE = "write"


class ApiToken(Base, Identified, Stamped):
    """A personal token for a program: named, expiring, shown once, stored as a hash."""

    __tablename__ = "api_tokens"

    person_id: Mapped[UUID] = mapped_column(ForeignKey("persons.id"))
    name: Mapped[str]
    scope: Mapped[str]
    fingerprint: Mapped[bytes] = mapped_column(LargeBinary, unique=True)
    expires_at: Mapped[datetime]
    revoked_at: Mapped[datetime | None]

    __table_args__ = (
        Index("ix_api_tokens_person", "person_id"),
        one_of("scope", TokenScope),
        access(Access.KEEP),
    )


class Invitation(Base, Identified, Stamped):
    """A mail that lets whoever reads it take a mandate. The secret is derived, never stored."""

    __tablename__ = "invitations"

    email: Mapped[str]
    organisation_id: Mapped[UUID] = mapped_column(ForeignKey("organisations.id"))
    initiative_id: Mapped[UUID | None] = mapped_column(ForeignKey("initiatives.id"))
    powers: Mapped[list[str]]
    invited_by: Mapped[UUID] = mapped_column(ForeignKey("persons.id"))
    expires_at: Mapped[datetime]
    accepted_at: Mapped[datetime | None]
    accepted_by: Mapped[UUID | None] = mapped_column(ForeignKey("persons.id"))
    revoked_at: Mapped[datetime | None]
    sent_at: Mapped[datetime | None]

    __table_args__ = (
        Index("ix_invitations_organisation", "organisation_id", "id"),
        CheckConstraint("powers <@ ARRAY['speaks', 'contributes', 'observes', 'manages']", "powers_known"),
        CheckConstraint("cardinality(powers) > 0", "some_power"),
        access(Access.KEEP),
    )


class PasswordReset(Base, Identified, Stamped):
    """Somebody forgot a password. The secret is derived, never stored; without a person, the address had no account."""

    __tablename__ = "password_resets"

    person_id: Mapped[UUID | None] = mapped_column(ForeignKey("persons.id"))
    expires_at: Mapped[datetime]
    sent_at: Mapped[datetime | None]
    used_at: Mapped[datetime | None]

    __table_args__ = (access(Access.FULL),)


class SignInCode(Base, Identified, Stamped):
    """Somebody signs in by mail. The six digits are derived, never stored; without a person, the address had no account."""

    __tablename__ = "sign_in_codes"

    person_id: Mapped[UUID | None] = mapped_column(ForeignKey("persons.id"))
    expires_at: Mapped[datetime]
    sent_at: Mapped[datetime | None]
    used_at: Mapped[datetime | None]
    tries: Mapped[int] = mapped_column(default=0)

    __table_args__ = (access(Access.FULL),)


class AddressChange(Base, Identified, Stamped):
    """Another address that somebody wants for their account. The secret is derived, never stored."""

    __tablename__ = "address_changes"

    person_id: Mapped[UUID] = mapped_column(ForeignKey("persons.id"))
    before: Mapped[str]
    after: Mapped[str]
    expires_at: Mapped[datetime]
    sent_at: Mapped[datetime | None]
    used_at: Mapped[datetime | None]
    told_at: Mapped[datetime | None]
    """When the old mailbox was told."""

    __table_args__ = (access(Access.FULL),)


class Attempt(Base):
    """Attempts at something guessable, by account and by address, in fixed windows."""

    __tablename__ = "attempts"

    key: Mapped[str] = mapped_column(primary_key=True)
    window_start: Mapped[datetime] = mapped_column(primary_key=True)
    count: Mapped[int] = mapped_column(default=0)

    __table_args__ = (access(Access.FULL),)


class ActedBy:
    """Who did it, for whom, as what, held to a mandate of that person for that organisation.

    A foreign key with a null part is not checked at all, so each table that mixes this in
    adds `acted_by(...)`, which names the allowed combinations.
    """

    person_id: Mapped[UUID | None] = mapped_column(ForeignKey("persons.id"))
    organisation_id: Mapped[UUID | None] = mapped_column(ForeignKey("organisations.id"))
    mandate_id: Mapped[UUID | None]
    capacity: Mapped[str]


def acted_by(origin: str | None = None) -> tuple[Any, ...]:
    """The constraints of `ActedBy`; `origin` names the column that is 'import' for imported acts."""
    posted = "person_id IS NOT NULL AND organisation_id IS NOT NULL AND mandate_id IS NOT NULL"
    imported = (
        "mandate_id IS NULL AND ((capacity = 'organisation' AND organisation_id IS NOT NULL) "
        "OR (capacity = 'personal' AND organisation_id IS NULL))"
    )
    test = f"CASE {origin} WHEN 'import' THEN {imported} ELSE {posted} END" if origin else posted
    return (
        ForeignKeyConstraint(
            ["mandate_id", "person_id", "organisation_id"],
            ["mandates.id", "mandates.person_id", "mandates.organisation_id"],
        ),
        CheckConstraint(test, "speaker"),
        CheckConstraint("capacity IN ('organisation', 'personal', 'observer')", "capacity_known"),
    )
