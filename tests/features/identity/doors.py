"""Ways in, for these tests: a password for somebody of the world, and clients that come from an address of their own."""

from __future__ import annotations

import secrets
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import httpx
from fastapi import FastAPI
from sqlalchemy import select

from app.core.clock import now
from app.core.db import Database
from app.core.events import Event
from app.core.security.passwords import hash_password
from app.core.security.secrets import fingerprint, new_secret
from app.features.identity.models import ApiToken, Person
from tests.world import World

PASSWORD = "les tilleuls en juin 1987"


def visitor(app: FastAPI, address: str | None = None, token: str | None = None) -> httpx.AsyncClient:
    """A client at an address that nobody else has: limits of one test never meet another's."""
    address = address or ":".join(f"{secrets.randbelow(65535) + 1:x}" for _ in range(8))
    transport = httpx.ASGITransport(app=app, raise_app_exceptions=False, client=(address, 1))
    headers = {} if token is None else {"Authorization": f"Bearer {token}"}
    return httpx.AsyncClient(transport=transport, base_url="http://test", headers=headers)


async def give_password(world: World, who: str, password: str = PASSWORD) -> str:
    """Let somebody of the world sign in with PASSWORD; their address."""
    async with world.database.sessions() as db:
        person = await db.get(Person, world.persons[who].id)
        assert person is not None
        assert person.email is not None
        person.password = await hash_password(password)
        await db.commit()
        return person.email


async def sign_in(
    app: FastAPI, email: str, password: str = PASSWORD, address: str | None = None, **headers: str
) -> httpx.Response:
    """One attempt to sign in."""
    async with visitor(app, address) as client:
        return await client.post("/api/v1/auth/sign-in", json={"email": email, "password": password}, headers=headers)


async def refresh(app: FastAPI, token: str) -> httpx.Response:
    """Exchange a refresh token."""
    async with visitor(app) as client:
        return await client.post("/api/v1/auth/refresh", json={"refresh_token": token})


async def get_me(app: FastAPI, token: str) -> httpx.Response:
    """Who this token is."""
    async with visitor(app, token=token) as client:
        return await client.get("/api/v1/me")


async def events_of(database: Database, object_id: UUID) -> list[str]:
    """What happened to a thing."""
    async with database.reading() as connection:
        rows = await connection.execute(select(Event.verb).where(Event.object_id == object_id).order_by(Event.id))
        return list(rows.scalars())


def new_key() -> dict[str, str]:
    """The header of a request that creates."""
    return {"Idempotency-Key": str(uuid4())}


def without_id(answer: httpx.Response) -> dict[str, Any]:
    """A problem document but for the number of its request."""
    document: dict[str, Any] = answer.json()
    document.pop("request_id")
    return document


async def api_token(world: World, who: str, scope: str = "write") -> str:
    """A personal token of theirs, as rows."""
    secret = new_secret("alg_pat_")
    async with world.database.sessions() as db:
        token = ApiToken(person_id=world.persons[who].id, name="essai", scope=scope, fingerprint=fingerprint(secret))
        token.expires_at = now() + timedelta(days=1)
        db.add(token)
        await db.commit()
    return secret
