"""What was given, said or decided keeps its words against the owner too: only its end may be written.

The application role already has grants by column; these triggers say the same to whoever has more.
"""

from __future__ import annotations

from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

ENDS = {
    "mandates": "'during', 'ended_by'",
    "positions": "'superseded_at'",
    "sources": "'removed_at'",
    "treatments": "'superseded_at'",
    "waivers": "'revoked_at'",
}
"""The columns of each table that may still be written: the models name the same ones for the grants."""

FUNCTION = """
CREATE FUNCTION refuse_all_but_end() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF to_jsonb(NEW) - TG_ARGV IS DISTINCT FROM to_jsonb(OLD) - TG_ARGV THEN
    RAISE EXCEPTION 'rows of % never change, but for their end', TG_TABLE_NAME
      USING ERRCODE = 'restrict_violation', CONSTRAINT = 'immutable';
  END IF;
  RETURN NEW;
END $$
"""


def upgrade() -> None:
    """Hang the function on each table; sources were the only one of them that the owner could delete."""
    op.execute(FUNCTION)
    for table, ends in ENDS.items():
        op.execute(
            f"CREATE TRIGGER ended BEFORE UPDATE ON {table} FOR EACH ROW EXECUTE FUNCTION refuse_all_but_end({ends})"
        )
    op.execute("CREATE TRIGGER kept BEFORE DELETE ON sources FOR EACH ROW EXECUTE FUNCTION refuse_change()")
    op.execute("CREATE TRIGGER kept_whole BEFORE TRUNCATE ON sources EXECUTE FUNCTION refuse_change()")


def downgrade() -> None:
    """Dropping the function takes its triggers along."""
    op.execute("DROP TRIGGER kept ON sources")
    op.execute("DROP TRIGGER kept_whole ON sources")
    op.execute("DROP FUNCTION refuse_all_but_end() CASCADE")
