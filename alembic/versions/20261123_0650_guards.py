"""What the database refuses by itself, whoever asks: the owner too.

Words, extracts, citations, editions and events never change and never go. The one exception
is `erase_revision`, which records who erased what and why before it blanks the text, and
keeps hash, length and dates.
"""

from __future__ import annotations

from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

IMMUTABLE = (
    "citations",
    "citation_acks",
    "edition_citations",
    "edition_files",
    "edition_passages",
    "edition_withdrawals",
    "editions",
    "erasures",
    "events",
    "external_refs",
    "minutes_revisions",
    "passage_revision_citations",
)
"""Rows that never change at all."""

ERASABLE = ("revisions", "extracts")
"""Rows that only a recorded erasure may blank."""

KEPT = (
    *IMMUTABLE,
    *ERASABLE,
    "statements",
    "passage_revisions",
    "treatments",
    "waivers",
    "positions",
    "mandates",
)
"""Rows that are never deleted."""

FUNCTIONS = """
CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'rows of % never change and are never deleted', TG_TABLE_NAME
    USING ERRCODE = 'restrict_violation', CONSTRAINT = 'immutable';
END $$;

-- A revision or an extract may be blanked, in the transaction that recorded its erasure; nothing else.
CREATE FUNCTION refuse_all_but_erasure() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE erased uuid := CASE TG_TABLE_NAME WHEN 'revisions' THEN OLD.id ELSE (to_jsonb(OLD) ->> 'revision_id')::uuid END;
BEGIN
  IF EXISTS (SELECT FROM erasures e WHERE e.revision_id = erased AND e.xid = pg_current_xact_id()::text::bigint)
     AND to_jsonb(NEW) - '{title,markdown,plain,html,excerpt,quote,before,after,erased_at}'::text[]
       = to_jsonb(OLD) - '{title,markdown,plain,html,excerpt,quote,before,after,erased_at}'::text[]
     AND coalesce(to_jsonb(NEW) ->> 'plain', '') = '' AND coalesce(to_jsonb(NEW) ->> 'markdown', '') = ''
     AND coalesce(to_jsonb(NEW) ->> 'title', '') = '' AND coalesce(to_jsonb(NEW) ->> 'html', '') = ''
     AND coalesce(to_jsonb(NEW) ->> 'quote', '') = '' AND coalesce(to_jsonb(NEW) ->> 'before', '') = ''
     AND coalesce(to_jsonb(NEW) ->> 'after', '') = ''
  THEN RETURN NEW; END IF;
  RAISE EXCEPTION 'rows of % never change, but by a recorded erasure', TG_TABLE_NAME
    USING ERRCODE = 'restrict_violation', CONSTRAINT = 'immutable';
END $$;

CREATE FUNCTION erase_revision(erased uuid, administrator uuid, why text) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  IF NOT EXISTS (SELECT FROM persons WHERE id = administrator AND is_admin AND state = 'active') THEN
    RAISE EXCEPTION 'only an administrator erases' USING ERRCODE = 'insufficient_privilege';
  END IF;
  IF char_length(btrim(why)) < 10 THEN
    RAISE EXCEPTION 'an erasure needs a reason' USING ERRCODE = 'check_violation';
  END IF;
  INSERT INTO erasures (id, revision_id, person_id, reason, created_at)
    VALUES (gen_random_uuid(), erased, administrator, why, now());
  UPDATE revisions SET title = '', markdown = '', plain = '', html = '', erased_at = now() WHERE id = erased;
  IF NOT FOUND THEN
    RAISE EXCEPTION 'no such revision' USING ERRCODE = 'no_data_found';
  END IF;
  UPDATE extracts SET quote = '', before = '', after = '' WHERE revision_id = erased;
  DELETE FROM findables f USING statements s WHERE s.head_id = erased AND f.object_id = s.id;
END $$;

-- A quote is a quote: the span of the canonical text, of ten characters and two words, or the whole of it.
CREATE FUNCTION check_extract() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE body text;
BEGIN
  SELECT plain INTO body FROM revisions WHERE id = NEW.revision_id AND erased_at IS NULL;
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

-- A statement keeps its place, its author and its nature for ever; a contribution is its own root.
CREATE FUNCTION keep_statement_place() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NEW.type = 'contribution' THEN
    NEW.root_state := NEW.state;
    NEW.root_consent := NEW.consent;
  END IF;
  IF TG_OP = 'UPDATE' AND (NEW.id, NEW.initiative_id, NEW.space_id, NEW.type, NEW.parent_id, NEW.root_id, NEW.person_id,
       NEW.organisation_id, NEW.mandate_id, NEW.capacity, NEW.origin, NEW.recorded_at)
     IS DISTINCT FROM (OLD.id, OLD.initiative_id, OLD.space_id, OLD.type, OLD.parent_id, OLD.root_id, OLD.person_id,
       OLD.organisation_id, OLD.mandate_id, OLD.capacity, OLD.origin, OLD.recorded_at)
  THEN
    RAISE EXCEPTION 'a statement keeps its space and its speaker'
      USING ERRCODE = 'restrict_violation', CONSTRAINT = 'immutable';
  END IF;
  RETURN NEW;
END $$;

CREATE FUNCTION follow_root() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  UPDATE statements SET root_state = NEW.state, root_consent = NEW.consent
    WHERE root_id = NEW.id AND type = 'reply' AND (root_state, root_consent) IS DISTINCT FROM (NEW.state, NEW.consent);
  RETURN NULL;
END $$;

-- Only the decision about a proposed passage may be written, and once.
CREATE FUNCTION keep_passage_words() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF to_jsonb(NEW) - '{state,decided_by,decided_at,decided_by_rule}'::text[]
     IS DISTINCT FROM to_jsonb(OLD) - '{state,decided_by,decided_at,decided_by_rule}'::text[] OR OLD.state <> 'proposed' THEN
    RAISE EXCEPTION 'a passage revision never changes, and is decided once'
      USING ERRCODE = 'restrict_violation', CONSTRAINT = 'immutable';
  END IF;
  RETURN NEW;
END $$;

-- Search follows what is published, in the same transaction and by whatever path.
CREATE FUNCTION find_statement(of uuid) RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = public, pg_temp AS $$
  INSERT INTO findables (object_id, object_type, initiative_id, space_id, organisation_id, profile, kind, side, tags,
                         released, occurred_at, words)
  SELECT s.id, s.type, s.initiative_id, s.space_id,
         CASE s.capacity WHEN 'organisation' THEN s.organisation_id END,
         CASE s.capacity WHEN 'organisation' THEN o.profile END,
         s.kind, s.side, s.tags, s.released, s.occurred_at, words_of(r.language, r.title, r.plain)
  FROM statements s JOIN revisions r ON r.id = s.head_id LEFT JOIN organisations o ON o.id = s.organisation_id
  WHERE s.id = of AND s.state = 'published' AND s.root_state = 'published' AND r.erased_at IS NULL
  ON CONFLICT (object_id) DO UPDATE SET kind = excluded.kind, side = excluded.side, tags = excluded.tags,
    released = excluded.released, occurred_at = excluded.occurred_at, words = excluded.words;
$$;

CREATE FUNCTION statement_found() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  IF NEW.state = 'published' AND NEW.root_state = 'published' THEN
    PERFORM find_statement(NEW.id);
  ELSE
    DELETE FROM findables WHERE object_id = NEW.id;
  END IF;
  RETURN NULL;
END $$;

CREATE FUNCTION revision_found() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  IF EXISTS (SELECT FROM statements WHERE id = NEW.statement_id AND head_id = NEW.id AND state = 'published') THEN
    PERFORM find_statement(NEW.statement_id);
  END IF;
  RETURN NULL;
END $$;

CREATE FUNCTION organisation_found() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  INSERT INTO findables (object_id, object_type, organisation_id, profile, tags, released, occurred_at, words)
  VALUES (NEW.id, 'organisation', NEW.id, NEW.profile, '{}', true, NEW.created_at,
          words_of('fr', NEW.name || ' ' || coalesce(NEW.acronym, ''), NEW.description))
  ON CONFLICT (object_id) DO UPDATE SET profile = excluded.profile, words = excluded.words;
  IF TG_OP = 'UPDATE' AND NEW.profile <> OLD.profile THEN
    UPDATE findables SET profile = NEW.profile WHERE organisation_id = NEW.id;
  END IF;
  RETURN NULL;
END $$;
"""

