"""Jinja2, strict: a name that does not exist is an error, and everything is escaped."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

from fastapi import Request, Response
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup, escape

from app.core.richtext.typography import french

TEMPLATES = Path(__file__).resolve().parents[1] / "templates"
PAGE_POLICY = (
    "default-src 'none'; style-src 'self'; img-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)


@cache
def environment() -> Environment:
    """The one environment of the process."""
    made = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters |= {"coded": coded, "french": french}
    return made


def coded(text: str) -> Markup:
    """A docstring on a page: what it writes between backticks is code."""
    return Markup(re.sub("`([^`]+)`", r"<code>\1</code>", str(escape(text))))  # noqa: S704 - escaped first


def page(_request: Request, name: str, /, *, status: int = 200, **values: object) -> Response:
    """A page made from a template."""
    content = environment().get_template(name).render(**values)
    return Response(
        content,
        status_code=status,
        media_type="text/html",
        headers={"Content-Security-Policy": PAGE_POLICY, "Cache-Control": "private, no-cache"},
    )
