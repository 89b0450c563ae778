"""Access tokens: the only door to python-jose, so that another library can take its place in one file.

python-jose 3.5.0 takes tokens without `aud`, without `exp` or with any `crit`, an empty key or a public key
as the HMAC secret, headers of any depth, and reads a secret that looks like JSON as JSON. So it is given only
what was bounded and read here, a key object, and one algorithm, and is asked one thing: whether the signature
is right. Claims are checked here, by our own clock. A token names a person and a login, never a right.
"""

from __future__ import annotations

import json
import re
from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Any
from uuid import UUID, uuid4

from jose import jwk, jws
from jose.backends.base import Key

ALGORITHM = "HS256"
TYPE = "at+jwt"  # RFC 9068: nothing else that we may sign one day can be taken for an access token
LONGEST = 4096  # characters
LONGEST_HEADER = 128  # encoded; ours has 40
LONGEST_LIFE = timedelta(hours=1)
LEEWAY = timedelta(seconds=10)  # between the clocks of two processes
CLAIMS = frozenset({"aud", "exp", "iat", "iss", "jti", "sid", "sub"})

_SHAPE = re.compile(r"([A-Za-z0-9_-]+)\.([A-Za-z0-9_-]+)\.([A-Za-z0-9_-]{43})", re.ASCII)
_NAME = re.compile(r"[A-Za-z0-9.:/_-]{1,200}", re.ASCII)
_ASYMMETRIC = (b"-----BEGIN", b"ssh-", b"ecdsa-", b"sk-ssh-")


class InvalidToken(Exception):
    """The one answer to every token that is not ours, whatever is wrong with it."""


@dataclass(frozen=True, slots=True)
class TokenKeys:
    """What signs and is expected; a weak secret is a `ValueError` here, so at start and not at sign-in."""

    secret: bytes = field(repr=False)
    issuer: str
    audience: str

    def __post_init__(self) -> None:
        """Refuse what python-jose would take: short, repeated, or a key that others can read."""
        secret = self.secret
        if not isinstance(secret, bytes) or len(secret) < 32:
            raise ValueError("the token secret must be 32 bytes or more")
        if len(set(secret)) < 8 or any(secret[n:] == secret[:-n] for n in range(1, len(secret) // 2 + 1)):
            raise ValueError("the token secret repeats itself: take random bytes")
        if secret.lstrip().startswith(_ASYMMETRIC) or _is_der(secret):
            raise ValueError("the token secret is an asymmetric key, whose public half others may know")
        if not (_NAME.fullmatch(self.issuer) and _NAME.fullmatch(self.audience)):
            raise ValueError("the token issuer and audience are plain names or addresses")


@dataclass(frozen=True, slots=True)
class AccessClaims:
    """What a token says, once it is believed."""

    person_id: UUID
    login_id: UUID
    jti: UUID
    issued_at: datetime
    expires_at: datetime


def issue_access_token(keys: TokenKeys, *, person_id: UUID, login_id: UUID, now: datetime, lifetime: timedelta) -> str:
    """A signed token for `lifetime` (at most one hour, `ValueError` beyond), in whole seconds."""
    if not timedelta(seconds=1) <= lifetime <= LONGEST_LIFE:
        raise ValueError("an access token lives between one second and one hour")
    issued, life = int(now.timestamp()), int(lifetime.total_seconds())
    claims: dict[str, Any] = {"iss": keys.issuer, "aud": keys.audience, "jti": str(uuid4())}
    claims |= {"sub": str(person_id), "sid": str(login_id), "iat": issued, "exp": issued + life}
    return jws.sign(claims, _key(keys), headers={"typ": TYPE}, algorithm=ALGORITHM)


def read_access_token(keys: TokenKeys, token: str, now: datetime) -> AccessClaims:
    """The claims of a token that we signed and that is still good; `InvalidToken` for anything else."""
    try:
        _require(len(token) <= LONGEST)
        claims = _signed(keys, token)
    except Exception as problem:  # RecursionError, OverflowError and what jose may invent: all one refusal
        raise InvalidToken("this access token is not valid") from problem
    _require(claims.issued_at <= now + LEEWAY and now < claims.expires_at + LEEWAY)
    return claims


@lru_cache(maxsize=1024)
def _signed(keys: TokenKeys, token: str) -> AccessClaims:
    """What does not depend on the clock, remembered: a token is read many times in its ten minutes."""
    if (parts := _SHAPE.fullmatch(token)) is None:
        raise InvalidToken
    head, body, signature = parts.groups()
    _require(len(head) <= LONGEST_HEADER and _flat_object(head) == {"alg": ALGORITHM, "typ": TYPE})
    _canonical(signature)
    jws.verify(token, _key(keys), [ALGORITHM])
    claims = _flat_object(body)
    _require(claims.keys() == CLAIMS and claims["iss"] == keys.issuer and claims["aud"] == keys.audience)
    issued, expires = _instant(claims["iat"]), _instant(claims["exp"])
    _require(timedelta(0) < expires - issued <= LONGEST_LIFE)
    return AccessClaims(_uuid(claims["sub"]), _uuid(claims["sid"]), _uuid(claims["jti"]), issued, expires)


def _require(condition: bool) -> None:
    if not condition:
        raise InvalidToken


def _key(keys: TokenKeys) -> Key:
    """A key object: bytes would be tried as JSON first by python-jose when it verifies, not when it signs."""
    return jwk.construct(keys.secret, ALGORITHM)


def _canonical(segment: str) -> bytes:
    """The bytes of a segment that has one spelling only, so that one token cannot be written in four ways."""
    raw = urlsafe_b64decode(segment + "=" * (-len(segment) % 4))
    _require(urlsafe_b64encode(raw).rstrip(b"=") == segment.encode())
    return raw


def _flat_object(segment: str) -> dict[str, Any]:
    """A JSON object without nesting (counted before it is parsed) and without a name written twice."""
    raw = _canonical(segment)
    _require(raw.count(b"{") == 1 and b"[" not in raw)
    pairs: list[tuple[str, Any]] = json.loads(raw.decode(), object_pairs_hook=list)
    _require(len(pairs) == len(found := dict(pairs)))
    return found


def _instant(value: object) -> datetime:
    _require(type(value) is int)  # True is an int for isinstance, and NaN a float
    return datetime.fromtimestamp(value, UTC)  # type: ignore[arg-type]


def _uuid(value: str) -> UUID:
    identifier = UUID(value)
    _require(str(identifier) == value)
    return identifier


def _is_der(secret: bytes) -> bool:
    """Whether the bytes are one whole ASN.1 SEQUENCE, as a DER key is (random bytes: 1 in 60,000)."""
    size = secret[1] & 0x7F if secret[1] & 0x80 else 0
    length = int.from_bytes(secret[2 : 2 + size], "big") if size else secret[1]
    return secret[0] == 0x30 and 2 + size + length == len(secret)
