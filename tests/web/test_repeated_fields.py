"""A field that has one value and is sent twice is refused: parsers differ on which one counts, and ours did too."""

from __future__ import annotations

from html import unescape
from uuid import uuid4

import pytest
from fastapi import FastAPI
from sqlalchemy import func, select

from app.features.attachments.models import Attachment
from app.features.statements.models import Statement
from tests.browser import FROM_OUR_PAGES, Browser, signed_in
from tests.features.statements.test_pages import action, composer, publish
from tests.world import World

TWICE = "Ce champ est envoyé deux fois"


def fields(one: Browser, world: World, **changed: object) -> dict[str, object]:
    """What the composer sends."""
    voice = f"organisation:{world.organisation.id}"
    said = {"kind": "need", "title": "Titre", "markdown": "Des mots.", "organisation_id": voice}
    return said | {"csrf": one.csrf, "idempotency_key": str(uuid4())} | changed


@pytest.mark.parametrize("name", ["title", "organisation_id", "markdown", "idempotency_key", "csrf", "unknown"])
async def test_a_field_said_twice_is_refused_and_nothing_is_lost(app: FastAPI, world: World, name: str) -> None:
    async with signed_in(app, world, "participant") as one:
        await one.open(composer(world))
        said = fields(one, world)
        one_value = said.get(name, "x")
        refused = await one.post(action(world), said | {name: [one_value, one_value]})
        assert refused.status_code == 422
        assert TWICE in refused.text.replace("\u00a0", " ")
        assert "Des mots." in unescape(refused.text)
        async with world.database.sessions() as db:
            here = select(func.count()).where(Statement.space_id == world.restricted.id)
            assert not await db.scalar(here)
        assert (await one.post(action(world), fields(one, world))).status_code == 200, "control: said once"


async def test_what_may_be_chosen_several_times_is(app: FastAPI, world: World) -> None:
    async with signed_in(app, world, "participant") as one:
        await one.open(composer(world))
        answer = await one.post(action(world), fields(one, world, tags=["", ""]))
        assert answer.status_code == 200, answer.text
        carried = {"email": "a@b.example", "password": "x" * 12, "vers": "/", "garde:tags": ["one", "two"]}
        assert TWICE not in (await one.post("/connexion", carried)).text


async def test_a_form_that_brings_a_file_obeys_the_same_rule(app: FastAPI, world: World) -> None:
    async with signed_in(app, world, "participant") as one:
        path = await publish(one, world)
        await one.open(path)
        said = {"csrf": one.csrf, "idempotency_key": str(uuid4())}
        for twice, status in ((said | {"csrf": [one.csrf, one.csrf]}, 422), (said, 303)):
            sent = await one.client.post(
                f"{path}/fichiers",
                data=twice,
                files={"file": ("deux-fois.txt", b"Des mots.", "text/plain")},
                headers=FROM_OUR_PAGES,
            )
            assert sent.status_code == status, sent.text
    async with world.database.sessions() as db:
        assert await db.scalar(select(func.count()).where(Attachment.name == "deux-fois.txt")) == 1
