"""The plain front page, and the API's guide: made here from the API's own description, without any third party."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from fastapi import APIRouter, Request, Response

from app.core.errors import all_problems
from app.web.openapi import document
from app.web.templates import page

router = APIRouter(include_in_schema=False)


@dataclass(frozen=True, slots=True)
class Operation:
    """One line of the guide."""

    method: str
    path: str
    summary: str
    needs_key: bool
    needs_version: bool


@router.get("/")
async def front(request: Request) -> Response:
    """What this address is, and where to go."""
    return page(request, "plain/front.html", settings=request.app.state.settings)


@router.get("/api")
async def guide(request: Request) -> Response:
    """Every route of the API in one page."""
    return page(
        request,
        "plain/guide.html",
        groups=_groups(document(request.app)),
        problems=all_problems(),
        settings=request.app.state.settings,
    )


def _groups(schema: dict[str, Any]) -> dict[str, list[Operation]]:
    groups: dict[str, list[Operation]] = {}
    for path, methods in schema["paths"].items():
        for method, operation in methods.items():
            groups.setdefault(operation["tags"][0], []).append(
                Operation(
                    method=method.upper(),
                    path=path,
                    summary=operation.get("description") or operation.get("summary", ""),
                    needs_key=method == "post" and "201" in operation["responses"],
                    needs_version="428" in operation["responses"],
                )
            )
    return dict(sorted(groups.items()))
