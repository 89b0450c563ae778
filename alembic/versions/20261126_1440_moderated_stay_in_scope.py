"""The contributions that were moderated, found by their space: a deliverable still answers for them."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None

INDEX = "ix_statements_moderated"


def upgrade() -> None:
    """Create the index."""
    hidden = sa.text("type = 'contribution' AND state = 'moderated'")
    op.create_index(INDEX, "statements", ["space_id"], postgresql_where=hidden)


def downgrade() -> None:
    """Drop it."""
    op.drop_index(INDEX, "statements")
