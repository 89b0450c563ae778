"""Extensions, and the functions that tables and searches rest on."""

from __future__ import annotations

from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

UP = """
CREATE EXTENSION IF NOT EXISTS unaccent;
CREATE EXTENSION IF NOT EXISTS pg_trgm;
CREATE EXTENSION IF NOT EXISTS btree_gist;

-- unaccent() is only STABLE, because its dictionary could change; indexes need the promise that it does not.
CREATE FUNCTION f_unaccent(value text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE STRICT
  RETURN public.unaccent('public.unaccent'::regdictionary, value);

-- Accents do not count in a search; words are stemmed in the language of the text.
CREATE TEXT SEARCH CONFIGURATION alliage_fr (COPY = french);
ALTER TEXT SEARCH CONFIGURATION alliage_fr
  ALTER MAPPING FOR hword, hword_part, word WITH unaccent, french_stem;
CREATE TEXT SEARCH CONFIGURATION alliage_en (COPY = english);
ALTER TEXT SEARCH CONFIGURATION alliage_en
  ALTER MAPPING FOR hword, hword_part, word WITH unaccent, english_stem;

CREATE FUNCTION words_of(language text, title text, body text) RETURNS tsvector
LANGUAGE sql IMMUTABLE PARALLEL SAFE RETURN
  CASE language
    WHEN 'en' THEN setweight(to_tsvector('public.alliage_en'::regconfig, coalesce(title, '')), 'A')
                   || to_tsvector('public.alliage_en'::regconfig, coalesce(body, ''))
    ELSE setweight(to_tsvector('public.alliage_fr'::regconfig, coalesce(title, '')), 'A')
         || to_tsvector('public.alliage_fr'::regconfig, coalesce(body, ''))
  END;
"""

DOWN = """
DROP FUNCTION words_of(text, text, text);
DROP TEXT SEARCH CONFIGURATION alliage_en;
DROP TEXT SEARCH CONFIGURATION alliage_fr;
DROP FUNCTION f_unaccent(text);
DROP EXTENSION btree_gist;
DROP EXTENSION pg_trgm;
DROP EXTENSION unaccent;
"""


def upgrade() -> None:
    """Create."""
    op.execute(UP)


def downgrade() -> None:
    """Drop."""
    op.execute(DOWN)
