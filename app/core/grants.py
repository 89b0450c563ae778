"""What the application role may do, written from the tables themselves after each migration.

The role never owns anything: it may insert, update or delete only where a table's
`info["access"]` says so. Revisions, extracts, citations, editions and events are
append-only; triggers (alembic/versions) hold the owner to the same.
"""

from __future__ import annotations

import re

from sqlalchemy import Connection, MetaData, Table, inspect, text

from app.core.model import Access

PRIVILEGES = {
    Access.FULL: "SELECT, INSERT, UPDATE, DELETE",
    Access.KEEP: "SELECT, INSERT, UPDATE",
    Access.APPEND: "SELECT, INSERT",
    Access.READ: "SELECT",
}


def statements(metadata: MetaData, role: str, existing: set[str]) -> list[str]:
    """The GRANTs for `role` on the tables that exist, after revoking whatever it had."""
    if not re.fullmatch(r"[a-z_][a-z0-9_]*", role):
        raise ValueError(f"not a plain role name: {role!r}")
    lines = [f"REVOKE ALL ON ALL TABLES IN SCHEMA public FROM {role}"]
    for table in metadata.sorted_tables:
        if table.name in existing:
            lines += _grants(table, role)
    lines.append(f"GRANT SELECT ON alembic_version TO {role}")
    lines.append(f"GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO {role}")
    lines.append(f"GRANT EXECUTE ON FUNCTION erase_revision(uuid, uuid, text) TO {role}")
    lines += [
        f"GRANT SELECT, INSERT, UPDATE, DELETE ON {name} TO {role}"
        for name in sorted(existing)
        if name.startswith("procrastinate_")
    ]
    return lines


def _grants(table: Table, role: str) -> list[str]:
    level = table.info["access"]
    grants = [f"GRANT {PRIVILEGES[level]} ON {table.name} TO {role}"]
    if columns := table.info.get("updatable"):
        grants.append(f"GRANT UPDATE ({', '.join(columns)}) ON {table.name} TO {role}")
    return grants


def apply(connection: Connection, metadata: MetaData, role: str) -> None:
    """Give `role` exactly what the tables say."""
    for line in statements(metadata, role, set(inspect(connection).get_table_names())):
        connection.execute(text(line))
