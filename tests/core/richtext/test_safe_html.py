"""Markdown to HTML: what it looks like, and that nothing in it can act on a reader's behalf."""

from __future__ import annotations

import time
from html.parser import HTMLParser
from urllib.parse import urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from app.core.richtext.reading import DEEPEST, READER
from app.core.richtext.render import ALIGNMENTS, BLOCKS, TABLES, WORDS, clean, to_html
from tests.core.richtext.hostile import PAYLOADS

REL = ("rel", "nofollow noopener ugc")


class Inspector(HTMLParser):
    """Every tag and attribute that a browser would see; it shares nothing with what cleaned them."""

    def __init__(self, html: str) -> None:
        """Read the whole of `html` at once."""
        super().__init__(convert_charrefs=True)
        self.faults: list[str] = []
        self.words = ""
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Hold an element to the list."""
        if tag not in BLOCKS | TABLES | WORDS:
            self.faults.append(tag)
        for name, value in attrs:
            if not self._allowed(tag, name, value or ""):
                self.faults.append(f"{tag} {name}={value}")
        if tag == "a" and REL not in attrs:
            self.faults.append("a link that vouches for its target")

    def _allowed(self, tag: str, name: str, value: str) -> bool:
        match tag, name:
            case ("a", "href"):
                parts = urlsplit(value)
                return parts.scheme == "mailto" or (parts.scheme in ("http", "https") and bool(parts.netloc))
            case ("a", "rel"):
                return True
            case ("ol", "start"):
                return value.isdigit()
            case ("td" | "th", "class"):
                return value in ALIGNMENTS
        return False

    def handle_data(self, data: str) -> None:
        """Keep the words."""
        self.words += data

    def handle_comment(self, data: str) -> None:
        """A comment is a fault."""
        self.faults.append("comment")

    def handle_decl(self, decl: str) -> None:
        """So is a declaration."""
        self.faults.append("declaration")

    def handle_pi(self, data: str) -> None:
        """And an instruction."""
        self.faults.append("instruction")

    def unknown_decl(self, data: str) -> None:
        """And a CDATA section."""
        self.faults.append("section")


def test_the_corpus_is_as_large_as_announced() -> None:
    assert len(set(PAYLOADS)) >= 150


@pytest.mark.parametrize("number", range(len(PAYLOADS)))
def test_a_hostile_text_becomes_harmless_html(number: int) -> None:
    payload = PAYLOADS[number]
    for text in (
        payload,
        f"Un mot {payload} puis un autre",
        f"- {payload}",
        f"[{payload}](https://ok.example)",
    ):
        assert Inspector(to_html(text)).faults == []


@pytest.mark.parametrize("number", range(len(PAYLOADS)))
def test_the_second_lock_holds_alone(number: int) -> None:
    """What an open Markdown parser would let through, nh3 still stops."""
    loose = MarkdownIt("commonmark", {"html": True})
    loose.validateLink = lambda url: True  # type: ignore[method-assign]
    assert Inspector(clean(loose.render(PAYLOADS[number]))).faults == []
    assert Inspector(clean(PAYLOADS[number])).faults == []


def test_the_first_lock_holds_alone() -> None:
    """Without nh3 the parser writes no element of ours that is not on the list, and no forbidden address."""
    for payload in PAYLOADS:
        faults = Inspector(READER.render(payload)).faults
        assert not [fault for fault in faults if not fault.startswith(("a ", "code class"))], payload
        assert "javascript" not in "".join(fault for fault in faults if fault.startswith("a href")).lower()


def test_the_inspector_sees_what_is_wrong() -> None:
    for html in (
        "<script>",
        "<p onclick=x>",
        "<a href='javascript:x'>",
        "<a href=/x>",
        "<img src=x>",
        "<!-- -->",
    ):
        assert Inspector(html).faults


@given(st.text(alphabet="<>\"'&=/[]()!`*_#|-:; \nabhrefjavscriptonx\0\u202e", max_size=200))
def test_any_text_becomes_harmless_html(text: str) -> None:
    assert Inspector(to_html(text)).faults == []


@given(st.text(alphabet='abc <&"é\n', max_size=200))
def test_words_without_markdown_are_all_shown(text: str) -> None:
    shown = Inspector(to_html(f"é{text}")).words
    assert shown.split() == f"é{text}".split()


@pytest.mark.parametrize(
    ("markdown", "html"),
    [
        ("# Un", "<h3>Un</h3>"),
        ("## Deux", "<h4>Deux</h4>"),
        ("###### Six", "<h6>Six</h6>"),
        ("Un\n===", "<h3>Un</h3>"),
        ("un\ndeux", "<p>un<br>\ndeux</p>"),
        ("*a* **b** `c`", "<p><em>a</em> <strong>b</strong> <code>c</code></p>"),
        (
            '[a](https://b.example "t")',
            '<p><a href="https://b.example" rel="nofollow noopener ugc">a</a></p>',
        ),
        ("[a](/b)", "<p>[a](/b)</p>"),
        ("https://b.example", "<p>https://b.example</p>"),
        (
            "![une vue](https://b.example/i.png)",
            '<p><a href="https://b.example/i.png" rel="nofollow noopener ugc">une vue</a></p>',
        ),
        (
            "![](https://b.example/i.png)",
            '<p><a href="https://b.example/i.png" rel="nofollow noopener ugc">https://b.example/i.png</a></p>',
        ),
        (
            "[![vue](https://b.example/i.png) ici](https://c.example)",
            '<p><a href="https://c.example" rel="nofollow noopener ugc">vue ici</a></p>',
        ),
        (
            "![*a* ![b](https://b.example) [c](https://c.example)](https://d.example)",
            '<p><a href="https://d.example" rel="nofollow noopener ugc"><em>a</em> b c</a></p>',
        ),
        ("2. b", '<ol start="2">\n<li>b</li>\n</ol>'),
        ("    quatre espaces", "<p>quatre espaces</p>"),
        ("[1]: https://b.example", "<p>[1]: https://b.example</p>"),
        ("Un passage [@c7].", "<p>Un passage [@c7].</p>"),
        ("&eacute; &#x202e;", "<p>&amp;eacute; &amp;#x202e;</p>"),
        ("<b>a</b>", "<p>&lt;b&gt;a&lt;/b&gt;</p>"),
        ("```py\na\n```", "<pre><code>a\n</code></pre>"),
        (
            "|a|\n|:-:|",
            '<table>\n<thead>\n<tr>\n<th class="center">a</th>\n</tr>\n</thead>\n</table>',
        ),
        ("", ""),
    ],
)
def test_what_it_looks_like(markdown: str, html: str) -> None:
    assert to_html(markdown).strip() == html


@pytest.mark.parametrize("mark", ["> ", "- ", "1. "])
def test_no_word_is_lost_however_deep_it_stands(mark: str) -> None:
    for depth in range(1, 3 * DEEPEST):
        assert "motprofond" in to_html(mark * depth + "motprofond"), depth


BOMBS = {
    "brackets": "[" * 40_000,
    "images": "![" * 20_000,
    "images and stars": "![" * 2_000 + "*a_ " * 9_000,
    "links": "[a](" * 10_000,
    "cells": "|" + "a|" * 190 + "\n|" + "-|" * 190 + "\n" + "a\n" * 19_000,
    "quotations": "> " * 20_000,
    "stars": "*a_ " * 10_000,
    "backticks": "".join("`" * size + " " for size in range(280)),
    "list": "1. a\n" * 8_000,
    "angles": "<" * 40_000,
}


@pytest.mark.parametrize("name", BOMBS)
def test_a_bomb_costs_little(name: str) -> None:
    """Processor time: 2 to 3 seconds for the first ones without the bounds, under half a second with them."""
    start = time.process_time()
    html = to_html(BOMBS[name])
    assert time.process_time() - start < 1.0
    assert len(html) < 8 * 40_000


def test_a_long_honest_text_keeps_its_markup() -> None:
    text = "Un point [@c1], une [source](https://b.example) et **du gras**.\n\n" * 300
    assert to_html(text).count("<strong>") == 300
    table = "|a|b|c|\n|-|-|-|\n" + "|un|deux|trois|\n" * 400
    assert to_html(table).count("<tr>") == 401
