"""Which profiles may be told of words that leave a space: what can point at somebody is worked out where they spoke.

The members of a space that visitors read are listed with their profiles: the only local authority of a space is named by
its profile, though the initiative has five. And where one or two organisations stay behind the veil, the veil is their name:
the next smallest profile joins them.
"""

from __future__ import annotations

from alembic import op

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None

FUNCTION = """
CREATE FUNCTION told_profiles(spaces uuid[]) RETURNS TABLE (space_id uuid, profile text) LANGUAGE sql STABLE AS $$
  WITH sizes AS (
    SELECT m.space_id, o.profile, count(DISTINCT o.id) AS size
    FROM space_members m
    JOIN organisations o ON o.id = m.organisation_id
    WHERE m.space_id = ANY (spaces) AND m.during @> now() AND EXISTS (
      SELECT FROM participations p
      WHERE p.initiative_id = m.initiative_id AND p.organisation_id = m.organisation_id AND p.during @> now()
        AND p.role <> 'observer')
    GROUP BY m.space_id, o.profile),
  ranked AS (
    SELECT s.space_id, s.profile, s.size,
           coalesce(sum(s.size) FILTER (WHERE s.size < 3) OVER (PARTITION BY s.space_id), 0) AS veiled,
           row_number() OVER (PARTITION BY s.space_id ORDER BY s.size < 3, s.size, s.profile) AS place
    FROM sizes s)
  SELECT r.space_id, r.profile FROM ranked r WHERE r.size >= 3 AND NOT (r.place = 1 AND r.veiled BETWEEN 1 AND 2)
$$;
"""


def upgrade() -> None:
    """Create it."""
    op.execute(FUNCTION)


def downgrade() -> None:
    """Drop it."""
    op.execute("DROP FUNCTION told_profiles(uuid[])")
