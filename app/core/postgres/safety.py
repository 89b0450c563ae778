"""The settings without which "stored" would be a hope: the service refuses to start when one is off."""

from __future__ import annotations

from collections.abc import Mapping

SAFETY_SQL = "SELECT name, setting FROM pg_settings WHERE name IN ('fsync', 'full_page_writes', 'synchronous_commit')"

_LOSSES = {
    "fsync": "PostgreSQL n’attend pas le disque, une coupure de courant peut détruire toute la base.",
    "full_page_writes": "une page à moitié écrite lors d’une coupure de courant ne peut pas être réparée.",
    "synchronous_commit": "ce qui est confirmé n’est pas encore sur le disque, un arrêt brutal perd les derniers écrits.",
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
            problems.append(f"{name} n’a pas pu être lu : nul ne sait si ce qui est enregistré le reste.")
        elif value.strip().lower() in {"off", "false", "no", "0"}:
            problems.append(f"{name} vaut {value} : {loss} Mettez {name} = on dans la configuration du serveur.")
    return problems
