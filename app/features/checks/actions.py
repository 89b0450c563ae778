"""Check what must hold, and make derived data again where it does not."""

from __future__ import annotations

from obstore.store import ObjectStore
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from app.features.checks.files import look_at_files
from app.features.checks.queries import (
    CHECKS,
    FOUND_ORGANISATIONS,
    FOUND_PASSAGES,
    FOUND_STATEMENTS,
    POSITIONS,
    REPLIES,
    SAMPLE,
    SOURCES,
    Finding,
    look,
    look_at_manifests,
    look_at_markers,
    look_at_texts,
    wrong_ids,
)

__all__ = ["Finding", "check"]

COUNTERS = """
UPDATE statements s SET
  replies_for = c.pro, replies_against = c.con, replies_other = c.other,
  positions_supports = c.supports, positions_nuances = c.nuances, positions_objects = c.objects,
  sources_count = c.sources
FROM unnest(CAST(:ids AS uuid[])) AS wrong(id),
LATERAL (
  SELECT count(*) FILTER (WHERE side = 'for') AS pro, count(*) FILTER (WHERE side = 'against') AS con,
         count(*) FILTER (WHERE side IN ('mixed', 'none')) AS other
  FROM statements r WHERE r.root_id = wrong.id AND r.type = 'reply' AND r.state = 'published') AS replies,
LATERAL (
  SELECT replies.*,
    (SELECT count(*) FROM positions p WHERE p.statement_id = wrong.id AND superseded_at IS NULL
       AND stance = 'supports') AS supports,
    (SELECT count(*) FROM positions p WHERE p.statement_id = wrong.id AND superseded_at IS NULL
       AND stance = 'nuances') AS nuances,
    (SELECT count(*) FROM positions p WHERE p.statement_id = wrong.id AND superseded_at IS NULL
       AND stance = 'objects') AS objects,
    (SELECT count(*) FROM sources o WHERE o.statement_id = wrong.id AND removed_at IS NULL) AS sources) AS c
WHERE s.id = wrong.id
"""


async def check(
    db: AsyncSession, *, repair: bool = False, sample: int | None = SAMPLE, files: ObjectStore | None = None
) -> list[Finding]:
    """Every check, in one transaction that the caller commits; the findings tell what was wrong before `repair`.

    `repair` makes counters and the search's rows again, and touches nothing that somebody said. `sample` limits
    how many texts are derived again (None: all of them); `files` is the store of attached files, which are read whole.
    """
    await db.execute(text("SET LOCAL statement_timeout = '10min'"))
    await db.execute(text("SET LOCAL idle_in_transaction_session_timeout = 0"))
    findings = [await look(db, what, sql, repairable=repairable) for what, sql, repairable in CHECKS]
    findings += [await look_at_texts(db, sample), await look_at_markers(db), await look_at_manifests(db)]
    if files is not None:
        findings += await look_at_files(db, files)
    if repair:
        await _repair(db)
    return findings


async def _repair(db: AsyncSession) -> None:
    # A statement being posted meanwhile holds its contribution's row: the count is taken once it is ours.
    counted = sorted({found for sql in (REPLIES, POSITIONS, SOURCES) for found in await wrong_ids(db, sql)})
    if counted:
        held = text("SELECT id FROM statements WHERE id = ANY(CAST(:ids AS uuid[])) ORDER BY id FOR UPDATE")
        await db.execute(held, {"ids": counted})
        await db.execute(text(COUNTERS), {"ids": counted})
    found = [found for sql in (FOUND_STATEMENTS, FOUND_ORGANISATIONS) for found in await wrong_ids(db, sql)]
    if found:
        again = text("SELECT count(refresh_findable(id)) FROM unnest(CAST(:ids AS uuid[])) AS wrong(id)")
        await db.execute(again, {"ids": found})
    if texts := await wrong_ids(db, FOUND_PASSAGES):
        again = text("SELECT count(put_on_shelf(id)) FROM unnest(CAST(:ids AS uuid[])) AS wrong(id)")
        await db.execute(again, {"ids": texts})
