"""What must hold in the database: each check is a select whose `wrong` rows are faults.

Most faults are impossible while every write goes through the application and its triggers. This looks for those
that came another way: a restored backup, a hand in the database, a mistake of ours.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.richtext.canonical import PLAIN_VERSION, to_plain
from app.features.deliverables.models.markers import numbers_in

EXAMPLES = 5
SAMPLE = 20_000
"""Texts that are read again at most, the newest first: Markdown is parsed at some 3,000 texts a second."""


@dataclass(frozen=True, slots=True)
class Finding:
    """What one check looked at, and what is wrong there."""

    what: str
    """In French."""
    checked: int
    wrong: int
    examples: list[str] = field(default_factory=list)
    """Ids of faulty rows, some of them."""
    repairable: bool = False
    """Whether `repair` can make it right: derived data only."""


REPLIES = """
SELECT s.id, (s.replies_for, s.replies_against, s.replies_other) IS DISTINCT FROM
       (coalesce(c.pro, 0), coalesce(c.con, 0), coalesce(c.other, 0)) AS wrong
FROM statements s LEFT JOIN (
  SELECT root_id, count(*) FILTER (WHERE side = 'for') AS pro, count(*) FILTER (WHERE side = 'against') AS con,
         count(*) FILTER (WHERE side IN ('mixed', 'none')) AS other
  FROM statements WHERE type = 'reply' AND state = 'published' GROUP BY root_id) c ON c.root_id = s.id
WHERE s.type = 'contribution'
"""

POSITIONS = """
SELECT s.id, (s.positions_supports, s.positions_nuances, s.positions_objects) IS DISTINCT FROM
       (coalesce(c.supports, 0), coalesce(c.nuances, 0), coalesce(c.objects, 0)) AS wrong
FROM statements s LEFT JOIN (
  SELECT statement_id, count(*) FILTER (WHERE stance = 'supports') AS supports,
         count(*) FILTER (WHERE stance = 'nuances') AS nuances, count(*) FILTER (WHERE stance = 'objects') AS objects
  FROM positions WHERE superseded_at IS NULL GROUP BY statement_id) c ON c.statement_id = s.id
"""

SOURCES = """
SELECT s.id, s.sources_count <> coalesce(c.n, 0) AS wrong
FROM statements s LEFT JOIN (
  SELECT statement_id, count(*) AS n FROM sources WHERE removed_at IS NULL GROUP BY statement_id) c
  ON c.statement_id = s.id
"""

FOUND_STATEMENTS = """
SELECT coalesce(s.id, f.object_id) AS id,
       f.object_id IS NULL OR s.id IS NULL OR (f.object_type, f.initiative_id, f.space_id, f.kind, f.side, f.tags,
         f.released, f.named, f.occurred_at, f.organisation_id, f.profile, f.words) IS DISTINCT FROM
        (s.type, s.initiative_id, s.space_id, s.kind, s.side, s.tags, s.released, s.named, s.occurred_at,
         s.organisation_id, s.profile, s.words) AS wrong
FROM (SELECT s.id, s.type, s.initiative_id, s.space_id, s.kind, s.side, s.tags, s.released, s.occurred_at,
             s.consent = 'name' AND s.root_consent = 'name' AND r.consent = 'name' AS named,
             CASE s.capacity WHEN 'organisation' THEN s.organisation_id END AS organisation_id,
             CASE s.capacity WHEN 'organisation' THEN o.profile END AS profile,
             words_of(r.language, r.title, r.plain) AS words
      FROM statements s JOIN revisions r ON r.id = s.head_id LEFT JOIN organisations o ON o.id = s.organisation_id
      WHERE s.state = 'published' AND s.root_state = 'published' AND r.erased_at IS NULL) s
FULL JOIN (SELECT * FROM findables WHERE object_type <> 'organisation') f ON f.object_id = s.id
"""

FOUND_ORGANISATIONS = """
SELECT coalesce(o.id, f.object_id) AS id,
       f.object_id IS NULL OR o.id IS NULL OR f.profile <> o.profile OR f.words IS DISTINCT FROM
         words_of('fr', o.name || ' ' || coalesce(o.acronym, ''), o.description) AS wrong
