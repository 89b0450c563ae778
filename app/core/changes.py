"""Changes to one row: what a PATCH really altered, and the verbs of a state machine."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Any, TypeVar

from pydantic import BaseModel

from app.core.errors import Conflict
from app.core.states import StateMachine, WrongState

S = TypeVar("S", bound=StrEnum)


class NotInThisState(Conflict):
    """What you ask is not done from the object's present state. `allowed` lists what is."""

    title = "Impossible dans cet état"


def asked(body: BaseModel, cleared: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """The fields that a PATCH sent; a null becomes what `cleared` says for the field (an empty text), else stays null."""
    empty = cleared or {}
    return {
        name: empty.get(name) if (value := getattr(body, name)) is None else value for name in body.model_fields_set
    }


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
    state = type(machine.initial)(row.state)
    try:
        row.state = machine.next(state, verb)
    except WrongState as wrong:
        raise NotInThisState(
            f"Ce n’est pas possible dans l’état actuel ({state}).",
            state=str(state),
            verb=verb,
            allowed=list(wrong.allowed),
        ) from wrong
    row.version += 1
