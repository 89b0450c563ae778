"""Search that goes space by space inside the index and keeps consents; audit that reads its own part of the events.

`named` says whether a search by organisation may find the row from outside its space: without it, a filter would
tell who spoke where the list itself does not. The index holds the space with the words, so that a rare word
costs what it weighs in the spaces read, and not in the whole installation.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

FIND_STATEMENT = """
CREATE OR REPLACE FUNCTION find_statement(of uuid) RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = public, pg_temp AS $$
  INSERT INTO findables (object_id, object_type, initiative_id, space_id, organisation_id, profile, kind, side, tags,
                         released, {named} occurred_at, words)
  SELECT s.id, s.type, s.initiative_id, s.space_id,
         CASE s.capacity WHEN 'organisation' THEN s.organisation_id END,
         CASE s.capacity WHEN 'organisation' THEN o.profile END,
         s.kind, s.side, s.tags, s.released, {named_value} s.occurred_at, words_of(r.language, r.title, r.plain)
  FROM statements s JOIN revisions r ON r.id = s.head_id LEFT JOIN organisations o ON o.id = s.organisation_id
  WHERE s.id = of AND s.state = 'published' AND s.root_state = 'published' AND r.erased_at IS NULL
  ON CONFLICT (object_id) DO UPDATE SET kind = excluded.kind, side = excluded.side, tags = excluded.tags,
    released = excluded.released, {named_update} occurred_at = excluded.occurred_at, words = excluded.words;
$$;
"""
NAMED = {
    "named": "named,",
    "named_value": "s.consent = 'name' AND s.root_consent = 'name' AND r.consent = 'name',",
    "named_update": "named = excluded.named,",
}
UNNAMED = dict.fromkeys(NAMED, "")

ORGANISATION_FOUND = """
CREATE OR REPLACE FUNCTION organisation_found() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  INSERT INTO findables (object_id, object_type, organisation_id, profile, tags, released, {named} occurred_at, words)
  VALUES (NEW.id, 'organisation', NEW.id, NEW.profile, '{{}}', true, {true} NEW.created_at,
          words_of('fr', NEW.name || ' ' || coalesce(NEW.acronym, ''), NEW.description))
  ON CONFLICT (object_id) DO UPDATE SET profile = excluded.profile, words = excluded.words;
  IF TG_OP = 'UPDATE' AND NEW.profile <> OLD.profile THEN
    UPDATE findables SET profile = NEW.profile WHERE organisation_id = NEW.id;
  END IF;
  RETURN NULL;
END $$;
"""

FOUND = """
DROP TRIGGER found ON statements;
CREATE TRIGGER found AFTER UPDATE OF state, root_state, head_id, consent, root_consent, kind, side, tags, occurred_at
  ON statements FOR EACH ROW
  WHEN ((OLD.state, OLD.root_state, OLD.head_id, OLD.released, {old} OLD.kind, OLD.side, OLD.tags, OLD.occurred_at)
     IS DISTINCT FROM (NEW.state, NEW.root_state, NEW.head_id, NEW.released, {new} NEW.kind, NEW.side, NEW.tags,
                       NEW.occurred_at))
  EXECUTE FUNCTION statement_found();
"""

# The two may be written in either order, since each names the other: whichever comes second makes the row.
FOUND_AT_ONCE = """
CREATE TRIGGER found_at_once AFTER INSERT ON statements FOR EACH ROW
  WHEN (NEW.state = 'published' AND NEW.root_state = 'published') EXECUTE FUNCTION statement_found();
"""


def upgrade() -> None:
    """Existing rows are filled before the column is closed."""
    op.execute("CREATE EXTENSION IF NOT EXISTS btree_gin")
    op.add_column("findables", sa.Column("named", sa.Boolean()))
    op.execute(
        "UPDATE findables f SET named = f.object_type = 'organisation' OR EXISTS (SELECT FROM statements s "
        "JOIN revisions r ON r.id = s.head_id WHERE s.id = f.object_id AND s.consent = 'name' "
        "AND s.root_consent = 'name' AND r.consent = 'name')"
    )
    op.alter_column("findables", "named", nullable=False)
    op.execute(FIND_STATEMENT.format(**NAMED))
    op.execute(ORGANISATION_FOUND.format(named="named,", true="true,"))
    op.execute(FOUND.format(old="OLD.consent, OLD.root_consent,", new="NEW.consent, NEW.root_consent,"))
    op.execute(FOUND_AT_ONCE)
    op.drop_index("ix_findables_words", "findables")
    op.create_index("ix_findables_words", "findables", ["space_id", "words"], postgresql_using="gin")
    op.create_index(
        "ix_events_person", "events", ["person_id", "id"], postgresql_where=sa.text("person_id IS NOT NULL")
    )
    op.create_index("ix_events_public", "events", ["id"], postgresql_where=sa.text("audience = 'everybody'"))
    op.create_index(
        "ix_events_wide",
        "events",
        ["initiative_id", "id"],
        postgresql_where=sa.text("space_id IS NULL OR audience = 'initiative'"),
    )


def downgrade() -> None:
    """As it was."""
    for name in ("ix_events_wide", "ix_events_public", "ix_events_person"):
        op.drop_index(name, "events")
    op.drop_index("ix_findables_words", "findables")
    op.create_index("ix_findables_words", "findables", ["words"], postgresql_using="gin")
    op.execute("DROP TRIGGER found_at_once ON statements")
    op.execute(FOUND.format(old="", new=""))
    op.execute(ORGANISATION_FOUND.format(named="", true=""))
    op.execute(FIND_STATEMENT.format(**UNNAMED))
    op.drop_column("findables", "named")
    op.execute("DROP EXTENSION btree_gin")
