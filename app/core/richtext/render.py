"""Markdown to the HTML that a page may show as it is."""

from __future__ import annotations

import nh3

from app.core.richtext.reading import LINKS, READER, read

BLOCKS = {"p", "h3", "h4", "h5", "h6", "ul", "ol", "li", "blockquote", "pre", "hr"}
TABLES = {"table", "thead", "tbody", "tr", "th", "td"}
WORDS = {"a", "br", "code", "em", "strong"}
ALIGNMENTS = {"left", "center", "right"}


def _checked(tag: str, attribute: str, value: str) -> str | None:
    return value if attribute != "href" or LINKS.match(value) else None


_CLEANER = nh3.Cleaner(
    tags=BLOCKS | TABLES | WORDS,
    attributes={"*": set(), "a": {"href"}, "ol": {"start"}},
    allowed_classes={"th": ALIGNMENTS, "td": ALIGNMENTS},
    attribute_filter=_checked,
    url_schemes={"http", "https", "mailto"},
    url_relative="deny",
    link_rel="nofollow noopener ugc",
)


def to_html(markdown: str) -> str:
    """Safe HTML: made without raw HTML, then held to the allow-list again, so that two locks must fail."""
    return clean(str(READER.renderer.render(read(markdown), READER.options, {})))


def clean(html: str) -> str:
    """Any HTML, reduced to the allow-list: the words stay, but for those of scripts and styles."""
    return _CLEANER.clean(html)
