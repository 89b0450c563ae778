"""A form that could not be sent because nobody was signed in any more: it waits, whole, while one signs in."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

PREFIX = "garde:"
"""What begins the names of its fields in the form of the sign-in."""
_A_CODE = re.compile(r"(?:[a-z_]{1,40}:)?[0-9a-f-]{36}|[a-z_:]{1,40}|[0-9:T+.-]{1,40}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Waiting:
    """Its fields by their own names, the address that takes them, and its key: sent twice, it is one."""

    kept: tuple[tuple[str, str], ...] = ()
    action: str = "/"
    key: str = ""

    @property
    def words(self) -> tuple[str, ...]:
        """What somebody wrote in it, to be read again: ids and codes are left out, and so is a password."""
        return tuple(
            value.strip()
            for name, value in self.kept
            if value.strip() and "password" not in name and _A_CODE.fullmatch(value.strip()) is None
        )


def waiting_in(values: Mapping[str, list[str]]) -> Waiting:
    """The form that the fields of a sign-in carry along."""
    kept = tuple(
        (name.removeprefix(PREFIX), one) for name, sent in values.items() if name.startswith(PREFIX) for one in sent
    )
    return Waiting(kept, (values.get("action") or ["/"])[0], (values.get("cle") or [""])[0])
