"""What the two roles may and may not do, and what a database must offer to migrations and search."""

from __future__ import annotations

from pathlib import Path
from typing import cast

import psycopg
import pytest
import sqlalchemy as sa

from app.core.db import Database, Question, Reader
from app.core.postgres import roles
from app.core.postgres.cluster import Cluster
from app.jobs.work import Handlers, Pace, Work
from app.jobs.worker import _queue
from tests.core.postgres.conftest import connect, copied_programs, values

FORBIDDEN_TO_THE_APPLICATION = [
    "CREATE TABLE mine (n int)",
    "CREATE SCHEMA mine",
    "CREATE DATABASE mine",
    "CREATE ROLE mine",
    "CREATE EXTENSION unaccent",
    "CREATE FUNCTION mine() RETURNS int LANGUAGE sql AS 'SELECT 1'",
    "SET ROLE alliage_owner",
    "SET SESSION AUTHORIZATION postgres",
    "ALTER SYSTEM SET fsync = off",
    "SET log_min_messages = 'debug5'",
    "ALTER ROLE alliage_app SUPERUSER",
    "ALTER TABLE kept DISABLE TRIGGER ALL",
    "ALTER TABLE kept OWNER TO alliage_app",
    "DELETE FROM kept",
    "TRUNCATE kept",
    "DROP TABLE kept",
    "COPY kept TO PROGRAM 'cat'",
    "SELECT pg_read_file('/etc/passwd')",
    "SELECT rolpassword FROM pg_authid",
    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'alliage_owner'",
]
FORBIDDEN_TO_THE_OWNER = [
    "CREATE ROLE mine",
    "CREATE DATABASE mine",
    "SET ROLE alliage_app",
    "SET SESSION AUTHORIZATION postgres",
    "ALTER SYSTEM SET fsync = off",
    "COPY kept TO PROGRAM 'cat'",
    "SELECT pg_read_file('/etc/passwd')",
    "CREATE EXTENSION file_fdw",
]


@pytest.fixture(scope="module")
def database(shared: Cluster) -> Cluster:
    with connect(shared.urls.owner) as db:
        db.execute("CREATE TABLE kept AS SELECT 1 AS n")
        db.execute("GRANT SELECT, INSERT ON kept TO alliage_app")
    return shared


@pytest.mark.parametrize("statement", FORBIDDEN_TO_THE_APPLICATION)
def test_the_application_may_not(database: Cluster, statement: str) -> None:
    with (
        connect(database.urls.owner),  # somebody to terminate
        connect(database.urls.app) as db,
        pytest.raises(psycopg.errors.InsufficientPrivilege),
    ):
        db.execute(statement.encode())


@pytest.mark.parametrize("statement", FORBIDDEN_TO_THE_OWNER)
def test_the_owner_may_not(database: Cluster, statement: str) -> None:
    with connect(database.urls.owner) as db, pytest.raises(psycopg.errors.InsufficientPrivilege):
        db.execute(statement.encode())


def test_the_application_does_what_it_was_granted(database: Cluster) -> None:
    with connect(database.urls.app) as db:
        db.execute("INSERT INTO kept VALUES (2)")
        db.execute("CREATE TEMPORARY TABLE staged (n int)")
        db.execute("LISTEN events")
        assert db.execute("SELECT count(*) FROM kept").fetchone() == (2,)


def test_sqlalchemy_understands_the_addresses(database: Cluster) -> None:
    for url, role in ((database.urls.owner, "alliage_owner"), (database.urls.app, "alliage_app")):
        engine = sa.create_engine(url)
        with engine.connect() as db:
            assert db.execute(sa.text("SELECT current_user, current_database()")).one() == (role, "alliage")
        engine.dispose()


async def test_a_folder_with_spaces_and_accents_is_reached_by_every_way(shared: Cluster, place: Path) -> None:
    named = place / "un été + deux"
    named.symlink_to(shared._open_socket())
    url = roles.url(named, "alliage_app", "alliage")
    database = Database(url, pool_size=2)
    async with database.reading() as connection:
        assert (await connection.execute(sa.text("SELECT 1"))).scalar_one() == 1
    reader = Reader(database)
    assert [row.one for row in await reader.fetch(Question("SELECT 1 AS one"), {})] == [1]
    await reader.release()
    await database.close()
    queue = _queue(url, Handlers(), cast(Work, None), Pace())  # no task asks for hands
    async with queue.open_async():
        assert await queue.check_connection_async() is False  # connected, and no table of the queue is there


