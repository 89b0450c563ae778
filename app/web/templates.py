"""Jinja2, strict: a name that does not exist is an error, and everything is escaped."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

from fastapi import Response
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup, escape

from app.core.i18n import gettext, language, ngettext
from app.core.richtext.render import to_html
from app.core.richtext.typography import NO_BREAK, french, french_html
from app.web import wording
from app.web.assets import asset, icon
from app.web.told import told, told_title

TEMPLATES = Path(__file__).resolve().parents[1] / "templates"
PAGE_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
    "base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)
PAGE_HEADERS = {
    "Content-Security-Policy": PAGE_POLICY,
    "Cache-Control": "private, no-cache",
    "Vary": "Cookie, HX-Request",
}


@cache
def environment() -> Environment:
    """The one environment of the process."""
    made = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        extensions=["jinja2.ext.i18n", "jinja2.ext.do", "jinja2.ext.loopcontrols"],
    )
    made.install_gettext_callables(gettext, ngettext, newstyle=True)  # type: ignore[attr-defined]
    made.policies["ext.i18n.trimmed"] = True
    made.filters |= {
        "coded": coded,
        "french": french,
        "spaced": spaced,
        "prose": prose,
        "quoted": quoted,
        "rich": rich,
        "told": told,
        "told_title": told_title,
        "voiced": voiced,
    }
    made.globals |= {
        "lang": language,
        "asset": asset,
        "colon": colon,
        "icon": icon,
        "tongue": tongue,
        "_": made.globals["gettext"],
    }
    made.filters |= wording.FILTERS
    return made


def coded(text: str) -> Markup:
    """A docstring on a page: what it writes between backticks is code."""
    return Markup(re.sub("`([^`]+)`", r"<code>\1</code>", str(escape(text))))  # noqa: S704 - escaped first


def spaced(text: str) -> str:
    """Somebody's words on one line (a title, a name), with French spaces: words are in the language they were said in."""
    return french(text)


def prose(html: str) -> Markup:
    """Safe HTML of somebody's words (`revisions.html`, made by `to_html`), with French spaces."""
    return Markup(french_html(html))  # noqa: S704 - made safe when it was written, by the one allow-list


def tongue(words: str = "fr") -> Markup:
    """The attribute of an element that holds somebody's words, where the page is in another language than they are.

    What is written from pages is French; what says its language otherwise gives it.
    """
    return Markup("") if words == language() else Markup(' lang="{}"').format(words)


def voiced(text: str) -> str | Markup:
    """Somebody's words on one line, in the middle of ours: spaced, and with their language where the page has another."""
    return french(text) if language() == "fr" else Markup("<span{}>{}</span>").format(tongue(), french(text))


def quoted(words: str | Markup, around: str = "") -> Markup:
    """Words between the quotation marks of the page, or of the text `around` them, whatever they are in themselves."""
    opening, closing = ("“", "”") if (around or language()) == "en" else (f"«{NO_BREAK}", f"{NO_BREAK}»")
    return Markup("{}{}{}").format(opening, words, closing)


def colon() -> str:
    """What stands between a name and what it names: a sentence that is put together says it here, not by itself."""
    return ": " if language() == "en" else f"{NO_BREAK}: "


@lru_cache(maxsize=1024)
def rich(markdown: str) -> Markup:
    """Short texts that are kept as Markdown alone (what an initiative or a space is for), as safe HTML."""
    return prose(to_html(markdown))


def render(template: str, values: Mapping[str, Any], /, *, block: str = "", status: int = 200) -> Response:
    """A page, or the one block of it that is asked for; a block that the page has not is the whole page."""
    made = environment().get_template(template)
    if block in made.blocks and not block.startswith("_"):
        context = made.new_context(dict(values))
        next(made.root_render_func(context), None)  # as far as the layout's first line: what is imported is there
        content = "".join(made.blocks[block](context))
    else:
        content = made.render(**values)
    headers = PAGE_HEADERS | {"Content-Language": language()}
    return Response(content, status_code=status, media_type="text/html", headers=headers)