TRIGGERS = """
CREATE TRIGGER literal BEFORE INSERT ON extracts FOR EACH ROW EXECUTE FUNCTION check_extract();
CREATE TRIGGER place BEFORE INSERT OR UPDATE ON statements FOR EACH ROW EXECUTE FUNCTION keep_statement_place();
CREATE TRIGGER root AFTER UPDATE OF state, consent ON statements FOR EACH ROW
  WHEN (NEW.type = 'contribution' AND (OLD.state, OLD.consent) IS DISTINCT FROM (NEW.state, NEW.consent))
  EXECUTE FUNCTION follow_root();
CREATE TRIGGER found AFTER UPDATE OF state, root_state, head_id, consent, root_consent, kind, side, tags, occurred_at
  ON statements FOR EACH ROW
  WHEN ((OLD.state, OLD.root_state, OLD.head_id, OLD.released, OLD.kind, OLD.side, OLD.tags, OLD.occurred_at)
     IS DISTINCT FROM (NEW.state, NEW.root_state, NEW.head_id, NEW.released, NEW.kind, NEW.side, NEW.tags, NEW.occurred_at))
  EXECUTE FUNCTION statement_found();
CREATE TRIGGER found AFTER INSERT ON revisions FOR EACH ROW EXECUTE FUNCTION revision_found();
CREATE TRIGGER found AFTER INSERT OR UPDATE OF name, acronym, description, profile ON organisations
  FOR EACH ROW EXECUTE FUNCTION organisation_found();
CREATE TRIGGER words BEFORE UPDATE ON passage_revisions FOR EACH ROW EXECUTE FUNCTION keep_passage_words();
"""

