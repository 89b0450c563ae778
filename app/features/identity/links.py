"""The codes that mails carry: made again from the key whenever they are needed, stored nowhere.

An invitation's names the invitation and its end, so that renewing an invitation closes the earlier link. That of a
forgotten password is made from the address and the (hashed) password of the account too: once either has changed,
every earlier code is dead. That of a new address is made from both addresses. Every character of them is one that the filter of the logs hides (`app.core.log`).
"""

from __future__ import annotations

import re
from datetime import datetime
from typing import Protocol
from uuid import UUID, uuid5

from app.core.security.secrets import derived_secret, fingerprint, same
from app.features.identity.queries.addresses import AddressLetter
from app.features.identity.queries.codes import SignInLetter
from app.features.identity.queries.resets import ResetLetter
from app.settings import Settings

PURPOSE = "invitation"
_ADDRESS_PURPOSE = "changed-address"
_ADDRESS_SHAPE = re.compile(r"alg_adr_([0-9a-f]{32})_([A-Za-z0-9_-]{43})", re.ASCII)
_RESET_PURPOSE = "forgotten-password"
_RESET_SHAPE = re.compile(r"alg_pwd_([0-9a-f]{32})_([A-Za-z0-9_-]{43})", re.ASCII)
_SIGN_IN_PURPOSE = "sign-in"
_SIGN_IN_SHAPE = re.compile(r"alg_sin_([0-9a-f]{32})_([A-Za-z0-9_-]{43})", re.ASCII)
_SHAPE = re.compile(r"alg_inv_([0-9a-f]{32})_([A-Za-z0-9_-]{43})", re.ASCII)


class Invited(Protocol):
    """What the code is made from: an invitation, or a row of it."""

    @property
    def id(self) -> UUID:
        """The invitation's."""

    @property
    def expires_at(self) -> datetime:
        """When the code stops working."""


def invitation_token(settings: Settings, invitation: Invited) -> str:
    """The code of an invitation until its present end."""
    return f"alg_inv_{invitation.id.hex}_{_proof(settings, invitation)}"


def invitation_link(settings: Settings, invitation: Invited) -> str:
    """The address that the mail carries."""
    return f"{settings.base_url}/invitation/{invitation_token(settings, invitation)}"


def invitation_named(token: str) -> UUID | None:
    """Which invitation a code says it is of, before anything is believed; None for what is no code."""
    match = _SHAPE.fullmatch(token.strip())
    return UUID(hex=match[1]) if match else None


def is_its_token(settings: Settings, invitation: Invited, token: str) -> bool:
    """Whether the code is the one of this invitation until its present end."""
    return same(token.strip(), invitation_token(settings, invitation))


def _proof(settings: Settings, invitation: Invited) -> str:
    # `derived_secret` takes one id: the invitation's and its end become one, by hash.
    end = uuid5(invitation.id, str(int(invitation.expires_at.timestamp())))
    return derived_secret(settings.secret.get_secret_value().encode(), PURPOSE, end)


def reset_token(settings: Settings, letter: ResetLetter) -> str:
    """The code by which a forgotten password is replaced, while the account stays as it is."""
    account = fingerprint(f"{letter.email.lower()}\0{letter.password or ''}").hex()
    row = uuid5(letter.id, f"{int(letter.expires_at.timestamp())} {account}")
    proof = derived_secret(settings.secret.get_secret_value().encode(), _RESET_PURPOSE, row)
    return f"alg_pwd_{letter.id.hex}_{proof}"


def reset_named(token: str) -> UUID | None:
    """Which request a code says it is of, before anything is believed; None for what is no code."""
    match = _RESET_SHAPE.fullmatch(token.strip())
    return UUID(hex=match[1]) if match else None


def is_reset_token(settings: Settings, letter: ResetLetter, token: str) -> bool:
    """Whether the code is the one of this request and of the account as it is now."""
    return same(token.strip(), reset_token(settings, letter))


def address_token(settings: Settings, letter: AddressLetter) -> str:
    """The code by which a new mailbox proves itself, while the account has the address that it had."""
    addresses = fingerprint(f"{letter.present.lower()}\0{letter.after}").hex()
    row = uuid5(letter.id, f"{int(letter.expires_at.timestamp())} {addresses}")
    proof = derived_secret(settings.secret.get_secret_value().encode(), _ADDRESS_PURPOSE, row)
    return f"alg_adr_{letter.id.hex}_{proof}"


def address_named(token: str) -> UUID | None:
    """Which change a code says it is of, before anything is believed; None for what is no code."""
    match = _ADDRESS_SHAPE.fullmatch(token.strip())
    return UUID(hex=match[1]) if match else None


def is_address_token(settings: Settings, letter: AddressLetter, token: str) -> bool:
    """Whether the code is the one of this change and of the account as it is now."""
    return same(token.strip(), address_token(settings, letter))


def sign_in_digits(settings: Settings, letter: SignInLetter) -> str:
    """The six digits of a request to sign in by mail."""
    return f"{int.from_bytes(fingerprint(_sign_in_proof(settings, letter, 'digits'))[:8]) % 1_000_000:06d}"


def sign_in_token(settings: Settings, letter: SignInLetter) -> str:
    """The code of the link in the same mail."""
    return f"alg_sin_{letter.id.hex}_{_sign_in_proof(settings, letter, 'link')}"


def sign_in_named(token: str) -> UUID | None:
    """Which request a code says it is of, before anything is believed; None for what is no code."""
    match = _SIGN_IN_SHAPE.fullmatch(token.strip())
    return UUID(hex=match[1]) if match else None


def is_sign_in_link(settings: Settings, letter: SignInLetter, token: str) -> bool:
    """Whether the code is the link of this request."""
    return same(token.strip(), sign_in_token(settings, letter))


def _sign_in_proof(settings: Settings, letter: SignInLetter, which: str) -> str:
    row = uuid5(letter.id, f"{which} {int(letter.expires_at.timestamp())} {letter.email.lower()}")
    return derived_secret(settings.secret.get_secret_value().encode(), _SIGN_IN_PURPOSE, row)
