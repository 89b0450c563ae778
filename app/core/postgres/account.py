"""The system account that PostgreSQL runs under: it refuses to run as root."""

from __future__ import annotations

import os
import pwd
import stat
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from app.core.postgres.errors import PostgresError

UNPRIVILEGED = "nobody"


@dataclass(frozen=True)
class Account:
    """A user of the system, by numbers."""

    uid: int
    gid: int

    @property
    def is_ours(self) -> bool:
        """Whether this process already runs under it."""
        return self.uid == os.geteuid()

    def for_subprocess(self) -> dict[str, Any]:
        """The arguments that make `subprocess` run a program under this account."""
        if self.is_ours:
            return {}
        return {"user": self.uid, "group": self.gid, "extra_groups": []}

    def reaches(self, path: Path) -> bool:
        """Whether the account may pass through every parent of `path`, and read and enter it.

        Looks at the mode bits only: access lists that open more are ignored, which costs a copy, no failure.
        """
        return self.reaches_through(path) and self._may(path.resolve(), 0o4)

    def reaches_through(self, path: Path) -> bool:
        """Whether the account may pass through `path` and all its parents to a name that it knows."""
        target = path.resolve()
        return all(self._may(step, 0o1) for step in (target, *target.parents))

    def _may(self, path: Path, wanted: int) -> bool:
        try:
            found = path.stat()
        except PermissionError:
            return False
        if found.st_uid == self.uid:
            granted = stat.S_IMODE(found.st_mode) >> 6
        elif found.st_gid == self.gid:
            granted = stat.S_IMODE(found.st_mode) >> 3
        else:
            granted = stat.S_IMODE(found.st_mode)
        return granted & wanted == wanted


def server_account(*candidates: Path) -> Account:
    """Who runs the server: whoever owns the data there is, else this user, else `nobody` for root.

    Raises PostgresError when the data belongs to somebody that this process cannot become.
    """
    for data in candidates:
        if data.exists():
            found = data.stat()
            if os.geteuid() not in (0, found.st_uid):
                raise PostgresError(
                    f"La base de {data} appartient à un autre compte de cette machine (uid {found.st_uid}). "
                    "Lancez la commande sous ce compte ou en root, ou choisissez un autre dossier."
                )
            if found.st_uid != 0:
                return Account(found.st_uid, found.st_gid)
    if os.geteuid() != 0:
        return Account(os.geteuid(), os.getegid())
    try:
        entry = pwd.getpwnam(UNPRIVILEGED)
    except KeyError:
        raise PostgresError(
            f"PostgreSQL ne tourne pas en root, et cette machine n’a pas de compte « {UNPRIVILEGED} ». "
            "Lancez la commande sous un compte ordinaire, ou donnez DATABASE_URL, l’adresse d’un serveur à vous."
        ) from None
    return Account(entry.pw_uid, entry.pw_gid)
