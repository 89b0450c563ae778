"""The count of a large scope, kept for its pages."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0032"
down_revision = "0031"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Nothing is counted here: the worker counts within a minute."""
    op.create_table(
        "scope_counts",
        sa.Column("deliverable_id", sa.Uuid(), nullable=False),
        sa.Column("counted_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("in_scope", sa.Integer(), nullable=False),
        sa.Column("by_speaker", postgresql.JSONB(), nullable=False),
        sa.Column("waiting", sa.ARRAY(sa.Uuid()), nullable=False),
        sa.ForeignKeyConstraint(["deliverable_id"], ["deliverables.id"], name=op.f("fk_scope_counts_deliverable_id")),
        sa.PrimaryKeyConstraint("deliverable_id", name=op.f("pk_scope_counts")),
    )


def downgrade() -> None:
    """Counts are made again."""
    op.drop_table("scope_counts")
