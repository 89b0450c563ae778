"""Answers: an object with its `ETag`, a page with its `Link`, 304 when the caller already has it."""

from __future__ import annotations

import hashlib
from typing import Any, TypeVar
from urllib.parse import quote, urlencode

from fastapi import Request, Response
from pydantic import BaseModel
from pydantic_core import to_json

from app.core.paging import Page
from app.core.schema import Listing

Model = TypeVar("Model", bound=BaseModel)
PRIVATE = {"Cache-Control": "private, no-cache", "Vary": "Authorization, Cookie"}


def etag_of(version: int, content: bytes) -> str:
    """`"v3-1f2e3a4b5c6d7e8f"`: the version, which `If-Match` compares, and a hash of the whole answer.

    Counts, names and rights change without the version: a colleague who answers must refuse nobody's edit,
    and 304 must not hide what changed.
    """
    return f'"v{version}-{hashlib.blake2s(content, digest_size=8).hexdigest()}"'


def known(request: Request, etag: str) -> bool:
    """Whether the caller says that it has what `etag` names."""
    header = request.headers.get("if-none-match")
    return header is not None and any(tag.strip().removeprefix("W/") in {etag, "*"} for tag in header.split(","))


def item(request: Request, body: BaseModel, *, version: int, status: int = 200, location: str = "") -> Response:
    """One object; 201 with its `Location` when it was just made."""
    content = body.model_dump_json().encode()
    headers = {"ETag": etag_of(version, content), **PRIVATE}
    if location:
        headers["Location"] = location
    if status == 200 and request.method in {"GET", "HEAD"} and known(request, headers["ETag"]):
        return Response(status_code=304, headers=headers)
    return Response(content, status_code=status, media_type="application/json", headers=headers)


def plain(
    request: Request, body: BaseModel | bytes, *, status: int = 200, media_type: str = "application/json"
) -> Response:
    """A body that has no version of its own: its `ETag` is the hash of its bytes."""
    content = body.model_dump_json().encode() if isinstance(body, BaseModel) else body
    etag = f'"{hashlib.sha256(content).hexdigest()[:16]}"'  # in silicon: a third of the time of the other hashes
    headers = {"ETag": etag, **PRIVATE}
    if request.method in {"GET", "HEAD"} and known(request, etag):
        return Response(status_code=304, headers=headers)
    return Response(content, status_code=status, media_type=media_type, headers=headers)


def page(request: Request, _listing: type[Listing[Model]], items: Page[Any]) -> Response:
    """A page of a list, with the address of the next one.

    Its items are models, or dictionaries of the fields that `Listing[XOut]` documents: making a model of
    each row only to write it out again would cost more than reading it.
    """
    content = to_json({"items": items.items, "next_cursor": items.next_cursor})
    response = plain(request, content)
    if items.next_cursor:
        query = dict(request.query_params) | {"cursor": items.next_cursor}
        response.headers["Link"] = f'<{quote(request.url.path)}?{urlencode(query)}>; rel="next"'
    return response
