"""Attached files: their rows, and what of them never changes once they have arrived."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None

KEPT = """
CREATE FUNCTION keep_attachment() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF OLD.state = 'pending' THEN
    RETURN CASE TG_OP WHEN 'DELETE' THEN OLD ELSE NEW END;
  END IF;
  IF TG_OP = 'UPDATE' AND NEW.name IN (OLD.name, '')
     AND to_jsonb(NEW) - '{state,name,ended_at,purged_at,version}'::text[]
       = to_jsonb(OLD) - '{state,name,ended_at,purged_at,version}'::text[]
     AND array_position('{stored,removed,erased}'::text[], OLD.state)
       <= array_position('{stored,removed,erased}'::text[], NEW.state)
  THEN RETURN NEW; END IF;
  RAISE EXCEPTION 'a file that has arrived is removed or erased, never changed and never deleted'
    USING ERRCODE = 'restrict_violation', CONSTRAINT = 'immutable';
END $$;
CREATE TRIGGER kept BEFORE UPDATE OR DELETE ON attachments FOR EACH ROW EXECUTE FUNCTION keep_attachment();
CREATE TRIGGER kept_whole BEFORE TRUNCATE ON attachments EXECUTE FUNCTION refuse_change();
"""


def upgrade() -> None:
    """One table and its guard."""
    op.create_table(
        "attachments",
        sa.Column("initiative_id", sa.Uuid(), nullable=False),
        sa.Column("space_id", sa.Uuid(), nullable=True),
        sa.Column("statement_id", sa.Uuid(), nullable=True),
        sa.Column("session_id", sa.Uuid(), nullable=True),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("media_type", sa.Text(), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("sha256", sa.LargeBinary(), nullable=True),
        sa.Column("stored_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("purged_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=True),
        sa.Column("organisation_id", sa.Uuid(), nullable=True),
        sa.Column("mandate_id", sa.Uuid(), nullable=True),
        sa.Column("capacity", sa.Text(), nullable=False),
        *_checks(),
        *_keys(),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_attachments")),
    )
    for owner in ("statement", "session"):
        op.create_index(
            f"ix_attachments_{owner}",
            "attachments",
            [f"{owner}_id", "stored_at", "id"],
            postgresql_where=sa.text(f"state = 'stored' AND {owner}_id IS NOT NULL"),
        )
    op.create_index(
        "ix_attachments_quota",
        "attachments",
        ["organisation_id"],
        postgresql_where=sa.text("state IN ('pending', 'stored')"),
    )
    op.create_index(
        "ix_attachments_unpurged",
        "attachments",
        ["id"],
        postgresql_where=sa.text("purged_at IS NULL AND state IN ('removed', 'erased')"),
    )
    op.execute(KEPT)


def _checks() -> list[sa.CheckConstraint]:
    said = {
        "owner": "(statement_id IS NULL) <> (session_id IS NULL)",
        "place": "statement_id IS NULL OR space_id IS NOT NULL",
        "size": "size >= 0",
        "arrived": "CASE state WHEN 'pending' THEN stored_at IS NULL AND sha256 IS NULL ELSE stored_at IS NOT NULL "
        "AND sha256 IS NOT NULL AND octet_length(sha256) = 32 AND media_type <> '' END",
        "ended": "(ended_at IS NULL) = (state IN ('pending', 'stored'))",
        "purged": "purged_at IS NULL OR ended_at IS NOT NULL",
        "state_known": "state IN ('pending', 'stored', 'removed', 'erased')",
        "speaker": "person_id IS NOT NULL AND organisation_id IS NOT NULL AND mandate_id IS NOT NULL",
        "capacity_known": "capacity IN ('organisation', 'personal', 'observer')",
    }
    return [sa.CheckConstraint(test, name=op.f(f"ck_attachments_{name}")) for name, test in said.items()]


def _keys() -> list[sa.ForeignKeyConstraint]:
    return [
        sa.ForeignKeyConstraint(
            ["statement_id", "space_id", "initiative_id"],
            ["statements.id", "statements.space_id", "statements.initiative_id"],
            name="fk_attachments_statement",
        ),
        sa.ForeignKeyConstraint(
            ["session_id", "initiative_id"],
            ["sessions.id", "sessions.initiative_id"],
            name="fk_attachments_session",
        ),
        sa.ForeignKeyConstraint(
            ["mandate_id", "person_id", "organisation_id"],
            ["mandates.id", "mandates.person_id", "mandates.organisation_id"],
            name=op.f("fk_attachments_mandate_id"),
        ),
        sa.ForeignKeyConstraint(["person_id"], ["persons.id"], name=op.f("fk_attachments_person_id")),
        sa.ForeignKeyConstraint(["organisation_id"], ["organisations.id"], name=op.f("fk_attachments_organisation_id")),
    ]


def downgrade() -> None:
    """As it was; the bytes stay in the store, where `alliage check` names them."""
    op.drop_table("attachments")
    op.execute("DROP FUNCTION keep_attachment()")
