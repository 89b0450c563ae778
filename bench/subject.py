"""What is asked of a loaded database: tokens, a deliverable to read, the count of statements."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

import psycopg
from sqlalchemy import text

from app.core.clock import now
from app.core.db import Database, driver_address, fetch
from app.core.paging import Mark
from app.core.postgres.cluster import Cluster
from app.core.postgres.roles import APP, OWNER
from app.core.security.tokens import TokenKeys, issue_access_token
from app.policy.standing import actor_from
from app.policy.symbolic import facts
from app.web.auth import LOGIN
from bench.data import Corpus
from bench.deliverable import write_deliverable
from bench.servers import SECRET


@dataclass
class Subject:
    """A database ready to be asked."""

    secret: str
    tokens: dict[str, str]
    facts: dict[str, dict[str, Any]]
    places: dict[str, list[Any]]
    deliverable: str
    middle: str
    """A cursor in the middle of the largest space's feed."""
    superuser: psycopg.Connection[Any]

    def statements(self) -> int:
        """Statements that PostgreSQL ran so far, ours aside."""
        row = self.superuser.execute(
            "SELECT coalesce(sum(calls), 0) FROM pg_stat_statements WHERE query NOT LIKE '%%pg_stat_statements%%' "
            "AND dbid = (SELECT oid FROM pg_database WHERE datname = current_database())"
        ).fetchone()
        return int(row[0]) if row else 0


def prepare(cluster: Cluster, name: str, corpus: Corpus) -> Subject:
    """Tokens of an hour, each caller's rights, a deliverable to read, a table for the raw insert."""
    owner, app = cluster.url(OWNER, name), cluster.url(APP, name)
    with psycopg.connect(driver_address(owner), autocommit=True) as db:
        db.execute(
            "CREATE TABLE IF NOT EXISTS bench_posts (id uuid PRIMARY KEY, space_id uuid, kind text, title text, body text, "
            "created_at timestamptz, words tsvector)"
        )
        db.execute("CREATE INDEX IF NOT EXISTS bench_posts_words ON bench_posts USING gin (words)")
        db.execute("GRANT SELECT, INSERT ON bench_posts TO alliage_app")
    superuser = psycopg.connect(driver_address(cluster.url("postgres", name)), autocommit=True)
    superuser.execute("CREATE EXTENSION IF NOT EXISTS pg_stat_statements")
    keys = TokenKeys(secret=SECRET.encode(), issuer="http://127.0.0.1:8000", audience="alliage-api")
    rights, places, middle, deliverable = asyncio.run(_rights(app, corpus))
    return Subject(
        secret=SECRET,
        tokens={
            caller: issue_access_token(
                keys, person_id=UUID(person), login_id=UUID(login), now=now(), lifetime=timedelta(hours=1)
            )
            for caller, (login, person) in corpus.logins.items()
        },
        facts=rights,
        places=places,
        deliverable=deliverable,
        middle=middle,
        superuser=superuser,
    )


async def _rights(url: str, corpus: Corpus) -> tuple[dict[str, Any], dict[str, Any], str, str]:
    database = Database(url, pool_size=2)
    rights, places = {}, {}
    async with database.reading() as connection:
        for caller, (login, person) in corpus.logins.items():
            [row] = await fetch(connection, LOGIN, {"login": UUID(login), "person": UUID(person)})
            actor = actor_from(row.standing)
            rights[caller] = facts(actor)
            places[caller] = sorted(actor.inner_spaces | actor.outer_spaces)
    middle = await middle_cursor(database, corpus)
    deliverable = await write_deliverable(database, corpus)
    await database.close()
    return rights, places, middle, deliverable


async def middle_cursor(database: Database, corpus: Corpus) -> str:
    """The cursor of a page half-way down the largest space."""
    async with database.reading() as connection:
        row = (
            await connection.execute(
                text(
                    "SELECT id, occurred_at FROM statements WHERE space_id = :space ORDER BY occurred_at LIMIT 1 OFFSET :half"
                ),
                {"space": corpus.spaces[0], "half": corpus.size * 45 // 100},
            )
        ).one()
    return Mark(row.occurred_at, row.id).cursor()
