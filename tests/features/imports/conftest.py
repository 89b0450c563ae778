"""An empty database to import into, as the application role, and the sample folder."""

from __future__ import annotations

import shutil
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from app.core.db import Database
from app.core.postgres.cluster import Urls

SAMPLE = Path(__file__).parent / "data"


@pytest.fixture
async def target(empty_database: Urls) -> AsyncIterator[Database]:
    """The application role's engines on an empty, migrated database."""
    database = Database(empty_database.app, pool_size=3)
    yield database
    await database.close()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A copy of the sample that a test may spoil; its mapping is `mapping.yaml`."""
    return Path(shutil.copytree(SAMPLE, tmp_path / "sample"))
