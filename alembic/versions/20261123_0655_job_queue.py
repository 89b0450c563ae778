"""The job queue's own tables, from the SQL that its library ships (pinned in requirements/)."""

from __future__ import annotations

from alembic import op
from procrastinate.schema import SchemaManager

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Run the library's schema as it is: it holds several statements and percent signs."""
    op.get_bind().connection.driver_connection.execute(SchemaManager.get_schema())


def downgrade() -> None:
    """Drop whatever bears the library's prefix."""
    op.execute(
        """
        DO $$ DECLARE it record; BEGIN
          FOR it IN SELECT tablename FROM pg_tables WHERE schemaname = 'public' AND tablename LIKE 'procrastinate_%' LOOP
            EXECUTE format('DROP TABLE IF EXISTS %I CASCADE', it.tablename);
          END LOOP;
          FOR it IN SELECT p.oid::regprocedure AS f FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace
                    WHERE n.nspname = 'public' AND p.proname LIKE 'procrastinate_%' LOOP
            EXECUTE format('DROP ROUTINE IF EXISTS %s CASCADE', it.f);
          END LOOP;
          FOR it IN SELECT t.typname FROM pg_type t JOIN pg_namespace n ON n.oid = t.typnamespace
                    WHERE n.nspname = 'public' AND t.typname LIKE 'procrastinate_%' AND t.typtype IN ('e', 'c') LOOP
            EXECUTE format('DROP TYPE IF EXISTS %I CASCADE', it.typname);
          END LOOP;
        END $$
        """
    )
