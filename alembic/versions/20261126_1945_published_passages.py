"""Readers search what is published: a row for each passage of the latest edition of a deliverable that is on the shelf.

The database makes the rows from the frozen payload alone, when an edition is published or withdrawn, and again when the
source of a note moves: words that consent has taken back since are left out, as on the pages. Everything runs when its
transaction ends, under one lock, after whatever else that transaction had to wait for.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0031"
down_revision = "0030"
branch_labels = None
depends_on = None

WORDS = """
-- The words of runs, without the space that parted the call of a note from the word before it.
CREATE FUNCTION words_of_runs(runs jsonb) RETURNS text LANGUAGE sql IMMUTABLE AS $$
  SELECT regexp_replace(coalesce(string_agg(
    CASE WHEN run ? 'note' THEN chr(1) WHEN run ? 'break' THEN chr(10) ELSE run ->> 'text' END, '' ORDER BY n), ''),
    ' *' || chr(1), '', 'g')
  FROM jsonb_array_elements(runs) WITH ORDINALITY AS each(run, n)
$$;

-- The words of blocks, a line for each paragraph, item or row.
CREATE FUNCTION words_of_blocks(blocks jsonb) RETURNS text LANGUAGE plpgsql IMMUTABLE AS $$
DECLARE
  block jsonb;
  part jsonb;
  lines text[] := '{}';
BEGIN
  FOR block IN SELECT value FROM jsonb_array_elements(blocks) LOOP
    lines := lines || (block ->> 'caption') || (block ->> 'alt');
    CASE
      WHEN block ->> 'type' IN ('paragraph', 'heading') THEN lines := lines || words_of_runs(block -> 'runs');
      WHEN block ->> 'type' = 'code' THEN lines := lines || (block ->> 'text');
      WHEN block ->> 'type' = 'quote' THEN lines := lines || words_of_blocks(block -> 'blocks');
      WHEN block ->> 'type' = 'list' THEN
        FOR part IN SELECT value FROM jsonb_array_elements(block -> 'items') LOOP
          lines := lines || words_of_blocks(part);
        END LOOP;
      WHEN block ->> 'type' = 'table' THEN
        FOR part IN SELECT block -> 'head' UNION ALL SELECT value FROM jsonb_array_elements(block -> 'rows') LOOP
          lines := lines || (SELECT string_agg(words_of_runs(cell), chr(9) ORDER BY n)
                             FROM jsonb_array_elements(part) WITH ORDINALITY AS each(cell, n));
        END LOOP;
      ELSE NULL;
    END CASE;
  END LOOP;
  RETURN (SELECT coalesce(string_agg(line, chr(10) ORDER BY n), '') FROM unnest(lines) WITH ORDINALITY AS each(line, n)
          WHERE line ~ '\\S');
END $$;
"""

PASSAGES = """
-- The quotes of an edition that pages do not show any more: consent was tightened, the words were erased, or hidden since.
CREATE FUNCTION quotes_kept_back(edition uuid, payload jsonb) RETURNS TABLE (number int, quote text)
LANGUAGE sql STABLE AS $$
  SELECT (note ->> 'number')::int, note -> 'words' ->> 'quote'
  FROM jsonb_array_elements(payload -> 'citations') AS note
  WHERE jsonb_typeof(note -> 'words') = 'object' AND NOT EXISTS (
    SELECT FROM edition_citations ec JOIN citations c ON c.id = ec.citation_id JOIN extracts e ON e.id = c.extract_id
    JOIN revisions r ON r.id = e.revision_id JOIN statements s ON s.id = c.statement_id
    WHERE ec.edition_id = edition AND ec.number = (note ->> 'number')::int AND e.quote <> ''
      AND r.consent IN ('name', 'profile') AND s.consent IN ('name', 'profile')
      AND NOT EXISTS (SELECT FROM revisions later WHERE later.statement_id = r.statement_id AND later.n > r.n
                      AND later.consent NOT IN ('name', 'profile'))
      AND (CASE WHEN s.state <> 'published' THEN s.state ELSE s.root_state END <> 'moderated'
           OR note -> 'source' ->> 'state' = 'moderated'))
$$;

-- A text less a quote and each of its lines, wherever lines are wrapped (app/features/editions/queries/blocks.py).
CREATE FUNCTION words_without(body text, quote text) RETURNS text LANGUAGE plpgsql IMMUTABLE AS $$
DECLARE
  part text;
BEGIN
  FOR part IN SELECT quote UNION ALL
    SELECT line FROM regexp_split_to_table(quote, chr(10)) AS line WHERE length(line) >= 10 AND line <> quote
  LOOP
    part := translate(part, chr(10), ' ');
    IF part <> '' AND position(part IN translate(body, chr(10), ' ')) > 0 THEN
      body := replace(translate(body, chr(10), ' '), part, '[…]');
    END IF;
  END LOOP;
  RETURN body;
END $$;

-- What is to be found of a deliverable: the passages of its latest edition that was not withdrawn, numbered as pages do.
CREATE FUNCTION passages_on_shelf(of uuid) RETURNS SETOF published_passages LANGUAGE plpgsql STABLE
SET search_path = public, pg_temp AS $$
DECLARE
  latest editions;
  content jsonb;
  kept_back jsonb;
  passage record;
  note text;
  found published_passages;
