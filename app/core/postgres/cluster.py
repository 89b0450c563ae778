"""The embedded PostgreSQL: started for those who have no server, shared by the processes of one folder."""

from __future__ import annotations

import signal
import threading
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from types import FrameType, TracebackType
from typing import Any, NoReturn, Self

import psycopg

from app.core.postgres import roles
from app.core.postgres.binaries import find_binaries, runnable_by
from app.core.postgres.errors import NotReadyYet, PostgresError
from app.core.postgres.launch import RETRY, bring_up, check_version, create_data, join
from app.core.postgres.locks import Attendance, gate
from app.core.postgres.places import POINTER, STATE, Places, choose
from app.core.postgres.processes import TICK, postmaster_of, shut_down
from app.core.postgres.roles import APP, DATABASE, OWNER


@dataclass(frozen=True)
class Urls:
    """The addresses of the database `alliage`: for migrations (owner) and for everything else (app)."""

    owner: str
    app: str


class Cluster:
    """One PostgreSQL on one folder, reached over a Unix socket only.

    Several processes may use the same folder: the first one starts the server, the others join it, and the
    last one that stops leaves nothing running. After a kill -9 of everybody the next start takes it over.

        with Cluster(Path("var/postgres")) as cluster:
            engine = create_engine(cluster.urls.app)
    """

    def __init__(
        self,
        folder: Path,
        *,
        binaries: Path | None = None,
        settings: Mapping[str, str] | None = None,
        state: Path = STATE,
    ) -> None:
        """Nothing is touched before `start`.

        `settings` are added to the server's own when this process is the one that starts it. `state` is where
        the data and a copy of the programs go when root's account for PostgreSQL cannot enter `folder`.
        """
        self.folder = folder.absolute()
        self._binaries = binaries
        self._settings = dict(settings or {})
        self._state = state
        self._places: Places | None = None
        self._socket: Path | None = None
        self._attendance = Attendance()
        self._handlers: dict[int, Any] = {}

    def start(self) -> Urls:
        """Start the server, or join the one that runs; again after it was killed. Raises PostgresError."""
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
        except OSError as failure:
            raise PostgresError(f"{self.folder} ne peut pas être créé ({failure.strerror}).") from failure
        try:
            with self._gate():
                places = self._places = choose(self.folder, self._state)
                self._attendance.enter(places.users)
                self._join_or_launch(places)
        except BaseException:  # Ctrl-C too: a server that nobody will stop must not stay
            with suppress(PostgresError):
                self.stop()
            raise
        return self.urls

    def stop(self) -> None:
        """Leave the server; stop it (fast) unless another process still uses it. Harmless before `start`."""
        if self._places is None or not self._attendance.present:
            return
        with self._gate():
            if self._attendance.leave():
                shut_down(self._places.data)

    def remove(self) -> None:
        """Stop the server and delete the whole database. Raises PostgresError while others use it."""
        self.folder.mkdir(parents=True, exist_ok=True)
        with self._gate():
            places = self._places or self._existing()
            if places is None:
                return
            self._attendance.enter(places.users)
            if not self._attendance.leave():
                raise PostgresError(f"Un autre processus se sert de la base de {self.folder} : arrêtez-le d’abord.")
            shut_down(places.data)
            places.remove()
            self._places = self._socket = None

    @property
    def urls(self) -> Urls:
        """The addresses of the database `alliage`."""
        return Urls(owner=self.url(OWNER, DATABASE), app=self.url(APP, DATABASE))

    @property
    def log(self) -> Path:
        """The file where the server writes what happens to it."""
        places = self._places or self._existing()
        return places.log if places else self.folder / "postgresql.log"

    def url(self, role: str, database: str) -> str:
        """The address of a database for a role."""
        return roles.url(self._open_socket(), role, database)

    def is_running(self) -> bool:
        """Whether a server runs on the folder, whoever started it."""
        return self.postmaster_pid() is not None

    def exists(self) -> bool:
        """Whether there is a database in the folder, running or not; nothing is made."""
        return self._existing() is not None

    def postmaster_pid(self) -> int | None:
        """The process id of the server's main process, or None."""
        places = self._places or self._existing()
        return postmaster_of(places.data) if places else None

    def create_database(self, name: str, template: str | None = None) -> None:
        """Make a database that alliage_owner owns; a copy of `template`, which nobody may be connected to."""
        roles.create_database(self._open_socket(), name, template)

    def drop_database(self, name: str) -> None:
        """Delete a database if it is there, whoever is connected to it."""
        roles.drop_database(self._open_socket(), name)

    def __enter__(self) -> Self:
        """Start; and turn a termination signal that would end Python at once into an ordinary exit."""
        if threading.current_thread() is threading.main_thread():
            for number in (signal.SIGTERM, signal.SIGHUP):
                if signal.getsignal(number) is signal.SIG_DFL:
                    self._handlers[number] = signal.signal(number, _leave)
        try:
            self.start()
        except BaseException:
            self._restore_signals()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stop, unless others use the server."""
        try:
            self.stop()
        finally:
            self._restore_signals()

    def _join_or_launch(self, places: Places) -> None:
        """Until the server answers: one killed a moment ago still looks alive, and locks its data."""
        deadline = time.monotonic() + RETRY
        while True:
            try:
                if postmaster_of(places.data) is None:
                    self._launch(places)
                socket = join(places)
                roles.prepare(socket)
            except (NotReadyYet, psycopg.OperationalError) as failure:
                if time.monotonic() > deadline:
                    raise PostgresError(f"La base de {places.data} ne répond pas : {failure}") from failure
                time.sleep(TICK)
            else:
                self._socket = socket
                return

    def _launch(self, places: Places) -> None:
        binaries = runnable_by(places.account, self._binaries or find_binaries(), self._state)
        if places.data.exists():
            check_version(places.data, binaries)
        else:
            create_data(places, binaries)
        bring_up(places, binaries, self._settings)

    def _gate(self) -> Any:
        return gate(self.folder / "gate.lock")

    def _existing(self) -> Places | None:
        """Where the data are, without making anything."""
        if (self.folder / POINTER).exists() or (self.folder / "data").exists():
            return choose(self.folder, self._state)
        return None

    def _open_socket(self) -> Path:
        if self._socket is None:
            raise PostgresError("La base n’a pas été démarrée.")
        return self._socket

    def _restore_signals(self) -> None:
        while self._handlers:
            number, before = self._handlers.popitem()
            signal.signal(number, before)


def _leave(number: int, frame: FrameType | None) -> NoReturn:
    raise SystemExit(128 + number)
