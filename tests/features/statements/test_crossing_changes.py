"""A contribution and its replies change at the same instant: everybody is served, nobody waits for each other."""

from __future__ import annotations

import asyncio
from typing import Any

import psycopg
import pytest
from sqlalchemy import select

from app.features.statements.models import Statement
from app.web.problems import ChangesCrossed, _problem_of_database
from tests.climbing import call
from tests.factories import make_contribution, make_reply
from tests.world import World

ROUNDS = 15


@pytest.mark.parametrize(
    ("verb", "body"),
    [("PATCH", {"side": "for"}), ("moderate", {"reason": "off_topic"}), ("withdraw", {"reason": "mistake"})],
)
async def test_a_contribution_and_its_replies_change_at_once(world: World, verb: str, body: dict[str, Any]) -> None:
    """The consent of the contribution is tightened and widened, which its replies follow, while replies change."""
    who = "copilot" if verb == "moderate" else "colleague"
    root = await make_contribution(world)
    expected = 0
    for n in range(ROUNDS):
        replies = [await make_reply(world, root, side="against") for _ in range(3)]
        consent = {"consent": "internal" if n % 2 else "profile"}
        method, path = ("PATCH", "") if verb == "PATCH" else ("POST", f"/{verb}")
        answers = await asyncio.gather(
            call(world, "participant", "PATCH", f"/contributions/{root.id}", consent),
            *(call(world, who, method, f"/replies/{reply.id}{path}", body) for reply in replies),
        )
        assert {answer.status_code for answer in answers} == {200}, [answer.text[:300] for answer in answers]
        expected += len(replies) if verb == "PATCH" else 0
    async with world.database.reading() as connection:
        row = (await connection.execute(select(Statement.__table__).where(Statement.id == root.id))).one()
    assert row.replies_for == expected


def test_a_deadlock_has_words_of_its_own() -> None:
    problem = _problem_of_database(psycopg.errors.DeadlockDetected(), gone=False)
    assert isinstance(problem, ChangesCrossed)
    assert problem.headers["Retry-After"] == "1"
