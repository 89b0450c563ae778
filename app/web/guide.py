"""The API's guide: made here from the API's own description, without any third party."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from fastapi import APIRouter, Request, Response

from app.core.errors import all_problems
from app.web.framing import bare_frame
from app.web.openapi import document
from app.web.templates import render

router = APIRouter(include_in_schema=False)


@dataclass(frozen=True, slots=True)
class Operation:
    """One line of the guide."""

    method: str
    path: str
    summary: str
    needs_key: bool
    needs_version: bool


@router.get("/api")
async def guide(request: Request) -> Response:
    """Every route of the API in one page."""
    values = {
        "frame": replace(bare_frame(request), sign_in=""),
        "groups": _groups(document(request.app)),
        "problems": all_problems(),
        "base_url": request.app.state.settings.base_url,
    }
    return render("guide/guide.html", values)


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
