"""The text of an edition as HTML, made once for everybody for whom its sources stand alike.

The payload never moves, so what the page shows of it depends on where its sources stand for the reader, on the language
of the page, and on the note that is opened. Rendering hundreds of passages is most of what the page costs.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from markupsafe import Markup

from app.core.i18n import language
from app.features.editions.pages.notes import Note
from app.features.editions.queries.standing import Standing
from app.features.editions.schemas import EditionOut
from app.web.templates import environment

MOST = 16
"""Texts kept by one process, the last read: about 200 kB each."""

_Key = tuple[UUID, str, frozenset[tuple[int, Standing]]]
_kept: OrderedDict[_Key, Markup] = OrderedDict()


def text_of(card: EditionOut, items: Sequence[Any], standing: Mapping[int, Standing], opened: Note | None) -> Markup:
    """`items` (see `Prose`) as the page shows them; one with an open note is made each time."""
    key = (card.id, language(), frozenset(standing.items()))
    if opened is None and key in _kept:
        _kept.move_to_end(key)
        return _kept[key]
    made = Markup(environment().get_template("editions/text.html").render(card=card, items=items, opened=opened))  # noqa: S704 - a template escapes
    if opened is None:
        _kept[key] = made
        if len(_kept) > MOST:
            _kept.popitem(last=False)
    return made
