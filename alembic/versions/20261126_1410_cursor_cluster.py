"""A reader of events knows of which cluster its cursor speaks, and finds its place again in another one.

A dump that is restored elsewhere keeps the transaction numbers of the cluster that it comes from; the new one counts
from its own. `anchor_cursor` runs as the owner, who alone may hold back whoever is writing events.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

FUNCTION = """
CREATE FUNCTION anchor_cursor(who text) RETURNS SETOF events
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE before event_cursors; newest bigint;
BEGIN
  LOCK TABLE events IN SHARE MODE;  -- events being written are waited for: none lands under the floor
  SELECT * INTO before FROM event_cursors WHERE reader = who FOR UPDATE;
  IF before.cluster IS NOT DISTINCT FROM (SELECT system_identifier FROM pg_control_system()) THEN
    RETURN;  -- another worker has just done it
  END IF;
  SELECT coalesce(max(id), 0) INTO newest FROM events;
  UPDATE event_cursors SET cluster = (SELECT system_identifier FROM pg_control_system()),
    xid = pg_snapshot_xmin(pg_current_snapshot())::text::bigint, event_id = 0, highest_id = newest, floor_id = newest
    WHERE reader = who;
  RETURN QUERY SELECT * FROM events e
    WHERE e.id > before.floor_id
      AND ((e.xid, e.id) > (before.xid::text::xid8, before.event_id) OR e.id > before.highest_id)
    ORDER BY e.id;
END $$;
"""
HIGHEST = """
UPDATE event_cursors c SET highest_id = coalesce(
  (SELECT max(e.id) FROM events e WHERE (e.xid, e.id) <= (c.xid::text::xid8, c.event_id)), 0)
"""


def upgrade() -> None:
    """Add what the cursor remembers; each reader finds its place at its next turn."""
    op.add_column("event_cursors", sa.Column("highest_id", sa.BigInteger(), nullable=False, server_default="0"))
    op.add_column("event_cursors", sa.Column("floor_id", sa.BigInteger(), nullable=False, server_default="0"))
    op.add_column("event_cursors", sa.Column("cluster", sa.BigInteger(), nullable=True))
    op.execute(HIGHEST)
    op.execute(FUNCTION)


def downgrade() -> None:
    """Forget it."""
    op.execute("DROP FUNCTION anchor_cursor(text)")
    for name in ("cluster", "floor_id", "highest_id"):
        op.drop_column("event_cursors", name)
