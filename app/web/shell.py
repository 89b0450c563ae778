"""The outer shell as a whole, in the one order that works."""

from __future__ import annotations

from collections.abc import Mapping

from starlette.applications import Starlette

from app.web.access import Access
from app.web.compression import Compression
from app.web.headers import Heads, Languages, SafeHeaders
from app.web.limits import BodyLimit, Limits


def add_shell(
    app: Starlette,
    *,
    body: BodyLimit = BodyLimit(),
    by_prefix: Mapping[str, BodyLimit] | None = None,
) -> None:
    """Put `app` behind names and headers, the log, the limits, HEAD and compression; call it after any other middleware.

    The last one added is the outermost.
    """
    app.add_middleware(Compression)
    app.add_middleware(Heads)
    app.add_middleware(Languages)
    app.add_middleware(Limits, body=body, by_prefix=by_prefix)
    app.add_middleware(Access)
    app.add_middleware(SafeHeaders)
