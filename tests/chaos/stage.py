"""Where a run takes place: rows to post under, and a server in a process of its own that can be killed and started."""

from __future__ import annotations

import os
import select
import signal
import socket
import subprocess
import sys
import time
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from types import TracebackType
from typing import Self
from uuid import UUID

import httpx
from fastapi import FastAPI

from app.core.clock import now
from app.core.db import Database
from app.core.model import new_id
from app.core.security.secrets import fingerprint, new_secret
from app.features.identity.models import ApiToken
from tests.world import make_world

ROOT = Path(__file__).resolve().parents[2]
HONEST = "app.main:create_app"
LATE_COMMIT = "tests.chaos.broken:late_commit"
FORGETFUL = "tests.chaos.broken:forgetful"
FAILPOINTS = "tests.chaos.failpoints:create"

PATIENCE = 60.0  # seconds for a server to come up on a machine that does other things


class Stuck(RuntimeError):
    """Something that should have happened by now has not."""


@dataclass(frozen=True)
class Scene:
    """A space that one person may post to, by a personal token."""

    space_id: UUID
    person_id: UUID
    mandate_id: UUID
    token: str


async def set_scene(url: str) -> Scene:
    """Write the rows that a post needs, on an empty migrated database."""
    database = Database(url, pool_size=2)
    secret = new_secret("alg_pat_")
    try:
        async with make_world(FastAPI(), database) as world:
            person = world.persons["participant"]
            async with database.sessions() as db:
                db.add(
                    ApiToken(
                        id=new_id(),
                        person_id=person.id,
                        name="témoin",
                        scope="write",
                        fingerprint=fingerprint(secret),
                        expires_at=now() + timedelta(days=1),
                    )
                )
                await db.commit()
            return Scene(world.shared.id, person.id, world.mandates["participant"].id, secret)
    finally:
        await database.close()


def free_port() -> int:
    """A port of 127.0.0.1 that nobody uses at this moment."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return int(taken.getsockname()[1])


class Server:
    """A server on a port of its own, killed and started again at will; stopped when the block ends."""

    def __init__(self, url: str, folder: Path, factory: str = HONEST, **environment: str) -> None:
        self.port = free_port()
        self.base_url = f"http://127.0.0.1:{self.port}"
        self.log = folder / f"server-{self.port}.log"
        self.pid: int | None = None
        with self.log.open("ab") as log:
            self._nursery = subprocess.Popen(
                [sys.executable, "-m", "tests.chaos.serving", factory, str(self.port), str(os.getpid())],
                cwd=ROOT,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=log,
                text=True,
                env={
                    **os.environ,
                    "DATABASE_URL": url,
                    "ALLIAGE_FOLDER": str(folder / "var"),
                    **environment,
                },
            )

    def start(self) -> None:
        """Start, and wait until it is ready. Raises Stuck with the log's end."""
        self.pid = self._ask("start")
        self.wait_until_ready()

    def wait_until_ready(self, patience: float = PATIENCE) -> None:
        """Until `/readyz` says that the service can do its work."""
        deadline = time.monotonic() + patience
        while not self._is_ready():
            if time.monotonic() > deadline:
                raise Stuck(f"The server is not ready after {patience:.0f} s: {self._said()}")
            time.sleep(0.05)

    def kill(self) -> float:
        """SIGKILL; the instant, on the clock that all processes of the machine share."""
        assert self.pid is not None
        instant = time.monotonic()
        os.kill(self.pid, signal.SIGKILL)
        self.wait_until_dead()
        return instant

    def wait_until_dead(self) -> int:
        """Until it ended, killed by us or by itself; its return code."""
        code = self._ask("wait")
        self.pid = None
        return code

    def stop(self) -> None:
        """Ask it to end, then kill it; harmless when it is dead."""
        if self.pid is not None:
            with suppress(ProcessLookupError):
                os.kill(self.pid, signal.SIGTERM)
            with suppress(Stuck):
                self.wait_until_dead()
        if self._nursery.stdin is not None:
            self._nursery.stdin.close()
        try:
            self._nursery.wait(15)
        except subprocess.TimeoutExpired:
            self._nursery.kill()
            self._nursery.wait(5)
        if self._nursery.stdout is not None:
            self._nursery.stdout.close()

    def __enter__(self) -> Self:
        try:
            self.start()
        except BaseException:
            self.stop()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def _ask(self, order: str) -> int:
        """Give an order to the process that makes servers; the number that it answers within `PATIENCE`."""
        assert self._nursery.stdin is not None
        assert self._nursery.stdout is not None
        try:
            self._nursery.stdin.write(f"{order}\n")
            self._nursery.stdin.flush()
        except BrokenPipeError:
            raise Stuck(f"The server does not start: {self._said()}") from None
        ready, _, _ = select.select([self._nursery.stdout], [], [], PATIENCE)
        answer = self._nursery.stdout.readline() if ready else ""
        if not answer.strip():
            raise Stuck(f"No answer to {order!r}: {self._said()}")
        return int(answer)

    def _is_ready(self) -> bool:
        try:
            return httpx.get(f"{self.base_url}/readyz", timeout=5).status_code == 200
        except httpx.TransportError:
            return False

    def _said(self) -> str:
        return self.log.read_text(encoding="utf-8", errors="replace")[-1500:]
