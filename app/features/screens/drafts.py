"""One's own drafts, as a list that leads back to the form that each fills."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from app.core.i18n import gettext
from app.features.drafts.keys import DraftForm, read_key
from app.features.drafts.schemas import DraftLine

FORMS = {
    DraftForm.CONTRIBUTION_NEW: "/espaces/{}/contributions/nouvelle",
    DraftForm.CONTRIBUTION_EDIT: "/contributions/{}/modifier",
    DraftForm.REPLY_NEW: "/contributions/{}#repondre",
    DraftForm.REPLY_EDIT: "/reponses/{}/modifier",
    DraftForm.NOTE_NEW: "/seances/{}?vue=notes#noter",
    DraftForm.MINUTES_EDIT: "/seances/{}?vue=compte-rendu&rediger=1",
    DraftForm.PASSAGE_EDIT: "/livrables/{0}/redaction?passage={1}#p-{1}",
}
"""The page where each form is filled in, by the ids that its key says."""


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
    said = read_key(key)
    if said is None:
        return ""
    form, ids = said
    try:
        return FORMS[form].format(*ids)
    except IndexError:
        return ""