BEGIN
  SELECT e.* INTO latest FROM editions e WHERE e.deliverable_id = of
    AND NOT EXISTS (SELECT FROM edition_withdrawals w WHERE w.edition_id = e.id) ORDER BY e.n DESC LIMIT 1;
  content := convert_from(latest.payload, 'UTF8')::jsonb;
  kept_back := (SELECT coalesce(jsonb_object_agg(k.number, k.quote), '{}') FROM quotes_kept_back(latest.id, content) k);
  FOR passage IN
    WITH RECURSIVE parts(place, section) AS (
      SELECT ARRAY[n], part FROM jsonb_array_elements(content -> 'sections') WITH ORDINALITY AS each(part, n)
      UNION ALL
      SELECT place || n, part
      FROM parts, jsonb_array_elements(section -> 'sections') WITH ORDINALITY AS each(part, n))
    SELECT row_number() OVER (ORDER BY place, n)::int AS n, section ->> 'title' AS section, one
    FROM parts, jsonb_array_elements(section -> 'passages') WITH ORDINALITY AS each(one, n) ORDER BY 1
  LOOP
    found.body := coalesce(passage.one ->> 'quote', words_of_blocks(passage.one -> 'blocks'));
    FOR note IN SELECT value FROM jsonb_array_elements_text(passage.one -> 'notes') LOOP
      IF kept_back ? note THEN
        found.body := words_without(found.body, kept_back ->> note);
      END IF;
    END LOOP;
    found.id := md5(latest.id || ' ' || passage.n)::uuid;
    found.edition_id := latest.id;
    found.n := passage.n;
    found.deliverable_id := latest.deliverable_id;
    found.initiative_id := latest.initiative_id;
    found.edition_n := latest.n;
    found.title := latest.title;
    found.section := passage.section;
    found.kind := passage.one ->> 'kind';
    found.language := content ->> 'language';
    found.published_at := latest.published_at;
    found.words := words_of(found.language, '', found.body);
    IF found.words <> '' THEN
      RETURN NEXT found;
    END IF;
  END LOOP;
END $$;

-- One at a time, so that two that move the same rows never meet: both ask when they have nothing else left to wait for.
CREATE FUNCTION put_on_shelf(of uuid) RETURNS void LANGUAGE plpgsql
SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  PERFORM pg_advisory_xact_lock(1095518275, 0);
  DELETE FROM published_passages WHERE deliverable_id = of;
  INSERT INTO published_passages SELECT * FROM passages_on_shelf(of);
END $$;
"""

FOUND = """
CREATE FUNCTION edition_on_shelf() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  PERFORM put_on_shelf(e.deliverable_id) FROM editions e
  WHERE e.id = (to_jsonb(NEW) ->> CASE TG_TABLE_NAME WHEN 'editions' THEN 'id' ELSE 'edition_id' END)::uuid;
  RETURN NULL;
END $$;

CREATE FUNCTION source_on_shelf() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  PERFORM put_on_shelf(e.deliverable_id) FROM (
    SELECT DISTINCT e.deliverable_id FROM edition_citations ec JOIN editions e ON e.id = ec.edition_id
    WHERE ec.statement_id
      = (to_jsonb(NEW) ->> CASE TG_TABLE_NAME WHEN 'statements' THEN 'id' ELSE 'statement_id' END)::uuid) e;
  RETURN NULL;
END $$;

CREATE CONSTRAINT TRIGGER on_shelf AFTER INSERT ON editions DEFERRABLE INITIALLY DEFERRED
  FOR EACH ROW EXECUTE FUNCTION edition_on_shelf();
CREATE CONSTRAINT TRIGGER on_shelf AFTER INSERT ON edition_withdrawals DEFERRABLE INITIALLY DEFERRED
  FOR EACH ROW EXECUTE FUNCTION edition_on_shelf();
CREATE CONSTRAINT TRIGGER on_shelf AFTER UPDATE OF state, root_state, consent ON statements
  DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
  WHEN ((OLD.state, OLD.root_state, OLD.consent) IS DISTINCT FROM (NEW.state, NEW.root_state, NEW.consent))
  EXECUTE FUNCTION source_on_shelf();
CREATE CONSTRAINT TRIGGER on_shelf AFTER UPDATE OF quote ON extracts DEFERRABLE INITIALLY DEFERRED
  FOR EACH ROW WHEN (OLD.quote <> NEW.quote) EXECUTE FUNCTION source_on_shelf();
"""

FILL = "SELECT put_on_shelf(id) FROM deliverables WHERE id IN (SELECT deliverable_id FROM editions)"

FUNCTIONS = (
    "edition_on_shelf()",
    "source_on_shelf()",
    "put_on_shelf(uuid)",
    "passages_on_shelf(uuid)",
    "quotes_kept_back(uuid, jsonb)",
    "words_without(text, text)",
    "words_of_blocks(jsonb)",
    "words_of_runs(jsonb)",
)


def upgrade() -> None:
    """What was published before is found too."""
    op.create_table(
        "published_passages",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("edition_id", sa.Uuid(), nullable=False),
        sa.Column("n", sa.Integer(), nullable=False),
        sa.Column("deliverable_id", sa.Uuid(), nullable=False),
        sa.Column("initiative_id", sa.Uuid(), nullable=False),
        sa.Column("edition_n", sa.Integer(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("section", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("language", sa.Text(), nullable=False),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("words", postgresql.TSVECTOR(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_published_passages"),
    )
    op.create_index("ix_published_passages_words", "published_passages", ["words"], postgresql_using="gin")
    op.create_index(
        "ix_published_passages_newest", "published_passages", [sa.text("published_at DESC"), sa.text("id DESC")]
    )
    op.create_index("ix_published_passages_deliverable", "published_passages", ["deliverable_id"])
    op.execute(WORDS)
    op.execute(PASSAGES)
    op.execute(FOUND)
    op.execute(FILL)


def downgrade() -> None:
    """Dropping a function takes its triggers along."""
    for name in FUNCTIONS:
        op.execute(f"DROP FUNCTION {name} CASCADE")
    op.drop_table("published_passages")
