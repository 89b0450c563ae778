"""`docs/states.md` is drawn from the code: a machine that changes without its drawing is red here.

`python -m tests.architecture.test_states` draws it again.
"""

from __future__ import annotations

from pathlib import Path
from types import MappingProxyType, SimpleNamespace
from typing import Any
from uuid import uuid4

from app.core.errors import STATES_IN_FRENCH
from app.core.states import StateMachine
from app.features.deliverables.models import DELIVERABLE_STATES
from app.features.initiatives.models import INITIATIVE_STATES
from app.features.sessions.models import ACTION_STATES, AMENDMENT_STATES, SESSION_STATES
from app.features.spaces.models import SPACE_STATES
from app.features.statements.models import STATEMENT_STATES
from app.policy.actions import IN_FRENCH, Action
from app.policy.actor import Actor
from app.policy.decide import allowed

PAGE = Path(__file__).parents[2] / "docs" / "states.md"
MACHINES: tuple[StateMachine[Any], ...] = (
    INITIATIVE_STATES,
    SPACE_STATES,
    SESSION_STATES,
    ACTION_STATES,
    AMENDMENT_STATES,
    STATEMENT_STATES,
    DELIVERABLE_STATES,
)
HEAD = """# States

Drawn from the tables of the code by `python -m tests.architecture.test_states`; do not edit.
An arrow is a verb; a verb that leaves no arrow from a state is refused there with 409.
"""


def drawn() -> str:
    """The whole page."""
    parts = [HEAD]
    parts += [f"## {machine.name.capitalize()}\n\n```mermaid\n{machine.to_mermaid()}```\n" for machine in MACHINES]
    return "\n".join(parts)


def test_the_drawings_are_those_of_the_code() -> None:
    assert PAGE.read_text(encoding="utf-8") == drawn(), "run: python -m tests.architecture.test_states"


def test_every_state_has_words() -> None:
    assert {str(state) for machine in MACHINES for state in machine.transitions} <= set(STATES_IN_FRENCH)


def test_every_action_has_words() -> None:
    assert set(IN_FRENCH) == set(Action)


VERBS = {
    "publish": Action.STATEMENT_PUBLISH,
    "withdraw": Action.STATEMENT_WITHDRAW,
    "moderate": Action.STATEMENT_MODERATE,
    "restore": Action.STATEMENT_RESTORE,
}


def test_the_rules_of_statements_allow_what_the_table_allows() -> None:
    """Somebody with every right may do, in each state, exactly what leads somewhere from it."""
    everything = uuid4()
    anybody = Actor(
        person_id=everything,
        piloted=frozenset({everything}),
        facilitated=frozenset({everything}),
        voices=MappingProxyType({(everything, everything): everything}),
        managed_here=frozenset({(everything, everything)}),
    )
    for state in STATEMENT_STATES.transitions:
        it = SimpleNamespace(
            initiative_id=everything,
            space_id=everything,
            organisation_id=everything,
            person_id=everything,
            capacity="organisation",
            state=state,
        )
        assert {verb for verb, action in VERBS.items() if allowed(anybody, action, it)} == set(
            STATEMENT_STATES.allowed(state)
        ), state


def test_every_machine_of_the_code_is_drawn() -> None:
    features = Path(__file__).parents[2] / "app" / "features"
    declared = [
        path
        for path in features.rglob("*.py")
        for line in path.read_text("utf-8").splitlines()
        if "= StateMachine(" in line
    ]
    assert len(declared) == len(MACHINES), declared


if __name__ == "__main__":
    PAGE.write_text(drawn(), encoding="utf-8")