FROM organisations o
FULL JOIN (SELECT * FROM findables WHERE object_type = 'organisation') f ON f.object_id = o.id
"""

FOUND_PASSAGES = """
SELECT d.id, EXISTS (SELECT * FROM passages_on_shelf(d.id) EXCEPT ALL SELECT * FROM published_passages WHERE deliverable_id = d.id)
          OR EXISTS (SELECT * FROM published_passages WHERE deliverable_id = d.id EXCEPT ALL SELECT * FROM passages_on_shelf(d.id)) AS wrong
FROM (SELECT deliverable_id AS id FROM editions UNION SELECT deliverable_id FROM published_passages) d
"""

HASHES = """
SELECT id, plain_sha256 <> sha256(convert_to(plain, 'UTF8')) OR plain_length <> char_length(plain) AS wrong
FROM revisions WHERE erased_at IS NULL
"""

HEADS = """
SELECT s.id, r.id IS NULL OR r.statement_id <> s.id OR r.n <> c.last OR c.last <> c.n
          OR s.first_n > c.last OR (s.state IN ('published', 'moderated') AND s.first_n IS NULL) AS wrong
FROM statements s LEFT JOIN revisions r ON r.id = s.head_id
LEFT JOIN (SELECT statement_id, count(*) AS n, max(n) AS last FROM revisions GROUP BY statement_id) c
  ON c.statement_id = s.id
"""

ROOTS = """
SELECT s.id, r.type IS DISTINCT FROM 'contribution' OR s.root_state <> r.state OR s.root_consent <> r.consent AS wrong
FROM statements s LEFT JOIN statements r ON r.id = s.root_id
"""

EXTRACTS = """
SELECT e.id, e.statement_id <> r.statement_id OR
       (r.erased_at IS NULL AND substr(r.plain, e.start + 1, e."end" - e.start) IS DISTINCT FROM e.quote) AS wrong
FROM extracts e JOIN revisions r ON r.id = e.revision_id
"""

PASSAGES = """
SELECT p.id, r.state IS DISTINCT FROM 'accepted' OR r.passage_id <> p.id AS wrong
FROM passages p LEFT JOIN passage_revisions r ON r.id = p.head_id WHERE p.head_id IS NOT NULL
"""

PAYLOADS = "SELECT id, sha256 <> sha256(payload) AS wrong FROM editions"

FILES = """
SELECT edition_id || '/' || name AS id, sha256 <> sha256(content) OR size <> octet_length(content) AS wrong
FROM edition_files
"""

REFERENCES = """
SELECT e.source || ' ' || e.object_type || ' ' || e.external_id AS id, o.id IS NULL AS wrong
FROM external_refs e LEFT JOIN (
  SELECT id FROM organisations UNION ALL SELECT id FROM persons UNION ALL SELECT id FROM initiatives
  UNION ALL SELECT id FROM spaces UNION ALL SELECT id FROM sessions UNION ALL SELECT id FROM themes
  UNION ALL SELECT id FROM statements UNION ALL SELECT id FROM sources) o ON o.id = e.object_id
"""

CURSORS = """
SELECT reader AS id, cluster IS DISTINCT FROM (SELECT system_identifier FROM pg_control_system())
          OR xid > pg_snapshot_xmax(pg_current_snapshot())::text::bigint AS wrong
