"""What is posted is put in the search once.

A post writes its statement and its revision in one statement of SQL: both triggers then see both rows, and the second
one worked out the same words again (a fifth of what a post costs the database).
"""

from __future__ import annotations

from alembic import op

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None

FUNCTION = """
CREATE OR REPLACE FUNCTION revision_found() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  IF {first}EXISTS (SELECT FROM statements WHERE id = NEW.statement_id AND head_id = NEW.id AND state = 'published') THEN
    PERFORM find_statement(NEW.statement_id);
  END IF;
  RETURN NULL;
END $$;
"""
NOT_YET = "NOT (NEW.n = 1 AND EXISTS (SELECT FROM findables WHERE object_id = NEW.statement_id)) AND "


def upgrade() -> None:
    """Look whether the statement's own trigger has done it."""
    op.execute(FUNCTION.format(first=NOT_YET))


def downgrade() -> None:
    """As it was."""
    op.execute(FUNCTION.format(first=""))
