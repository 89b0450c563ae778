"""Requests to be let into a space: one for each person and space a day."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0028"
down_revision = "0027"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Let people ask."""
    instant = sa.DateTime(timezone=True)
    op.create_table(
        "access_requests",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", instant, nullable=False),
        sa.Column("initiative_id", sa.Uuid(), nullable=False),
        sa.Column("space_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("asked_on", sa.Date(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("answered_at", instant, nullable=True),
        sa.Column("granted", sa.Boolean(), nullable=True),
        sa.Column("told_at", instant, nullable=True),
        sa.ForeignKeyConstraint(
            ["space_id", "initiative_id"],
            ["spaces.id", "spaces.initiative_id"],
            name="fk_access_requests_space_id_initiative_id",
        ),
        sa.ForeignKeyConstraint(["person_id"], ["persons.id"], name="fk_access_requests_person_id"),
        sa.CheckConstraint("(answered_at IS NULL) = (granted IS NULL)", name="ck_access_requests_answered_or_not"),
        sa.PrimaryKeyConstraint("id", name="pk_access_requests"),
    )
    op.create_index(
        "uq_access_requests_space_id_person_id_asked_on",
        "access_requests",
        ["space_id", "person_id", "asked_on"],
        unique=True,
    )
    op.create_index("ix_access_requests_waiting", "access_requests", ["space_id", "created_at"])


def downgrade() -> None:
    """Nobody asks."""
    op.drop_table("access_requests")
