"""Let the application make the search's row of one object again: `alliage check --repair`.

What it writes is derived from rows that the application can read, so it is given to the role that cannot
write the search's table itself.
"""

from __future__ import annotations

from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """The row goes, and comes back when there is something to find."""
    op.execute(
        """
        CREATE FUNCTION refresh_findable(of uuid) RETURNS void
        LANGUAGE sql SECURITY DEFINER SET search_path = public, pg_temp AS $$
          DELETE FROM findables WHERE object_id = of;
          SELECT find_statement(of);
          INSERT INTO findables (object_id, object_type, organisation_id, profile, tags, released, named, occurred_at,
                                 words)
          SELECT o.id, 'organisation', o.id, o.profile, '{}', true, true, o.created_at,
                 words_of('fr', o.name || ' ' || coalesce(o.acronym, ''), o.description)
          FROM organisations o WHERE o.id = of;
        $$
        """
    )


def downgrade() -> None:
    """As it was."""
    op.execute("DROP FUNCTION refresh_findable(uuid)")
