"""English pages are English to the last sign: no French quotation mark, no space before a colon, but in somebody's French words.

Somebody's words keep theirs, inside an element that says `lang="fr"`, which also tells a screen reader how to say them.
"""

from __future__ import annotations

import re
from collections import Counter
from html.parser import HTMLParser

import httpx
import pytest

from tests.browser import FROM_OUR_PAGES
from tests.e2e.serving import Served

FRENCH = re.compile("[«»]|[\\w)’”][ \u00a0\u202f]+[:;!?](?=\\s|$)")
SAID = ("aria-label", "title", "alt", "placeholder", "content")
VOID = {"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"}
ID = re.compile("[0-9a-f]{8}-[0-9a-f-]{27}")
PAGES_OF_A_KIND = 3
FEWEST = 30
"""Pages; below that, the crawl itself is broken."""


class Tongue(HTMLParser):
    """Text and named attributes outside `lang="fr"`, and the links of the page."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.open: list[tuple[str, bool]] = []
        self.line: list[str] = []
        self.faults: list[str] = []
        self.links: list[str] = []
        self.feed(html)
        self._judge()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Learn the language of what is inside."""
        said = dict(attrs)
        french = said["lang"] == "fr" if said.get("lang") else bool(self.open) and self.open[-1][1]
        if tag == "a" and said.get("href"):
            self.links.append(str(said["href"]))
        if not french:
            self.faults += [f"{tag} {name}: {said[name]}" for name in SAID if FRENCH.search(said.get(name) or "")]
        if tag not in VOID:
            self.open.append((tag, french))

    def handle_endtag(self, tag: str) -> None:
        """A block ends a line."""
        if tag not in {
            "a",
            "b",
            "span",
            "mark",
            "ins",
            "del",
            "code",
            "time",
            "small",
            "strong",
            "em",
            "sup",
            "svg",
            "use",
        }:
            self._judge()
        while self.open and self.open.pop()[0] != tag:
            pass

    def handle_data(self, data: str) -> None:
        """Words; but what one is writing is one’s own, and neither a choice nor the title of a page can say where it is in French."""
        if (
            self.open
            and not self.open[-1][1]
            and self.open[-1][0] not in {"option", "script", "style", "textarea", "title"}
        ):
            self.line.append(data)

    def _judge(self) -> None:
        said = " ".join("".join(self.line).split(" "))
        self.faults += [said.strip()[:200]] if FRENCH.search(said) else []
        self.line = []


@pytest.mark.parametrize("who", ["", "hector", "agathe", "gilda"])
def test_no_french_punctuation_stands_in_an_english_page(served: Served, who: str) -> None:
    # The style page shows French samples.
    seen, faults = Counter(["/style"] * PAGES_OF_A_KIND), dict[str, list[str]]()
    with httpx.Client(
        base_url=served.base,
        headers={"Accept": "text/html", "Accept-Language": "en"},
        follow_redirects=True,
        timeout=30,
    ) as client:
        if who:
            sent = {"email": f"{who}@alliage.example", "password": served.password, "vers": "/"}
            assert client.post("/connexion", data=sent, headers=FROM_OUR_PAGES).status_code == 200
        waiting = ["/", "/connexion", "/mot-de-passe", "/nulle-part", "/recherche?q=avance"]
        while waiting:
            address = waiting.pop(0)
            kind = ID.sub("*", address.partition("#")[0])
            if seen[kind] >= (PAGES_OF_A_KIND if "?" not in address else 1):
                continue
            seen[kind] += 1
            page = client.get(address.partition("#")[0])
            if not page.headers["content-type"].startswith("text/html") or 'lang="en"' not in page.text[:200]:
                continue
            read = Tongue(page.text)
            waiting += [
                link for link in read.links if link.startswith("/") and not link.startswith(("/api", "/problems"))
            ]
            if read.faults:
                faults[address] = read.faults
    assert sum(seen.values()) >= FEWEST
    assert faults == {}
