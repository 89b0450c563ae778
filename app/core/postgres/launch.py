"""Create a database folder and bring a server up on it."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path

from app.core.postgres.binaries import major_version
from app.core.postgres.errors import NotReadyYet, PostgresError
from app.core.postgres.places import PORT, Places, private_folder
from app.core.postgres.processes import PID_FILE, TICK, alive, forget_the_dead, postmaster_of, workers_of
from app.core.postgres.roles import SUPERUSER

RETRY = 15.0  # seconds: what a kill -9 leaves behind goes away by itself
RECOVERY = 300.0  # seconds given to a server that is alive and reads its journal again
LOG_LIMIT = 5_000_000  # bytes

# On the command line and not in a file, so that no file can turn the first three off.
SETTINGS = {
    "fsync": "on",
    "full_page_writes": "on",
    "synchronous_commit": "on",
    "listen_addresses": "",
    "port": str(PORT),
    "unix_socket_permissions": "0700",
    "shared_buffers": "128MB",
    "max_connections": "100",
    "random_page_cost": "1.1",
    "jit": "off",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "logging_collector": "off",
    "log_line_prefix": "%m [%p] %q%u@%d ",
    # The text of a failed statement is what somebody wrote; see roles.py for its values.
    "log_min_error_statement": "panic",
}
# What PostgreSQL says when it finds traces of another server, which may be a killed one.
PASSING = ("lock file", "shared memory block")


def create_data(places: Places, binaries: Path) -> None:
    """Run initdb beside the data folder, then rename: a creation that was killed leaves nothing to repair."""
    version = major_version(binaries)
    for left in places.home.glob("data.making-*"):
        shutil.rmtree(left, ignore_errors=True)
    making = Path(tempfile.mkdtemp(prefix="data.making-", dir=places.home))
    try:
        private_folder(making, places.account)
        command: list[str | Path] = [
            *(binaries / "initdb", "-D", making, "-U", SUPERUSER, "-E", "UTF8"),
            *("--auth-local=trust", "--auth-host=reject", "--data-checksums"),
        ]
        if version >= 17:
            # Upper and lower case as Unicode says, and the same order on every machine: by code point.
            command += ["--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
        done = subprocess.run(  # noqa: S603 - our own program, no shell
            command,
            capture_output=True,
            text=True,
            check=False,
            env=_environment(),
            cwd="/",
            start_new_session=True,
            **places.account.for_subprocess(),
        )
        if done.returncode:
            raise PostgresError(f"La base n’a pas pu être créée dans {places.home} :\n{done.stderr.strip()[-800:]}")
        making.rename(places.data)
        _write_through(places.home)
    finally:
        shutil.rmtree(making, ignore_errors=True)


def check_version(data: Path, binaries: Path) -> None:
    """Refuse data of another major version: PostgreSQL would, in words that help nobody."""
    kept = (data / "PG_VERSION").read_text(encoding="utf-8").strip()
    found = major_version(binaries)
    if kept != str(found):
        raise PostgresError(
            f"La base de {data} a été faite par PostgreSQL {kept}, et les programmes trouvés sont de la version "
            f"{found}. Rien n’a été changé. Réinstallez PostgreSQL {kept}, exportez avec son pg_dump, puis "
            f"restaurez dans un nouveau dossier ; ou donnez DATABASE_URL, l’adresse d’un serveur PostgreSQL {kept}."
        )


def bring_up(places: Places, binaries: Path, settings: Mapping[str, str]) -> None:
    """Start the server and wait until it takes connections; NotReadyYet where trying again may help."""
    deadline = time.monotonic() + RETRY
    while left := workers_of(places.data):  # orphans of a killed server: they notice, finish and go
        if time.monotonic() > deadline:
            raise PostgresError(
                f"Un PostgreSQL tué a laissé des processus qui travaillent encore dans {places.data} : "
                f"{', '.join(map(str, left))}. Arrêtez-les, puis recommencez."
            )
        time.sleep(TICK)
    forget_the_dead(places.data, places.socket)
    _start_once(places, binaries, settings)


def join(places: Places) -> Path:
    """Wait until the running server takes connections; the folder of its socket, as the server says it.

    Another process may have started it with another TMPDIR. Raises NotReadyYet when it is gone.
    """
    deadline = time.monotonic() + RECOVERY
    while postmaster_of(places.data) is not None:
        lines = status_lines(places.data)
        if lines[7:8] == ["ready"]:
            return Path(lines[4])
        if time.monotonic() > deadline:
            raise PostgresError(f"PostgreSQL (processus {lines[:1]}) n’est pas prêt : voyez {places.log}.")
        time.sleep(TICK)
    raise NotReadyYet(f"Le serveur de {places.data} s’est arrêté : {places.log} dit peut-être pourquoi.")


def _wait_until_ready(places: Places, pid: int, log_from: int) -> None:
    """Wait for a server just started; raise with what it logged if it ends instead."""
    deadline = time.monotonic() + RECOVERY
    while status_lines(places.data)[7:8] != ["ready"] or postmaster_of(places.data) != pid:
        if not alive(pid):
            said = _logged_since(places.log, log_from)
            kind = NotReadyYet if any(word in said for word in PASSING) else PostgresError
            raise kind(f"PostgreSQL n’a pas démarré ; {places.log} finit par :\n{said.strip()[-1200:]}")
        if time.monotonic() > deadline:
            raise PostgresError(
                f"PostgreSQL (processus {pid}) n’est pas prêt après {RECOVERY:.0f} s : voyez {places.log}."
            )
        time.sleep(TICK)


def status_lines(data: Path) -> list[str]:
    """The lines of postmaster.pid: process, data, start, port, socket folder, address, memory, status."""
    try:
        return [line.strip() for line in (data / PID_FILE).read_text(encoding="utf-8").splitlines()]
    except FileNotFoundError:
        return []


def _start_once(places: Places, binaries: Path, settings: Mapping[str, str]) -> None:
    socket = private_folder(places.socket, places.account)
    options = {**SETTINGS, **settings, "unix_socket_directories": str(socket)}
    command = [str(binaries / "postgres"), "-D", str(places.data)]
    for name, value in options.items():
        command += ["-c", f"{name}={value}"]
    if places.log.exists() and places.log.stat().st_size > LOG_LIMIT:
        places.log.replace(places.log.with_suffix(".log.1"))
    with os.fdopen(os.open(places.log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600), "ab") as log:
        log_from = places.log.stat().st_size
        # A session of its own: the terminal's Ctrl-C reaches us, not the server, which we then stop properly.
        # Through a shell that ends at once: init becomes its parent, and reaps it if it is killed.
        done = subprocess.run(  # noqa: S603 - our own programs; arguments are passed apart from the script
            ["/bin/sh", "-c", '"$@" >&2 & echo $!', "sh", *command],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=log,
            check=True,
            env=_environment(),
            cwd="/",
            start_new_session=True,
            **places.account.for_subprocess(),
        )
    _wait_until_ready(places, int(done.stdout), log_from)


def _environment() -> dict[str, str]:
    """A clean one: PGDATA, PGPORT and the like would change the server."""
    kept = {name: os.environ[name] for name in ("PATH", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH") if name in os.environ}
    return {**kept, "LC_ALL": "C.UTF-8"}


def _logged_since(log: Path, start: int) -> str:
    with log.open("rb") as handle:
        handle.seek(start)
        return handle.read().decode("utf-8", errors="replace")


def _write_through(folder: Path) -> None:
    """Make a rename survive a power cut."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
