"""An organisation is known to be heard in a space by one look at an index, whatever it said elsewhere.

Revision ID: 0031
Revises: 0026
"""

from __future__ import annotations

from alembic import op

revision = "0027"
down_revision = "0026"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the index."""
    op.execute("""
CREATE INDEX ix_statements_heard ON statements (space_id, organisation_id)
WHERE state = 'published' AND capacity = 'organisation'
""")


def downgrade() -> None:
    """Take it away."""
    op.execute("DROP INDEX ix_statements_heard")
