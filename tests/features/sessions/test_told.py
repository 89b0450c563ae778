"""Every event that the actions of sessions record has its words."""

from __future__ import annotations

import re
from pathlib import Path

from app.features.sessions.models import AMENDMENT_STATES, AmendmentState
from app.features.sessions.schemas.told import VERBS_IN_FRENCH

FEATURES = Path(__file__).parents[3] / "app" / "features"
FILES = (*(FEATURES / "sessions" / "actions").glob("*.py"), FEATURES / "statements" / "actions" / "meetings.py")
NOUNS = "action|agenda_item|amendment|attendance|calendar|decision|minutes|note|session"


def test_every_event_of_sessions_has_words() -> None:
    recorded = {verb for path in FILES for verb in re.findall(rf'"((?:{NOUNS})\.[a-z_]+)"', path.read_text("utf-8"))}
    decided = AMENDMENT_STATES.transitions.keys() - {AmendmentState.PROPOSED}
    assert recorded | {f"amendment.{state.value}" for state in decided} == set(VERBS_IN_FRENCH)
