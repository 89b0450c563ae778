"""The database of a command: the configured server, or the embedded one for as long as the command runs."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from typing import TypeVar

from sqlalchemy import text
from sqlalchemy.engine import make_url
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.db import Database
from app.core.migrations import upgrade
from app.core.postgres.cluster import Cluster
from app.policy.actor import Actor
from app.policy.standing import BY_PERSON, actor_from
from app.settings import Settings, UnsafeSettings, get_settings

Result = TypeVar("Result")


@contextmanager
def running_database(*, existing: bool = False) -> Iterator[Settings]:
    """Settings whose `database_url` answers; with `existing`, none is made where there is none.

    Without DATABASE_URL the embedded PostgreSQL of `ALLIAGE_FOLDER` is started, migrated, and stopped
    when the block ends (unless another command still uses it). With DATABASE_URL nothing is migrated
    behind the administrator's back: that is `alliage migrate`.
    """
    settings = get_settings()
    settings.refuse_unsafe()
    if settings.database_url is not None:
        yield settings
        return
    cluster = Cluster(settings.folder / "postgres")
    if existing and not cluster.exists():
        raise UnsafeSettings(
            f"Il n’y a pas d’installation dans {settings.folder.absolute()}. Placez-vous dans le dossier d’Alliage, "
            "ou donnez ALLIAGE_FOLDER, ou DATABASE_URL."
        )
    with cluster:
        os.environ["DATABASE_URL"] = cluster.urls.app
        os.environ["DATABASE_OWNER_URL"] = cluster.urls.owner
        get_settings.cache_clear()
        upgrade(cluster.urls.owner, cluster.urls.app)
        try:
            yield get_settings()
        finally:
            del os.environ["DATABASE_URL"], os.environ["DATABASE_OWNER_URL"]
            get_settings.cache_clear()


def installation(settings: Settings) -> str:
    """Which one a command works on, without its password: asked of the settings before `running_database`."""
    if settings.database_url is None:
        return str(settings.folder.absolute())
    url = make_url(settings.database_url)
    return f"{url.host or url.query.get('host', 'localhost')}/{url.database}"


def run(settings: Settings, work: Callable[[Database], Awaitable[Result]]) -> Result:
    """Do asynchronous `work` on the application role's engines, then close them."""

    async def whole() -> Result:
        assert settings.database_url is not None
        database = Database(settings.database_url, pool_size=4)
        try:
            return await work(database)
        finally:
            await database.close()

    return asyncio.run(whole())


async def in_transaction(database: Database, work: Callable[[AsyncSession], Awaitable[Result]]) -> Result:
    """One of the three places that commit: the command's whole work, or nothing."""
    async with database.sessions() as db:
        result = await work(db)
        await db.commit()
        return result


async def acting_as(db: AsyncSession, email: str) -> Actor:
    """The person whose rights a command uses, by address."""
    person = (
        await db.execute(
            text("SELECT id FROM persons WHERE lower(email) = lower(:email) AND state = 'active'"), {"email": email}
        )
    ).scalar_one_or_none()
    if person is None:
        raise UnsafeSettings(f"Aucun compte actif pour {email}.")
    statement = text(BY_PERSON.replace("%(", ":").replace(")s", ""))
    return actor_from((await db.execute(statement, {"person": person})).scalar_one())