FROM event_cursors
"""

PARKED = "SELECT id, status = 'failed' AS wrong FROM procrastinate_jobs"

CHECKS: tuple[tuple[str, str, bool], ...] = (
    ("Compteurs de réponses", REPLIES, True),
    ("Lecteurs d’événements en avance sur la base : lancez le worker", CURSORS, False),
    ("Compteurs de positions", POSITIONS, True),
    ("Compteurs de sources", SOURCES, True),
    ("Index de recherche : prises de parole", FOUND_STATEMENTS, True),
    ("Index de recherche : organisations", FOUND_ORGANISATIONS, True),
    ("Index de recherche : passages publiés", FOUND_PASSAGES, True),
    ("Empreintes des textes canoniques", HASHES, False),
    ("Révisions en vigueur", HEADS, False),
    ("Réponses et ce à quoi elles répondent", ROOTS, False),
    ("Extraits, mot pour mot", EXTRACTS, False),
    ("Passages acceptés", PASSAGES, False),
    ("Empreintes des éditions", PAYLOADS, False),
    ("Fichiers des éditions", FILES, False),
    ("Références externes", REFERENCES, False),
    ("Tâches abandonnées", PARKED, False),
)
"""What is said, the select, and whether it is derived data that `repair` makes again."""


async def look(db: AsyncSession, what: str, sql: str, *, repairable: bool) -> Finding:
    """Run one check; the database counts, so that a hundred thousand rows cost one answer."""
    row = (
        await db.execute(
            text(
                f"SELECT count(*), count(*) FILTER (WHERE wrong), "  # noqa: S608 - one of ours
                f"(array_agg(id::text ORDER BY id) FILTER (WHERE wrong))[1:{EXAMPLES}] FROM ({sql}) AS looked"
            )
        )
    ).one()
    return Finding(what, row[0], row[1], row[2] or [], repairable)


async def wrong_ids(db: AsyncSession, sql: str) -> list[Any]:
    """Every faulty row of a check."""
    return list((await db.execute(text(f"SELECT id FROM ({sql}) AS looked WHERE wrong"))).scalars())  # noqa: S608


def _finding(what: str, checked: int, wrong: list[str]) -> Finding:
    return Finding(what, checked, len(wrong), wrong[:EXAMPLES])


async def look_at_texts(db: AsyncSession, sample: int | None) -> Finding:
    """Derive the plain text of posted revisions again; all of them with `sample=None`."""
    rows = await db.stream(
        text(
            "SELECT r.id, r.markdown, r.plain FROM revisions r JOIN statements s ON s.id = r.statement_id "
            "WHERE r.erased_at IS NULL AND s.origin = 'posted' AND r.plain_version = :version "
            "ORDER BY r.id DESC LIMIT CAST(:sample AS bigint)"
        ),
        {"version": PLAIN_VERSION, "sample": sample},
    )
    checked, wrong = 0, []
    async for row in rows:
        checked += 1
        if to_plain(row.markdown) != row.plain:
            wrong.append(str(row.id))
    some = ", échantillon des plus récents" if checked == sample else ""
    return _finding(f"Textes canoniques, refaits{some}", checked, wrong)


async def look_at_markers(db: AsyncSession) -> Finding:
    """The markers of each passage revision name exactly its citations, in their order."""
    rows = await db.stream(
        text(
            "SELECT r.id, r.markdown, coalesce(array_agg(c.number ORDER BY n.ordinal) "
            "FILTER (WHERE c.id IS NOT NULL), '{}') AS named "
            "FROM passage_revisions r LEFT JOIN passage_revision_citations n ON n.passage_revision_id = r.id "
            "LEFT JOIN citations c ON c.id = n.citation_id GROUP BY r.id"
        )
    )
    checked, wrong = 0, []
    async for row in rows:
        checked += 1
        if numbers_in(row.markdown) != list(row.named):
            wrong.append(str(row.id))
    return _finding("Repères et citations des passages", checked, wrong)


async def look_at_manifests(db: AsyncSession) -> Finding:
    """Each edition's manifest has the edition's fingerprint and lists exactly its files."""
    editions = (await db.execute(text("SELECT id, sha256, manifest_sha256 FROM editions"))).all()
    wrong = []
    for edition in editions:
        files = await db.execute(
            text(
                "SELECT name, sha256, size, CASE name WHEN 'manifest.json' THEN content END AS manifest "
                "FROM edition_files WHERE edition_id = :id"
            ),
            {"id": edition.id},
        )
        if any(_faults(edition, files.all())):
            wrong.append(str(edition.id))
    return _finding("Manifestes des éditions", len(editions), wrong)


def _faults(edition: Any, files: Any) -> Iterator[bool]:
    manifest = next((bytes(file.manifest) for file in files if file.manifest is not None), b"")
    yield hashlib.sha256(manifest).digest() != bytes(edition.manifest_sha256)
    try:
        said = json.loads(manifest)
        listed = {(one["name"], one["sha256"], one["size"]) for one in said["files"]}
        payload = said["payload_sha256"]
    except (ValueError, KeyError, TypeError):
        yield True
        return
    yield payload != bytes(edition.sha256).hex()
    yield listed != {(file.name, bytes(file.sha256).hex(), file.size) for file in files if file.manifest is None}
