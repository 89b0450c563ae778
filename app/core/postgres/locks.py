"""Two locks of the kernel, which frees them when a process dies, however it dies.

The gate lets one process at a time create, start or stop the server. The shared lock is held by everybody
who uses it, and tells the last one who leaves to stop it.
"""

from __future__ import annotations

import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from app.core.postgres.errors import PostgresError

TICK = 0.01
PATIENCE = 180.0  # seconds: another process may be creating the database, or recovering it after a crash


@contextmanager
def gate(path: Path, patience: float = PATIENCE) -> Iterator[None]:
    """Wait to be the only one who starts or stops the server."""
    handle = _open(path)
    try:
        deadline = time.monotonic() + patience
        while not _try(handle, fcntl.LOCK_EX):
            if time.monotonic() > deadline:
                raise PostgresError(
                    f"Un autre processus démarre ou arrête la base depuis {patience:.0f} s "
                    f"(il tient {path}). Arrêtez-le, puis recommencez."
                )
            time.sleep(TICK)
        yield
    finally:
        os.close(handle)


class Attendance:
    """The presence of a process among the users of a server; `enter` and `leave` go under the gate."""

    def __init__(self) -> None:
        self._handle: int | None = None

    @property
    def present(self) -> bool:
        """Whether `enter` was called and `leave` was not."""
        return self._handle is not None

    def enter(self, path: Path) -> None:
        """Sign in; twice is once."""
        if self._handle is None:
            handle = _open(path)
            fcntl.flock(handle, fcntl.LOCK_SH)  # never waits: exclusive locks on it are taken under the gate only
            self._handle = handle

    def leave(self) -> bool:
        """Sign out; True when nobody else is left."""
        if self._handle is None:
            return False
        try:
            return _try(self._handle, fcntl.LOCK_EX)
        finally:
            os.close(self._handle)
            self._handle = None


def _open(path: Path) -> int:
    try:
        return os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except OSError as failure:
        raise PostgresError(
            f"{path} ne peut pas être ouvert ({failure.strerror}). Lancez la commande sous le compte qui a créé la "
            "base, ou choisissez un autre dossier."
        ) from failure


def _try(handle: int, kind: int) -> bool:
    try:
        fcntl.flock(handle, kind | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
