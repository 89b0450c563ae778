"""The real server for browsers: `alliage serve` in a process of its own, on a copy of the demonstration."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx

from app.core.postgres.cluster import Urls

START_SECONDS = 120  # on a machine that does other things too


@dataclass(frozen=True, slots=True)
class Served:
    """A server that answers."""

    base: str
    """Without a final slash."""
    password: str
    """Of every demonstration account."""
    urls: Urls
    """Of its database, for tests that look behind the pages."""
    log: Path
    process: subprocess.Popen[bytes]

    def kill(self) -> None:
        """As by `kill -9`."""
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()


def free_port() -> int:
    """One that nobody listens on now."""
    with socket.create_server(("127.0.0.1", 0)) as found:
        port: int = found.getsockname()[1]
        return port


@contextmanager
def serve(urls: Urls, folder: Path, password: str, *, port: int = 0, log: Path, **settings: str) -> Iterator[Served]:
    """Start the server on `urls`; `folder` is its `ALLIAGE_FOLDER`; `settings` are further variables of its environment."""
    port = port or free_port()
    base = f"http://127.0.0.1:{port}"
    environment = {
        **{name: value for name, value in os.environ.items() if not name.startswith(("ALLIAGE_", "DATABASE_"))},
        "DATABASE_URL": urls.app,
        "DATABASE_OWNER_URL": urls.owner,
        "ALLIAGE_FOLDER": str(folder),
        "ALLIAGE_BASE_URL": base,
        "ALLIAGE_WORKER_IN_SERVER": "true",
        **settings,
    }
    command = [sys.executable, "-m", "app.cli", "serve", "--port", str(port)]
    with log.open("ab") as written:
        process = subprocess.Popen(command, cwd=folder, env=environment, stdout=written, stderr=written)
    try:
        _wait_for(base, process, log)
        yield Served(base, password, urls, log, process)
    finally:
        process.terminate()
        try:
            process.wait(15)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _wait_for(base: str, process: subprocess.Popen[bytes], log: Path) -> None:
    until = time.monotonic() + START_SECONDS
    while time.monotonic() < until and process.poll() is None:
        try:
            if httpx.get(f"{base}/readyz", timeout=1).status_code == 200:
                return
        except httpx.TransportError:
            time.sleep(0.05)
    raise AssertionError(f"the server did not start:\n{log.read_text(errors='replace')[-2000:]}")
