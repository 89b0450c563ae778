"""What a database holds after an import, in words that do not change from one run to the next.

Objects are named by their external ids, and the instants of recording are left out: two imports of one
folder give the same lines, whatever happened on the way.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

from sqlalchemy import text

from app.core.db import Database

NAMED = """
WITH named AS (
  SELECT object_id AS id, min(object_type) || ':' || string_agg(external_id, '+' ORDER BY external_id) AS name
  FROM external_refs WHERE object_type <> 'tally' GROUP BY object_id)
"""

QUERIES = {
    "external_refs": "SELECT source, object_type, external_id FROM external_refs",
    "initiatives": "SELECT slug, title, summary, note, state, starts_on, ends_on, version FROM initiatives",
    "spaces": "SELECT n.name, number, title, question, visibility, state, version FROM spaces JOIN named n USING (id)",
    "themes": "SELECT n.name, s.name, title, position FROM themes t JOIN named n USING (id) "
    "JOIN named s ON s.id = t.space_id",
    "organisations": "SELECT n.name, o.name, profile, family, description FROM organisations o JOIN named n USING (id)",
    "persons": "SELECT n.name, p.name, email, password, state FROM persons p JOIN named n USING (id)",
    "participations": "SELECT n.name, role, during FROM participations p JOIN named n ON n.id = p.organisation_id",
    "space_members": "SELECT s.name, n.name, during FROM space_members m JOIN named n ON n.id = m.organisation_id "
    "JOIN named s ON s.id = m.space_id",
    "statements": "SELECT n.name, s.name, x.type, root.name, root_state, root_consent, kind, side, state, state_reason, "
    "consent, language, origin, p.name, o.name, mandate_id, capacity, occurred_at, first_n, version, "
    "replies_for, replies_against, replies_other, sources_count, shown, released "
    "FROM statements x JOIN named n USING (id) JOIN named s ON s.id = x.space_id JOIN named root ON root.id = x.root_id "
    "LEFT JOIN named p ON p.id = x.person_id LEFT JOIN named o ON o.id = x.organisation_id",
    "revisions": "SELECT n.name, r.n, title, markdown, plain, plain_length, encode(plain_sha256, 'hex'), html, consent "
    "FROM revisions r JOIN named n ON n.id = r.statement_id",
    "sources": "SELECT n.name, of.name, category, title, url, note, p.name, o.name, occurred_at FROM sources x "
    "JOIN named n USING (id) JOIN named of ON of.id = x.statement_id "
    "LEFT JOIN named p ON p.id = x.person_id LEFT JOIN named o ON o.id = x.organisation_id",
    "tallies": "SELECT n.name, source, votes_for, votes_against, votes_mixed FROM tallies t "
    "JOIN named n ON n.id = t.statement_id",
    "filings": "SELECT n.name, t.name FROM filings f JOIN named n ON n.id = f.statement_id "
    "JOIN named t ON t.id = f.theme_id",
    "findables": "SELECT n.name, object_type, profile, released, words FROM findables f "
    "JOIN named n ON n.id = f.object_id",
    "events": "SELECT verb, object_type, coalesce(n.name, ''), audience, quiet, data - 'member' FROM events e "
    "LEFT JOIN named n ON n.id = e.object_id",
}


@dataclass(frozen=True)
class Contents:
    """Lines of each table."""

    tables: dict[str, tuple[str, ...]]

    @property
    def counts(self) -> dict[str, int]:
        """Rows of each table."""
        return {table: len(lines) for table, lines in self.tables.items()}

    @property
    def digest(self) -> str:
        """One hash of it all."""
        lines = [f"{table} {line}" for table, rows in self.tables.items() for line in rows]
        return hashlib.sha256("\n".join(lines).encode()).hexdigest()


async def contents(database: Database) -> Contents:
    """Read everything that an import writes."""
    tables = {}
    async with database.reading() as connection:
        for table, query in QUERIES.items():
            rows = await connection.execute(text(NAMED + query))
            tables[table] = tuple(sorted(repr(tuple(row)) for row in rows.all()))
    return Contents(tables)


async def wrong_counters(database: Database) -> int:
    """Contributions whose counters are not what their replies and sources say: counted here, from the rows."""
    async with database.reading() as connection:
        return int(
            (
                await connection.execute(
                    text(
                        "SELECT count(*) FROM statements c WHERE type = 'contribution' AND "
                        "(replies_for, replies_against, replies_other, sources_count) IS DISTINCT FROM ("
                        "(SELECT count(*) FROM statements r WHERE r.root_id = c.id AND r.state = 'published' "
                        "   AND r.side = 'for')::int,"
                        "(SELECT count(*) FROM statements r WHERE r.root_id = c.id AND r.state = 'published' "
                        "   AND r.side = 'against')::int,"
                        "(SELECT count(*) FROM statements r WHERE r.root_id = c.id AND r.state = 'published' "
                        "   AND r.side IN ('mixed', 'none'))::int,"
                        "(SELECT count(*) FROM sources s WHERE s.statement_id = c.id AND removed_at IS NULL)::int)"
                    )
                )
            ).scalar_one()
        )
