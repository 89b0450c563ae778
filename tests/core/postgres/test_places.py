"""Where the server puts its files, who can reach them, and what it leaves as it found it."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from app.core.postgres.account import server_account
from app.core.postgres.cluster import Cluster
from app.core.postgres.errors import PostgresError
from app.core.postgres.places import POINTER, choose, private_folder
from tests.core.postgres.conftest import ROOT, copied_programs, values

as_root = pytest.mark.skipif(os.geteuid() != 0, reason="the server runs under another account for root only")


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def modes_above(path: Path) -> dict[Path, tuple[int, int, int]]:
    """Mode and owner of every parent up to the root of the system."""
    return {step: (mode(step), step.stat().st_uid, step.stat().st_gid) for step in path.parents}


def test_only_a_private_socket_leads_to_the_server(cluster: Cluster) -> None:
    urls = cluster.start()
    data, run = cluster.folder / "data", cluster.folder / "run"
    assert values(urls.app, "SELECT current_setting('listen_addresses')") == [""]
    for folder in (data, run):
        assert mode(folder) == 0o700
        assert folder.stat().st_uid == server_account(data).uid
    assert stat.S_IMODE((run / ".s.PGSQL.5432").stat().st_mode) == 0o700
    assert mode(cluster.log) == 0o600
    rules = values(
        urls.app.replace("alliage_app", "postgres"),
        "SELECT auth_method FROM pg_hba_file_rules WHERE type = 'host'",
    )
    assert set(rules) == {"reject"}


def test_the_settings_are_those_of_a_small_safe_server(cluster: Cluster) -> None:
    urls = cluster.start()
    query = "SELECT current_setting(unnest(ARRAY['server_encoding','data_checksums','jit','random_page_cost']))"
    assert values(urls.app, query) == ["UTF8", "on", "off", "1.1"]


def test_a_long_path_gets_its_socket_elsewhere(place: Path) -> None:
    folder = place / ("d" * 60) / ("é" * 30) / "pg"
    cluster = Cluster(folder)
    try:
        urls = cluster.start()
        assert values(urls.app, "SELECT 1") == [1]
        (said,) = values(cluster.url("postgres", "postgres"), "SHOW unix_socket_directories")
        socket = Path(said)
        assert len(os.fsencode(socket / ".s.PGSQL.5432")) <= 100
        assert mode(socket) == 0o700
        assert (folder / "data").is_dir()
        cluster.stop()
        assert cluster.start() == urls
    finally:
        cluster.remove()
    assert not socket.exists()


def test_a_folder_prepared_by_somebody_else_is_refused(place: Path) -> None:
    account = server_account(place / "nothing")
    target = place / "theirs"
    target.mkdir()
    (place / "trap").symlink_to(target)
    with pytest.raises(PostgresError, match="est en travers"):
        private_folder(place / "trap", account)
    if os.geteuid() == 0:
        os.chown(target, 4242, 4242)
        with pytest.raises(PostgresError, match="est en travers"):
            private_folder(target, account)


def test_a_folder_of_ours_left_open_is_closed_again(place: Path) -> None:
    account = server_account(place / "nothing")
    private_folder(place / "run", account).chmod(0o777)
    assert mode(private_folder(place / "run", account)) == 0o700


@as_root
def test_no_parent_of_the_data_changes_and_a_closed_home_is_no_obstacle(place: Path) -> None:
    home = place / "home"  # like root's own: 0700
    home.mkdir(mode=0o700)
    folder = home / "checkout" / "var" / "postgres"
    folder.mkdir(parents=True)
    before = modes_above(folder / "x")
    cluster = Cluster(folder, state=place / "state")
    urls = cluster.start()
    assert values(urls.app, "SELECT 1") == [1]
    assert modes_above(folder / "x") == before
    elsewhere = Path((folder / POINTER).read_text(encoding="utf-8").strip())
    assert elsewhere.parent == place / "state"
    assert (elsewhere / "data" / "PG_VERSION").exists()

    cluster.stop()
    home.chmod(0o755)  # now the folder could be used: the data that exist still win
    assert cluster.start() == urls
    cluster.remove()
    assert list((place / "state").glob("database-*")) == []


@as_root
def test_programs_under_a_closed_home_are_copied_once(place: Path) -> None:
    closed = place / "venv"
    programs = copied_programs(closed)
    closed.chmod(0o700)
    before = modes_above(programs)
    cluster = Cluster(place / "pg", binaries=programs, state=place / "state")
    try:
        cluster.start()
        (copy,) = (place / "state").glob("postgresql-*")
        made = copy.stat().st_ctime_ns
        program = Path(f"/proc/{cluster.postmaster_pid()}/exe").readlink()
        assert program.is_relative_to(copy)
        assert program.stat().st_uid == 0  # the account runs it and cannot change it
        cluster.stop()
        cluster.start()
        assert copy.stat().st_ctime_ns == made
        assert modes_above(programs) == before
    finally:
        cluster.remove()


@as_root
def test_where_nothing_can_be_entered_the_message_says_so(place: Path) -> None:
    place.chmod(0o700)
    with pytest.raises(PostgresError, match="compte ordinaire, ou donnez DATABASE_URL"):
        Cluster(place / "pg", state=place / "state").start()


@as_root
def test_data_that_became_unreachable_are_not_replaced_by_an_empty_database(cluster: Cluster) -> None:
    cluster.start()
    cluster.stop()
    cluster.folder.parent.chmod(0o700)
    with pytest.raises(PostgresError, match="ne peut plus y entrer"):
        choose(cluster.folder, cluster.folder.parent / "state")
    cluster.folder.parent.chmod(0o755)


@as_root
def test_cleaning_deletes_the_data_where_they_are(place: Path) -> None:
    home = place / "home"
    home.mkdir(mode=0o700)
    cluster = Cluster(home / "pg", state=place / "state")
    cluster.start()
    cluster.stop()
    assert len(list((place / "state").glob("database-*"))) == 1
    command = [sys.executable, "-m", "app.core.postgres.removal", str(home / "pg")]
    subprocess.run(command, check=True, cwd=ROOT)
    assert list((place / "state").glob("database-*")) == []
    recipe = (ROOT / "Makefile").read_text(encoding="utf-8").partition("clean: ##")[2]
    assert recipe.index("app.core.postgres.removal var/postgres") < recipe.index("rm -rf")
