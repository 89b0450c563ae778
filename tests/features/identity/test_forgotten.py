"""A forgotten password: nothing tells who has an account; one code, one use, one hour; every device is out."""

from __future__ import annotations

import asyncio
import re
import statistics
import time
from datetime import timedelta
from pathlib import Path
from uuid import UUID, uuid4

import httpx
import pytest
from fastapi import FastAPI
from sqlalchemy import func, select, text, update

from app.core.clock import now, stopped_at
from app.core.db import Database
from app.core.events import Event
from app.core.log import masked
from app.features.identity.jobs import forget_resets, mail_reset
from app.features.identity.models import PasswordReset, Person
from app.settings import Settings
from tests.features.identity import letters
from tests.features.identity.doors import PASSWORD, events_of, get_me, give_password, sign_in, visitor, without_id
from tests.world import World

NEW = "deux mésanges sur la haie"
CODE = re.compile(r"alg_pwd_[0-9a-f]{32}_[\w-]{43}", re.ASCII)


async def _ask(app: FastAPI, email: str, address: str | None = None) -> httpx.Response:
    async with visitor(app, address) as client:
        return await client.post("/api/v1/auth/forgotten-password", json={"email": email})


async def _replace(app: FastAPI, token: str, password: str = NEW) -> httpx.Response:
    async with visitor(app) as client:
        return await client.post("/api/v1/auth/reset-password", json={"token": token, "password": password})


async def _newest(database: Database) -> UUID:
    async with database.reading() as connection:
        question = select(PasswordReset.id).order_by(PasswordReset.id.desc()).limit(1)
        return (await connection.execute(question)).scalar_one()


async def _mails(database: Database, settings: Settings, folder: Path) -> list[tuple[str, str]]:
    """What the worker writes for the newest request: to whom, and what."""
    await mail_reset(letters.work(database, settings, folder), object_id=str(await _newest(database)))
    return letters.read(folder)


async def _code(app: FastAPI, world: World, settings: Settings, folder: Path, email: str) -> str:
    """Ask, and read the mail."""
    assert (await _ask(app, email)).status_code == 202
    to, content = (await _mails(world.database, settings, folder))[-1]
    assert to == email
    (code,) = set(CODE.findall(content))
    return str(code)


async def test_a_code_gives_another_password_and_ends_every_login(
    app: FastAPI, world: World, settings: Settings, tmp_path: Path
) -> None:
    email = await give_password(world, "participant")
    device = (await sign_in(app, email)).json()
    code = await _code(app, world, settings, tmp_path, email)
    done = await _replace(app, code)
    assert done.status_code == 200, done.text
    assert done.json()["logins"] >= 1
    assert (await get_me(app, device["access_token"])).status_code == 401
    assert (await (await world.client("participant")).get("/api/v1/me")).status_code == 401
    assert (await sign_in(app, email)).status_code == 401
    assert (await sign_in(app, email, NEW)).status_code == 200
    assert "password.changed" in await events_of(world.database, world.persons["participant"].id)


async def test_a_code_serves_once(app: FastAPI, world: World, settings: Settings, tmp_path: Path) -> None:
    email = await give_password(world, "participant")
    code = await _code(app, world, settings, tmp_path, email)
    answers = await asyncio.gather(*(_replace(app, code, f"{NEW} {n}") for n in range(4)))
    assert sorted(answer.status_code for answer in answers) == [200, 422, 422, 422]
    again = await _replace(app, code)
    assert (again.status_code, again.json()["type"]) == (422, "/problems/code-over")


async def test_a_code_expires(app: FastAPI, world: World, settings: Settings, tmp_path: Path) -> None:
    email = await give_password(world, "participant")
    code = await _code(app, world, settings, tmp_path, email)
    with stopped_at(now() + timedelta(minutes=settings.password_reset_minutes)):
        assert (await _replace(app, code)).status_code == 422
    assert (await _replace(app, code, "court")).json()["errors"][0]["pointer"] == "/password"
    assert (await _replace(app, code)).status_code == 200


@pytest.mark.parametrize("change", ["password", "email", "disabled"])
async def test_a_code_dies_with_what_it_was_made_from(
    app: FastAPI, world: World, settings: Settings, tmp_path: Path, change: str
) -> None:
    email = await give_password(world, "participant")
    code = await _code(app, world, settings, tmp_path, email)
    values = {"email": {"email": f"{uuid4().hex}@alliage.example"}, "disabled": {"state": "disabled"}}
    if change == "password":
        await give_password(world, "participant", "une autre phrase encore")
    else:
        async with world.database.sessions() as db:
            await db.execute(
                update(Person).where(Person.id == world.persons["participant"].id).values(**values[change])
            )
            await db.commit()
    assert (await _replace(app, code)).status_code == 422


