"""An edition is whole when it is published: no file, passage or citation joins it later, whoever asks.

What belongs to an edition is written by the transaction that wrote the edition, which is what `xmin` says;
inside a savepoint both bear the number of the savepoint.
"""

from __future__ import annotations

from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None

TABLES = ("edition_files", "edition_passages", "edition_citations")
FUNCTION = """
CREATE FUNCTION refuse_later() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE later boolean;
BEGIN
  EXECUTE format(
    'SELECT EXISTS (SELECT FROM public.%I part JOIN public.editions whole ON whole.id = part.edition_id '
    'WHERE part.edition_id IN (SELECT edition_id FROM added) AND part.xmin <> whole.xmin)', TG_TABLE_NAME) INTO later;
  IF later THEN
    RAISE EXCEPTION 'nothing joins an edition that is published (%)', TG_TABLE_NAME
      USING ERRCODE = 'restrict_violation', CONSTRAINT = 'immutable';
  END IF;
  RETURN NULL;
END $$;
"""


def upgrade() -> None:
    """Create the function, then hang it on the tables."""
    op.execute(FUNCTION)
    for table in TABLES:
        op.execute(
            f"CREATE TRIGGER whole AFTER INSERT ON {table} REFERENCING NEW TABLE AS added "
            "FOR EACH STATEMENT EXECUTE FUNCTION refuse_later()"
        )


def downgrade() -> None:
    """Dropping the function takes its triggers along."""
    op.execute("DROP FUNCTION refuse_later() CASCADE")
