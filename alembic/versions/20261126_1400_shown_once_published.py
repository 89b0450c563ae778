"""A draft that is taken back before anybody could read it leaves no tombstone.

`shown` looked at the state alone, and a withdrawn draft is no longer a draft: the space was told who had
written, of what kind, and under which consent.
"""

from __future__ import annotations

from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

BEFORE = "state <> 'draft' AND root_state <> 'draft'"


def upgrade() -> None:
    """A generated column is not altered before PostgreSQL 17: it is made again."""
    _shown_when(f"published_at IS NOT NULL AND {BEFORE}")


def downgrade() -> None:
    """As it was."""
    _shown_when(BEFORE)


def _shown_when(condition: str) -> None:
    op.execute(
        "ALTER TABLE statements DROP COLUMN shown, "
        f"ADD COLUMN shown boolean GENERATED ALWAYS AS ({condition}) STORED NOT NULL"
    )
