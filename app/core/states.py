"""State machines as data."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Generic, TypeVar

S = TypeVar("S", bound=StrEnum)


class WrongTransition(Exception):
    """The verb does not exist in this state."""


class StateMachine(Generic[S]):
    """Transitions: state -> verb -> state."""

    def __init__(self, name: str, initial: S, transitions: Mapping[S, Mapping[str, S]]) -> None:
        self.name, self.initial, self.transitions = name, initial, transitions

    def next(self, state: S, verb: str) -> S:
        return self.transitions[state][verb]
