"""A draft is published under the mandate of the day it is published, which may be another than the one it was written under.

The composite key still holds the mandate to the same person and the same organisation.
"""

from __future__ import annotations

from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

KEEP_PLACE = """
CREATE OR REPLACE FUNCTION keep_statement_place() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NEW.type = 'contribution' THEN
    NEW.root_state := NEW.state;
    NEW.root_consent := NEW.consent;
  END IF;
  IF TG_OP = 'UPDATE' AND ({moved}(NEW.id, NEW.initiative_id, NEW.space_id, NEW.type, NEW.parent_id, NEW.root_id,
       NEW.person_id, NEW.organisation_id, {new}NEW.capacity, NEW.origin, NEW.recorded_at)
     IS DISTINCT FROM (OLD.id, OLD.initiative_id, OLD.space_id, OLD.type, OLD.parent_id, OLD.root_id,
       OLD.person_id, OLD.organisation_id, {old}OLD.capacity, OLD.origin, OLD.recorded_at))
  THEN
    RAISE EXCEPTION 'a statement keeps its space and its speaker'
      USING ERRCODE = 'restrict_violation', CONSTRAINT = 'immutable';
  END IF;
  RETURN NEW;
END $$;
"""
MOVED = """(NEW.mandate_id IS DISTINCT FROM OLD.mandate_id
       AND NOT (OLD.state = 'draft' AND NEW.state = 'published' AND OLD.mandate_id IS NOT NULL)) OR """


def upgrade() -> None:
    """Let the mandate follow once, when a draft is published."""
    op.execute(KEEP_PLACE.format(moved=MOVED, new="", old=""))


def downgrade() -> None:
    """Keep the mandate of the drafting day."""
    op.execute(KEEP_PLACE.format(moved="", new="NEW.mandate_id, ", old="OLD.mandate_id, "))
