"""Statements written by hand, with the rule of who may read what put in by name."""

from __future__ import annotations

from typing import Any

from app.core.db import DIALECT, Question
from app.policy.actions import Action
from app.policy.decide import visible
from app.policy.symbolic import CALLER

RULE = "{visible}"


def ruled(sql: str, columns: Any, action: Action, *, planned_anew: bool = False) -> Question:
    """`sql` with what the caller may read of `columns` (those of an alias that it uses) in the place of `{visible}`."""
    rule = visible(CALLER, columns, action).compile(dialect=DIALECT)
    fixed = {name: value for name, value in rule.params.items() if value is not None}
    return Question(sql.replace(RULE, f"({rule})"), fixed, planned_anew=planned_anew)
