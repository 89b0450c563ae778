"""The demonstration, loaded once into a database of its own."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Iterator
from uuid import uuid4

import pytest

from app.core.db import Database
from app.core.postgres.cluster import Cluster, Urls
from app.core.postgres.roles import APP, OWNER
from app.features.demonstration.load import Loaded, load_demonstration
from app.settings import Settings


@pytest.fixture(scope="module")
def own_urls(cluster: Cluster, template: str) -> Iterator[Urls]:
    """An empty, migrated database for this module."""
    name = f"demonstration_{uuid4().hex[:12]}"
    cluster.drop_database(name)
    cluster.create_database(name, template)
    yield Urls(owner=cluster.url(OWNER, name), app=cluster.url(APP, name))
    cluster.drop_database(name)


@pytest.fixture(scope="module")
def own_settings(own_urls: Urls, tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """The settings of an installation that holds the demonstration."""
    return Settings(
        _env_file=None,
        DATABASE_URL=own_urls.app,
        DATABASE_OWNER_URL=own_urls.owner,
        secret="tests only: forty characters of nothing much at all",
        folder=tmp_path_factory.mktemp("var"),
        pool_size=4,
    )


@pytest.fixture(scope="module")
def spent() -> list[float]:
    """Seconds of this process's processor time that the load took."""
    return []


@pytest.fixture(scope="module")
async def demonstration(own_settings: Settings, spent: list[float]) -> AsyncIterator[tuple[Database, Loaded]]:
    """The loaded database, and what loading it did."""
    assert own_settings.database_url
    database = Database(own_settings.database_url, pool_size=4)
    before = time.process_time()
    loaded = await load_demonstration(database, own_settings)
    spent.append(time.process_time() - before)
    yield database, loaded
    await database.close()
