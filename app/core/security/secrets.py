"""Secrets that we hand out: made here, recognised when they leak, stored only as a fingerprint."""

from __future__ import annotations

import hmac
import re
import secrets
import string
import zlib
from base64 import urlsafe_b64encode
from hashlib import sha256
from uuid import UUID

BYTES = 32
CHECKSUM = 6

#: Any secret of ours in any text, for the filter of the logs and for the scanners of code hosts.
ANYWHERE = re.compile(r"\balg_(?:[a-z]+_)+[A-Za-z0-9_-]{49}(?![A-Za-z0-9_-])", re.ASCII)

_PREFIX = re.compile(r"alg_(?:[a-z]+_)+", re.ASCII)
_DIGITS = string.digits + string.ascii_uppercase + string.ascii_lowercase


def new_secret(prefix: str) -> str:
    """`prefix`, 32 random bytes in base64url and a checksum; a prefix unlike `alg_pat_` is a `ValueError`."""
    if not _PREFIX.fullmatch(prefix):
        raise ValueError(f"a prefix looks like alg_pat_, not {prefix!r}")
    body = prefix + secrets.token_urlsafe(BYTES)
    return body + _checksum(body)


def is_well_formed(secret: str) -> bool:
    """Whether the checksum holds: junk is refused without a query, and a scanner has no false alarm."""
    return ANYWHERE.fullmatch(secret) is not None and _checksum(secret[:-CHECKSUM]) == secret[-CHECKSUM:]


def fingerprint(secret: str) -> bytes:
    """What is stored and looked up: SHA-256, enough for 32 random bytes, useless to a thief."""
    return sha256(secret.encode("utf-8", "surrogatepass")).digest()


def derived_secret(key: bytes, purpose: str, id: UUID) -> str:  # noqa: A002 - the row's id, as in the models
    """The secret of one row for one purpose, in base64url.

    It can be made again from the key (32 bytes or more, else `ValueError`), so the worker that writes an
    invitation's mail needs no stored secret, and a copy of the database opens nothing.
    """
    if len(key) < BYTES:
        raise ValueError("the key must be 32 bytes or more")
    if not re.fullmatch(r"[a-z][a-z-]*", purpose):
        raise ValueError(f"a purpose is lower-case words with hyphens, not {purpose!r}")
    mac = hmac.digest(key, purpose.encode() + b"\0" + id.bytes, "sha256")
    return urlsafe_b64encode(mac).rstrip(b"=").decode()


def same(left: str | bytes, right: str | bytes) -> bool:
    """Equality in a time that does not tell where two secrets differ."""
    return hmac.compare_digest(_bytes(left), _bytes(right))


def _bytes(value: str | bytes) -> bytes:
    return value.encode("utf-8", "surrogatepass") if isinstance(value, str) else value


def _checksum(body: str) -> str:
    """CRC-32 in six base 62 digits: it finds mistakes, it protects nothing."""
    value, digits = zlib.crc32(body.encode()), ""
    for _ in range(CHECKSUM):
        value, digit = divmod(value, len(_DIGITS))
        digits = _DIGITS[digit] + digits
    return digits
