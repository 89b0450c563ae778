"""Rows as answers: the shape that the API promises, and what the caller may do with it."""

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


def page(request: Request, listing: type[Listing[Model]], found: Page[Any], items: Iterable[Model]) -> Response:
    """A page of shaped items."""
    return respond.page(request, listing, Page(list(items), found.next_cursor))
