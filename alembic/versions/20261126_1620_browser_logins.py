"""Logins of browsers: the fingerprint of their cookie, when they were last used; and signing in by mail."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Two columns and a table."""
    op.add_column("logins", sa.Column("browser_fingerprint", sa.LargeBinary(), nullable=True))
    op.add_column("logins", sa.Column("seen_at", sa.DateTime(timezone=True), nullable=True))
    op.create_unique_constraint(op.f("uq_logins_browser_fingerprint"), "logins", ["browser_fingerprint"])
    op.create_table(
        "sign_in_codes",
        sa.Column("person_id", sa.Uuid(), nullable=True),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["persons.id"], name=op.f("fk_sign_in_codes_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sign_in_codes")),
    )


def downgrade() -> None:
    """As it was."""
    op.drop_table("sign_in_codes")
    op.drop_constraint(op.f("uq_logins_browser_fingerprint"), "logins")
    op.drop_column("logins", "seen_at")
    op.drop_column("logins", "browser_fingerprint")