NAMES = (
    "refuse_change()",
    "refuse_all_but_erasure()",
    "erase_revision(uuid, uuid, text)",
    "check_extract()",
    "keep_statement_place()",
    "follow_root()",
    "keep_passage_words()",
    "find_statement(uuid)",
    "statement_found()",
    "revision_found()",
    "organisation_found()",
)


def upgrade() -> None:
    """Create the functions, then hang them on the tables."""
    op.execute(FUNCTIONS)
    op.execute(TRIGGERS)
    for table in IMMUTABLE:
        op.execute(f"CREATE TRIGGER frozen BEFORE UPDATE ON {table} FOR EACH ROW EXECUTE FUNCTION refuse_change()")
    for table in ERASABLE:
        op.execute(
            f"CREATE TRIGGER frozen BEFORE UPDATE ON {table} FOR EACH ROW EXECUTE FUNCTION refuse_all_but_erasure()"
        )
    for table in KEPT:
        op.execute(f"CREATE TRIGGER kept BEFORE DELETE ON {table} FOR EACH ROW EXECUTE FUNCTION refuse_change()")
        op.execute(f"CREATE TRIGGER kept_whole BEFORE TRUNCATE ON {table} EXECUTE FUNCTION refuse_change()")
    for name in ("find_statement(uuid)", "erase_revision(uuid, uuid, text)"):
        op.execute(f"REVOKE ALL ON FUNCTION {name} FROM PUBLIC")


def downgrade() -> None:
    """Dropping a function takes its triggers along."""
    for name in NAMES:
        op.execute(f"DROP FUNCTION {name} CASCADE")