async def test_a_code_is_no_other_code(app: FastAPI, world: World, settings: Settings, tmp_path: Path) -> None:
    email = await give_password(world, "participant")
    code = await _code(app, world, settings, tmp_path, email)
    other = code[:8] + uuid4().hex + code[40:]
    refused = [await _replace(app, wrong) for wrong in (other, code[:-1] + "_-"[code[-1] == "_"], "alg_pwd_x", "é")]
    assert {answer.status_code for answer in refused} == {422}
    assert len({str(without_id(answer)) for answer in refused}) == 1
    assert masked(f"GET /mot-de-passe/{code}").count(code[-43:]) == 0


async def test_nothing_tells_whether_there_is_an_account(
    app: FastAPI, world: World, settings: Settings, tmp_path: Path
) -> None:
    disabled = await give_password(world, "colleague")
    async with world.database.sessions() as db:
        await db.execute(update(Person).where(Person.email == disabled).values(state="disabled"))
        await db.commit()
    answers = []
    for email in (await give_password(world, "participant"), f"{uuid4().hex}@alliage.example", disabled):
        answers.append(await _ask(app, email))
        mailed = len(await _mails(world.database, settings, tmp_path))
        assert mailed == 1, "only the account that is open is written to"
    assert {answer.status_code for answer in answers} == {202}
    assert len({answer.content for answer in answers}) == 1
    assert len({str(sorted(set(answer.headers) - {"x-request-id"})) for answer in answers}) == 1


async def test_known_and_unknown_addresses_take_the_same_time(app: FastAPI, world: World) -> None:
    """Compared by the quarter that was served fastest: what else the machine does adds time, and takes none away."""
    people = [await give_password(world, who) for who in ("participant", "colleague", "lead", "observer")]
    took: dict[str, list[float]] = {"known": [], "unknown": []}
    for turn in range(40):
        pair = [("known", people[turn // 2 % 4]), ("unknown", f"{uuid4().hex}@alliage.example")]
        for kind, email in pair if turn % 2 else reversed(pair):
            started = time.perf_counter()
            status = (await _ask(app, email)).status_code
            if status == 202:
                took[kind].append(time.perf_counter() - started)
    known, unknown = (statistics.quantiles(took[kind])[0] for kind in ("known", "unknown"))
    assert 0.6 < known / unknown < 1.6, f"{known * 1000:.1f} ms and {unknown * 1000:.1f} ms"


async def test_the_same_rows_are_written_for_both(app: FastAPI, world: World, statements: list[str]) -> None:
    """What the test above measures, counted: the worker alone sees a difference."""
    sent = {}
    for kind, email in (("known", await give_password(world, "lead")), ("unknown", f"{uuid4().hex}@alliage.example")):
        statements.clear()
        await _ask(app, email)
        sent[kind] = list(statements)
    assert sent["known"] == sent["unknown"]
    assert any("INSERT INTO password_resets" in statement for statement in sent["known"])


async def test_asking_is_limited_by_account_and_by_address(app: FastAPI, world: World) -> None:
    for email in (await give_password(world, "participant"), f"{uuid4().hex}@alliage.example"):
        statuses = [(await _ask(app, email)).status_code for _ in range(6)]
        assert statuses == [202] * 5 + [429]
    here = "2001:db8::77"
    statuses = [(await _ask(app, f"{uuid4().hex}@alliage.example", here)).status_code for _ in range(51)]
    assert statuses == [202] * 50 + [429]


async def test_no_table_holds_the_code_nor_the_address(
    app: FastAPI, world: World, settings: Settings, tmp_path: Path
) -> None:
    unknown = f"{uuid4().hex}@alliage.example"
    await _ask(app, unknown)
    email = await give_password(world, "participant")
    code = await _code(app, world, settings, tmp_path, email)
    async with world.database.reading() as connection:
        for table in ("password_resets", "events", "idempotency", "persons", "attempts", "procrastinate_jobs"):
            for word in (code[-43:], unknown):
                rows = await connection.execute(
                    text(f"SELECT count(*) FROM {table} t WHERE t::text LIKE :word"), {"word": f"%{word}%"}
                )
                assert rows.scalar_one() == 0, (table, word)
        question = select(func.count()).select_from(Event.__table__).where(text("events::text LIKE :address"))
        assert (await connection.execute(question, {"address": f"%{email}%"})).scalar_one() == 0


async def test_the_mail_leaves_once(app: FastAPI, world: World, settings: Settings, tmp_path: Path) -> None:
    email = await give_password(world, "participant")
    await _ask(app, email)
    assert len(await _mails(world.database, settings, tmp_path)) == 1
    assert len(await _mails(world.database, settings, tmp_path)) == 1


async def test_old_requests_are_forgotten(app: FastAPI, world: World, settings: Settings, tmp_path: Path) -> None:
    with stopped_at(now() - timedelta(days=60)):
        await _ask(app, await give_password(world, "participant"))
    assert await forget_resets(letters.work(world.database, settings, tmp_path)) >= 1


async def test_the_password_of_before_still_opens_while_nothing_was_chosen(
    app: FastAPI, world: World, settings: Settings, tmp_path: Path
) -> None:
    email = await give_password(world, "participant")
    await _code(app, world, settings, tmp_path, email)
    assert (await sign_in(app, email, PASSWORD)).status_code == 200
