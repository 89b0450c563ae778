"""Keyset pages: `{"items": [...], "next_cursor": ...}`. There is no OFFSET and no exact total."""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Generic, TypeVar
from uuid import UUID

from app.core.errors import BadRequest

Item = TypeVar("Item")

LIMIT = 25
LIMIT_MOST = 200


class CursorRefused(BadRequest):
    """The cursor is not one that this list gave: start again without `cursor`."""

    title = "Curseur inconnu"


@dataclass(frozen=True, slots=True)
class Page(Generic[Item]):
    """Some items of a list, and where the next ones start."""

    items: Sequence[Item]
    next_cursor: str | None


@dataclass(frozen=True, slots=True)
class Mark:
    """The last row of a page: an instant, a text or a number, then the id that breaks ties."""

    key: datetime | str | int | float
    id: UUID

    def cursor(self) -> str:
        """The opaque form that a client sends back."""
        kind, value = ("t", self.key.isoformat()) if isinstance(self.key, datetime) else ("v", self.key)
        return base64.urlsafe_b64encode(json.dumps([kind, value, self.id.hex]).encode()).decode().rstrip("=")


def mark_of(cursor: str | None, kind: type[datetime] | type[str] | type[int] | type[float] = datetime) -> Mark | None:
    """The mark that `cursor` names; `CursorRefused` for anything we did not make."""
    if cursor is None:
        return None
    try:
        if len(cursor) > 1000:
            raise ValueError
        tag, value, hexadecimal = json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
        key = datetime.fromisoformat(value) if tag == "t" else value
        if not isinstance(key, kind) or isinstance(key, bool) or (isinstance(key, datetime) and key.tzinfo is None):
            raise TypeError
        if isinstance(key, str) and "\x00" in key.encode().decode():  # half of a surrogate pair has no bytes
            raise ValueError
        return Mark(key, UUID(hex=hexadecimal))
    except (ValueError, TypeError, AttributeError, binascii.Error, RecursionError, UnicodeError):
        raise CursorRefused("Ce curseur n’a pas été donné par cette liste : recommencez sans « cursor ».") from None


def page_of(rows: Sequence[Item], limit: int, mark: Callable[[Item], Mark]) -> Page[Item]:
    """A page from `limit + 1` rows; `mark` is called on the last one kept to make the cursor."""
    kept = rows[:limit]
    more = len(rows) > limit
    return Page(kept, mark(kept[-1]).cursor() if more else None)
