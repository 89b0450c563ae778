"""A changed address: the password asks, the new mailbox proves, the old one is told, and nothing tells who has an account."""

from __future__ import annotations

import asyncio
import re
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest
from fastapi import FastAPI
from sqlalchemy import select, text

from app.core.clock import now, stopped_at
from app.core.log import masked
from app.features.identity.jobs import forget_addresses, mail_address, mail_address_moved
from app.features.identity.models import AddressChange, Person
from app.settings import Settings
from tests.features.identity import letters
from tests.features.identity.doors import PASSWORD, give_password, sign_in, visitor
from tests.world import World, person

CODE = re.compile(r"alg_adr_[0-9a-f]{32}_[\w-]{43}", re.ASCII)


def _new() -> str:
    return f"{uuid4().hex}@alliage.example"


async def _ask(world: World, email: str, password: str = PASSWORD, who: str = "participant") -> httpx.Response:
    client = await world.client(who)
    return await client.post("/api/v1/auth/address", json={"email": email, "password": password})


async def _confirm(world: World, token: str, who: str = "participant") -> httpx.Response:
    return await world.post(who, "/api/v1/auth/address/confirm", {"token": token})


async def _change(world: World, who: str = "participant") -> UUID:
    """The newest change that somebody asked for."""
    async with world.database.reading() as connection:
        question = select(AddressChange.id).where(AddressChange.person_id == world.persons[who].id)
        return (await connection.execute(question.order_by(AddressChange.id.desc()).limit(1))).scalar_one()


async def _mailed(world: World, settings: Settings, folder: Path, who: str = "participant") -> tuple[str, str]:
    """What the worker wrote to the mailbox that was asked for last."""
    work = letters.work(world.database, settings, folder)
    await mail_address(work, object_id=str(await _change(world, who)))
    return letters.read(folder)[-1]


async def _code(world: World, settings: Settings, folder: Path, email: str) -> str:
    assert (await _ask(world, email)).status_code == 202
    to, content = await _mailed(world, settings, folder)
    assert to == email
    (code,) = set(CODE.findall(content))
    return str(code)


async def _address(world: World, who: str = "participant") -> Any:
    async with world.database.reading() as connection:
        question = select(Person.email).where(Person.id == world.persons[who].id)
        return (await connection.execute(question)).scalar_one()


async def test_the_new_mailbox_proves_itself_and_the_old_one_is_told(
    app: FastAPI, world: World, settings: Settings, tmp_path: Path
) -> None:
    before, after = await give_password(world, "participant"), _new()
    code = await _code(world, settings, tmp_path, after)
    assert await _address(world) == before, "nothing moves before the code"
    done = await _confirm(world, code)
    assert done.status_code == 200, done.text
    assert done.json()["email"] == after
    assert (await sign_in(app, after)).status_code == 200
    assert (await sign_in(app, before)).status_code == 401
    work = letters.work(world.database, settings, tmp_path)
    for _ in range(2):
        await mail_address_moved(work, object_id=str(await _change(world)))
    told = [content for to, content in letters.read(tmp_path) if to == before]
    assert len(told) == 1
    assert after not in told[0]
    again = await _confirm(world, code)
    assert (again.status_code, again.json()["type"]) == (422, "/problems/code-over")


async def test_the_password_asks(world: World) -> None:
    await give_password(world, "participant")
    refused = await _ask(world, _new(), "autre chose")
    assert refused.status_code == 422
    assert [error["pointer"] for error in refused.json()["errors"]] == ["/password"]
    same = await _ask(world, str(await _address(world)))
    assert [error["pointer"] for error in same.json()["errors"]] == ["/email"]
    client = await world.client("participant")
    body = {"name": "Export", "scope": "write", "expires_at": (now() + timedelta(days=2)).isoformat()}
    token = (await world.post("participant", "/api/v1/auth/tokens", body)).json()["token"]
    async with visitor(world.app, token=token) as program:
        asked = await program.post("/api/v1/auth/address", json={"email": _new(), "password": PASSWORD})
    assert (asked.status_code, asked.json()["type"]) == (403, "/problems/sign-in-needed")
    assert (await client.get("/api/v1/me")).json()["email"] == await _address(world)


