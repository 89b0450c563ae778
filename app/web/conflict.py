"""Somebody wrote while one was writing: both texts, side by side, in the form that was refused (412).

The form keeps what one wrote, and its hidden version is the present one (`form.fresh("version")`): sent again, it
keeps mine. The address without the form keeps theirs. Corrected, then sent, it keeps both. Nothing is lost meanwhile.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from app.core.richtext.differences import Change, Comparison
from app.web.forms import Form


@dataclass(frozen=True, slots=True)
class Clash:
    """One field that differs: what went from theirs is marked in theirs, what came in mine."""

    name: str
    label: str
    mine: tuple[Change, ...]
    theirs: tuple[Change, ...]


def clashes(form: Form, labels: Mapping[str, str]) -> tuple[Clash, ...]:
    """The fields, name -> label, in which what was sent differs from what is known now; none unless the form is stale."""
    if not form.stale:
        return ()
    comparison = Comparison()
    found = []
    for name, label in labels.items():
        mine, theirs = form.value(name), form.fresh(name)
        if mine.strip() == theirs.strip():
            continue
        changes = comparison.differences(theirs, mine)
        found.append(
            Clash(
                name,
                label,
                tuple(one for one in changes if one.op != "removed"),
                tuple(one for one in changes if one.op != "added"),
            )
        )
    return tuple(found)
