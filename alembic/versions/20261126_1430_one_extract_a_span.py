"""The same span harvested twice at once is one extract.

Two harvests looked for it, found nothing, and made two. Spans that a rule took belong to its draft, and an erased
extract has no words to be the same as: neither counts. Extracts never go, so where two stand already this stops
and names their span.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """The index that `ON CONFLICT` names."""
    op.create_index(
        "uq_extracts_span",
        "extracts",
        ["revision_id", "start", "end"],
        unique=True,
        postgresql_where=sa.text("by_rule IS NULL AND quote <> ''"),
    )


def downgrade() -> None:
    """As it was."""
    op.drop_index("uq_extracts_span", "extracts")
