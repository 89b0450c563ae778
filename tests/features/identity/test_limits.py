"""Guessing is slowed down: by account, by address, in every process alike (R10)."""

from __future__ import annotations

import asyncio
import time
from datetime import timedelta
from uuid import uuid4

import pytest
from fastapi import FastAPI

from app.core.clock import now, stopped_at
from app.core.db import Database
from app.features.identity.actions.attempts import (
    BY_ACCOUNT,
    BY_ADDRESS,
    FIVE_MINUTES,
    TooManyAttempts,
    count,
    forget_attempts_before,
    give_back,
)
from tests.features.identity.doors import give_password, sign_in
from tests.world import World


@pytest.fixture(autouse=True)
async def _within_one_window() -> None:
    """Windows are fixed: guesses on both sides of the end of one are counted apart, so none begins just before it."""
    length = min(BY_ACCOUNT.window, BY_ADDRESS.window).total_seconds()
    left = length - time.time() % length
    if left < 20:
        await asyncio.sleep(left + 0.1)


async def test_an_account_is_closed_to_an_address_that_guesses(app: FastAPI, world: World) -> None:
    email = await give_password(world, "participant")
    here = "198.51.100.7"
    for _ in range(10):
        assert (await sign_in(app, email, "au hasard", here)).status_code == 401
    refused = await sign_in(app, email, address=here)
    assert refused.status_code == 429, "the right password must not tell that it is right"
    assert 1 <= int(refused.headers["retry-after"]) <= 301
    assert (await sign_in(app, email, address="198.51.100.8")).status_code == 200


async def test_a_hundred_guesses_at_once_are_counted_one_by_one(app: FastAPI, world: World) -> None:
    email = await give_password(world, "participant")
    here = "198.51.100.9"
    answers = await asyncio.gather(*(sign_in(app, email, "au hasard", here) for _ in range(30)))
    assert sorted(answer.status_code for answer in answers) == [401] * 10 + [429] * 20


async def test_unknown_accounts_are_limited_alike(app: FastAPI) -> None:
    email, here = f"{uuid4().hex}@alliage.example", "198.51.100.10"
    statuses = [(await sign_in(app, email, "au hasard", here)).status_code for _ in range(11)]
    assert statuses == [401] * 10 + [429]


async def test_successes_are_no_guesses(app: FastAPI, world: World) -> None:
    email = await give_password(world, "participant")
    statuses = [(await sign_in(app, email, address="198.51.100.11")).status_code for _ in range(12)]
    assert statuses == [200] * 12


async def test_a_header_does_not_make_another_address(app: FastAPI, world: World) -> None:
    email = await give_password(world, "participant")
    statuses = [
        (await sign_in(app, email, "x", "198.51.100.12", **{"X-Forwarded-For": f"203.0.113.{n}"})).status_code
        for n in range(11)
    ]
    assert statuses == [401] * 10 + [429]


async def test_each_limit_counts_its_own_subject(database: Database) -> None:
    for limit in (BY_ACCOUNT, BY_ADDRESS):
        subject = uuid4().hex
        async with database.reading() as connection:
            for _ in range(limit.most):
                await count(connection, (limit, subject))
            with pytest.raises(TooManyAttempts):
                await count(connection, (limit, subject))
            await count(connection, (limit, uuid4().hex))
            with stopped_at(now() + FIVE_MINUTES):
                await count(connection, (limit, subject))  # another window


async def test_what_is_given_back_is_one_attempt(database: Database) -> None:
    subject = uuid4().hex
    async with database.reading() as connection:
        for _ in range(BY_ACCOUNT.most):
            counted = await count(connection, (BY_ACCOUNT, subject))
    async with database.sessions() as db:
        await give_back(db, counted)
        await db.commit()
    async with database.reading() as connection:
        await count(connection, (BY_ACCOUNT, subject))
        with pytest.raises(TooManyAttempts):
            await count(connection, (BY_ACCOUNT, subject))


async def test_old_counts_are_forgotten(database: Database) -> None:
    subject = uuid4().hex
    with stopped_at(now() - timedelta(days=400)):
        async with database.reading() as connection:
            await count(connection, (BY_ACCOUNT, subject))
    async with database.sessions() as db:
        assert await forget_attempts_before(db, now() - timedelta(days=399)) >= 1
        await db.commit()
