"""The server as processes of the system: which are alive, which are ours, how they are stopped."""

from __future__ import annotations

import os
import signal
import time
from pathlib import Path

from app.core.postgres.errors import PostgresError

TICK = 0.01  # seconds between two looks
FAST, ABRUPT = 60.0, 10.0  # seconds given to a fast shutdown, then to an immediate one
PROC = Path("/proc")
PID_FILE = "postmaster.pid"


def postmaster_of(data: Path) -> int | None:
    """The process id of the server that runs on `data`, or None."""
    pid = _recorded(data / PID_FILE)
    return pid if pid is not None and alive(pid) and _works_in(pid, data) else None


def alive(pid: int) -> bool:
    """Whether the process exists and is more than a zombie."""
    if not _answers(pid):
        return False
    try:
        # The name stands in brackets and may hold anything; the state follows the last one.
        state = (PROC / str(pid) / "stat").read_text(encoding="utf-8", errors="replace").rpartition(")")[2].split()[0]
    except (OSError, IndexError):
        # Gone between the two looks; on a system without /proc, the signal above is all there is to know.
        return not PROC.joinpath("self").exists()
    return state not in "ZX"


def forget_the_dead(data: Path, socket: Path) -> None:
    """Remove lock files that name a zombie, or a stranger who was given the number since.

    PostgreSQL only asks whether that number answers: a killed server that nobody reaps (init may take long, a
    container's first process may never do it), or a container that counts its processes from 1 again, would
    lock the data. Call it once `workers_of` is empty: a back end that lives may still write. Without /proc
    nobody can know that, and nothing is removed.
    """
    if not PROC.joinpath("self").exists() or workers_of(data):
        return
    for lock in (data / PID_FILE, *socket.glob(".s.PGSQL.*.lock")):
        pid = _recorded(lock)
        if pid is not None and _answers(pid):
            lock.unlink(missing_ok=True)


def workers_of(data: Path) -> list[int]:
    """The living PostgreSQL processes that work in `data`, the main one or what it left behind."""
    pids = [int(entry.name) for entry in PROC.glob("[0-9]*")]
    return [pid for pid in pids if alive(pid) and _works_in(pid, data)]


def shut_down(data: Path) -> None:
    """Stop the server on `data`: running transactions are rolled back, everything committed is written."""
    pid = postmaster_of(data)
    if pid is None:
        return
    for number, patience in ((signal.SIGINT, FAST), (signal.SIGQUIT, ABRUPT)):
        try:
            os.kill(pid, number)
        except ProcessLookupError:
            return
        except PermissionError:
            raise PostgresError(
                f"Le serveur (processus {pid}) appartient à un autre compte et tourne encore."
            ) from None
        deadline = time.monotonic() + patience
        while time.monotonic() < deadline:
            if not alive(pid):
                return
            time.sleep(TICK)
    raise PostgresError(f"Le serveur (processus {pid}) ne s’arrête pas : voyez pourquoi avant de relancer.")


def _answers(pid: int) -> bool:
    """Whether the number is taken, if only by a zombie."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def _recorded(lock: Path) -> int | None:
    try:
        first = lock.read_text(encoding="utf-8", errors="replace").partition("\n")[0]
    except FileNotFoundError:
        return None
    return abs(int(first)) if first.strip().lstrip("-").isdigit() else None


def _works_in(pid: int, data: Path) -> bool:
    """Whether the process is a PostgreSQL in that folder.

    Where a process of another account works is hidden, whose process it is never: PostgreSQL only runs on data
    that its own account owns, so on these it may be one of that account, and none of anybody else.
    """
    process = PROC / str(pid)
    if not PROC.joinpath("self").exists():
        return True
    try:
        if (process / "comm").read_text(encoding="utf-8", errors="replace").strip() != "postgres":
            return False
        return process.stat().st_uid == data.stat().st_uid and (process / "cwd").readlink() == data.resolve()
    except PermissionError:
        return True
    except OSError:
        return False
