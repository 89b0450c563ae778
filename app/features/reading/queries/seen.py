"""Which statements of a page are new to the caller, and how many each space holds.

What is new are the numbers outside the reader's ranges, so that a count walks the holes and nothing else: at a million
statements it reads at most 1,000 entries of the index of each space, and the statements of at most 100 of them.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import lru_cache
from uuid import UUID

from app.core.db import Handle, Question, fetch
from app.features.reading.queries.ruled import ruled
from app.features.reading.schemas import UnseenSpace
from app.features.statements.models import Statement
from app.policy.actions import Action
from app.policy.actor import Actor
from app.policy.symbolic import facts

COUNTED = 100
"""A space that holds this many new statements has « 99+ »."""
LOOKED_AT = 1_000
"""The newest unseen numbers of a space, among which those are found that the caller may read: from outside they may be few."""

_SEEN = """
LEFT JOIN readings r ON r.person_id = %(caller_person_id)s::uuid AND r.space_id = {space}
  AND r.inside = ({space} = ANY (%(caller_inner_spaces)s::uuid[]))
"""


@lru_cache(maxsize=1)
def _new() -> Question:
    sql = f"""
SELECT a.statement_id FROM arrivals a JOIN statements s ON s.id = a.statement_id {_SEEN.format(space="a.space_id")}
WHERE a.statement_id = ANY (%(ids)s::uuid[]) AND s.person_id IS DISTINCT FROM %(caller_person_id)s::uuid
  AND NOT coalesce(r.seen @> a.number, false)
  AND a.space_id = ANY (%(places)s::uuid[]) AND {{visible}}
"""  # noqa: S608 - the alias of a column
    return ruled(sql, Statement.__table__.alias("s").c, Action.STATEMENT_READ)


async def list_new(
    read: Handle, actor: Actor, statement_ids: Iterable[UUID], space_id: UUID | None = None
) -> set[UUID]:
    """Those of the statements (of one space, where it is given) that the caller may read, has not seen, and did not say."""
    ids = list(statement_ids)
    if actor.person_id is None or not ids:
        return set()
    places = sorted(actor.inner_spaces | actor.outer_spaces) if space_id is None else [space_id]
    return {row.statement_id for row in await fetch(read, _new(), {**facts(actor), "ids": ids, "places": places})}


@lru_cache(maxsize=1)
def _counts() -> Question:
    sql = f"""
SELECT place.id AS space_id, news.new FROM unnest(%(places)s::uuid[]) AS place(id) {_SEEN.format(space="place.id")}
CROSS JOIN LATERAL (
  SELECT count(*)::int AS new FROM (
    SELECT FROM (
      SELECT a.statement_id FROM (
        SELECT hole FROM unnest(int8multirange(int8range(0, NULL)) - coalesce(r.seen, '{{}}'::int8multirange)) AS hole
        ORDER BY lower(hole) DESC OFFSET 0) AS holes
      CROSS JOIN LATERAL (
        SELECT statement_id FROM arrivals
        WHERE space_id = place.id AND number >= lower(hole) AND number < coalesce(upper(hole), 9223372036854775807)
        ORDER BY number DESC) AS a
      LIMIT {LOOKED_AT}) AS unseen
    CROSS JOIN LATERAL (
      SELECT FROM statements s WHERE s.id = unseen.statement_id AND s.state = 'published'
        AND s.person_id IS DISTINCT FROM %(caller_person_id)s::uuid AND {{visible}} OFFSET 0) AS readable
    LIMIT {COUNTED}) AS counted) AS news
WHERE news.new > 0
"""  # noqa: S608 - the alias of a column, and two numbers of ours
    return ruled(sql, Statement.__table__.alias("s").c, Action.STATEMENT_READ)


@lru_cache(maxsize=1)
def _unseen() -> Question:
    sql = f"""
SELECT unseen.statement_id AS id FROM (SELECT %(space)s::uuid AS id) AS place {_SEEN.format(space="place.id")}
CROSS JOIN LATERAL (
  SELECT a.statement_id FROM (
    SELECT hole FROM unnest(int8multirange(int8range(0, NULL)) - coalesce(r.seen, '{{}}'::int8multirange)) AS hole
    ORDER BY lower(hole) DESC OFFSET 0) AS holes
  CROSS JOIN LATERAL (
    SELECT statement_id FROM arrivals
    WHERE space_id = place.id AND number >= lower(hole) AND number < coalesce(upper(hole), 9223372036854775807)
    ORDER BY number DESC) AS a
  LIMIT {LOOKED_AT}) AS unseen
CROSS JOIN LATERAL (
  SELECT FROM statements s WHERE s.id = unseen.statement_id AND s.state = 'published' AND s.type = 'contribution'
    AND s.person_id IS DISTINCT FROM %(caller_person_id)s::uuid AND {{visible}} OFFSET 0) AS readable
LIMIT {COUNTED}
"""  # noqa: S608 - the alias of a column, and two numbers of ours
    return ruled(sql, Statement.__table__.alias("s").c, Action.STATEMENT_READ)


async def list_unseen(read: Handle, actor: Actor, space_id: UUID) -> list[UUID]:
    """The newest contributions of a space that the caller reads and has not seen, at most 100."""
    if actor.person_id is None:
        return []
    return [row.id for row in await fetch(read, _unseen(), {**facts(actor), "space": space_id})]


async def count_new(read: Handle, actor: Actor, space_ids: Sequence[UUID]) -> list[UnseenSpace]:
    """The spaces, of those given that the caller reads, in which something is new, with how many statements (100: « 99+ »)."""
    places = sorted(set(space_ids) & (actor.inner_spaces | actor.outer_spaces))
    if actor.person_id is None or not places:
        return []
    rows = await fetch(read, _counts(), {**facts(actor), "places": places})
    return [UnseenSpace(space_id=row.space_id, new=row.new) for row in rows]