async def test_the_code_is_worth_nothing_to_whoever_reads_the_wrong_mailbox(
    world: World, settings: Settings, tmp_path: Path
) -> None:
    """A typing error in the address must not give the account away."""
    before = await give_password(world, "participant")
    code = await _code(world, settings, tmp_path, _new())
    assert (await _confirm(world, code, "visitor")).status_code == 401
    assert (await _confirm(world, code, "stranger")).status_code == 422
    assert await _address(world) == before


async def test_nothing_tells_whether_the_new_address_has_an_account(
    world: World, settings: Settings, tmp_path: Path, statements: list[str]
) -> None:
    before, taken = await give_password(world, "participant"), str(await _address(world, "stranger"))
    answers, sent = [], []
    for email in (taken, taken.upper(), _new()):
        statements.clear()
        answers.append(await _ask(world, email))
        sent.append(list(statements))
        to, content = await _mailed(world, settings, tmp_path)
        assert to == email.lower()
        assert (CODE.search(content) is None) == (to == taken), "only its owner learns that it is taken"
        assert before not in content
    assert {answer.status_code for answer in answers} == {202}
    assert len({answer.content for answer in answers}) == 1
    assert sent[0] == sent[1] == sent[2]


async def test_an_address_that_was_taken_meanwhile_stays_with_who_took_it(
    world: World, settings: Settings, tmp_path: Path
) -> None:
    before, wanted = await give_password(world, "participant"), _new()
    code = await _code(world, settings, tmp_path, wanted)
    async with world.database.sessions() as db:
        other = person("autre")
        other.email = wanted
        db.add(other)
        await db.flush()
        waiting = asyncio.create_task(_confirm(world, code))  # it does not see the other account yet
        await asyncio.sleep(0.3)
        assert not waiting.done()
        await db.commit()
    for refused in (await waiting, await _confirm(world, code)):
        assert (refused.status_code, refused.json()["type"]) == (422, "/problems/code-over")
    assert await _address(world) == before


@pytest.mark.parametrize("over", ["expired", "moved", "twice"])
async def test_a_code_has_its_time(world: World, settings: Settings, tmp_path: Path, over: str) -> None:
    await give_password(world, "participant")
    wanted = _new()
    code = await _code(world, settings, tmp_path, wanted)
    if over == "expired":
        with stopped_at(now() + timedelta(minutes=settings.address_change_minutes)):
            # The login of the tests is longer than an hour, their access token is not: stop the clock of the code alone.
            token = world.token("participant")
            async with visitor(world.app, token=token) as client:
                refused = await client.post("/api/v1/auth/address/confirm", json={"token": code})
        assert refused.status_code == 422
    elif over == "moved":
        other = await _code(world, settings, tmp_path, _new())
        assert (await _confirm(world, other)).status_code == 200
        assert (await _confirm(world, code)).status_code == 422, (
            "it was asked from an address that is the account's no more"
        )
    else:
        answers = await asyncio.gather(*(_confirm(world, code) for _ in range(3)))
        assert sorted(answer.status_code for answer in answers) == [200, 422, 422]


async def test_asking_is_limited(world: World) -> None:
    await give_password(world, "participant")
    statuses = [(await _ask(world, _new())).status_code for _ in range(11)]
    assert statuses == [202] * 10 + [429]


async def test_no_table_holds_the_code_and_no_event_an_address(
    world: World, settings: Settings, tmp_path: Path
) -> None:
    before, after = await give_password(world, "participant"), _new()
    code = await _code(world, settings, tmp_path, after)
    assert (await _confirm(world, code)).status_code == 200
    async with world.database.reading() as connection:
        for table in ("address_changes", "events", "idempotency", "persons", "procrastinate_jobs"):
            words = [code[-43:]] + ([before, after] if table in ("events", "procrastinate_jobs") else [])
            for word in words:
                rows = await connection.execute(
                    text(f"SELECT count(*) FROM {table} t WHERE t::text LIKE :word"), {"word": f"%{word}%"}
                )
                assert rows.scalar_one() == 0, (table, word)
    assert code[-43:] not in masked(f"GET /adresse/{code}")


async def test_old_changes_are_forgotten(world: World, settings: Settings, tmp_path: Path) -> None:
    await give_password(world, "participant")
    async with world.database.sessions() as db:
        past = now() - timedelta(days=60)
        gone = AddressChange(person_id=world.persons["participant"].id, before=_new(), after=_new(), expires_at=past)
        db.add(gone)
        await db.commit()
    assert await forget_addresses(letters.work(world.database, settings, tmp_path)) >= 1
