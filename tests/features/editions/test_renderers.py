"""The files of an edition: the same bytes everywhere, safe whatever people typed, readable by everybody."""

from __future__ import annotations

import base64
import csv
import hashlib
import io
import json
import os
import re
import subprocess
import sys
from html import escape
from html.parser import HTMLParser
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
import rfc8785

from app.core.richtext.render import to_html
from app.features.editions.queries.blocks import blocks_of, notes_in, words_in
from app.features.editions.renderers import RENDERERS, render_all
from app.features.editions.renderers.html import STYLE
from app.features.editions.renderers.words import AROUND
from app.features.harvest.actions.extracts import AROUND as HARVESTED
from tests.features.editions.sample import PIXEL, QUOTE, payload

ROOT = Path(__file__).resolve().parents[3]
PRINT_HASHES = """
import sys, time
time.tzset()
from app.features.editions.renderers import render_all
for file in render_all(sys.stdin.buffer.read()):
    print(file.name, file.sha256.hex())
"""
PLACES = [
    {"TZ": "UTC", "PYTHONHASHSEED": "0", "LC_ALL": "C"},
    {"TZ": "Pacific/Auckland", "PYTHONHASHSEED": "1", "LC_ALL": "C.UTF-8"},
    {"TZ": "America/Los_Angeles", "PYTHONHASHSEED": "4242", "LANG": "fr_FR.UTF-8"},
]


def files(**over: Any) -> dict[str, str]:
    return {file.name: file.content.decode() for file in render_all(rfc8785.dumps(payload(**over)))}


@pytest.mark.parametrize(
    ("zone", "local", "printed"),
    [
        ("Europe/Paris", "2020-09-07T16:05:00+02:00", "7 septembre 2020 à 16 h 05 (heure de Paris)"),
        ("Indian/Reunion", "2020-09-07T18:05:00+04:00", "7 septembre 2020 à 18 h 05 (heure de La Réunion)"),
        ("Pacific/Auckland", "2020-09-08T02:05:00+12:00", "8 septembre 2020 à 2 h 05 (fuseau Pacific/Auckland)"),
    ],
)
def test_times_are_printed_on_the_clocks_that_the_payload_names(zone: str, local: str, printed: str) -> None:
    edition = payload()["edition"] | {"published_local": local}
    made = files(timezone=zone, edition=edition)
    for name in ("edition.html", "edition.md"):
        text = re.sub("[\u00a0\u202f]", " ", made[name])
        assert f"Publiée le {printed}" in text, name
        assert "temps universel" not in text


