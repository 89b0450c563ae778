"""R13: a server that may lose what it acknowledged is named, setting by setting."""

from __future__ import annotations

from pathlib import Path

import pytest

from app.core.postgres.cluster import Cluster
from app.core.postgres.safety import SAFETY_SQL, unsafe_settings
from tests.core.postgres.conftest import connect

SAFE = {"fsync": "on", "full_page_writes": "on", "synchronous_commit": "on"}


def asked(url: str) -> dict[str, str]:
    with connect(url) as db:
        return dict(db.execute(SAFETY_SQL.encode()).fetchall())


@pytest.mark.parametrize("value", ["on", "remote_apply", "remote_write", "local"])
def test_values_that_wait_for_the_disk_are_safe(value: str) -> None:
    assert unsafe_settings({**SAFE, "synchronous_commit": value}) == []


@pytest.mark.parametrize("name", sorted(SAFE))
@pytest.mark.parametrize("value", ["off", "OFF"])
def test_each_setting_that_is_off_gets_its_sentence(name: str, value: str) -> None:
    (problem,) = unsafe_settings({**SAFE, name: value})
    assert problem.startswith(f"{name} vaut {value} :")
    assert f"Mettez {name} = on" in problem


def test_a_setting_that_cannot_be_read_is_not_safe() -> None:
    assert len(unsafe_settings({})) == 3


def test_our_own_server_is_safe(cluster: Cluster) -> None:
    assert unsafe_settings(asked(cluster.start().app)) == []


def test_an_unsafe_server_is_named_and_a_file_cannot_make_ours_unsafe(place: Path) -> None:
    cluster = Cluster(place / "pg", settings=dict.fromkeys(SAFE, "off"))
    try:
        assert len(unsafe_settings(asked(cluster.start().app))) == 3
        cluster.stop()
        with (place / "pg" / "data" / "postgresql.auto.conf").open("a") as file:
            file.writelines(f"{name} = off\n" for name in SAFE)
        plain = Cluster(place / "pg")
        assert unsafe_settings(asked(plain.start().app)) == []
        with connect(plain.url("postgres", "postgres")) as db:
            db.execute("ALTER ROLE alliage_app SET synchronous_commit = off")
        (problem,) = unsafe_settings(asked(plain.urls.app))
        assert problem.startswith("synchronous_commit")
        plain.stop()
    finally:
        cluster.remove()
