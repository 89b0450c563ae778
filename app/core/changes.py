"""Changes to one row: what a PATCH really altered, the verbs of a state machine, the end of a period."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from enum import StrEnum
from typing import Any, TypeVar

from pydantic import BaseModel
from sqlalchemy.dialects.postgresql import Range

from app.core.clock import now
from app.core.errors import Conflict, invalid
from app.core.states import StateMachine

S = TypeVar("S", bound=StrEnum)


class AlreadyEnded(Conflict):
    """What you want to end has already ended. Read it again to see when."""

    title = "Déjà terminé"


def asked(body: BaseModel, cleared: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """The fields that a PATCH sent. A null empties what `cleared` names, as it says (an empty text, null); else 422."""
    empty = cleared or {}
    changes = {name: getattr(body, name) for name in sorted(body.model_fields_set)}
    for name, value in changes.items():
        if value is None and name not in empty:
            raise invalid("/" + name, "Ce champ ne peut pas être vide.")
    return {name: empty[name] if value is None else value for name, value in changes.items()}


def alter(row: Any, changes: Mapping[str, Any]) -> list[str]:
    """Set what differs and count a version; the names of the columns that changed, none when nothing did."""
    changed = sorted(name for name, value in changes.items() if getattr(row, name) != value)
    for name in changed:
        setattr(row, name, changes[name])
    if changed:
        row.version += 1
    return changed


def move(row: Any, machine: StateMachine[S], verb: str) -> None:
    """Put the row in the state where `verb` leads and count a version; 409 where it leads nowhere."""
    row.state = machine.next(type(machine.initial)(row.state), verb)
    row.version += 1


def end(row: Any) -> None:
    """Close the period `during` of the row now; 409 when it is already over."""
    instant, during = now(), row.during
    if during.is_empty or (during.upper is not None and during.upper <= instant):
        raise AlreadyEnded("C’est déjà terminé : relisez pour voir depuis quand.")
    # A range without any length is empty, and forgets when it was.
    row.during = Range(during.lower, max(instant, during.lower + timedelta(microseconds=1)))
