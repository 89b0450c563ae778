"""State machines as data: a table that says, for each state, which verbs may be done and where they lead."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import Generic, TypeVar

from app.core.errors import WrongState

S = TypeVar("S", bound=StrEnum)


@dataclass(frozen=True, slots=True)
class StateMachine(Generic[S]):
    """A total table: every state has a row (an empty one is final) and can be reached.

    A table that is not total is a `ValueError` when the module is imported.
    """

    name: str
    initial: S
    transitions: Mapping[S, Mapping[str, S]]

    def __post_init__(self) -> None:
        """Freeze the table and check that it is total."""
        frozen = MappingProxyType({state: MappingProxyType(dict(row)) for state, row in self.transitions.items()})
        object.__setattr__(self, "transitions", frozen)
        if faults := self._faults():
            raise ValueError(f"{self.name}: {'; '.join(faults)}")

    def next(self, state: S, verb: str) -> S:
        """Where `verb` leads from `state`; `WrongState` when it is not allowed there."""
        try:
            return self.transitions[state][verb]
        except KeyError:
            raise WrongState.of(state, verb=verb, allowed=list(self.allowed(state))) from None

    def allowed(self, state: S) -> tuple[str, ...]:
        """The verbs that may be done, in the order of the table."""
        return tuple(self.transitions[state])

    def is_final(self, state: S) -> bool:
        """Whether nothing leads out of this state."""
        return not self.transitions[state]

    def to_mermaid(self) -> str:
        """The drawing for the documentation, which is made from the code and so cannot disagree with it."""
        lines = ["stateDiagram-v2", f"    [*] --> {self.initial}"]
        for state, row in self.transitions.items():
            lines += [f"    {state} --> {target}: {verb}" for verb, target in row.items()]
            lines += [f"    {state} --> [*]"] if not row else []
        return "\n".join(lines) + "\n"

    def _faults(self) -> list[str]:
        states = set(type(self.initial))
        targets = {target for row in self.transitions.values() for target in row.values()}
        missing = states - self.transitions.keys()
        return [
            f"{what}: {', '.join(sorted(map(str, which)))}"
            for what, which in (
                ("no row for", missing),
                ("rows for what is no state", self.transitions.keys() - states),
                ("transitions to what is no state", targets - states),
                ("states that nothing leads to", states - self._reached()),
            )
            if which
        ]

    def _reached(self) -> set[S]:
        reached, waiting = {self.initial}, [self.initial]
        while waiting:
            for target in self.transitions.get(waiting.pop(), {}).values():
                if target not in reached:
                    reached.add(target)
                    waiting.append(target)
        return reached
