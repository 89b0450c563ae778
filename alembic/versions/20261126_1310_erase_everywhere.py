"""Erase words wherever a copy of them stands: in the answers kept for repeated requests too.

An answer that carries the statement's id may carry its words: its body goes, the row stays, so that the same
request sent again is told so and does not write the words a second time. The statement gets another version, so
that no browser is told that the page it kept is still the present one.

Whoever harvests at that moment is waited for, or finds nothing left: the revision is locked whole, and an
extract reads it under a lock that this one excludes.
"""

from __future__ import annotations

from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

ERASE = """
CREATE OR REPLACE FUNCTION erase_revision(erased uuid, administrator uuid, why text) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
{declare}BEGIN
  IF NOT EXISTS (SELECT FROM persons WHERE id = administrator AND is_admin AND state = 'active') THEN
    RAISE EXCEPTION 'only an administrator erases' USING ERRCODE = 'insufficient_privilege';
  END IF;
  IF char_length(btrim(why)) < 10 THEN
    RAISE EXCEPTION 'an erasure needs a reason' USING ERRCODE = 'check_violation';
  END IF;
{hold}  INSERT INTO erasures (id, revision_id, person_id, reason, created_at)
    VALUES (gen_random_uuid(), erased, administrator, why, now());
  UPDATE revisions SET title = '', markdown = '', plain = '', html = '', erased_at = now() WHERE id = erased;
  IF NOT FOUND THEN
    RAISE EXCEPTION 'no such revision' USING ERRCODE = 'no_data_found';
  END IF;
  UPDATE extracts SET quote = '', before = '', after = '' WHERE revision_id = erased;
  DELETE FROM findables f USING statements s WHERE s.head_id = erased AND f.object_id = s.id;
{forget}END $$;
"""

EVERYWHERE = {
    "declare": "DECLARE said uuid;\n",
    "hold": """\
  SELECT statement_id INTO said FROM revisions WHERE id = erased FOR UPDATE;
  PERFORM 1 FROM extracts e WHERE e.revision_id = erased FOR UPDATE;
  PERFORM 1 FROM citations c JOIN extracts e ON e.id = c.extract_id WHERE e.revision_id = erased FOR UPDATE OF c;
""",
    "forget": """\
  UPDATE statements SET version = version + 1 WHERE id = said;
  UPDATE idempotency SET body = NULL WHERE position(convert_to(said::text, 'UTF8') IN body) > 0;
""",
}
ALONE = dict.fromkeys(EVERYWHERE, "")

# As its owner, since the application may not lock a row that it may not change.
CHECK_EXTRACT = """
CREATE OR REPLACE FUNCTION check_extract() RETURNS trigger LANGUAGE plpgsql {safely}AS $$
DECLARE body text;
BEGIN
  SELECT plain INTO body FROM revisions WHERE id = NEW.revision_id AND erased_at IS NULL{locked};
  IF body IS NULL OR substr(body, NEW.start + 1, NEW."end" - NEW.start) IS DISTINCT FROM NEW.quote THEN
    RAISE EXCEPTION 'the quote is not what the revision says there'
      USING ERRCODE = 'check_violation', CONSTRAINT = 'extract_literal';
  END IF;
  IF NOT (NEW.quote = body OR (char_length(NEW.quote) >= 10 AND NEW.quote ~ '\\S\\s+\\S')) THEN
    RAISE EXCEPTION 'a quote has at least ten characters and two words'
      USING ERRCODE = 'check_violation', CONSTRAINT = 'extract_long_enough';
  END IF;
  RETURN NEW;
END $$;
"""


def upgrade() -> None:
    """Erasures recorded before this migration are finished here."""
    op.execute(ERASE.format(**EVERYWHERE))
    op.execute(
        CHECK_EXTRACT.format(safely="SECURITY DEFINER SET search_path = public, pg_temp ", locked=" FOR KEY SHARE")
    )
    op.execute(
        "UPDATE idempotency i SET body = NULL FROM erasures e JOIN revisions r ON r.id = e.revision_id "
        "WHERE position(convert_to(r.statement_id::text, 'UTF8') IN i.body) > 0"
    )


def downgrade() -> None:
    """As it was."""
    op.execute(CHECK_EXTRACT.format(safely="SECURITY INVOKER ", locked=""))
    op.execute("ALTER FUNCTION check_extract() RESET search_path")
    op.execute(ERASE.format(**ALONE))
