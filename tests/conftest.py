"""Every test runs on real PostgreSQL with the real migrations, in one database for each worker.

Nothing is rolled back: a test makes its own world (`world`), with names of its own, as users do.
A test that needs an empty database asks for `empty_database`.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
import psycopg
import pytest
from fastapi import FastAPI
from sqlalchemy import event

from app.core.db import Database
from app.core.log import configure_logging
from app.core.migrations import upgrade
from app.core.postgres.cluster import Cluster, Urls
from app.core.postgres.roles import APP, OWNER
from app.main import create_app
from app.settings import Settings
from tests.world import World, make_world

TEST_SECRET = "tests only: forty characters of nothing much at all"


@pytest.fixture(scope="session")
def cluster() -> Iterator[Cluster]:
    """One embedded PostgreSQL for the whole run, whatever the number of workers; the last one stops it."""
    run = os.environ.get("PYTEST_XDIST_TESTRUNUID", f"alone{os.getpid()}")[:12]
    cluster = Cluster(
        Path(tempfile.gettempdir()) / f"alliage-tests-{run}",
        settings={"fsync": "on", "max_connections": "200"},
    )
    cluster.start()
    yield cluster
    cluster.stop()
    if not cluster.is_running():
        cluster.remove()


def _database(cluster: Cluster, name: str, template: str | None = None) -> Urls:
    cluster.drop_database(name)
    cluster.create_database(name, template)
    return Urls(owner=cluster.url(OWNER, name), app=cluster.url(APP, name))


@pytest.fixture(scope="session")
def urls(cluster: Cluster) -> Iterator[Urls]:
    """This worker's database, migrated."""
    name = f"tests_{os.environ.get('PYTEST_XDIST_WORKER', 'main')}"
    urls = _database(cluster, name)
    upgrade(urls.owner, urls.app)
    yield urls
    cluster.drop_database(name)


@pytest.fixture(scope="session")
def template(cluster: Cluster) -> Iterator[str]:
    """A migrated, empty database that nobody connects to."""
    name = f"template_{os.environ.get('PYTEST_XDIST_WORKER', 'main')}"
    urls = _database(cluster, name)
    upgrade(urls.owner, urls.app)
    yield name
    cluster.drop_database(name)


@pytest.fixture
def empty_database(cluster: Cluster, template: str) -> Iterator[Urls]:
    """An empty, migrated database for one test."""
    name = f"empty_{uuid4().hex[:12]}"
    yield _database(cluster, name, template)
    cluster.drop_database(name)


@pytest.fixture(scope="session")
def settings(urls: Urls, tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """The settings of the application under test."""
    return Settings(
        _env_file=None,
        DATABASE_URL=urls.app,
        DATABASE_OWNER_URL=urls.owner,
        secret=TEST_SECRET,
        folder=tmp_path_factory.mktemp("var"),
        pool_size=10,
    )


@pytest.fixture(scope="session")
def app(settings: Settings) -> FastAPI:
    """The whole application."""
    configure_logging("warning", json=True)
    return create_app(settings)


@pytest.fixture(scope="session")
async def database(app: FastAPI) -> AsyncIterator[Database]:
    """The application's own engines, for tests that call actions and queries, or read rows."""
    database: Database = app.state.database
    yield database
    await database.close()


@pytest.fixture
async def client(app: FastAPI, database: Database) -> AsyncIterator[httpx.AsyncClient]:
    """A visitor; `world.client(...)` signs in."""
    transport = httpx.ASGITransport(app=app, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
        yield client


@pytest.fixture
async def world(app: FastAPI, database: Database) -> AsyncIterator[World]:
    """An initiative with two spaces and everybody of the caller ladder; see `tests/world.py`."""
    async with make_world(app, database) as world:
        yield world


@pytest.fixture
def statements(database: Database) -> Iterator[list[str]]:
    """The statements that go through SQLAlchemy, as they are sent."""
    sent: list[str] = []

    def note(_conn: object, _cursor: object, statement: str, *_rest: object) -> None:
        sent.append(statement)

    event.listen(database.writer.sync_engine, "before_cursor_execute", note)
    yield sent
    event.remove(database.writer.sync_engine, "before_cursor_execute", note)


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Everything that the database is asked, through SQLAlchemy or through the driver itself."""
    sent: list[str] = []
    execute = psycopg.AsyncCursor.execute

    async def noted(cursor: Any, query: Any, *rest: Any, **more: Any) -> Any:
        sent.append(str(query))
        return await execute(cursor, query, *rest, **more)

    monkeypatch.setattr(psycopg.AsyncCursor, "execute", noted)
    return sent
