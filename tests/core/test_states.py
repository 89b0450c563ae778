"""State machines: total tables, refusals with their facts, and a drawing that follows the code."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.core.errors import WrongState
from app.core.states import StateMachine


class State(StrEnum):
    """The states of a session of the tests."""

    PLANNED = "planned"
    HELD = "held"
    LOCKED = "locked"


class Other(StrEnum):
    """Another machine's words."""

    PLANNED = "planned"
    ELSEWHERE = "elsewhere"


TABLE: dict[State, dict[str, State]] = {
    State.PLANNED: {"hold": State.HELD},
    State.HELD: {"lock": State.LOCKED, "reopen": State.PLANNED},
    State.LOCKED: {},
}
MACHINE = StateMachine("session", State.PLANNED, TABLE)


@given(st.sampled_from(State), st.sampled_from(["hold", "lock", "reopen", "burn", ""]))
def test_every_state_answers_every_verb(state: State, verb: str) -> None:
    if verb in TABLE[state]:
        assert MACHINE.next(state, verb) is TABLE[state][verb]
    else:
        with pytest.raises(WrongState):
            MACHINE.next(state, verb)


def test_a_refusal_carries_its_facts() -> None:
    with pytest.raises(WrongState) as caught:
        MACHINE.next(State.HELD, "hold")
    refusal = caught.value
    assert refusal.extensions == {"state": "held", "verb": "hold", "allowed": ["lock", "reopen"]}
    assert refusal.detail == "Ce n’est pas possible dans l’état actuel (tenu)."
    assert refusal.__suppress_context__
    with pytest.raises(WrongState) as final:
        MACHINE.next(State.LOCKED, "reopen")
    assert final.value.extensions["allowed"] == []


def test_a_final_state_is_one_that_nothing_leaves() -> None:
    assert [state for state in State if MACHINE.is_final(state)] == [State.LOCKED]


@pytest.mark.parametrize(
    ("table", "fault"),
    [
        ({State.PLANNED: TABLE[State.PLANNED], State.HELD: TABLE[State.HELD]}, "no row for: locked"),
        (
            {**TABLE, State.HELD: {"reopen": State.PLANNED}},
            "nothing leads to: locked",
        ),
        ({**TABLE, State.PLANNED: {}}, "nothing leads to: held, locked"),
        ({**TABLE, State.LOCKED: {"reopen": Other.ELSEWHERE}}, "to what is no state: elsewhere"),
        (TABLE | {Other.ELSEWHERE: {}}, "rows for what is no state: elsewhere"),
        ({}, "no row for: held, locked, planned; states that nothing leads to: held, locked"),
    ],
)
def test_a_table_with_a_hole_is_refused_at_import(table: Mapping[State, Mapping[str, State]], fault: str) -> None:
    with pytest.raises(ValueError, match=fault):
        StateMachine("session", State.PLANNED, table)


def test_the_table_cannot_be_changed_afterwards() -> None:
    table = {state: dict(row) for state, row in TABLE.items()}
    machine = StateMachine("session", State.PLANNED, table)
    table[State.LOCKED]["reopen"] = State.HELD
    assert machine.is_final(State.LOCKED)
    with pytest.raises(TypeError):
        machine.transitions[State.LOCKED] = {}  # type: ignore[index]
    with pytest.raises(TypeError):
        machine.transitions[State.LOCKED]["reopen"] = State.HELD  # type: ignore[index]


def test_the_drawing() -> None:
    assert MACHINE.to_mermaid() == (
        "stateDiagram-v2\n"
        "    [*] --> planned\n"
        "    planned --> held: hold\n"
        "    held --> locked: lock\n"
        "    held --> planned: reopen\n"
        "    locked --> [*]\n"
    )
