"""Signing in, personal tokens, logins."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from pydantic import ConfigDict, Field

from app.core.schema import Input, Instant, Output
from app.core.text import EmailAddress, Name
from app.features.identity.models import TokenScope

Password = Annotated[str, Field(min_length=1, max_length=512, examples=["une phrase que vous retenez"])]
"""As typed; whether a new one is good enough is for `password_problem` to say."""
Secret = Annotated[str, Field(min_length=1, max_length=200)]


class SignIn(Input):
    """Who signs in."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [{"email": "prenom.nom@alliage.example", "password": "une phrase que vous retenez"}]
        }
    )

    email: EmailAddress
    password: Password = Field(repr=False)


class Refresh(Input):
    """The newest refresh token of a login."""

    refresh_token: Secret = Field(repr=False, examples=["alg_ref_…"])


class PasswordChange(Input):
    """The password of today and the one of tomorrow."""

    current_password: Password = Field(repr=False)
    new_password: Password = Field(repr=False)


class ForgottenPassword(Input):
    """The address whose password is forgotten."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"email": "prenom.nom@alliage.example"}]})

    email: EmailAddress


class PasswordReplacement(Input):
    """The code that the mailbox received, and the password to have from now on."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"token": "alg_pwd_…", "password": "une phrase que vous retenez"}]}
    )

    token: Secret = Field(repr=False)
    password: Password = Field(repr=False)


class AddressWish(Input):
    """The address to have from now on, and the password of the account."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [{"email": "prenom.nom@alliage.example", "password": "une phrase que vous retenez"}]
        }
    )

    email: EmailAddress
    password: Password = Field(repr=False)


class AddressCode(Input):
    """The code that the new mailbox received."""

    token: Secret = Field(repr=False, examples=["alg_adr_…"])


class AskedOut(Output):
    """The same, whether the address has an account or not."""

    minutes: int = Field(description="How long the code works that is mailed where it should be.", examples=[60])


class TokensOut(Output):
    """What a program keeps: the access token for ten minutes, the refresh token until it is used, once."""

    access_token: str = Field(repr=False, examples=["eyJ…"])
    token_type: Literal["Bearer"] = "Bearer"  # noqa: S105 - the name of a kind
    expires_in: int = Field(description="Seconds before the access token ends.", examples=[600])
    refresh_token: str = Field(repr=False, examples=["alg_ref_…"])
    refresh_expires_at: datetime
    login_id: UUID
    person_id: UUID


class EndedOut(Output):
    """How many logins and personal tokens were ended."""

    logins: int = Field(examples=[2])
    tokens: int = Field(examples=[0])


class ApiTokenIn(Input):
    """A personal token for a program."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [{"name": "Export du lundi", "scope": "read", "expires_at": "2021-03-31T00:00:00+02:00"}]
        }
    )

    name: Name
    scope: TokenScope
    expires_at: Instant = Field(description="At most one year from now.")


class ApiTokenOut(Output):
    """A personal token, without its secret."""

    id: UUID
    name: str
    scope: TokenScope
    created_at: datetime
    expires_at: datetime


class NewApiTokenOut(ApiTokenOut):
    """A personal token at its birth: the only time that its secret is shown."""

    token: str = Field(repr=False, examples=["alg_pat_…"])


class LoginOut(Output):
    """A signed-in device."""

    id: UUID
    created_at: datetime
    expires_at: datetime
    agent: str = Field(description="What the program or the browser said of itself.")
    current: bool = Field(description="Whether it carries this request.")
