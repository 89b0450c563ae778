"""What invitations and accounts tell of themselves is what the rules say, as for every other object."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import pytest

from app.policy.rules import ABILITIES, RULES
from tests.world import World


async def _invited(world: World) -> dict[str, Any]:
    body = {
        "email": f"{uuid4().hex[:12]}@alliage.example",
        "organisation_id": str(world.organisation.id),
        "powers": ["contributes"],
    }
    made: dict[str, Any] = (await world.post("lead", "/api/v1/invitations", body)).json()
    return made


async def _of(world: World, who: str, path: str) -> list[str]:
    client = await world.client(who)
    found: list[str] = (await client.get(f"/api/v1{path}")).json()["abilities"]
    return found


async def test_an_invitation_says_what_can_be_done_with_it(world: World) -> None:
    made = await _invited(world)
    for who in ("lead", "admin"):
        assert await _of(world, who, f"/invitations/{made['id']}") == ["invitation:send"]
    await world.post("lead", f"/api/v1/invitations/{made['id']}/revoke", **{"If-Match": "*"})
    assert await _of(world, "lead", f"/invitations/{made['id']}") == []


async def test_an_account_says_what_its_reader_can_do_with_it(world: World) -> None:
    admin, other = world.persons["admin"].id, world.persons["participant"].id
    assert await _of(world, "participant", "/me") == ["person:edit"]
    assert await _of(world, "admin", "/me") == ["person:edit", "account:manage"]
    assert await _of(world, "admin", f"/persons/{admin}") == ["person:edit", "account:manage"]
    assert await _of(world, "admin", f"/persons/{other}") == ["account:manage"]


@pytest.mark.parametrize("kind", ["invitation", "person"])
async def test_a_rule_that_changes_is_told(world: World, monkeypatch: pytest.MonkeyPatch, kind: str) -> None:
    """The control: were they worked out apart from the rules, they would not follow. (An actor remembers: ask before they do.)"""
    made = await _invited(world)
    path, who = {"invitation": (f"/invitations/{made['id']}", "admin"), "person": ("/me", "participant")}[kind]
    for action in ABILITIES[kind]:
        monkeypatch.setitem(RULES, action, ())
    assert await _of(world, who, path) == []
