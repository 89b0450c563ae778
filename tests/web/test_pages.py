"""The pages of the service itself: what a browser meets first, and what it is told instead of JSON."""

from __future__ import annotations

import re

import httpx
import pytest
from fastapi import FastAPI

from app.web.refusals import Refusal
from tests.browser import FROM_OUR_PAGES
from tests.world import World

BROWSER = {"Accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"}


async def test_a_visitor_is_told_what_this_is_and_where_to_go(
    client: httpx.AsyncClient, world: World, asked: list[str]
) -> None:
    asked.clear()
    front = await client.get("/", headers=BROWSER)
    assert 2 < len(asked) <= 12, asked
    for said in ('href="/connexion"', 'href="/lire"', 'href="/demarches"', "Plusieurs voix"):
        assert said in front.text
    assert world.restricted.title not in front.text
    english = await client.get("/", headers=BROWSER | {"Accept-Language": "en"})
    assert 'lang="en"' in english.text
    assert "Se connecter" not in english.text


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
        assert 'href="/"' in shown.text
        assert "Il n’y a rien" in shown.text
        assert shown.headers["x-request-id"] in shown.text
        for accepted in ("*/*", "application/json", "application/problem+json"):
            said = await client.get(address, headers={"Accept": accepted})
            assert said.headers["content-type"] == "application/problem+json"
            assert said.json()["detail"] == "Il n’y a rien à cette adresse."
    posted = await client.post("/api/v1/auth/sign-in", json={}, headers=BROWSER)
    assert posted.headers["content-type"] == "application/problem+json"
    method = await client.post("/lire", data={"x": "1"}, headers=BROWSER | FROM_OUR_PAGES)
    assert method.status_code == 405
    assert "<h1" in method.text


@pytest.mark.parametrize("language", ["fr", "en"])
async def test_what_the_shell_refuses_is_a_page_too_and_needs_nothing_but_itself(
    client: httpx.AsyncClient, language: str
) -> None:
    reader = BROWSER | {"Accept-Language": language}
    long = await client.get(f"/lire?q={'x' * 9000}", headers=reader)
    form = {"Content-Type": "application/x-www-form-urlencoded"}
    large = await client.post("/connexion", content=b"x" * 1_100_000, headers=reader | form)
    for shown, status in ((long, 414), (large, 413)):
        assert shown.status_code == status
        assert shown.headers["content-type"] == "text/html; charset=utf-8"
        assert shown.headers["content-language"] == language
        assert f'lang="{language}"' in shown.text
        assert not re.search(r'(src|href)="(?!/"|/problems/)', shown.text), "it needs no other file"
        assert "'sha256-" in shown.headers["content-security-policy"]
        assert "unsafe" not in shown.headers["content-security-policy"]
        assert shown.headers["x-request-id"] in shown.text
    assert ("too large" in large.text or "larger" in large.text) is (language == "en")
    program = await client.post("/connexion", content=b"x" * 1_100_000, headers=form)
    assert program.headers["content-type"] == "application/problem+json"


async def test_what_nobody_foresaw_gives_its_number(app: FastAPI, client: httpx.AsyncClient) -> None:
    database = app.state.database
    app.state.database = None
    try:
        shown = await client.get("/lire", headers=BROWSER)
        said = await client.get("/lire", headers={"Accept": "*/*"})
    finally:
        app.state.database = database
    assert shown.status_code == said.status_code == 500
    assert shown.headers["x-request-id"] in shown.text
    assert "Traceback" not in shown.text
    assert said.json()["request_id"] == said.headers["x-request-id"]


async def test_refusals_are_spaced_as_french_is(client: httpx.AsyncClient) -> None:
    refused = (await client.get("/api/v1/editions", params={"limit": "deux"})).json()
    assert refused["detail"] == "Des valeurs sont refusées\u00a0: voir «\u00a0errors\u00a0»."
    known = Refusal(413, "essai", "Essai", "Trop long : coupez ; merci.", "Nothing.", "/body")
    assert known.body().decode().count("Trop long\u00a0: coupez\u202f; merci.") == 2


@pytest.mark.parametrize(
    ("charset", "status"),
    [("punycode", 400), ("unicode_escape", 400), ("undefined", 400), ("utf-16", 400), ("UTF-8", 401), ("", 401)],
)
async def test_no_form_chooses_how_its_letters_are_read(client: httpx.AsyncClient, charset: str, status: int) -> None:
    """Letters read as `punycode` take a time that grows as their square: nobody else is served meanwhile."""
    part = 'Content-Disposition: form-data; name="{}"\r\n\r\n{}\r\n'
    sent = {"email": "a@b.example", "password": "\\ud800", "vers": "/"}
    body = "".join(f"--xx\r\n{part.format(name, value)}" for name, value in sent.items()) + "--xx--\r\n"
    kind = "multipart/form-data; boundary=xx" + (f"; charset={charset}" if charset else "")
    answer = await client.post("/connexion", content=body, headers=BROWSER | FROM_OUR_PAGES | {"Content-Type": kind})
    assert answer.status_code == status, answer.text
