"""What these tests need besides the whole application: one with an empty database."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
from fastapi import FastAPI

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
