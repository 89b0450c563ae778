"""What the base island does on every page, tried on a small page of our own that has its layout's places."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, Route, expect

from app.web.assets import asset, assets
from app.web.templates import PAGE_POLICY
from tests.e2e.browsing import Hands, Watch
from tests.e2e.conftest import NewPage

HTML = {"Content-Type": "text/html; charset=utf-8", "Content-Security-Policy": PAGE_POLICY}
WORDS = "Il nous manque deux mois."


def _page() -> str:
    return f"""<!doctype html><html lang="fr"><head><title>Essai</title><meta name="csrf" content="first">
      <link rel="stylesheet" href="{asset("alliage.css")}"><script type="module" src="{asset("base.js")}"></script></head>
      <body><form role="search"><label>Rechercher <input type="search" name="q"></label></form>
      <main><div class="wrap"><div id="dialog"></div><h1>Essai</h1>
      <form id="form" hx-post="/essai/garder" hx-target="#kept" hx-swap="outerHTML">
      <input type="hidden" name="csrf" value="first"><textarea name="text" aria-label="Texte"></textarea>
      <button>Garder</button></form><section id="kept"></section></div></main>
      <div id="live" role="status"></div></body></html>"""


class Server:
    """Answers `/essai/garder` as it is told to; keeps what it was sent."""

    def __init__(self) -> None:
        self.answers: list[tuple[int, str, dict[str, str]]] = []
        self.away = False
        self.sent: list[tuple[str, str]] = []

    def __call__(self, route: Route) -> None:
        if route.request.url.endswith("/essai"):
            route.fulfill(status=200, headers=HTML, body=_page())
        elif self.away:
            route.abort("connectionfailed")
        else:
            self.sent.append((route.request.headers.get("x-csrf-token", ""), route.request.post_data or ""))
            status, body, headers = self.answers.pop(0)
            route.fulfill(status=status, headers=HTML | headers, body=body)


@pytest.fixture
def server() -> Server:
    return Server()


@pytest.fixture
def page(new_page: NewPage, server: Server) -> Page:
    page: Page = new_page()
    page.route("**/essai**", server)
    page.goto("/essai")
    page.get_by_label("Texte").fill(WORDS)
    return page


def _send(page: Page) -> None:
    page.get_by_role("button", name="Garder").click()


def test_the_token_goes_along_and_the_change_is_said(page: Page, server: Server) -> None:
    server.answers = [
        (200, '<section id="kept" data-announce="Gardé à 14 h 05"><h2 data-focus>Gardé</h2></section>', {})
    ]
    _send(page)
    expect(page.get_by_role("heading", name="Gardé")).to_be_focused()
    expect(page.locator("#live")).to_have_text("Gardé à 14 h 05")
    assert server.sent[0][0] == "first"


def test_what_is_wrong_has_the_focus(page: Page, server: Server) -> None:
    server.answers = [(422, '<section id="kept"><div class="errsum"><h2>Erreur</h2></div></section>', {})]
    _send(page)
    expect(page.locator(".errsum")).to_be_focused()
    expect(page.get_by_label("Texte")).to_have_value(WORDS)


def test_a_lost_connection_is_said_until_it_is_back_and_nothing_is_lost(page: Page, server: Server) -> None:
    server.away = True
    _send(page)
    lost = page.get_by_text("Connexion perdue.")
    expect(lost.first).to_be_visible()
    page.wait_for_timeout(1500)
    expect(lost.first).to_be_visible()
    expect(page.get_by_label("Texte")).to_have_value(WORDS)
    server.away = False
    server.answers = [(200, '<section id="kept"><h2>Gardé</h2></section>', {})]
    page.get_by_role("button", name="Réessayer").click()
    expect(page.get_by_role("heading", name="Gardé")).to_be_visible()
    expect(page.locator("#lost")).to_have_count(0)
    assert "manque" in server.sent[0][1]


def test_a_form_whose_code_cannot_be_had_keeps_its_words_and_is_sent_all_the_same(page: Page, server: Server) -> None:
    htmx = max(
        (name for name in assets().files if name.endswith(".js")), key=lambda name: len(assets().files[name].content)
    )
    page.route(f"**/static/{htmx}", lambda route: route.abort())
    page.reload()
    page.get_by_label("Texte").fill(WORDS)
    _send(page)
    expect(page.get_by_text("Connexion perdue.").first).to_be_visible()
    expect(page.get_by_label("Texte")).to_have_value(WORDS)
    assert server.sent == []
    server.answers = [(200, "<!doctype html><title>Gardé</title><h1>Gardé</h1>", {})]
    page.get_by_role("button", name="Réessayer").click()
    expect(page.get_by_role("heading", name="Gardé")).to_be_visible()
    assert len(server.sent) == 1


def test_an_expired_sign_in_is_renewed_in_place_and_the_text_sent_again(page: Page, server: Server) -> None:
    dialog = '<form hx-post="/essai/garder" hx-swap="none"><h2 data-focus>Reconnectez-vous</h2><button>Me reconnecter</button></form>'
    server.answers = [
        (401, dialog, {}),
        (200, "", {"HX-Trigger": '{"alliage:signed-in": {"csrf": "second"}}'}),
        (200, '<section id="kept"><h2>Gardé</h2></section>', {}),
    ]
    _send(page)
    expect(page.get_by_role("dialog").get_by_role("heading")).to_be_focused()
    page.get_by_role("button", name="Me reconnecter").click()
    expect(page.get_by_role("heading", name="Gardé")).to_be_visible()
    expect(page.get_by_role("dialog")).to_have_count(0)
    assert [token for token, _ in server.sent] == ["first", "first", "second"]
    assert "manque" in server.sent[2][1]
    expect(page.get_by_label("Texte")).to_have_value(WORDS)


def test_a_refusal_stays_and_a_problem_in_json_is_put_in_words(page: Page, server: Server) -> None:
    problem = '{"detail": "Le rythme est limité : réessayez dans une minute."}'
    server.answers = [(429, problem, {"Content-Type": "application/problem+json"}), (500, "<p>Numéro 12</p>", {})]
    _send(page)
    expect(page.locator("#messages")).to_contain_text("réessayez dans une minute")
    expect(page.locator("#kept")).to_be_empty()
    _send(page)
    expect(page.locator("#messages")).to_have_text("Numéro 12")


def test_search_is_one_key_away_but_not_while_writing(page: Page) -> None:
    hands = Hands(page)
    page.get_by_label("Texte").focus()
    hands.press("/")
    expect(page.get_by_label("Texte")).to_have_value(f"{WORDS}/")
    hands.press("Control+k")
    expect(page.get_by_label("Rechercher")).to_be_focused()
    page.get_by_role("button", name="Garder").focus()
    hands.press("/")
    expect(page.get_by_label("Rechercher")).to_be_focused()
    page.get_by_role("button", name="Garder").focus()
    page.evaluate("() => { document.documentElement.dataset.keys = 'off'; }")
    hands.press("/")
    expect(page.get_by_role("button", name="Garder")).to_be_focused()


@pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "no scripts"])
def test_the_theme_is_chosen_and_kept(new_page: NewPage, watch_of: Callable[[Page], Watch], scripts: bool) -> None:
    page = new_page(scripts=scripts)
    page.goto("/connexion")
    page.locator("#adresse").fill("hector@alliage.example")
    page.get_by_text("Langue et affichage").click()
    page.get_by_role("button", name="Sombre").click()
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")
    if scripts:  # in place: what was being written stays
        expect(page.locator("#adresse")).to_have_value("hector@alliage.example")
        expect(page.get_by_role("button", name="Sombre")).to_have_attribute("aria-pressed", "true")
    page.goto("/connexion")
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")
    assert watch_of(page).policy == []
