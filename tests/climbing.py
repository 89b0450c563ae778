"""One route, tried by everybody on the ladder of callers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import uuid4

import httpx

from tests.world import LADDER, World

SAME_REQUEST = "climbing-0001"
"""The request identifier that tests send, so that two refusals can be compared byte for byte."""


async def call(world: World, who: str, method: str, path: str, body: Any = None, **headers: str) -> httpx.Response:
    """One request as `who`, on any version of the object unless `headers` says which."""
    client = await world.client(who)
    sent = {"X-Request-Id": SAME_REQUEST, "Idempotency-Key": str(uuid4()), "If-Match": "*"} | headers
    if headers.get("If-Match") == "":
        del sent["If-Match"]
    return await client.request(method, f"/api/v1{path}", json=body, headers=sent)


async def climb(
    world: World, method: str, path: str, refused: Mapping[str, int], body: Any = None
) -> dict[str, httpx.Response]:
    """Everybody tries; those in `refused` get that status, the first of the others succeeds.

    A later success may be a 409, since the first one may have closed what the second wants to close.
    """
    answers = {who: await call(world, who, method, path, body) for who in LADDER}
    statuses = {who: answer.status_code for who, answer in answers.items()}
    expected = {who: refused.get(who, statuses[who]) for who in LADDER}
    assert statuses == expected, (method, path, {w: a.text for w, a in answers.items() if statuses[w] != expected[w]})
    allowed = [statuses[who] for who in LADDER if who not in refused]
    assert not allowed or allowed[0] < 300, (method, path, statuses, [a.text for a in answers.values()][-1])
    assert all(status < 300 or status in (409, 412) for status in allowed), (method, path, statuses)
    return answers


async def assert_hidden_like_unknown(
    world: World, who: str, method: str, hidden: str, unknown: str, body: Any = None
) -> None:
    """What `who` may not see answers 404, byte for byte like what does not exist."""
    one, other = await call(world, who, method, hidden, body), await call(world, who, method, unknown, body)
    assert one.status_code == other.status_code == 404, (method, hidden, one.text)
    assert one.content == other.content
    assert _kept(one) == _kept(other)


def _kept(answer: httpx.Response) -> dict[str, str]:
    return {name: value for name, value in answer.headers.items() if name != "date"}
