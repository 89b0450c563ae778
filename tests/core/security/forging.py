"""Tokens made by hand, right but for one thing."""

from __future__ import annotations

import hmac
import json
from base64 import urlsafe_b64encode
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from jose import jwt  # noqa: TID251 - the traps are shown on the raw library

from app.core.security.tokens import (
    InvalidToken,
    TokenKeys,
    issue_access_token,
    read_access_token,
)

SECRET = bytes(range(7, 250, 5))
KEYS = TokenKeys(SECRET, "https://alliage.example", "alliage-api")
# python-jose reads the real clock: these tests do too, so that only one thing is wrong at a time
NOW = datetime.now(UTC).replace(microsecond=0)  # noqa: TID251
TEN_MINUTES = timedelta(minutes=10)
PERSON, LOGIN = uuid4(), uuid4()
HEADER = {"alg": "HS256", "typ": "at+jwt"}
MISSING = object()


def issue(keys: TokenKeys = KEYS, lifetime: timedelta = TEN_MINUTES, now: datetime = NOW) -> str:
    return issue_access_token(keys, person_id=PERSON, login_id=LOGIN, now=now, lifetime=lifetime)


def b64(raw: bytes) -> str:
    return urlsafe_b64encode(raw).rstrip(b"=").decode()


def signed(head: bytes | str, body: bytes | str, secret: bytes = SECRET, digest: str = "sha256", junk: str = "") -> str:
    """A token with a right signature around anything, and `junk` that Python's base64 reader drops."""
    head, body = (part.encode() if isinstance(part, str) else part for part in (head, body))
    signing_input = f"{b64(head)}{junk}.{b64(body)}"
    return f"{signing_input}.{b64(hmac.digest(secret, signing_input.encode(), digest))}"


def claims(**changes: Any) -> dict[str, Any]:
    """Good claims, with some changed or (MISSING) left out."""
    start = int(NOW.timestamp())
    good: dict[str, Any] = {
        "iss": KEYS.issuer,
        "aud": KEYS.audience,
        "sub": str(PERSON),
        "sid": str(LOGIN),
        "jti": str(uuid4()),
        "iat": start,
        "exp": start + 600,
    }
    return {name: value for name, value in (good | changes).items() if value is not MISSING}


def forged(header: dict[str, Any] | None = None, secret: bytes = SECRET, **changes: Any) -> str:
    return signed(json.dumps(HEADER if header is None else header), json.dumps(claims(**changes)), secret)


def refused(token: Any, keys: TokenKeys = KEYS, now: datetime = NOW) -> None:
    with pytest.raises(InvalidToken):
        read_access_token(keys, token, now)


def raw_jose(token: str, key: Any = SECRET, **options: Any) -> dict[str, Any]:
    """The usual call of python-jose, as its documentation shows it."""
    given: dict[str, Any] = {
        "algorithms": ["HS256"],
        "audience": KEYS.audience,
        "issuer": KEYS.issuer,
    } | options
    return jwt.decode(token, key, **given)
