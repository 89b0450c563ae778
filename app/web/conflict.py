"""Somebody wrote while one was writing: both texts, side by side, in the form that was refused (412).

The form keeps what one wrote, and its hidden version is the present one (`form.fresh("version")`): sent again, it
keeps mine. The address without the form keeps theirs. Corrected, then sent, it keeps both. Nothing is lost meanwhile.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from starlette.datastructures import FormData

from app.core.i18n import later
from app.core.richtext.differences import Change, Comparison, apart
from app.core.versions import Expected
from app.web.forms import Form

UNSAID = later("Rouvrez la page, puis recommencez : la version lue n’est pas indiquée.")
"""To whoever reads pages: a header is nothing that they send."""


def written_on(form: FormData, name: str = "version") -> Expected:
    """The version that a form was written on, in its hidden field; 428 from what checks it when the form does not say."""
    said = form.get(name)
    read = int(said) if isinstance(said, str) and re.fullmatch("[0-9]{1,9}", said) else None
    return Expected(read, unsaid=UNSAID)


@dataclass(frozen=True, slots=True)
class Clash:
    """One field that differs: what went from theirs is marked in theirs, what came in mine."""

    name: str
    label: str
    mine: tuple[Change, ...]
    theirs: tuple[Change, ...]


async def clashes(form: Form, labels: Mapping[str, str]) -> tuple[Clash, ...]:
    """The fields, name -> label, in which what was sent differs from what is known now; none unless the form is stale.

    Hold no connection meanwhile: long texts take a while.
    """
    if not form.stale:
        return ()
    pairs = [(name, label, form.fresh(name), form.value(name)) for name, label in labels.items()]
    comparison = Comparison()
    return await apart(
        lambda: tuple(
            _clash(name, label, comparison.differences(theirs, mine))
            for name, label, theirs, mine in pairs
            if mine.strip() != theirs.strip()
        )
    )


def _clash(name: str, label: str, changes: list[Change]) -> Clash:
    mine = tuple(one for one in changes if one.op != "removed")
    return Clash(name, label, mine, tuple(one for one in changes if one.op != "added"))
