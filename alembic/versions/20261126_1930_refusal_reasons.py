"""A refused passage says why: the reason is part of the decision, written once with it.

What was refused before was refused without one, and is frozen: the check that asks for it is not run on those rows.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0030"
down_revision = "0029"
branch_labels = None
depends_on = None

DECISION = ("state", "decided_by", "decided_at", "decided_by_rule")
KEEP = """
CREATE OR REPLACE FUNCTION keep_passage_words() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF to_jsonb(NEW) - '{{{decision}}}'::text[]
     IS DISTINCT FROM to_jsonb(OLD) - '{{{decision}}}'::text[] OR OLD.state <> 'proposed' THEN
    RAISE EXCEPTION 'a passage revision never changes, and is decided once'
      USING ERRCODE = 'restrict_violation', CONSTRAINT = 'immutable';
  END IF;
  RETURN NEW;
END $$;
"""
CHECKS = {
    "reason_of_a_refusal": "refusal_reason IS NULL OR state = 'refused'",
    "reason_is_short": "char_length(refusal_reason) BETWEEN 1 AND 500",
}


def upgrade() -> None:
    """Make room for the reason, and let the decision write it."""
    op.add_column("passage_revisions", sa.Column("refusal_reason", sa.Text(), nullable=True))
    for name, test in CHECKS.items():
        op.create_check_constraint(op.f(f"ck_passage_revisions_{name}"), "passage_revisions", test)
    op.create_check_constraint(
        op.f("ck_passage_revisions_refused_with_a_reason"),
        "passage_revisions",
        "state <> 'refused' OR refusal_reason IS NOT NULL",
        postgresql_not_valid=True,
    )
    op.execute(KEEP.format(decision=",".join((*DECISION, "refusal_reason"))))


def downgrade() -> None:
    """Without reasons."""
    op.execute(KEEP.format(decision=",".join(DECISION)))
    for name in ("refused_with_a_reason", *reversed(CHECKS)):
        op.drop_constraint(op.f(f"ck_passage_revisions_{name}"), "passage_revisions")
    op.drop_column("passage_revisions", "refusal_reason")
