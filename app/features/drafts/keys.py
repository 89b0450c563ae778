"""The names under which forms are kept while they are typed: what the form makes, `new` or `edit`, and of what."""

from __future__ import annotations

from enum import StrEnum
from uuid import UUID


class DraftForm(StrEnum):
    """Every form of a page that is kept; `app/features/screens/drafts.py` says where each is filled in."""

    CONTRIBUTION_NEW = "contribution:new"
    """Of a space."""
    CONTRIBUTION_EDIT = "contribution:edit"
    REPLY_NEW = "reply:new"
    """To a contribution."""
    REPLY_EDIT = "reply:edit"
    NOTE_NEW = "note:new"
    """Of a session."""
    MINUTES_EDIT = "minutes:edit"
    """Of a session: each who writes them has their own."""
    PASSAGE_EDIT = "passage:edit"
    """Of a deliverable, then which passage."""

    def key(self, *ids: UUID) -> str:
        """The name of the draft of this form, for the thing with these ids."""
        return ":".join((self, *map(str, ids)))


def read_key(key: str) -> tuple[DraftForm, list[str]] | None:
    """The form and the ids that a name says; None for one of a program of somebody's own."""
    what, way, *ids = key.split(":")
    try:
        return DraftForm(f"{what}:{way}"), ids
    except ValueError:
        return None