def test_the_same_payload_gives_the_same_bytes_in_any_process(tmp_path: Path) -> None:
    content = rfc8785.dumps(payload())
    hashes = {
        subprocess.run(
            [sys.executable, "-c", PRINT_HASHES],
            input=content,
            env={"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT), **place},
            cwd=tmp_path,
            capture_output=True,
            check=True,
        ).stdout
        for place in PLACES
    }
    here = "".join(f"{file.name} {file.sha256.hex()}\n" for file in render_all(content))
    assert hashes == {here.encode()}


def test_the_order_of_names_in_memory_changes_nothing() -> None:
    shuffled = json.loads(json.dumps(payload()), object_pairs_hook=lambda pairs: dict(reversed(pairs)))
    assert [file.content for file in render_all(rfc8785.dumps(shuffled))] == [
        file.content for file in render_all(rfc8785.dumps(payload()))
    ]


def test_the_manifest_lists_every_renderer_s_file() -> None:
    manifest = json.loads(files()["manifest.json"])
    assert [each["name"] for each in manifest["files"]] == sorted(each.file for each in RENDERERS)
    for each in manifest["files"]:
        assert each["sha256"] == hashlib.sha256(files()[each["name"]].encode()).hexdigest()


class Page(HTMLParser):
    """What a browser would find."""

    VOID = ("meta", "br", "hr", "img")

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def all(self, tag: str) -> list[dict[str, str | None]]:
        return [attrs for name, attrs in self.tags if name == tag]


def test_the_page_is_well_formed_and_asks_nobody_for_anything() -> None:
    html = files()["edition.html"]
    page = Page(html)
    assert page.open == []
    names = {name for name, _ in page.tags}
    assert names.isdisjoint({"script", "link", "iframe", "object", "embed", "form", "input", "base", "svg"})
    assert {attrs.get("src") for _, attrs in page.tags} == {None, f"data:image/png;base64,{PIXEL}"}
    assert [(image["alt"], image["width"]) for image in page.all("img")] == [
        ("Douze besoins en avril.\nSix en mai.", "1")
    ]
    assert not any(name.startswith("on") or name == "style" for _, attrs in page.tags for name in attrs)
    assert "url(" not in html
    assert "@import" not in html
    assert page.all("html") == [{"lang": "fr"}]
    for link in page.all("a"):
        address = link["href"] or ""
        assert address.startswith("#") or (link["rel"] == "nofollow noopener noreferrer"), link


def test_the_page_s_own_policy_allows_its_style_and_nothing_else() -> None:
    html = files()["edition.html"]
    style = re.search(r"<style>(.*?)</style>", html, re.DOTALL)
    assert style
    digest = base64.b64encode(hashlib.sha256(style[1].encode()).digest()).decode()
    (policy,) = [meta["content"] for meta in Page(html).all("meta") if "http-equiv" in meta]
    allowed = f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"
    assert policy == f"{allowed}; img-src data:"
    without = payload()
    without["sections"][0]["sections"][0]["passages"].pop()
    assert escape(allowed) + '">' in render_all(rfc8785.dumps(without))[1].content.decode()


def test_links_of_the_page_lead_somewhere_and_identifiers_are_unique() -> None:
    page = Page(files()["edition.html"])
    identifiers = [attrs["id"] for _, attrs in page.tags if "id" in attrs]
    assert len(set(identifiers)) == len(identifiers)
    targets = {str(link["href"])[1:] for link in page.all("a") if str(link["href"]).startswith("#")}
    assert targets <= set(identifiers)
    assert {"note-1", "note-2", "appel-1-1", "appel-1-2", "appel-2-1", "texte", "rapport", "notes"} <= targets


def test_headings_go_down_one_level_at_a_time() -> None:
    levels = [int(tag[1]) for tag, _ in Page(files()["edition.html"]).tags if re.fullmatch("h[1-6]", tag)]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(after <= before + 1 for before, after in pairwise(levels)), levels


HOSTILE = "</style><script>alert(1)</script> \" ' & <img src=x onerror=alert(1)> [x](javascript:alert(1)) ` * _"


@pytest.mark.parametrize("place", ["initiative", "deliverable", "edition", "section", "quote", "name", "kept"])
def test_what_people_typed_is_never_markup(place: str) -> None:
    content = payload()
    words = content["citations"][0]["words"]
    match place:
        case "initiative":
            content["initiative"] = {"title": HOSTILE, "note": HOSTILE, "copilots": [HOSTILE]}
        case "deliverable":
            content["deliverable"] = {"title": HOSTILE, "summary": HOSTILE}
        case "edition":
            content["edition"]["label"] = HOSTILE
        case "section":
            content["sections"][0]["title"] = HOSTILE
        case "quote":
            words |= {"quote": HOSTILE, "before": HOSTILE, "after": HOSTILE}
        case "name":
            content["citations"][0]["attribution"] = {"by": "organisation", "name": HOSTILE}
        case "kept":
            content["citations"][1]["source"]["kept_because"] = HOSTILE
    page = Page(files(**content)["edition.html"])
    assert "script" not in {name for name, _ in page.tags}
    assert {str(image["src"]).split(",")[0] for image in page.all("img")} == {"data:image/png;base64"}
    assert not any("onerror" in image for image in page.all("img"))
    assert not any("javascript" in str(link["href"]) for link in page.all("a"))


def test_the_table_never_runs_a_formula() -> None:
    content = payload()
    content["citations"][0]["words"]["quote"] = "=HYPERLINK(1)"
    content["citations"][0]["attribution"]["name"] = "@SUM(1)"
    rows = list(csv.reader(io.StringIO(files(**content)["citations.csv"].lstrip("\ufeff")), delimiter=";"))
    assert not any(cell[:1] in ("=", "+", "-", "@") for row in rows[1:] for cell in row)


def test_french_typography_is_set_in_what_is_read() -> None:
    html = files()["edition.html"]
    assert "Synthèse\u00a0: «\u00a0tout\u00a0»" in html
    assert "\u202f; voilà" in html


def test_markdown_reads_back_as_what_was_typed() -> None:
    """The Markdown file, read by our own reader, shows the words and no sign that was only in them."""
    html = to_html(files()["edition.md"])
    assert "<script>" not in html
    assert re.search(r"<li>\s*- a\s*</li>", html)
    assert "[^9] *a*" in html
    assert "a|b" in html


SAMPLES = [
    ("Un constat [@c7].", [1]),
    ("**« Fort »**[@c7] et [@c8], puis [@c7].", [1, 2, 1]),
    ("- un [@c7]\n- deux\n  1. trois [@c8]", [1, 2]),
    ("| a | b |\n|---|---|\n| c [@c7] | d |", [1]),
    ("> cité [@c8]", [2]),
    ("`code [@c7]` et [@c8](https://exemple.fr/)", [1, 2]),
    ("```\n[@c7]\n```", []),
    ("Sans rien, pas même [@c9].", []),
    ("<b>[@c7]</b>", [1]),
]


@pytest.mark.parametrize(("markdown", "notes"), SAMPLES)
def test_markers_become_notes_where_they_stand(markdown: str, notes: list[int]) -> None:
    blocks = blocks_of(markdown, {7: 1, 8: 2})
    assert notes_in(blocks) == notes
    said = json.dumps(blocks, ensure_ascii=False)
    assert not any(sign in said for sign in ("\\u0002", "\\u0003", "@c", "%02"))


def test_blocks_keep_the_words_and_lose_the_signs() -> None:
    markdown = "Un **mot** *doux* `x` [lien](https://a.example/)\n\n- a\n- b\n\n| c | d |\n|---|---|\n| e | f |"
    assert words_in(blocks_of(markdown, {})) == "Un mot doux x lien\na\nb\nc\td\ne\tf"


def said_with(**over: Any) -> list[dict[str, Any]]:
    """The sample's citations, the first one's words changed."""
    first, second = payload()["citations"]
    return [first | {"words": first["words"] | over}, second]


LONG = "xe après un mot de soixante caractères qui finit au milieu d"


@pytest.mark.parametrize(
    ("words", "shown"),
    [
        ({"start": 7, "before": "Avant. ", "after": " partout."}, "Avant. « … » partout."),
        (
            {"start": 90, "before": LONG, "after": ""},
            "… après un mot de soixante caractères qui finit au milieu d« … »",
        ),
        (
            {"start": 0, "before": "", "after": LONG},
            "« … »xe après un mot de soixante caractères qui finit au milieu …",
        ),
        ({"start": 90, "before": "x" * 60, "after": "y" * 60}, "… « … » …"),
    ],
)
def test_what_surrounds_the_words_is_cut_between_words_and_only_where_the_text_goes_on(
    words: dict[str, Any], shown: str
) -> None:
    assert len(LONG) == AROUND == HARVESTED
    html = files(citations=said_with(quote="…", **words))["edition.html"]
    note = re.search(r'id="note-1".*?<blockquote><p>(.*?)</p>', html)
    assert note
    assert re.sub("<[^>]*>", "", note[1]).replace("\u00a0", " ") == shown


def test_the_report_ends_each_sentence_once_and_leaves_no_empty_paragraph() -> None:
    report = payload()["report"]
    treated = report["treatments"][0] | {"outcome": "merged", "into": "Faut-il l’écrire ?", "by_rule": False}
    del treated["reason"]
    cited = report["treatments"][1] | {"notes": [1, 2], "by_rule": False, "sentence": ""}
    del cited["reason"]
    made = files(report=report | {"treatments": [treated, cited]})
    html, markdown = (
        made[name].replace("\u00a0", " ").replace("\u202f", " ") for name in ("edition.html", "edition.md")
    )
    assert "<p>Regroupée avec « Faut-il l’écrire ? ». Ce n’est pas le sujet.</p>" in html
    assert "<p></p>" not in html
    assert "espace 1). Regroupée avec « Faut-il l’écrire ? ». Ce n’est pas le sujet.\n" in markdown
    assert "espace 1), notes 1, 2.\n" in markdown
    assert "espace 1), note 1. Hors sujet. Ce n’est pas le sujet." in files()["edition.md"].replace("\u00a0", " ")


@pytest.mark.parametrize(
    ("citation", "said"),
    [
        (
            {"kind": "proposal"},
            "proposition, 1er\u00a0mai 2020, importée d’une autre consultation, citation à la lettre",
        ),
        ({"kind": "need"}, "besoin, 1er\u00a0mai 2020, importé d’une autre consultation, citation à la lettre"),
        ({"type": "reply", "side": "for"}, "réponse (pour), 1er\u00a0mai 2020, importée d’une autre consultation"),
    ],
)
def test_what_was_imported_agrees_with_its_noun(citation: dict[str, Any], said: str) -> None:
    first, second = payload()["citations"]
    made = files(citations=[first | {"imported": True} | citation, second])
    assert said in made["edition.html"]
    assert said in made["edition.md"]


def test_the_guillemets_of_every_file_hold_their_words() -> None:
    made = files()
    for name in ("edition.html", "edition.md"):
        assert f"«\u00a0{QUOTE}\u00a0»" in made[name], name
        assert not re.search(
            r"« | »|(?<=\w) [:;!?]\s", re.sub(r"<style>.*?</style>", "", made[name], flags=re.DOTALL)
        ), name


def luminance(colour: str) -> float:
    """Relative, as WCAG 2.2 reckons it, from `#rrggbb`."""
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def test_every_ink_of_the_page_is_read_on_every_ground() -> None:
    blocks = re.findall(r":root \{(.*?)\}", STYLE, re.DOTALL)
    themes = [dict(re.findall(r"--(\w+): (#[0-9a-f]{6})", block)) for block in blocks]
    light, dark = [theme for theme in themes if theme]
    for theme in (light, dark):
        for ink in ("ink", "soft"):
            for ground in ("ground", "card"):
                high, low = sorted((luminance(theme[ink]), luminance(theme[ground])), reverse=True)
                assert (high + 0.05) / (low + 0.05) >= 7, (ink, ground, theme)


def test_colour_says_nothing_and_print_forces_no_page() -> None:
    """Colours belong to the organisations (links and rules are ink), and a short edition fills its pages."""
    assert set(re.findall(r"--(\w+):", STYLE)) == {"ground", "card", "ink", "soft", "line"}
    assert "break-before: page" not in STYLE
    assert len(STYLE.encode()) < 8_000


@pytest.mark.parametrize("name", ["LISEZMOI.txt", "edition.html"])
def test_whoever_wants_to_verify_is_told_where_the_fingerprint_stands(name: str) -> None:
    (file,) = (each for each in render_all(rfc8785.dumps(payload())) if each.name == name)
    said = file.content.decode()
    assert "/lire" in said
    assert "/api/v1/editions" in said
    assert ".venv/bin/alliage verify DOSSIER --expect EMPREINTE" in said


def test_organisations_are_listed_one_a_line_on_the_page_and_said_in_markdown() -> None:
    told = payload()["report"]["organisations"] | {"cited_by_name": ["A", "B & C"], "not_cited": ["D"]}
    made = files(report=payload()["report"] | {"organisations": told})
    assert '<h4>Citées par leur nom (2)</h4><ul class="names"><li>A</li><li>B &amp; C</li></ul>' in made["edition.html"]
    assert "- Citées par leur nom\u00a0: A et B & C.\n- Non citées dans cette édition\u00a0: D.\n" in made["edition.md"]
    few = {name: value for name, value in told.items() if name != "not_cited"} | {"others": 5}
    assert "Non citées dans" not in files(report=payload()["report"] | {"organisations": few})["edition.html"]
