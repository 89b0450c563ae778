"""The other side of the ratios.

`floor`: bare ASGI on asyncpg and orjson, with the very SQL of our feed, and a raw insert. No rights, no
limits, no log: what the machine can do. `plain`: FastAPI, the ORM with eager loading and `response_model`: what
one writes first.
"""

from __future__ import annotations

import json
import os
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

import asyncpg
import orjson
from fastapi import Depends, FastAPI
from pydantic import BaseModel, ConfigDict
from sqlalchemy import ForeignKey, select
from sqlalchemy.engine import make_url
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, relationship, selectinload

from app.core.model import new_id
from app.features.statements.queries.feed import feed_question

URL = os.environ.get("BENCH_URL", "")
SERVER = make_url(URL or "postgresql://")
FACTS: dict[str, Any] = json.loads(os.environ.get("BENCH_FACTS", "{}"))


class Floor:
    """Two routes and a pool."""

    def __init__(self) -> None:
        question = feed_question(frozenset())
        self.sql = question.numbered.decode()
        self.values = [_typed(value) for value in question.values({**question.fixed, **FACTS})]
        self.pool: Any = None

    async def __call__(
        self, scope: Any, receive: Callable[[], Awaitable[Any]], send: Callable[[Any], Awaitable[None]]
    ) -> None:
        if scope["type"] == "lifespan":
            await self._live(receive, send)
            return
        body, status = await (self._insert(receive) if scope["method"] == "POST" else self._page())
        headers = [(b"content-type", b"application/json"), (b"content-length", str(len(body)).encode())]
        await send({"type": "http.response.start", "status": status, "headers": headers})
        await send({"type": "http.response.body", "body": body})

    async def _live(self, receive: Callable[[], Awaitable[Any]], send: Callable[[Any], Awaitable[None]]) -> None:
        await receive()
        self.pool = await asyncpg.create_pool(  # type: ignore[no-untyped-call]
            host=SERVER.query.get("host") or SERVER.host,
            port=SERVER.port,
            user=SERVER.username,
            password=SERVER.password,
            database=SERVER.database,
            min_size=2,
            max_size=10,
        )
        await send({"type": "lifespan.startup.complete"})
        await receive()
        await self.pool.close()
        await send({"type": "lifespan.shutdown.complete"})

    async def _page(self) -> tuple[bytes, int]:
        async with self.pool.acquire() as connection:
            rows = await connection.fetch(self.sql, *self.values)
        return orjson.dumps({"items": [dict(row) for row in rows[:25]]}, default=str), 200

    async def _insert(self, receive: Callable[[], Awaitable[Any]]) -> tuple[bytes, int]:
        message = await receive()
        given = orjson.loads(message["body"])
        async with self.pool.acquire() as connection:
            await connection.execute(
                "INSERT INTO bench_posts (id, space_id, kind, title, body, created_at, words) VALUES "
                "($1, $2, $3, $4, $5, now(), words_of('fr', $4, $5))",
                new_id(), UUID(given["space_id"]), given["kind"], given["title"], given["markdown"],
            )  # fmt: skip
        return b'{"ok":true}', 201


def _typed(value: Any) -> Any:
    """JSON has no UUID."""
    if isinstance(value, list):
        return [UUID(item) for item in value]
    try:
        return UUID(value)
    except (ValueError, TypeError, AttributeError):
        return value


def make_floor() -> Floor:
    """For uvicorn."""
    return Floor()


class Plain(DeclarativeBase):
    """Tables as one writes them first."""


class Organisation(Plain):
    __tablename__ = "organisations"
    id: Mapped[UUID] = mapped_column(primary_key=True)
    name: Mapped[str]
    profile: Mapped[str]


class Person(Plain):
    __tablename__ = "persons"
    id: Mapped[UUID] = mapped_column(primary_key=True)
    name: Mapped[str | None]


class Revision(Plain):
    __tablename__ = "revisions"
    id: Mapped[UUID] = mapped_column(primary_key=True)
    title: Mapped[str]
    excerpt: Mapped[str]


class Statement(Plain):
    __tablename__ = "statements"
    id: Mapped[UUID] = mapped_column(primary_key=True)
    space_id: Mapped[UUID]
    type: Mapped[str]
    kind: Mapped[str | None]
    state: Mapped[str]
    occurred_at: Mapped[datetime]
    replies_for: Mapped[int]
    replies_against: Mapped[int]
    head_id: Mapped[UUID] = mapped_column(ForeignKey("revisions.id"))
    organisation_id: Mapped[UUID] = mapped_column(ForeignKey("organisations.id"))
    person_id: Mapped[UUID] = mapped_column(ForeignKey("persons.id"))
    head: Mapped[Revision] = relationship()
    organisation: Mapped[Organisation] = relationship()
    person: Mapped[Person] = relationship()


class Named(BaseModel):
    """An organisation or a person."""

    model_config = ConfigDict(from_attributes=True)
    id: UUID
    name: str | None


class Words(BaseModel):
    """A revision."""

    model_config = ConfigDict(from_attributes=True)
    title: str
    excerpt: str


class Item(BaseModel):
    """A contribution."""

    model_config = ConfigDict(from_attributes=True)
    id: UUID
    space_id: UUID
    kind: str | None
    state: str
    occurred_at: datetime
    replies_for: int
    replies_against: int
    head: Words
    organisation: Named
    person: Named


async def session() -> AsyncIterator[AsyncSession]:
    """A session for the request, the way the documentation shows it."""
    async with SESSIONS() as db:
        yield db


SESSIONS = async_sessionmaker(create_async_engine(URL or "postgresql+psycopg://", pool_size=10), expire_on_commit=False)
plain = FastAPI()


@plain.get("/feed", response_model=list[Item])
async def feed(space_id: UUID, db: Annotated[AsyncSession, Depends(session)]) -> Any:
    """The newest 25 of a space."""
    found = await db.execute(
        select(Statement)
        .where(Statement.space_id == space_id, Statement.type == "contribution", Statement.state == "published")
        .order_by(Statement.occurred_at.desc(), Statement.id.desc())
        .limit(25)
        .options(selectinload(Statement.head), selectinload(Statement.organisation), selectinload(Statement.person))
    )
    return found.scalars().all()


def make_plain() -> FastAPI:
    """For uvicorn."""
    return plain
