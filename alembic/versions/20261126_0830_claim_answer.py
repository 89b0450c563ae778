"""One statement claims an idempotency key: the lock, then what the key was already answered.

A function, because each of its statements sees what was committed before it: asked together in one
`SELECT`, the lock could be had while the answer that its last holder left is not yet seen.
"""

from __future__ import annotations

from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

FUNCTION = """
CREATE FUNCTION claim_answer(who text, what text)
RETURNS TABLE (free boolean, request_sha256 bytea, status integer, headers jsonb, body bytea)
LANGUAGE plpgsql VOLATILE AS $$
BEGIN
  IF NOT pg_try_advisory_xact_lock(hashtextextended(who || ' ' || what, 20)) THEN
    RETURN QUERY SELECT false, NULL::bytea, NULL::integer, NULL::jsonb, NULL::bytea;
    RETURN;
  END IF;
  RETURN QUERY SELECT true, i.request_sha256, i.status, i.headers, i.body
    FROM (VALUES (1)) one LEFT JOIN idempotency i ON i.caller = who AND i.key = what;
END $$;
"""


def upgrade() -> None:
    """Create it."""
    op.execute(FUNCTION)


def downgrade() -> None:
    """Drop it."""
    op.execute("DROP FUNCTION claim_answer(text, text)")
