"""Invitations: one mailbox, one use, one date; the code is in the mail and nowhere else."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest
from fastapi import FastAPI
from sqlalchemy import select, text

from app.core.clock import now, stopped_at
from app.core.db import Database
from app.core.log import masked
from app.core.mail import FolderMailer
from app.core.versions import ANY_VERSION
from app.features.identity.actions.invitations import revoke
from app.features.identity.links import invitation_link, invitation_named, invitation_token, is_its_token
from app.features.identity.mails import invitation_mail
from app.features.identity.models import Invitation, Mandate, Person
from app.features.identity.queries.invitations import find_letter
from app.settings import Settings
from tests.features.identity.doors import PASSWORD, events_of, new_key, sign_in, visitor, without_id
from tests.world import LADDER, World

URL = "/api/v1/invitations"
PROOF = 43
"""The characters of a code that prove it; a `_` may be one of them."""


def _body(world: World, email: str | None = None, **more: Any) -> dict[str, Any]:
    return {
        "email": email or f"{uuid4().hex[:12]}@alliage.example",
        "organisation_id": str(world.organisation.id),
        "powers": ["contributes"],
    } | more


async def _invited(world: World, who: str = "lead", email: str | None = None, **more: Any) -> dict[str, Any]:
    answer = await world.post(who, URL, _body(world, email, **more))
    assert answer.status_code == 201, answer.text
    invitation: dict[str, Any] = answer.json()
    return invitation


async def _code(world: World, settings: Settings, invitation_id: str) -> str:
    """What the worker would write in the mail."""
    async with world.database.reading() as connection:
        letter = await find_letter(connection, UUID(invitation_id))
    assert letter is not None
    return invitation_token(settings, letter)


async def _accept(app: FastAPI, token: str, bearer: str | None = None, key: Any = None, **more: Any) -> httpx.Response:
    async with visitor(app, token=bearer) as client:
        return await client.post(f"{URL}/accept", json={"token": token} | more, headers=key or new_key())


async def test_an_acceptance_whose_answer_was_lost_is_answered_again(
    world: World, app: FastAPI, settings: Settings
) -> None:
    made = await _invited(world, email=f"{uuid4().hex}@exemple.org")
    code, key = await _code(world, settings, made["id"]), new_key()
    first = await _accept(app, code, key=key, **_new_account())
    again = await _accept(app, code, key=key, **_new_account())
    assert first.status_code == again.status_code == 200, again.text
    assert first.content == again.content
    assert (await _accept(app, code, **_new_account())).status_code == 409


def _new_account() -> dict[str, str]:
    return {"name": "Personne Nouvelle", "password": PASSWORD}


@contextmanager
def _later(days: int) -> Iterator[None]:
    with stopped_at(now() + timedelta(days=days)):
        yield


@pytest.mark.parametrize(
    ("who", "sent", "read"),
    [
        ("visitor", 401, 404),
        ("stranger", 403, 404),
        ("observer", 403, 404),
        ("outsider", 403, 404),
        ("participant", 403, 404),
        ("facilitator", 403, 404),
        ("copilot", 403, 404),
        ("lead", 201, 200),
        ("admin", 201, 200),
    ],
)
async def test_who_invites_and_who_reads_invitations(world: World, who: str, sent: int, read: int) -> None:
    made = await _invited(world)
    client = await world.client(who)
    assert (await world.post(who, URL, _body(world))).status_code == sent
    one = await client.get(f"{URL}/{made['id']}")
    assert one.status_code == read
    listed = (await client.get(URL, params={"organisation_id": str(world.organisation.id)})).json()["items"]
    assert (made["id"] in {item["id"] for item in listed}) == (read == 200)
    for verb in ("renew", "revoke"):
        moved = await world.post(who, f"{URL}/{made['id']}/{verb}", **{"If-Match": "*"})
        assert moved.status_code == read, moved.text
    if read == 404:
        assert without_id(one) == without_id(await client.get(f"{URL}/{uuid4()}"))


@pytest.mark.parametrize("who", LADDER)
async def test_a_code_is_told_to_nobody_but_the_mailbox(world: World, settings: Settings, who: str) -> None:
    made = await _invited(world)
    code = await _code(world, settings, made["id"])
    proof = code[-PROOF:]
    client = await world.client(who)
    for path in (f"{URL}/{made['id']}", URL):
        assert proof not in (await client.get(path)).text
    assert proof not in str(made)


async def test_no_table_holds_the_code(world: World, settings: Settings, database: Database) -> None:
    made = await _invited(world)
    proof = (await _code(world, settings, made["id"]))[-PROOF:]
    async with database.reading() as connection:
        for table in ("invitations", "events", "idempotency", "persons"):
            rows = await connection.execute(
                text(f"SELECT count(*) FROM {table} t WHERE t::text LIKE :proof"), {"proof": f"%{proof}%"}
            )
            assert rows.scalar_one() == 0, table
        rows = await connection.execute(
            text("SELECT count(*) FROM events e WHERE e::text LIKE :address"), {"address": f"%{made['email']}%"}
        )
        assert rows.scalar_one() == 0


async def test_a_new_mailbox_makes_an_account_and_takes_the_mandate(
    world: World, app: FastAPI, settings: Settings
) -> None:
    made = await _invited(world, powers=["speaks", "contributes"], initiative_id=str(world.initiative.id))
    code = await _code(world, settings, made["id"])
    async with visitor(app) as client:
        facts = (await client.post(f"{URL}/inspect", json={"token": code})).json()
    assert facts["organisation"]["name"] == world.organisation.name
    assert facts["initiative"]["title"] == world.initiative.title
    assert facts["invited_by"] == world.persons["lead"].name
    assert facts["powers"] == ["contributes", "speaks"]
    assert facts["account_exists"] is False

    done = await _accept(app, code, **_new_account())
    assert done.status_code == 200, done.text
    assert done.json()["account_created"]
    tokens = (await sign_in(app, made["email"])).json()
    async with visitor(app, token=tokens["access_token"]) as client:
        me = (await client.get("/api/v1/me")).json()
    assert [mandate["powers"] for mandate in me["mandates"]] == [["contributes", "speaks"]]
    assert [p["initiative"]["id"] for p in me["participations"]] == [str(world.initiative.id)]
    async with world.database.reading() as connection:
        row = (
            await connection.execute(select(Mandate.given_by).where(Mandate.id == UUID(done.json()["mandate_id"])))
        ).one()
    assert row.given_by == world.persons["lead"].id
    assert await events_of(world.database, UUID(made["id"])) == ["invitation.sent", "invitation.accepted"]


async def test_an_invitation_serves_once(world: World, app: FastAPI, settings: Settings) -> None:
    made = await _invited(world)
    code = await _code(world, settings, made["id"])
    answers = await asyncio.gather(*(_accept(app, code, **_new_account()) for _ in range(4)))
    assert min(answer.status_code for answer in answers) == 200
    assert sum(answer.status_code == 200 for answer in answers) == 1
    again = await _accept(app, code, **_new_account())
    assert again.status_code == 409
    assert again.json()["reason"] == "accepted"
    async with visitor(app) as client:
        assert (await client.post(f"{URL}/inspect", json={"token": code})).status_code == 409
    async with world.database.reading() as connection:
        persons = await connection.execute(select(Person.id).where(Person.email == made["email"]))
        assert len(persons.all()) == 1


async def test_an_invitation_expires(world: World, app: FastAPI, settings: Settings) -> None:
    made = await _invited(world)
    code = await _code(world, settings, made["id"])
    with _later(settings.invitation_days + 1):
        refused = await _accept(app, code, **_new_account())
    assert refused.status_code == 409
    assert refused.json()["reason"] == "expired"
    assert (await _accept(app, code, **_new_account())).status_code == 200


async def test_what_was_revoked_or_renewed_works_no_more(world: World, app: FastAPI, settings: Settings) -> None:
    made = await _invited(world)
    old = await _code(world, settings, made["id"])
    renewed = await world.post("lead", f"{URL}/{made['id']}/renew", **{"If-Match": "*"})
    assert renewed.status_code == 200, renewed.text
    new = await _code(world, settings, made["id"])
    assert (await _accept(app, old, **_new_account())).status_code == 404
    revoked = await world.post("lead", f"{URL}/{made['id']}/revoke", **{"If-Match": renewed.headers["etag"]})
    assert revoked.json()["state"] == "revoked"
    assert revoked.json()["abilities"] == []
    refused = await _accept(app, new, **_new_account())
    assert refused.status_code == 409
    assert refused.json()["reason"] == "revoked"
    for verb in ("renew", "revoke"):
        path = f"{URL}/{made['id']}/{verb}"
        assert (await world.post("lead", path, **{"If-Match": "*"})).status_code == 409
        assert (await world.post("lead", path, **{"If-Match": renewed.headers["etag"]})).status_code == 412
        assert (await world.post("lead", path)).status_code == 428


async def test_an_invitation_is_not_accepted_while_it_is_taken_back(
    world: World, app: FastAPI, settings: Settings
) -> None:
    made = await _invited(world)
    code = await _code(world, settings, made["id"])
    async with world.database.sessions() as db:
        await revoke(db, await world.actor("lead"), UUID(made["id"]), ANY_VERSION)
        accepting = asyncio.create_task(_accept(app, code, **_new_account()))
        await asyncio.sleep(0.4)
        assert not accepting.done()
        await db.commit()
    refused = await accepting
    assert refused.status_code == 409
    assert refused.json()["reason"] == "revoked"


async def test_an_existing_account_signs_in_first(world: World, app: FastAPI, settings: Settings) -> None:
    made = await _invited(world, email=world.persons["outsider"].email)
    code = await _code(world, settings, made["id"])
    async with visitor(app) as client:
        facts = (await client.post(f"{URL}/inspect", json={"token": code})).json()
    assert facts["account_exists"] is True

    nobody = await _accept(app, code, **_new_account())
    assert nobody.status_code == 401
    assert nobody.json()["type"] == "/problems/sign-in-first"
    other = await _accept(app, code, world.token("stranger"))
    assert other.status_code == 409
    assert other.json()["type"] == "/problems/other-mailbox"
    async with world.database.reading() as connection:
        kept = await connection.execute(select(Person.password).where(Person.id == world.persons["outsider"].id))
        assert kept.scalar_one() is None, "an invitation never sets the password of an account that exists"

    mine = await _accept(app, code, world.token("outsider"))
    assert mine.status_code == 200, mine.text
    assert mine.json() == {
        "person_id": str(world.persons["outsider"].id),
        "mandate_id": mine.json()["mandate_id"],
        "account_created": False,
    }
    assert (await world.actor("outsider")).organisations == {world.other.id, world.organisation.id}


async def test_somebody_signed_in_does_not_open_an_account_for_another_mailbox(
    world: World, app: FastAPI, settings: Settings
) -> None:
    made = await _invited(world)
    code = await _code(world, settings, made["id"])
    refused = await _accept(app, code, world.token("stranger"), **_new_account())
    assert refused.status_code == 409
    assert refused.json()["type"] == "/problems/other-mailbox"


async def test_an_invitation_does_not_outlive_who_sent_it(world: World, app: FastAPI, settings: Settings) -> None:
    """Somebody who is removed must not come back through a mailbox that they invited before."""
    made = await _invited(world)
    code = await _code(world, settings, made["id"])
    gone = await world.post("admin", f"/api/v1/mandates/{world.mandates['lead'].id}/end", **{"If-Match": "*"})
    assert gone.status_code == 200, gone.text
    refused = await _accept(app, code, **_new_account())
    assert refused.status_code == 409
    assert refused.json()["reason"] == "inviter_left"
    async with world.database.reading() as connection:
        persons = await connection.execute(select(Person.id).where(Person.email == made["email"]))
        assert persons.all() == [], "nothing half written"
    by_admin = await _invited(world, who="admin")
    done = await _accept(app, await _code(world, settings, by_admin["id"]), **_new_account())
    assert done.status_code == 200, done.text
    told = await events_of(world.database, UUID(done.json()["mandate_id"]))
    assert told == ["mandate.given", "mandate.given_by_administrator"], "co-pilots see whom an administrator lets in"


async def test_an_administrator_accepts_no_mandate(world: World, app: FastAPI, settings: Settings) -> None:
    made = await _invited(world, email=world.persons["admin"].email)
    refused = await _accept(app, await _code(world, settings, made["id"]), world.token("admin"))
    assert refused.status_code == 409, refused.text
    assert refused.json()["type"] == "/problems/administrator-without-mandate"
    assert await events_of(world.database, UUID(made["id"])) == ["invitation.sent"]


async def test_what_is_missing_is_said(world: World, app: FastAPI, settings: Settings) -> None:
    made = await _invited(world)
    code = await _code(world, settings, made["id"])
    for more, pointer in (
        ({}, "/name"),
        ({"name": "Personne Nouvelle"}, "/password"),
        ({"name": "Personne Nouvelle", "password": "123456789012"}, "/password"),
    ):
        refused = await _accept(app, code, **more)
        assert refused.status_code == 422
        assert [error["pointer"] for error in refused.json()["errors"]] == [pointer]
    assert (await _accept(app, code, **_new_account())).status_code == 200


async def test_codes_that_we_did_not_make_are_unknown(world: World, app: FastAPI, settings: Settings) -> None:
    made = await _invited(world)
    other = await _invited(world)
    code = await _code(world, settings, made["id"])
    swapped = f"alg_inv_{UUID(other['id']).hex}_{code[-PROOF:]}"
    last = "A" if code[-5] != "A" else "B"
    forged = [swapped, code[:-5] + last + code[-4:], f"alg_inv_{uuid4().hex}_{'A' * 43}", "alg_inv_", "é", code + "x"]
    answers = [await _accept(app, token, **_new_account()) for token in forged]
    async with visitor(app) as client:
        answers += [await client.post(f"{URL}/inspect", json={"token": token}) for token in forged]
    assert {answer.status_code for answer in answers} == {404}
    assert len({str(without_id(answer)) for answer in answers}) == 1


async def test_a_lead_invites_for_nothing_else(world: World) -> None:
    for other in (world.other.id, uuid4()):
        answer = await world.post("lead", URL, _body(world, organisation_id=str(other)))
        assert answer.status_code == 403
    hidden = await world.post("lead", URL, _body(world, initiative_id=str(world.elsewhere.id)))
    unknown = await world.post("lead", URL, _body(world, initiative_id=str(uuid4())))
    assert hidden.status_code == unknown.status_code == 422
    assert without_id(hidden) == without_id(unknown)


async def test_inviting_does_not_tell_whether_there_is_an_account(world: World) -> None:
    known = await _invited(world, email=world.persons["stranger"].email)
    unknown = await _invited(world)
    for name in ("id", "email", "created_at", "expires_at", "version"):
        known.pop(name)
        unknown.pop(name)
    assert known == unknown


async def test_one_invitation_waits_for_one_mailbox(world: World) -> None:
    made = await _invited(world)
    again = await world.post("lead", URL, _body(world, made["email"].upper()))
    assert again.status_code == 409
    assert again.json()["invitation_id"] == made["id"]
    everywhere = await world.post("lead", URL, _body(world, made["email"], initiative_id=str(world.initiative.id)))
    assert everywhere.status_code == 201, everywhere.text


async def test_the_worker_makes_the_mail_again_from_what_is_stored(
    world: World, settings: Settings, database: Database, tmp_path: Any
) -> None:
    made = await _invited(world, initiative_id=str(world.initiative.id))
    async with database.reading() as connection:
        letter = await find_letter(connection, UUID(made["id"]))
        invitation = (
            await connection.execute(select(Invitation.__table__).where(Invitation.id == UUID(made["id"])))
        ).one()
        assert await find_letter(connection, uuid4()) is None
    assert letter is not None
    message = invitation_mail(settings, letter)
    assert message.to == made["email"]
    assert invitation_link(settings, letter) in message.text
    assert world.organisation.name in message.subject
    assert world.initiative.title in message.text
    assert invitation_link(settings, invitation) == invitation_link(settings, letter)
    await FolderMailer(tmp_path / "mail", settings.mail_from).send(message)


@dataclass(frozen=True)
class _Row:
    id: UUID
    expires_at: Any


def test_a_code_is_bound_to_its_invitation_its_end_and_the_key(settings: Settings) -> None:
    row = _Row(uuid4(), now())
    code = invitation_token(settings, row)
    assert invitation_named(code) == row.id
    assert is_its_token(settings, row, code)
    for other in (
        invitation_token(settings, _Row(uuid4(), row.expires_at)),
        invitation_token(settings, _Row(row.id, row.expires_at + timedelta(seconds=1))),
        invitation_token(settings.model_copy(update={"secret": type(settings.secret)("another secret of " * 3)}), row),
    ):
        assert not is_its_token(settings, row, other)
    said = masked(f"GET /invitation/{code} HTTP/1.1")
    assert code[-PROOF:] not in said
    assert code.removeprefix("alg_inv_") not in said
