"""What a kill -9 of PostgreSQL leaves behind, and how the next start gets over it."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import threading
import time
from contextlib import suppress
from pathlib import Path

import psycopg
import pytest

from app.core.postgres import launch
from app.core.postgres.account import server_account
from app.core.postgres.cluster import Cluster
from app.core.postgres.errors import PostgresError
from app.core.postgres.processes import alive, forget_the_dead
from tests.core.postgres.conftest import Report, connect, copied_programs, values


def kill(cluster: Cluster) -> int:
    pid = cluster.postmaster_pid()
    assert pid is not None
    os.kill(pid, signal.SIGKILL)
    return pid


def test_committed_rows_are_there_after_a_kill(cluster: Cluster, report: Report) -> None:
    urls = cluster.start()
    with connect(urls.owner) as db:
        db.execute("CREATE TABLE kept (n int)")
    with connect(urls.owner, autocommit=False) as db:
        db.execute("INSERT INTO kept SELECT generate_series(1, 200000)")
        db.commit()
        db.execute("INSERT INTO kept VALUES (0)")  # never committed
        killed = kill(cluster)
        began = time.perf_counter()
        assert cluster.start() == urls
        report(f"start after kill -9: {time.perf_counter() - began:.2f} s")
        with suppress(psycopg.Error):
            db.rollback()
    assert cluster.postmaster_pid() != killed
    assert values(urls.owner, "SELECT count(*) FROM kept") == [200_000]
    assert values(urls.owner, "SELECT count(*) FROM kept WHERE n = 0") == [0]
    assert "not properly shut down" in cluster.log.read_text(encoding="utf-8")


def test_start_waits_for_a_busy_orphan_of_the_killed_server(cluster: Cluster, report: Report) -> None:
    urls = cluster.start()
    busy = threading.Event()

    def compute() -> None:
        with suppress(psycopg.Error), connect(urls.owner) as db:
            busy.set()
            # In one call of the executor: it looks neither at its client nor at its dead parent.
            db.execute("SELECT count(*) FROM generate_series(1, 12000000) a")

    thread = threading.Thread(target=compute)
    thread.start()
    busy.wait()
    time.sleep(0.2)
    kill(cluster)
    began = time.perf_counter()
    cluster.start()
    waited = time.perf_counter() - began
    thread.join()
    report(f"start beside an orphan: {waited:.2f} s")
    # It waited for the orphan to go, rather than try against its lock again and again.
    logged = cluster.log.read_text(encoding="utf-8")
    assert not any(word in logged for word in launch.PASSING)
    assert values(urls.app, "SELECT 1") == [1]


def test_a_server_that_was_killed_nine_times_starts_again(cluster: Cluster) -> None:
    urls = cluster.start()
    with connect(urls.owner) as db:
        db.execute("CREATE TABLE kept (n int)")
    for n in range(9):
        with connect(urls.owner) as db:
            db.execute("INSERT INTO kept VALUES (%s)", [n])
        kill(cluster)
        cluster.start()
    assert values(urls.owner, "SELECT n FROM kept ORDER BY n") == list(range(9))


@pytest.mark.skipif(not Path("/proc/self").exists(), reason="zombies are told apart by /proc")
@pytest.mark.parametrize("state", ["zombie", "stranger"])
def test_a_number_taken_by_somebody_else_does_not_lock_the_data(cluster: Cluster, state: str) -> None:
    cluster.start()
    cluster.stop()
    data = cluster.folder / "data"
    account = server_account(data)
    other = subprocess.Popen(["/bin/sleep", "60"], cwd="/", **account.for_subprocess())
    try:
        if state == "zombie":
            other.kill()
            while alive(other.pid):
                time.sleep(0.01)
        lines = [str(other.pid), str(data), "1", "5432", str(cluster.folder / "run"), "", "0", "ready"]
        (data / "postmaster.pid").write_text("\n".join(lines) + "\n", encoding="utf-8")
        os.chown(data / "postmaster.pid", account.uid, account.gid)
        lock = cluster.folder / "run" / ".s.PGSQL.5432.lock"
        shutil.copy2(data / "postmaster.pid", lock)
        os.chown(lock, account.uid, account.gid)
        assert not cluster.is_running()
        cluster.start()
        assert cluster.is_running()
        assert state == "zombie" or alive(other.pid)
    finally:
        other.kill()
        other.wait()


def test_the_locks_of_a_living_server_are_never_removed(cluster: Cluster) -> None:
    cluster.start()
    locks = [cluster.folder / "data" / "postmaster.pid", cluster.folder / "run" / ".s.PGSQL.5432.lock"]
    forget_the_dead(cluster.folder / "data", cluster.folder / "run")
    assert all(lock.exists() for lock in locks)


def test_a_server_that_cannot_be_used_is_not_left_running(place: Path) -> None:
    programs = copied_programs(place / "installed")
    next(programs.parent.rglob("unaccent.control")).unlink()
    cluster = Cluster(place / "pg", binaries=programs)
    with pytest.raises(PostgresError, match=r"Il manque.*unaccent.*postgresql-contrib"):
        cluster.start()
    assert (place / "pg" / "data").exists()
    assert not cluster.is_running()
    cluster.remove()


def test_a_failure_that_does_not_pass_is_said_at_once(place: Path) -> None:
    cluster = Cluster(place / "pg", settings={"shared_buffers": "not a size"})
    began = time.perf_counter()
    with pytest.raises(PostgresError, match="shared_buffers"):
        cluster.start()
    assert time.perf_counter() - began < launch.RETRY / 2
    assert not cluster.is_running()
    cluster.remove()


def test_a_creation_that_was_killed_is_begun_again(cluster: Cluster) -> None:
    cluster.folder.mkdir()
    half = cluster.folder / "data.making-old"
    half.mkdir()
    (half / "PG_VERSION").write_text("18\n", encoding="utf-8")
    cluster.start()
    assert not half.exists()
