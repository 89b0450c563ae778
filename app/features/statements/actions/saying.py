"""What is said, in one statement of SQL: the statement, its first revision and its event are written and read back joined.

The unit of work would send each row by itself, and a fourth statement would read what was just written:
together they were half of the cost of a post (docs/adr/0003).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import Any

from psycopg.types.json import Jsonb
from sqlalchemy import bindparam, insert, null
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.sql.selectable import FromClause

from app.core.db import Question, fetch
from app.core.events import Event
from app.features.statements.models import Revision, Statement
from app.features.statements.queries.shape import PLACE, R, S, joined
from app.policy.actor import Actor
from app.policy.symbolic import CALLER, facts

E: FromClause = Event.__table__

UNTOUCHED = {
    "origin": "posted",
    "version": 1,
    "state_reason": None,
    "replies_for": 0,
    "replies_against": 0,
    "replies_other": 0,
    "positions_supports": 0,
    "positions_nuances": 0,
    "positions_objects": 0,
    "sources_count": 0,
}
"""What a statement that was just posted has not had yet."""

SAID = [column.name for column in S.c if column.computed is None and column.name not in UNTOUCHED]
WORDED = [column.name for column in R.c if column.computed is None and column.name != "erased_at"]
TOLD = [column.name for column in E.c if column.name not in {"id", "xid"}]
"""What is given for each of the three rows; the rest the database makes."""


async def say(
    db: AsyncSession,
    actor: Actor,
    statement: Mapping[str, Any],
    revision: Mapping[str, Any],
    event: Mapping[str, Any],
) -> Any:
    """Write the three rows, given by their columns; the row that `full` makes an answer of."""
    values = {f"said_{name}": statement[name] for name in SAID}
    values |= {f"worded_{name}": revision[name] for name in WORDED}
    values |= {f"told_{name}": event[name] for name in TOLD}
    values["told_data"] = Jsonb(event["data"])
    [row] = await fetch(db, _saying(), {**facts(actor), **values})
    return row


@lru_cache(maxsize=1)
def _saying() -> Question:
    said = (
        insert(Statement)
        .values({**_given("said", S, SAID), **UNTOUCHED})
        .returning(*(S.c[name] for name in PLACE))
        .cte("said")
    )
    worded = insert(Revision).values(_given("worded", R, WORDED)).returning(*R.c).cte("worded")
    told = insert(Event).values(_given("told", E, TOLD)).cte("told")
    tally = (null().label(name) for name in ("tally_source", "votes_for", "votes_against", "votes_mixed"))
    return Question(joined(CALLER, said, whole=True, revision=worded).add_columns(*tally).add_cte(told))


def _given(prefix: str, table: FromClause, names: Iterable[str]) -> dict[str, Any]:
    return {name: bindparam(f"{prefix}_{name}", type_=table.c[name].type) for name in names}
