"""The application, as a table of contents."""

from __future__ import annotations

import gc
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import FastAPI
from sqlalchemy import text

from app.core.db import Database
from app.core.live import Listener
from app.core.postgres.safety import SAFETY_SQL, unsafe_settings
from app.core.storage import open_storage
from app.jobs.worker import worker_beside
from app.settings import Settings, UnsafeSettings, get_settings
from app.web import problems, routing
from app.web.assets import assets
from app.web.auth import token_keys
from app.web.limits import BodyLimit, uploads
from app.web.metrics import metrics_beside
from app.web.openapi import describe
from app.web.shell import add_shell
from app.wiring import HANDLERS, ROUTERS, STREAMED


def create_app(settings: Settings | None = None) -> FastAPI:
    """The whole service for one process; `settings` come from the environment unless given."""
    settings = settings or get_settings()
    settings.refuse_unsafe()
    if settings.database_url is None:
        raise UnsafeSettings("DATABASE_URL est vide : lancez le service par « alliage serve », qui apporte une base.")
    assets()  # without them no page is legible: refuse to start, now
    app = FastAPI(
        title="Alliage",
        version="1",
        openapi_url=None,
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,  # its answer would send people to whatever `Host` says
        lifespan=_lifespan,
    )
    app.state.settings = settings
    app.state.token_keys = token_keys(settings)
    app.state.storage = open_storage(settings)
    app.state.database = Database(settings.database_url, pool_size=settings.pool_size)
    app.state.listener = Listener(settings.database_url)
    problems.install(app)
    routing.install(app, ROUTERS)
    describe(app)
    add_shell(app, body=BodyLimit(size=settings.body_limit_bytes), by_prefix=dict.fromkeys(STREAMED, uploads(settings)))
    return app


@asynccontextmanager
async def _lifespan(app: FastAPI) -> AsyncIterator[None]:
    """Refuse a database that may lose what it acknowledged (R13), then serve, then give the connections back."""
    database: Database = app.state.database
    async with database.reading() as connection:
        rows = (await connection.execute(text(SAFETY_SQL))).all()
    if worries := unsafe_settings({row.name: row.setting for row in rows}):
        raise UnsafeSettings(" ".join(worries))
    # What was imported stays for ever: the collector need not walk through half a million objects again and again.
    gc.collect()
    gc.freeze()
    async with (
        app.state.listener.listening(),
        metrics_beside(app.state.settings, database),
        worker_beside(app.state.settings, HANDLERS),
    ):
        yield
    await database.close()
