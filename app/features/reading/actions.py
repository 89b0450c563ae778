"""What a page tells when somebody looked at it: that they are here, and what was on it.

Neither is an event: who reads what, and when, is nobody else's business.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from types import SimpleNamespace
from typing import Any
from uuid import UUID

from app.core.clock import now
from app.core.db import Handle, Question, fetch
from app.core.errors import NotFound
from app.features.reading.models import ARRIVALS
from app.features.reading.queries.seen import list_new
from app.features.reading.queries.since import Since, since_row
from app.features.reading.schemas import VisitOut
from app.features.spaces.queries import MISSING
from app.policy.actions import Action
from app.policy.actor import Actor
from app.policy.decide import allowed
from app.policy.speaker import require_signed_in

PAUSE = timedelta(minutes=30)
"""Without a request for this long, the next one begins another visit."""
MOST_RANGES = 1_000
"""Of one reading: beyond, whatever is older than the newest thousand ranges counts as seen (a row of 16 kB at most)."""

_TOUCH = Question("""
INSERT INTO visits AS v (person_id, initiative_id, started_at, seen_at, seen, cluster)
SELECT %(person)s::uuid, %(initiative)s::uuid, %(at)s::timestamptz, %(at)s::timestamptz, pg_current_snapshot(), system_identifier
FROM pg_control_system()
ON CONFLICT (person_id, initiative_id) DO UPDATE SET
  since_at = CASE WHEN v.seen_at < %(over)s::timestamptz THEN v.seen_at ELSE v.since_at END,
  since = CASE WHEN v.seen_at < %(over)s::timestamptz THEN v.seen ELSE v.since END,
  since_cluster = CASE WHEN v.seen_at < %(over)s::timestamptz THEN v.cluster ELSE v.since_cluster END,
  started_at = CASE WHEN v.seen_at < %(over)s::timestamptz THEN EXCLUDED.started_at ELSE v.started_at END,
  seen_at = EXCLUDED.seen_at, seen = EXCLUDED.seen, cluster = EXCLUDED.cluster
RETURNING started_at, since_at, since::text AS since, since_cluster = cluster AS same
""")


async def touch_visit(db: Handle, actor: Actor, initiative_id: UUID) -> VisitOut:
    """Say that the caller is here now, before the page reads: what it shows is then never older than what the visit remembers.

    For an initiative that the caller reads: whoever calls has loaded it.
    """
    row = await _touch(db, actor, initiative_id)
    return VisitOut(started_at=row.started_at, since_at=row.since_at)


async def visit(db: Handle, actor: Actor, initiative_id: UUID) -> Since:
    """The same, for a page that then shows what is new: where its news begin, without another statement."""
    row = await _touch(db, actor, initiative_id)
    return since_row(row)


async def _touch(db: Handle, actor: Actor, initiative_id: UUID) -> Any:
    at = now()
    values = {"person": require_signed_in(actor), "initiative": initiative_id, "at": at, "over": at - PAUSE}
    [row] = await fetch(db, _TOUCH, values)
    return row


_SETTLED = Question(
    """
SELECT (SELECT number FROM arrivals WHERE space_id = %(space)s::uuid ORDER BY number DESC LIMIT 1) AS newest,
  CASE WHEN pg_try_advisory_lock(%(lock)s::int, hashtext(%(space)s::uuid::text))
    THEN pg_advisory_unlock(%(lock)s::int, hashtext(%(space)s::uuid::text)) ELSE false END AS free
""",
    {"lock": ARRIVALS},
)
"""The newest number that this statement's snapshot holds; where nobody who took a number was still at it afterwards, all
below it are settled."""

_MARK = Question(
    """
WITH before AS (
  SELECT seen, settled FROM readings
  WHERE person_id = %(person)s::uuid AND space_id = %(space)s::uuid AND inside = %(inside)s::bool),
settled AS (SELECT greatest((SELECT settled FROM before), %(settled)s::bigint, 0) AS number),
unsettled AS (
  SELECT number FROM arrivals
  WHERE %(everything)s::bool AND space_id = %(space)s::uuid AND number > (SELECT number FROM settled)
  ORDER BY number DESC LIMIT %(ranges)s::int),
marked AS (
  SELECT number FROM arrivals WHERE space_id = %(space)s::uuid AND statement_id = ANY (%(ids)s::uuid[])
  UNION SELECT number FROM unsettled
  UNION SELECT upper(each) - 1 FROM before, unnest(before.seen) AS each WHERE upper(each) - 1 >= before.settled),
closed AS (
  SELECT int8range(marked.number, CASE WHEN next.number <= settled.number THEN next.number ELSE marked.number + 1 END) AS range
  FROM settled, marked LEFT JOIN LATERAL (
    SELECT number FROM arrivals WHERE space_id = %(space)s::uuid AND arrivals.number > marked.number ORDER BY number LIMIT 1
  ) AS next ON true
  UNION ALL
  SELECT int8range(0, settled.number + 1) FROM settled WHERE %(everything)s::bool)
INSERT INTO readings AS r (person_id, space_id, inside, seen, settled)
SELECT %(person)s::uuid, %(space)s::uuid, %(inside)s::bool, newest_ranges(range_agg(closed.range), %(ranges)s::int), settled.number
FROM closed, settled GROUP BY settled.number
ON CONFLICT (person_id, space_id, inside) DO UPDATE SET
  seen = newest_ranges(r.seen + EXCLUDED.seen, %(ranges)s::int), settled = EXCLUDED.settled
""",
    {"ranges": MOST_RANGES},
)


async def mark_seen(
    db: Handle, actor: Actor, space_id: UUID, statement_ids: Sequence[UUID] = (), *, everything: bool = False
) -> set[UUID]:
    """Remember that the caller saw these statements of the space, or all that it holds now; which of them were new.

    Two pages that mark at once are both remembered: what is written is a union. What commits later under a lower number
    stays new, `everything` included. NotFound when the space is hidden. 2 ms in a space of 900,000, `everything` too.
    """
    person_id = require_signed_in(actor)
    if not allowed(actor, Action.SPACE_READ, SimpleNamespace(id=space_id)):
        raise NotFound(MISSING)
    new = await list_new(db, actor, statement_ids, space_id)
    if statement_ids or everything:
        [state] = await fetch(db, _SETTLED, {"space": space_id})
        values = {
            "person": person_id,
            "space": space_id,
            "inside": space_id in actor.inner_spaces,
            "ids": list(statement_ids),
            "everything": everything,
            "settled": state.newest if state.free else None,
        }
        await fetch(db, _MARK, values)
    return new
