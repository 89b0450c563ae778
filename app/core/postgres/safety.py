"""The settings without which "stored" would be a hope: the service refuses to start when one is off."""

from __future__ import annotations

from collections.abc import Mapping

SAFETY_SQL = "SELECT name, setting FROM pg_settings WHERE name IN ('fsync', 'full_page_writes', 'synchronous_commit')"

_LOSSES = {
    "fsync": "PostgreSQL does not wait for the disk: a power cut can destroy the whole database.",
    "full_page_writes": "a page half written during a power cut cannot be repaired.",
    "synchronous_commit": "a commit is acknowledged before it is on the disk: a crash loses the last ones.",
}


def unsafe_settings(rows: Mapping[str, str]) -> list[str]:
    """One sentence for each durability setting that is off or unknown; empty when nothing can be lost.

    `rows` is what SAFETY_SQL returned, name to value, asked on the application's own connection: a role or a
    database may have its own value. `synchronous_commit` may be any value but `off`: each of the others
    waits for the local disk.
    """
    problems = []
    for name, loss in _LOSSES.items():
        value = rows.get(name)
        if value is None:
            problems.append(f"{name} could not be read, so nobody knows whether what is stored stays stored.")
        elif value.strip().lower() in {"off", "false", "no", "0"}:
            problems.append(f"{name} is {value}: {loss} Set {name} = on in the server's configuration.")
    return problems
