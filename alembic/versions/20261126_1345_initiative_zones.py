"""The clocks of an initiative: what its editions print dates and times by."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Initiatives of before are on the clocks of Paris, as their sessions were unless told otherwise."""
    op.add_column("initiatives", sa.Column("timezone", sa.Text(), nullable=False, server_default="Europe/Paris"))
    op.alter_column("initiatives", "timezone", server_default=None)


def downgrade() -> None:
    """As it was."""
    op.drop_column("initiatives", "timezone")
