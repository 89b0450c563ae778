"""The canonical plain text: exact for ever, stable, and the same words as the page shows."""

from __future__ import annotations

import csv
import os
import re
import unicodedata
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.core.richtext.canonical import PLAIN_VERSION, to_plain
from app.core.richtext.render import to_html
from tests.core.richtext.test_safe_html import BOMBS, Inspector

# Markdown and its plain text in version 1. A line that must change is a new PLAIN_VERSION, never an edit:
# extracts that were stored point into these characters.
VERSION_1 = [
    ("", ""),
    (" \n\t\n", ""),
    ("mot", "mot"),
    ("un\r\ndeux\rtrois", "un\ndeux\ntrois"),
    ("un  \ndeux\\\ntrois", "un\ndeux\ntrois"),
    ("un   deux\t trois", "un deux trois"),
    ("un\u00a0: deux\u202f!", "un\u00a0: deux\u202f!"),
    ("un\n\n\n\ndeux", "un\n\ndeux"),
    ("e\u0301te\u0301", "été"),
    ("e**\u0301**", "é"),
    ("# Titre #\n\nTexte", "Titre\n\nTexte"),
    ("Titre\n---\nTexte", "Titre\n\nTexte"),
    ("*un* __deux__ `trois  *quatre*`", "un deux trois *quatre*"),
    (
        '[un](https://a.example "t") <https://b.example> ![trois](https://c.example)',
        "un https://b.example trois",
    ),
    ("![](https://c.example/i.png)", "https://c.example/i.png"),
    ("[non](javascript:x) <b>brut</b> &amp; [@c7]", "[non](javascript:x) <b>brut</b> &amp; [@c7]"),
    ("- un\n- deux\n\ntrois", "un\ndeux\n\ntrois"),
    (
        "avant\n\n1. un\n\n   suite\n2. deux\n   - a\n   - b\n3. trois\n\naprès",
        "avant\n\nun\nsuite\ndeux\na\nb\ntrois\n\naprès",
    ),
    ("- un\n- deux\n\n<!-- -->\n\n* trois", "un\ndeux\n\n<!-- -->\n\ntrois"),
    ("- un\n\n1. deux", "un\n\ndeux"),
    ("> un\n> deux\n>\n> trois", "un\ndeux\n\ntrois"),
    ("> - un\n> - deux\n\ntrois", "un\ndeux\n\ntrois"),
    ("un\n\n---\n\ndeux", "un\n\ndeux"),
    ("```py\na  b\n\n  c\n```\n\nfin", "a  b\n\n  c\n\nfin"),
    ("    quatre espaces", "quatre espaces"),
    ("[1]: https://a.example", "[1]: https://a.example"),
    ("|a|b|\n|-|-|\n|c||\n||d|\n\nfin", "a\tb\nc\t\n\td\n\nfin"),
    ("avant\n\n|a|\n|-|\n|b|", "avant\n\na\nb"),
    ("|a|b|\n|-|-|\n|c|d|\n\n- un\n- deux", "a\tb\nc\td\n\nun\ndeux"),
    ("\\*un\\* \\[deux\\]", "*un* [deux]"),
    ("« L’article 1er » ; oui !", "« L’article 1er » ; oui !"),
    ("\u202a#\u200eMot\u202c", "\u202a#\u200eMot\u202c"),
    ("> " * 60 + "mot", "> " * 59 + "> mot"),
]


def test_the_examples_are_those_of_the_announced_version() -> None:
    assert PLAIN_VERSION == 1


@pytest.mark.parametrize(("markdown", "plain"), VERSION_1)
def test_version_1(markdown: str, plain: str) -> None:
    assert to_plain(markdown) == plain


# No character here means anything to Markdown, at the start of a line or elsewhere
WORDS = st.text(
    st.characters(
        exclude_categories=["Cs", "Cc"],
        exclude_characters="\\`*_{}[]()#+-.!|<>&~=:@\"'0123456789\u2028\u2029",
    )
    | st.sampled_from("\n\n \té"),
    max_size=300,
)


@given(WORDS)
def test_plain_text_is_stable(text: str) -> None:
    once = to_plain(text)
    assert to_plain(once) == once


@given(WORDS)
def test_no_word_is_lost_or_added(text: str) -> None:
    assert to_plain(text).split() == unicodedata.normalize("NFC", text).split()


@given(st.text(max_size=300) | st.text(alphabet="ab *_`#>-1.|[]()!\n\\é~=", max_size=120))
def test_any_text_has_one_plain_text(text: str) -> None:
    plain = to_plain(text)
    assert plain == to_plain(text) == to_plain(text.replace("\r\n", "\n").replace("\n", "\r\n"))
    assert unicodedata.is_normalized("NFC", plain)
    assert plain == plain.strip()
    assert "\r" not in plain


@given(st.text(alphabet="ab *_`#>-1.|[]()!\n\\é~=<", max_size=120))
def test_the_page_shows_the_same_characters(text: str) -> None:
    """So that a selection on the page can be found in the plain text: only white space may differ."""
    shown = unicodedata.normalize("NFC", Inspector(to_html(text)).words)
    assert re.sub(r"\s", "", shown) == re.sub(r"\s", "", to_plain(text))


@pytest.mark.parametrize("name", BOMBS)
def test_a_bomb_has_a_plain_text(name: str) -> None:
    shown = re.sub(r"\s", "", Inspector(to_html(BOMBS[name])).words)
    assert re.sub(r"\s", "", to_plain(BOMBS[name])) == shown


def test_the_real_consultation_keeps_its_words() -> None:
    folder = Path(os.environ.get("ALLIAGE_DATA", Path(__file__).parents[4] / "shared" / "data"))
    file = folder / "republique-numerique-2015" / "propositions.csv"
    if not file.is_file():
        pytest.skip("set ALLIAGE_DATA to the folder of the real consultation")
    csv.field_size_limit(10**7)
    with file.open(encoding="utf-8", newline="") as rows:
        for row in csv.DictReader(rows):
            plain = to_plain(row["body"])
            shown = unicodedata.normalize("NFC", Inspector(to_html(row["body"])).words)
            assert re.sub(r"\s", "", shown) == re.sub(r"\s", "", plain)
            words = set(re.findall(r"[^\W\d_]{2,}", unicodedata.normalize("NFC", row["body"])))
            assert words <= set(re.findall(r"[^\W\d_]{2,}", plain))
