"""The plain pages: what a browser meets first, and what it is told instead of JSON."""

from __future__ import annotations

import httpx

from app.web.refusals import Refusal

BROWSER = {"Accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"}


async def test_the_guide_has_no_table_to_squeeze_and_shows_no_backtick(client: httpx.AsyncClient) -> None:
    guide = (await client.get("/api")).text
    assert "<table" not in guide
    assert "`" not in guide
    assert "<code>GET /editions/{edition_id}</code>" in guide
    problem = (await client.get("/problems/precondition-required")).text
    assert "`" not in problem


async def test_a_browser_is_refused_on_a_page_and_a_program_in_json(client: httpx.AsyncClient) -> None:
    for address in ("/nulle-part", "/api/v1/editions/nulle-part"):
        shown = await client.get(address, headers=BROWSER)
        assert shown.status_code == 404
        assert shown.headers["content-type"].startswith("text/html")
        assert shown.headers["cache-control"] == "no-store"
        assert "default-src 'none'" in shown.headers["content-security-policy"]
        assert '<a href="/">' in shown.text
        assert "Il n’y a rien à cette adresse." in shown.text
        for accepted in ("*/*", "application/json", "application/problem+json"):
            said = await client.get(address, headers={"Accept": accepted})
            assert said.headers["content-type"] == "application/problem+json"
            assert said.json()["detail"] == "Il n’y a rien à cette adresse."
    posted = await client.post("/api/v1/auth/sign-in", json={}, headers=BROWSER)
    assert posted.headers["content-type"] == "application/problem+json"


async def test_refusals_are_spaced_as_french_is(client: httpx.AsyncClient) -> None:
    refused = (await client.get("/api/v1/editions", params={"limit": "deux"})).json()
    assert refused["detail"] == "Des valeurs sont refusées\u00a0: voir «\u00a0errors\u00a0»."
    known = Refusal(413, "essai", "Essai", "Trop long : coupez ; merci.", "Nothing.", "/body")
    assert known.body().decode().count("Trop long\u00a0: coupez\u202f; merci.") == 2
