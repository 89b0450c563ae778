"""A second reader: is every published quote still in the revision that it came from, to the letter?

It shares no code with the writer. The published bytes are read by PostgreSQL itself, and compared
with `revisions.plain` by `position` and `substr`: neither the models, nor the extracts' own copy of
the quote, nor anything that made the edition has a say.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import text

QUESTION = text(
    """
WITH published AS (
  SELECT e.id, (c ->> 'number')::int AS number, c -> 'words' AS words
  FROM editions e,
       jsonb_array_elements(convert_from((SELECT f.content FROM edition_files f
         WHERE f.edition_id = e.id AND f.name = 'edition.json'), 'UTF8')::jsonb -> 'citations') AS c
  WHERE e.id = :edition)
SELECT p.number,
       jsonb_typeof(p.words) = 'object' AS released,
       r.erased_at IS NOT NULL AS erased,
       r.id IS NOT NULL
         AND position(p.words ->> 'quote' IN r.plain) > 0
         AND substr(r.plain, (p.words ->> 'start')::int + 1, (p.words ->> 'length')::int) = p.words ->> 'quote' AS stands,
       encode(sha256(convert_to(r.plain, 'UTF8')), 'hex') = p.words ->> 'revision_sha256' AS same_text,
       x.quote <> '' AND substr(r.plain, x.start + 1, x."end" - x.start) = x.quote AS paraphrased_words_stand
FROM published p
LEFT JOIN edition_citations ec ON ec.edition_id = p.id AND ec.number = p.number
LEFT JOIN citations ci ON ci.id = ec.citation_id
LEFT JOIN extracts x ON x.id = ci.extract_id
LEFT JOIN revisions r ON r.id = x.revision_id
ORDER BY p.number
"""
)


@dataclass(frozen=True, slots=True)
class Trace:
    """How many published citations lead back to their words; the numbers of those that do not."""

    quotes: int
    """Published with their words."""
    found: int
    """Of these, found again at their place, in a text of the same hash."""
    paraphrases: int
    """Published without words; the words that they rest on stand in their revision."""
    erased: tuple[int, ...]
    """Their text was erased by an administrator since."""
    not_found: tuple[int, ...]

    @property
    def whole(self) -> bool:
        """Whether everything that was not erased leads back."""
        return not self.not_found


async def trace(handle: Any, edition_id: UUID) -> Trace:
    """Look for every citation of the edition in the revision it came from; one statement. `handle` runs SQL, with any role that reads."""
    rows = (await handle.execute(QUESTION, {"edition": edition_id})).all()
    erased = tuple(row.number for row in rows if row.erased)
    standing = [row for row in rows if not row.erased]
    found = [row for row in standing if row.released and row.stands and row.same_text]
    paraphrases = [row for row in standing if not row.released and row.paraphrased_words_stand]
    led_back = {row.number for row in (*found, *paraphrases)}
    return Trace(
        quotes=sum(bool(row.released) for row in rows),
        found=len(found),
        paraphrases=len(paraphrases),
        erased=erased,
        not_found=tuple(row.number for row in standing if row.number not in led_back),
    )
