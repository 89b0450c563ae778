"""One frozen `Settings`, read from the environment (prefix `ALLIAGE_`) and from `.env`."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import Annotated, Literal
from urllib.parse import urlsplit

from pydantic import AfterValidator, Field, SecretStr, ValidationError, model_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError

DEVELOPMENT_SECRET = "development only: this secret is public, never use it elsewhere"  # noqa: S105 - refused elsewhere


_EXPECTED = {
    "literal_error": "valeurs possibles : {expected}",
    "int_parsing": "un nombre entier est attendu",
    "bool_parsing": "« true » ou « false » est attendu",
    "greater_than_equal": "au moins {ge}",
    "less_than_equal": "au plus {le}",
    "value_error": "{error}",
}


def _psycopg(url: str | None) -> str | None:
    """SQLAlchemy wants the driver's name; a plain `postgresql://` is what people write."""
    if not url:
        return None
    scheme, separator, rest = url.partition("://")
    try:
        if not separator or scheme not in {"postgres", "postgresql", "postgresql+psycopg"}:
            raise ValueError(scheme)
        make_url(f"postgresql+psycopg://{rest}")
    except (ArgumentError, ValueError):
        raise ValueError("une adresse comme postgresql://compte:motdepasse@machine/base est attendue") from None
    return f"postgresql+psycopg://{rest}"


def _listening(address: str | None) -> str | None:
    host, _, port = (address or "").rpartition(":")
    if address and (not host or not port.isascii() or not port.isdigit() or int(port) > 65535):
        raise ValueError("une adresse et un port comme 127.0.0.1:9464 sont attendus")
    return address or None


DatabaseUrl = Annotated[str | None, AfterValidator(_psycopg)]


def _bucket(url: str | None) -> str | None:
    """A bucket is named like an address, and nothing else of an address is understood."""
    if not url:
        return None
    parts = urlsplit(url)
    if parts.scheme != "s3" or not parts.hostname or parts.username or parts.query or parts.fragment:
        raise ValueError("une adresse comme s3://seau/dossier est attendue")
    return url.rstrip("/")


StorageUrl = Annotated[str | None, AfterValidator(_bucket)]


class UnsafeSettings(RuntimeError):
    """The server refuses to start like this; the message says what to change."""


class Settings(BaseSettings):
    """Everything that differs between two installations, and nothing else."""

    model_config = SettingsConfigDict(
        env_prefix="ALLIAGE_", env_file=".env", extra="ignore", frozen=True, populate_by_name=True
    )

    environment: Literal["development", "production"] = "development"
    folder: Path = Path("var")
    """Where the embedded database, attached files and development mail live; logs go to the standard error."""
    database_url: DatabaseUrl = Field(default=None, validation_alias="DATABASE_URL")
    """The application role's address; without it the embedded PostgreSQL is started under `folder`."""
    database_owner_url: DatabaseUrl = Field(default=None, validation_alias="DATABASE_OWNER_URL")
    """The owner role's address, for migrations only."""
    pool_size: Annotated[int, Field(ge=2, le=50)] = 10
    secret: SecretStr = SecretStr(DEVELOPMENT_SECRET)
    base_url: str = "http://127.0.0.1:8000"
    """The public address, without a final slash: used in mails and in editions, never read from a request."""
    trusted_proxies: Annotated[frozenset[str], NoDecode] = frozenset()
    """Addresses whose `X-Forwarded-For` is believed, separated by commas."""
    smtp_url: str | None = None
    """`smtp://user:password@host:587`; without it mails are written to `folder/mail`."""
    mail_from: str = "Alliage <ne-pas-repondre@alliage.example>"
    worker_in_server: bool = False
    """Run the background worker inside the server's process (one machine, demonstration)."""
    log_json: bool = True
    metrics_address: Annotated[str | None, AfterValidator(_listening)] = None
    """Where `/metrics` is served for Prometheus, such as `127.0.0.1:9464`; nowhere unless set."""

    access_token_seconds: int = 600
    login_days: int = 30
    """How long a refresh token family lives without being used."""
    login_days_most: Annotated[int, Field(ge=1)] = 90
    """How long it lives however often it is used: then one signs in again."""
    invitation_days: int = 14
    password_reset_minutes: Annotated[int, Field(ge=5, le=1440)] = 60
    """How long the code that is mailed for a forgotten password works."""
    address_change_minutes: Annotated[int, Field(ge=5, le=1440)] = 60
    """How long the code that is mailed to a new address works."""
    idempotency_days: int = 7
    body_limit_bytes: int = 1_048_576

    storage_url: StorageUrl = None
    """`s3://bucket/prefix` for attached files; without it they are in `folder/files`."""
    storage_key: str | None = None
    """The access key of the bucket."""
    storage_secret: SecretStr | None = None
    storage_region: str = "us-east-1"
    storage_endpoint: str | None = None
    """The address of an S3 service that is not Amazon's."""
    attachment_bytes: Annotated[int, Field(ge=1024, le=200 * 1_048_576)] = 20 * 1_048_576
    """How large an attached file may be."""
    attachment_quota_bytes: Annotated[int, Field(ge=0)] = 500 * 1_048_576
    """How much one organisation may attach, in all."""
    attachment_seconds: Annotated[int, Field(ge=10, le=3600)] = 300
    """How long a file may take to arrive."""

    @model_validator(mode="before")
    @classmethod
    def _split_proxies(cls, values: dict[str, object]) -> dict[str, object]:
        proxies = values.get("trusted_proxies")
        if isinstance(proxies, str):
            values["trusted_proxies"] = frozenset(p.strip() for p in proxies.split(",") if p.strip())
        return values

    @property
    def has_public_secret(self) -> bool:
        """Whether tokens are signed with the secret that everybody can read in the source."""
        return self.secret.get_secret_value() == DEVELOPMENT_SECRET

    def refuse_unsafe(self) -> None:
        """Raise `UnsafeSettings` for what must never run outside development (R13)."""
        if self.environment == "development":
            return
        if self.has_public_secret or len(self.secret.get_secret_value().encode()) < 32:
            raise UnsafeSettings(
                "ALLIAGE_SECRET est celui du développement, ou compte moins de 32 octets. Donnez le vôtre, par exemple : "
                'python -c "import secrets; print(secrets.token_urlsafe(48))"'
            )
        address = urlsplit(self.base_url)
        if address.scheme != "https" and address.hostname not in {"127.0.0.1", "localhost"}:
            raise UnsafeSettings("ALLIAGE_BASE_URL doit être une adresse https, hors développement.")


@lru_cache
def get_settings() -> Settings:
    """The settings of this process, read once; `UnsafeSettings` names the first that is not accepted, never its value."""
    try:
        return Settings()
    except ValidationError as refused:
        first = refused.errors()[0]
        name = str(first["loc"][0])
        variable = name if name.isupper() else f"ALLIAGE_{name.upper()}"
        expected = _EXPECTED.get(first["type"], "cette valeur n’est pas acceptée").format_map(first.get("ctx", {}))
        raise UnsafeSettings(f"Réglage {variable} : {expected.replace(' or ', ' ou ')}.") from None
