"""Rights come from mandates: which one signs when there are two."""

from __future__ import annotations

import json
from uuid import uuid4

import pytest

from app.policy.standing import actor_from


@pytest.mark.parametrize("first", [["manages"], ["contributes"]])
def test_two_mandates_add_their_powers_and_the_one_that_writes_signs(first: list[str]) -> None:
    second = ["contributes"] if first == ["manages"] else ["manages"]
    initiative, organisation, space = str(uuid4()), str(uuid4()), str(uuid4())
    mandates = {tuple(first): str(uuid4()), tuple(second): str(uuid4())}
    standing = {
        "person": str(uuid4()),
        "login": None,
        "admin": False,
        "write": True,
        "held": [[organisation, first, False], [organisation, second, False]],
        "seats": [
            [initiative, organisation, "participant", mandate, list(powers)] for powers, mandate in mandates.items()
        ],
        "spaces": [[space, initiative, "members"]],
        "members": [[space, organisation]],
        "facilitated": None,
        "granted": None,
    }
    actor = actor_from(json.dumps(standing))
    [seat] = actor.seats.values()
    assert seat.powers == {"manages", "contributes"}
    assert str(seat.mandate_id) == mandates[("contributes",)]
    assert [str(mandate) for mandate in actor.voices.values()] == [mandates[("contributes",)]]
