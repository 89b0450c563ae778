"""What the forms of contributions share: their fields as they were sent, what is wrong in them, and the words they may bear."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import Any
from uuid import UUID

from starlette.datastructures import FormData

from app.core.db import Handle
from app.core.errors import invalid
from app.core.i18n import gettext, later
from app.core.text import LONGEST_MARKDOWN
from app.features.drafts.schemas import DraftOut
from app.features.initiatives.queries import TermRow, list_terms
from app.web.forms import Form, texts
from app.web.screen import Screen
from app.web.told import told

LISTS = ("tags",)
LABELS = {
    "kind": later("Nature"),
    "title": later("Titre"),
    "markdown": later("Texte"),
    "organisation_id": later("Vous parlez"),
    "consent": later("Accord pour être cité"),
    "session_id": later("Rattacher à une séance"),
    "tags": later("Étiquettes"),
}
MOST = 200
"""Words of taxonomies that a form offers."""


def filled(form: FormData) -> Form:
    """What was sent, as the fields show it again."""
    said = texts(form)
    return Form({name: values if name in LISTS else values[0] for name, values in said.items()})


def as_left(kept: DraftOut | None) -> dict[str, Any]:
    """The fields as their author left them, where what was typed is kept; nothing where it is not."""
    said = {} if kept is None else kept.body
    return {name: words.split("\n") if name in LISTS else words for name, words in said.items()}


def require_length(shown: Form) -> None:
    """Refuse to show what is longer than anything that can be published: reading it would keep everybody waiting."""
    if len(shown.value("markdown")) > LONGEST_MARKDOWN:
        raise invalid("/markdown", "Ce texte est trop long : {most} caractères au plus.", most=LONGEST_MARKDOWN)


def errors_of(screen: Screen) -> Sequence[tuple[str, str]]:
    """What is to be corrected, each with the field to go to; the reason alone where no field is at fault."""
    if screen.refused is None:
        return ()
    found = [(name, named(name, sentence)) for name, sentence in screen.refused.errors.items()]
    return found or [("", told(screen.refused.problem))]


def named(name: str, sentence: str) -> str:
    """What is wrong, with what the field is called: two fields may be refused by the same sentence."""
    if name not in LABELS:
        return sentence
    return gettext("%(field)s : %(what)s") % {"field": gettext(LABELS[name]), "what": sentence}


async def taxonomies(read_: Handle, initiative_id: UUID) -> dict[str, list[TermRow]]:
    """The words that a contribution may bear, by taxonomy; those that were retired are not offered."""
    found: dict[str, list[TermRow]] = defaultdict(list)
    for term in (await list_terms(read_, initiative_id, taxonomy=None, cursor=None, limit=MOST)).items:
        if term.retired_at is None:
            found[term.taxonomy].append(term)
    return dict(found)
