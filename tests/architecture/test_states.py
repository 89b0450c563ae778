"""`docs/states.md` is drawn from the code: a machine that changes without its drawing is red here.

`python -m tests.architecture.test_states` draws it again.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from app.core.states import StateMachine
from app.features.deliverables.models import DELIVERABLE_STATES
from app.features.initiatives.models import INITIATIVE_STATES
from app.features.sessions.models import SESSION_STATES
from app.features.spaces.models import SPACE_STATES
from app.features.statements.models import STATEMENT_STATES

PAGE = Path(__file__).parents[2] / "docs" / "states.md"
MACHINES: tuple[StateMachine[Any], ...] = (
    INITIATIVE_STATES,
    SPACE_STATES,
    SESSION_STATES,
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