def test_settings_of_the_environment_do_not_lead_elsewhere(database: Cluster, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PGPORT", "1")
    monkeypatch.setenv("PGDATABASE", "postgres")
    monkeypatch.setenv("PGUSER", "postgres")
    query = "SELECT current_user || '@' || current_database()"
    assert values(database.urls.app, query) == ["alliage_app@alliage"]


def test_the_owner_makes_the_extensions_and_french_search_works(shared: Cluster) -> None:
    shared.create_database("searched")
    with connect(shared.url("alliage_owner", "searched")) as db:
        for extension in ("unaccent", "pg_trgm", "btree_gist"):
            db.execute(f"CREATE EXTENSION {extension}".encode())
        db.execute("CREATE TEXT SEARCH CONFIGURATION fr (COPY = french)")
        db.execute("ALTER TEXT SEARCH CONFIGURATION fr ALTER MAPPING FOR word WITH unaccent, french_stem")
        found = db.execute("SELECT to_tsvector('fr', 'Une ÉCOLE élémentaire') @@ to_tsquery('fr', 'écoles')")
        assert found.fetchone() == (True,)
        words = "unnest('{zèbre,Écran,eau,école,abeille}'::text[])"
        ordered = db.execute(f"SELECT w FROM {words} w ORDER BY lower(unaccent(w))".encode()).fetchall()
        assert [row[0] for row in ordered] == ["abeille", "eau", "école", "Écran", "zèbre"]
        assert db.execute("SELECT lower('ÉÀŒ'), upper('éàœ'), 'é' ~ '\\w'").fetchone() == ("éàœ", "ÉÀŒ", True)
        assert db.execute("SELECT similarity('ingénierie', 'ingénieries') > 0.7").fetchone() == (True,)
        db.execute("CREATE TABLE m (p int, d tstzrange, EXCLUDE USING gist (p WITH =, d WITH &&))")
        db.execute("INSERT INTO m VALUES (1, '[2020-03-20,2020-09-07)')")
        with pytest.raises(psycopg.errors.ExclusionViolation):
            db.execute("INSERT INTO m VALUES (1, '[2020-09-01,)')")
    shared.drop_database("searched")


def test_an_extension_that_is_not_trusted_is_made_by_the_launcher(place: Path) -> None:
    programs = copied_programs(place / "installed")
    control = next(programs.parent.rglob("unaccent.control"))
    control.write_text(control.read_text().replace("trusted = true", "trusted = false"))
    cluster = Cluster(place / "pg", binaries=programs)
    try:
        urls = cluster.start()
        assert "unaccent" in values(urls.owner, "SELECT extname FROM pg_extension")
        with connect(urls.owner) as db:
            db.execute("CREATE EXTENSION IF NOT EXISTS unaccent")
            db.execute("CREATE EXTENSION IF NOT EXISTS pg_trgm")
    finally:
        cluster.remove()


def test_what_people_wrote_stays_out_of_the_log(shared: Cluster) -> None:
    shared.create_database("quiet")
    address, text = "claire@example.org", "paroles confidentielles"
    for role in ("alliage_owner", "alliage_app"):
        with connect(shared.url(role, "quiet")) as db:
            db.execute("CREATE TEMPORARY TABLE person (mail text UNIQUE)")
            db.execute("INSERT INTO person VALUES (%s)", [address])
            with pytest.raises(psycopg.errors.UniqueViolation):
                db.execute("INSERT INTO person VALUES (%s)", [address])
            with pytest.raises(psycopg.errors.InvalidTextRepresentation):
                db.execute(f"SELECT '{text}'::uuid".encode())
    shared.drop_database("quiet")
    logged = shared.log.read_text(encoding="utf-8")
    assert address not in logged
    assert text not in logged
    # The control: the superuser's failures are logged, so the silence above is the roles' own.
    with connect(shared.url("postgres", "postgres")) as db, pytest.raises(psycopg.Error):
        db.execute("SELECT 'control'::uuid")
    assert '"control"' in shared.log.read_text(encoding="utf-8")
