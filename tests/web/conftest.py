from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@dataclass(frozen=True)
class Server:
    """A real server in a process of its own, and where its log goes."""

    process: subprocess.Popen[bytes]
    port: int
    log: Path

    @property
    def pid(self) -> int:
        return self.process.pid


def free_port() -> int:
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        port: int = sock.getsockname()[1]
        return port


@contextmanager
def serving(kind: str, folder: Path) -> Iterator[Server]:
    """Start `tests.web.attacked`, wait until it accepts, and stop it by its own handle."""
    port, log = free_port(), folder / f"{kind}.log"
    with log.open("wb") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", "tests.web.attacked", str(port), kind],
            cwd=ROOT,
            stdout=output,
            stderr=output,
            env=os.environ | {"PYTHONDONTWRITEBYTECODE": "1"},
        )
    try:
        _wait_until_accepting(process, port, log)
        yield Server(process, port, log)
    finally:
        process.terminate()
        try:
            process.wait(15)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait(5)


def _wait_until_accepting(process: subprocess.Popen[bytes], port: int, log: Path) -> None:
    end = time.monotonic() + 20
    while time.monotonic() < end:
        assert process.poll() is None, log.read_text()
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            time.sleep(0.05)
        else:
            return
    raise AssertionError(f"the server did not start: {log.read_text()}")


@pytest.fixture(scope="session")
def guarded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """The application behind the whole shell."""
    with serving("guarded", tmp_path_factory.mktemp("guarded")) as server:
        yield server


@pytest.fixture(scope="session")
def naked(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """The same application on plain uvicorn: what the attacks do when nothing bounds them."""
    with serving("naked", tmp_path_factory.mktemp("naked")) as server:
        yield server
