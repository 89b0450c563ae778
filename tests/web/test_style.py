"""The visual language: what `tokens.css` promises to eyes, what the sheet weighs, and the page that shows it all."""

from __future__ import annotations

import gzip
import itertools
import re

import httpx
import pytest

from app.web.assets import BUILT, assets
from tests.web.test_components import Sound

CSS = BUILT.parent / "css"
TOKEN = re.compile(
    r"--([\w-]+): (?:color-mix\(in srgb, var\(--(pure|blank)\) var\(--more\), )?light-dark\((#\w{6}), (#\w{6})\)"
)
MOST = 14 * 1024
FAMILIES = "tgsn"
STATES = ("warn", "bad", "good")

TEXT = [
    *itertools.product(("ink", "ink-2", "ink-3"), ("paper", "surface", "sunken", "hover")),
    *itertools.product(("ink", "warn-ink"), ("ins-bg", "del-bg", "warn-bg")),
    *((f"{state}-ink", f"{state}-bg") for state in STATES),
    *itertools.product(STATES, ("paper", "surface")),
    ("bad", "bad-bg"),
    ("warn-ink", "paper"),
    ("ink", "bad-bg"),
    ("ink-2", "warn-bg"),
    ("on-ink", "ink"),
    ("on-ink", "ink-hover"),
    *(("on-mark", family) for family in FAMILIES),
    *itertools.product(FAMILIES, ("paper", "surface")),
    *itertools.product(("ink", "ink-2"), (f"{family}-bg" for family in FAMILIES)),
]
"""Words on a ground: 4.5 to 1 (WCAG 1.4.3)."""

SHAPES = [
    *itertools.product(("rule-2",), ("paper", "surface", "sunken")),
    *((state, f"{state}-bg") for state in STATES),
    *((family, f"{family}-bg") for family in FAMILIES),
    ("ink", "paper"),
    ("ink", "surface"),
]
"""Borders of fields, marks, rings of focus: 3 to 1 (WCAG 1.4.11)."""


def _tokens(night: bool, more: bool) -> dict[str, str]:
    found = TOKEN.findall((CSS / "tokens.css").read_text())
    plain = {name: (dark if night else light) for name, _, light, dark in found}
    return {name: plain[mixed] if more and mixed else plain[name] for name, mixed, _, _ in found}


def _light(colour: str) -> float:
    parts = (int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5))
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _contrast(one: str, other: str) -> float:
    low, high = sorted((_light(one), _light(other)))
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("more", [False, True], ids=["normal", "high"])
@pytest.mark.parametrize("night", [False, True], ids=["day", "night"])
def test_every_ground_lets_its_words_and_shapes_be_seen(night: bool, more: bool) -> None:
    tokens = _tokens(night, more)
    assert len(tokens) == 33
    for asked, pairs in ((4.5, TEXT), (3.0, SHAPES)):
        for above, below in pairs:
            got = _contrast(tokens[above], tokens[below])
            assert got >= asked, f"{above} on {below}: {got:.2f}"
    if more:
        for above, below in itertools.product(
            ("ink", "ink-2", "ink-3", "rule", "rule-2"), ("paper", "surface", "sunken")
        ):
            assert _contrast(tokens[above], tokens[below]) == 21.0


def test_no_other_sheet_has_a_colour_of_its_own() -> None:
    for path in CSS.rglob("*.css"):
        if path.name not in {"tokens.css", "print.css"}:
            assert not re.findall(r"#[0-9a-f]{3,8}\b(?!\w)", path.read_text()), path.name


def test_the_sheet_is_light_and_whole() -> None:
    content = assets().files[assets().names["alliage.css"]].content
    assert len(gzip.compress(content, 9)) <= MOST
    listed = set(re.findall(r'@import "\./([^"]+)"', (CSS / "alliage.css").read_text()))
    assert listed == {p.relative_to(CSS).as_posix() for p in CSS.rglob("*.css")} - {"alliage.css"}
    assert b"light-dark(" in content
    assert b"@import" not in content


@pytest.mark.parametrize("query", ["", "?theme=dark", "?theme=light&contrast=more&density=compact", "?lang=en"])
async def test_the_style_page_shows_everything_to_anybody(client: httpx.AsyncClient, query: str) -> None:
    answer = await client.get(f"/style{query}", headers={"Accept": "text/html"})
    assert answer.status_code == 200
    sound = Sound(re.sub(r"<!doctype html>|<script[^>]*></script>", "", answer.text))
    assert sound.wrong == []
    heads = [int(level) for level in re.findall(r"<h([1-6])", answer.text)]
    assert heads[0] == 1
    assert all(after <= before + 1 for before, after in itertools.pairwise(heads)), heads
    for name, value in (("theme", "dark"), ("contrast", "more"), ("density", "compact")):
        assert (f'data-{name}="{value}"' in answer.text) == (f"{name}={value}" in query)
    assert (await client.get("/style?theme=rose")).status_code == 422
