"""How the outer shell answers for the application: a document for a program, a page for whoever reads pages.

The page needs nothing but itself: no database, no file, no script. Its style stands in it, and the policy names that
style by its hash.
"""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Awaitable, Callable
from functools import cache
from hashlib import sha256
from html import escape
from pathlib import Path

from starlette.requests import HTTPConnection
from starlette.types import Scope, Send

from app.core.i18n import Language, gettext, later, speak
from app.web.cookies import display_of, language_of
from app.web.refusals import Refusal

STYLE = Path(__file__).with_name("answering.css")
REFERENCE = later("Pour en parler, donnez cette référence :")
HOME = later("Aller à la page d’accueil")
MEANING = later("Ce que veut dire ce refus")


async def answer(
    send: Send,
    refusal: Refusal,
    scope: Scope,
    *,
    close: bool = False,
    before_end: Callable[[], Awaitable[None]] | None = None,
) -> None:
    """Send `refusal` over ASGI.

    `close` asks the server to close the connection after it. `before_end` is awaited when the client has
    all it needs to read the answer and the server does not yet close.
    """
    reader = _reader_of(scope)
    request_id = scope.get("state", {}).get("request_id") if refusal.status == 500 or reader else None
    body = refusal.body(request_id) if reader is None else page_of(refusal, reader, request_id or "")
    headers = refusal.headers(len(body))
    if reader is not None:
        said = {b"content-type": b"text/html; charset=utf-8", b"content-language": reader.encode()}
        headers = [(name, said.get(name, value)) for name, value in headers]
        headers.append((b"content-security-policy", POLICY))
    if close:
        headers.append((b"connection", b"close"))
    await send({"type": "http.response.start", "status": refusal.status, "headers": headers})
    await send({"type": "http.response.body", "body": body, "more_body": before_end is not None})
    if before_end is not None:
        await before_end()
        await send({"type": "http.response.body", "body": b"", "more_body": False})


def page_of(refusal: Refusal, language: Language, request_id: str) -> bytes:
    """The page, whole."""
    speak(language)
    reference = f"<p>{escape(gettext(REFERENCE))} <code>{escape(request_id)}</code></p>" if request_id else ""
    return f"""<!doctype html>
<html lang="{language}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{escape(gettext(refusal.title))} | Alliage</title>
<style>{style()}</style>
</head>
<body>
<header><a href="/">Alliage</a></header>
<main>
<h1>{escape(gettext(refusal.title))}</h1>
<p class="lede">{escape(gettext(refusal.detail))}</p>
<p><a class="main" href="/">{escape(gettext(HOME))}</a></p>
<p><a href="/problems/{refusal.slug}">{escape(gettext(MEANING))}</a> ({refusal.status}).</p>
{reference}
</main>
</body>
</html>
""".encode()


def _reader_of(scope: Scope) -> Language | None:
    """The language of whoever reads pages; None for a program, as `app.web.refused.wants_page` tells them apart."""
    if scope["path"].startswith("/api/") and scope["method"] != "GET":
        return None
    connection = HTTPConnection(scope)
    if "text/html" not in connection.headers.get("accept", "") or "hx-request" in connection.headers:
        return None
    return language_of(connection, display_of(connection))


@cache
def style() -> str:
    """What makes the page legible, read once."""
    return STYLE.read_text(encoding="utf-8").strip()


POLICY = (
    f"default-src 'none'; style-src 'sha256-{b64encode(sha256(style().encode()).digest()).decode()}'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
).encode()
