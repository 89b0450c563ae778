"""Rows as answers: the shape that the API promises, what the caller may do with it, an `ETag` of all of it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, TypeVar

from fastapi import Request, Response
from pydantic import BaseModel

from app.core.paging import Page
from app.core.schema import Listing
from app.web import respond

Model = TypeVar("Model", bound=BaseModel)


def shape(model: type[Model], row: Any, abilities: Sequence[str] = (), **more: Any) -> Model:
    """The row as `model`; `more` gives the fields that the row lacks."""
    return model.model_validate(row).model_copy(update={"abilities": list(abilities), **more})


def whole(request: Request, body: BaseModel, *, version: int, status: int = 200, location: str = "") -> Response:
    """One object whose parts change without its version (counts, dates of others): its `ETag` hashes them too.

    `If-Match` still compares the version alone, so that a colleague who joins refuses nobody's edit.
    """
    seal = [body.model_dump_json()]
    return respond.item(request, body, version=version, abilities=seal, status=status, location=location)


def page(request: Request, listing: type[Listing[Model]], found: Page[Any], items: Iterable[Model]) -> Response:
    """A page of shaped items."""
    return respond.page(request, listing, Page(list(items), found.next_cursor))
