"""What a decision said before it was corrected: a revision for each wording, which nobody changes any more.

The first is written by the database from the decision itself, by whatever path it comes; a text is put in
force only when its revision stands, signed by who corrected it.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

FUNCTIONS = """
CREATE FUNCTION first_decision_revision() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO decision_revisions (id, decision_id, n, text, created_at, person_id, organisation_id, mandate_id, capacity)
  VALUES (gen_random_uuid(), NEW.id, 1, NEW.text, NEW.created_at, NEW.person_id, NEW.organisation_id, NEW.mandate_id,
          NEW.capacity);
  RETURN NULL;
END $$;
CREATE FUNCTION keep_decision_words() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NEW.text IS DISTINCT FROM
     (SELECT r.text FROM decision_revisions r WHERE r.decision_id = NEW.id ORDER BY r.n DESC LIMIT 1) THEN
    RAISE EXCEPTION 'the words of a decision are those of its last revision'
      USING ERRCODE = 'restrict_violation', CONSTRAINT = 'immutable';
  END IF;
  RETURN NEW;
END $$;
"""
TRIGGERS = """
CREATE TRIGGER revised AFTER INSERT ON decisions FOR EACH ROW EXECUTE FUNCTION first_decision_revision();
CREATE TRIGGER words BEFORE UPDATE OF text ON decisions FOR EACH ROW EXECUTE FUNCTION keep_decision_words();
CREATE TRIGGER frozen BEFORE UPDATE ON decision_revisions FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER kept BEFORE DELETE ON decision_revisions FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER kept_whole BEFORE TRUNCATE ON decision_revisions EXECUTE FUNCTION refuse_change();
"""


def upgrade() -> None:
    """Decisions that stand get the wording that they have: earlier ones are lost."""
    op.create_table(
        "decision_revisions",
        sa.Column("decision_id", sa.Uuid(), nullable=False),
        sa.Column("n", sa.Integer(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=True),
        sa.Column("organisation_id", sa.Uuid(), nullable=True),
        sa.Column("mandate_id", sa.Uuid(), nullable=True),
        sa.Column("capacity", sa.Text(), nullable=False),
        sa.CheckConstraint(
            "capacity IN ('organisation', 'personal', 'observer')", name=op.f("ck_decision_revisions_capacity_known")
        ),
        sa.CheckConstraint(
            "person_id IS NOT NULL AND organisation_id IS NOT NULL AND mandate_id IS NOT NULL",
            name=op.f("ck_decision_revisions_speaker"),
        ),
        sa.ForeignKeyConstraint(["decision_id"], ["decisions.id"], name=op.f("fk_decision_revisions_decision_id")),
        sa.ForeignKeyConstraint(
            ["mandate_id", "person_id", "organisation_id"],
            ["mandates.id", "mandates.person_id", "mandates.organisation_id"],
            name=op.f("fk_decision_revisions_mandate_id_person_id_organisation_id"),
        ),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisations.id"], name=op.f("fk_decision_revisions_organisation_id")
        ),
        sa.ForeignKeyConstraint(["person_id"], ["persons.id"], name=op.f("fk_decision_revisions_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_decision_revisions")),
        sa.UniqueConstraint("decision_id", "n", name=op.f("uq_decision_revisions_decision_id_n")),
    )
    op.execute(
        "INSERT INTO decision_revisions SELECT id, 1, text, gen_random_uuid(), created_at, person_id, organisation_id, "
        "mandate_id, capacity FROM decisions"
    )
    op.execute(FUNCTIONS)
    op.execute(TRIGGERS)


def downgrade() -> None:
    """As it was."""
    op.execute("DROP FUNCTION first_decision_revision() CASCADE")
    op.execute("DROP FUNCTION keep_decision_words() CASCADE")
    op.drop_table("decision_revisions")
