"""Migrations and models agree; each migration can be undone; there is one head."""

from __future__ import annotations

import warnings
from uuid import uuid4

from alembic import command
from alembic.script import ScriptDirectory

from app.core.db import SCHEMA
from app.core.migrations import config
from app.core.postgres.cluster import Cluster
from app.core.postgres.roles import OWNER


def test_there_is_one_head() -> None:
    assert ScriptDirectory.from_config(config("", "")).get_heads() == [SCHEMA]


def test_up_down_up_and_no_difference_with_the_models(cluster: Cluster) -> None:
    name = f"migrations_{uuid4().hex[:8]}"
    cluster.create_database(name)
    try:
        settings = config(cluster.url(OWNER, name), "alliage_app")
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # the comparison cannot look into generated columns, and says so
            command.upgrade(settings, "head")
            command.check(settings)
            command.downgrade(settings, "base")
            command.upgrade(settings, "head")
    finally:
        cluster.drop_database(name)
