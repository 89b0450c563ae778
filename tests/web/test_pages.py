"""The plain pages: what a browser meets first, and what it is told instead of JSON."""

from __future__ import annotations

import httpx


async def test_the_guide_has_no_table_to_squeeze_and_shows_no_backtick(client: httpx.AsyncClient) -> None:
    guide = (await client.get("/api")).text
    assert "<table" not in guide
    assert "`" not in guide
    assert "<code>GET /editions/{edition_id}</code>" in guide
    problem = (await client.get("/problems/precondition-required")).text
    assert "`" not in problem
