"""Drafts of what is being written, and what each person has seen.

`arrivals` gives each statement a number when its space's readers first see it, so that what somebody has seen is kept
as ranges of numbers. A trigger writes it, since whatever publishes a statement, by any path, must number it. It holds a shared
lock of the space from before the number is taken until the transaction ends: whoever finds that lock free knows that no
lower number is still to come (app/features/reading/models.py).
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import INT8MULTIRANGE, JSONB

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None

FUNCTIONS = """
CREATE FUNCTION statement_arrived() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  PERFORM pg_advisory_xact_lock_shared(1095518274, hashtext(NEW.space_id::text));
  INSERT INTO arrivals (statement_id, space_id, number)
  VALUES (NEW.id, NEW.space_id, nextval('arrival_numbers')) ON CONFLICT DO NOTHING;
  RETURN NULL;
END $$;

CREATE FUNCTION newest_ranges(seen int8multirange, most int) RETURNS int8multirange LANGUAGE sql IMMUTABLE AS $$
  SELECT CASE WHEN (SELECT count(*) FROM unnest(seen)) <= most THEN seen ELSE seen + (
    SELECT int8multirange(int8range(0, upper(each))) FROM unnest(seen) AS each ORDER BY lower(each) DESC OFFSET most - 1 LIMIT 1)
  END
$$;

CREATE TRIGGER arrived AFTER INSERT ON statements FOR EACH ROW WHEN (NEW.shown) EXECUTE FUNCTION statement_arrived();
CREATE TRIGGER arrived_later AFTER UPDATE OF state, root_state, published_at ON statements FOR EACH ROW
  WHEN (NEW.shown AND NOT OLD.shown) EXECUTE FUNCTION statement_arrived();
"""
UNDONE = """
DROP TRIGGER arrived ON statements;
DROP TRIGGER arrived_later ON statements;
DROP FUNCTION statement_arrived();
DROP FUNCTION newest_ranges(int8multirange, int);
"""
ALREADY = """
INSERT INTO arrivals (statement_id, space_id, number)
SELECT id, space_id, nextval('arrival_numbers')
FROM (SELECT id, space_id FROM statements WHERE shown ORDER BY published_at, id) AS known
"""


class PgSnapshot(sa.types.UserDefinedType):  # type: ignore[type-arg]
    """PostgreSQL's own."""

    cache_ok = True

    def get_col_spec(self, **_kw: object) -> str:
        return "PG_SNAPSHOT"


def upgrade() -> None:
    """Four tables; what was said before has its number too."""
    _drafts()
    _reading()
    op.execute(FUNCTIONS)
    op.execute(ALREADY)
    op.create_index(
        "ix_statements_questions",
        "statements",
        ["space_id", sa.text("occurred_at DESC"), sa.text("id DESC")],
        postgresql_where=sa.text("type = 'contribution' AND state = 'published' AND kind = 'question'"),
    )
    op.create_index(
        "ix_events_upon",
        "events",
        ["space_id", "id"],
        postgresql_where=sa.text(UPON),
    )


UPON = (
    "verb IN ('contribution.moderated', 'contribution.restored', 'contribution.withdrawn', 'contribution.erased', "
    "'reply.moderated', 'reply.restored', 'reply.withdrawn', 'reply.erased')"
)


def _drafts() -> None:
    op.create_table(
        "drafts",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("initiative_id", sa.Uuid(), nullable=True),
        sa.Column("space_id", sa.Uuid(), nullable=True),
        sa.Column("body", JSONB(), nullable=False),
        sa.Column("saved_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["persons.id"], name=op.f("fk_drafts_person_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_drafts")),
        sa.UniqueConstraint("person_id", "key", name=op.f("uq_drafts_person_id_key")),
    )
    op.create_index("ix_drafts_newest", "drafts", ["person_id", sa.text("saved_at DESC"), sa.text("id DESC")])
    op.create_index("ix_drafts_saved_at", "drafts", ["saved_at"])


def _reading() -> None:
    op.execute("CREATE SEQUENCE arrival_numbers")
    op.create_table(
        "arrivals",
        sa.Column("statement_id", sa.Uuid(), nullable=False),
        sa.Column("space_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("statement_id", name=op.f("pk_arrivals")),
        sa.UniqueConstraint("space_id", "number", name=op.f("uq_arrivals_space_id_number")),
    )
    op.create_table(
        "readings",
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("space_id", sa.Uuid(), nullable=False),
        sa.Column("inside", sa.Boolean(), nullable=False),
        sa.Column("seen", INT8MULTIRANGE(), nullable=False),
        sa.Column("settled", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["persons.id"], name=op.f("fk_readings_person_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["space_id"], ["spaces.id"], name=op.f("fk_readings_space_id")),
        sa.PrimaryKeyConstraint("person_id", "space_id", "inside", name=op.f("pk_readings")),
    )
    op.create_table(
        "visits",
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("initiative_id", sa.Uuid(), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("seen", PgSnapshot(), nullable=False),
        sa.Column("cluster", sa.BigInteger(), nullable=False),
        sa.Column("since_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("since", PgSnapshot(), nullable=True),
        sa.Column("since_cluster", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["person_id"], ["persons.id"], name=op.f("fk_visits_person_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["initiative_id"], ["initiatives.id"], name=op.f("fk_visits_initiative_id")),
        sa.PrimaryKeyConstraint("person_id", "initiative_id", name=op.f("pk_visits")),
    )


def downgrade() -> None:
    """As it was."""
    op.drop_index("ix_events_upon", "events")
    op.drop_index("ix_statements_questions", "statements")
    op.execute(UNDONE)
    for table in ("visits", "readings", "arrivals", "drafts"):
        op.drop_table(table)
    op.execute("DROP SEQUENCE arrival_numbers")
