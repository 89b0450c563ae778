"""What the forms of a session have in common."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from starlette.datastructures import FormData

AGENDA, NOTES, MINUTES = "preparer", "notes", "compte-rendu"
"""The three views of a session, as its address says them (`vue=`)."""


def emptied(form: FormData, *names: str) -> dict[str, Any]:
    """The fields that were sent empty, so that what they held is taken away."""
    return {name: None for name in names if name in form and not str(form[name]).strip()}


def keeps_theirs(form: FormData) -> bool:
    """Whether, of two versions side by side, the one that stands is kept: nothing is written."""
    return form.get("keep") == "theirs"


def seen(session_id: UUID, view: str, anchor: str = "") -> str:
    """The address of one view of a session."""
    return f"/seances/{session_id}?vue={view}{'#' + anchor if anchor else ''}"
