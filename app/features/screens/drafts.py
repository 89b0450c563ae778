"""One's own drafts, as a list that leads back to the form that each fills."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from app.core.i18n import gettext
from app.features.drafts.schemas import DraftLine

FORMS = {
    ("contribution", "new"): "/espaces/{}/contributions/nouvelle",
    ("contribution", "edit"): "/contributions/{}/modifier",
    ("reply", "new"): "/contributions/{}#repondre",
    ("reply", "edit"): "/reponses/{}/modifier",
    ("note", "new"): "/seances/{}?vue=notes#noter",
    ("minutes", "edit"): "/seances/{}?vue=compte-rendu&rediger=1",
}
"""(what the form makes, `new` or `edit`) -> its page, by the id of where or of what."""


@dataclass(frozen=True, slots=True)
class DraftShown:
    """A draft and the way back to it; `href` is "" for a form that no page of its own shows."""

    title: str
    href: str
    space: str
    words: int
    saved_at: datetime


def shown_drafts(lines: Sequence[DraftLine]) -> list[DraftShown]:
    """In the same order."""
    return [
        DraftShown(
            title=line.title or line.excerpt or gettext("Brouillon sans titre"),
            href=_form(line.key),
            space=line.space or "",
            words=line.words,
            saved_at=line.saved_at,
        )
        for line in lines
    ]


def _form(key: str) -> str:
    kind, way, *ids = key.split(":")
    page = FORMS.get((kind, way))
    return page.format(ids[0]) if page and ids else ""
