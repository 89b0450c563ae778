"""A real server for these tests, in a folder that PostgreSQL's account can enter even when root runs them."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest

from app.core.db import driver_address
from app.core.postgres.binaries import copy_installation, find_binaries
from app.core.postgres.cluster import Cluster

ROOT = Path(__file__).parents[3]
HOLDER = Path(__file__).with_name("holder.py")

Connect = Callable[[str], psycopg.Connection]


def connect(url: str, *, autocommit: bool = True) -> psycopg.Connection:
    """Connect by a URL made for SQLAlchemy."""
    return psycopg.connect(driver_address(url), autocommit=autocommit)


def values(url: str, query: str) -> list[Any]:
    """The first column of what the query returns."""
    with connect(url) as db:
        return [row[0] for row in db.execute(query.encode()).fetchall()]


def copied_programs(target: Path) -> Path:
    """A copy of the programs, whose folder is returned, to change or to close."""
    found = find_binaries()
    copy_installation(found, target)
    return target / found.relative_to(found.parents[2])


@pytest.fixture
def place() -> Iterator[Path]:
    """A short folder that anybody may enter; pytest's own are 0700."""
    path = Path(tempfile.mkdtemp(prefix="alg-", dir="/tmp"))
    path.chmod(0o755)
    yield path
    shutil.rmtree(path)


@pytest.fixture
def cluster(place: Path) -> Iterator[Cluster]:
    """A server that is not started yet, and is removed afterwards whatever happened to it."""
    made = Cluster(place / "pg", state=place / "state")
    yield made
    made.remove()


@pytest.fixture(scope="module")
def shared() -> Iterator[Cluster]:
    """A started server that a whole module looks at without stopping it."""
    path = Path(tempfile.mkdtemp(prefix="alg-", dir="/tmp"))
    path.chmod(0o755)
    made = Cluster(path / "pg")
    made.start()
    yield made
    made.remove()
    shutil.rmtree(path)


Report = Callable[[str], None]


@pytest.fixture
def report(capsys: pytest.CaptureFixture[str]) -> Report:
    """Print a measure on the terminal, whatever pytest captures."""

    def write(measure: str) -> None:
        with capsys.disabled():
            sys.stdout.write(f"\nembedded PostgreSQL: {measure}\n")

    return write


Hold = Callable[..., "subprocess.Popen[str]"]


@pytest.fixture
def hold(place: Path) -> Iterator[Hold]:
    """Start another process that uses the server of a folder until it is told to stop."""
    started: list[subprocess.Popen[str]] = []

    def start(folder: Path, *arguments: str) -> subprocess.Popen[str]:
        process = subprocess.Popen(
            [sys.executable, str(HOLDER), str(folder), *arguments],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            cwd=ROOT,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
            start_new_session=True,
        )
        started.append(process)
        return process

    yield start
    for process in started:
        if process.poll() is None:
            process.kill()
        process.communicate()


def pid_said_by(process: subprocess.Popen[str]) -> int:
    """Wait for the other process to be connected; the server's process id as it sees it."""
    assert process.stdout is not None
    line = process.stdout.readline()
    assert line, process.communicate()[1]
    return int(line)
