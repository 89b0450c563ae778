"""What these tests need besides the whole application: one with an empty database, and the statements that it sends."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator

import pytest
from fastapi import FastAPI
from sqlalchemy import event

from app.core.db import Database
from app.core.postgres.cluster import Urls
from app.main import create_app
from app.settings import Settings


@pytest.fixture
async def empty_app(empty_database: Urls, settings: Settings) -> AsyncIterator[FastAPI]:
    """An application whose database holds nobody."""
    app = create_app(
        settings.model_copy(update={"database_url": empty_database.app, "database_owner_url": empty_database.owner})
    )
    yield app
    await app.state.database.close()


@pytest.fixture
def statements(database: Database) -> Iterator[list[str]]:
    """The statements that go through SQLAlchemy, as they are sent."""
    sent: list[str] = []

    def note(_conn: object, _cursor: object, statement: str, *_rest: object) -> None:
        sent.append(statement)

    event.listen(database.writer.sync_engine, "before_cursor_execute", note)
    yield sent
    event.remove(database.writer.sync_engine, "before_cursor_execute", note)
