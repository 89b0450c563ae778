"""The demonstration in a database that browsers' servers are given, or copies of it."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

from app.core.db import Database
from app.core.migrations import upgrade
from app.core.postgres.cluster import Cluster, Urls
from app.core.postgres.roles import APP, OWNER
from app.features.demonstration.accounts import demonstration_password
from app.features.demonstration.load import load_demonstration
from app.settings import Settings


def new_database(cluster: Cluster, name: str, template: str | None = None) -> Urls:
    """A new database of `cluster`, copied from `template` where one is given."""
    cluster.drop_database(name)
    cluster.create_database(name, template)
    return Urls(owner=cluster.url(OWNER, name), app=cluster.url(APP, name))


@contextmanager
def loaded(cluster: Cluster, name: str, folder: Path) -> Iterator[str]:
    """Database `name` with the demonstration, and nobody connected; its accounts' password, which `folder` keeps too."""
    urls = new_database(cluster, name)
    upgrade(urls.owner, urls.app)
    settings = Settings(_env_file=None, DATABASE_URL=urls.app, DATABASE_OWNER_URL=urls.owner, folder=folder)

    async def load() -> None:
        database = Database(urls.app, pool_size=4)
        await load_demonstration(database, settings)
        await database.close()

    with ThreadPoolExecutor(1) as thread:  # this thread's loop may be the browser's
        thread.submit(asyncio.run, load()).result()
    yield demonstration_password(settings)[0]
    cluster.drop_database(name)
