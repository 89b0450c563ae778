"""A caller made of parameters, so that a statement is built and compiled once for everybody.

Building the feed's `select` takes ten times as long as running it. The rules do not care
whether `actor.inner_spaces` is a set of ids or a parameter that will hold one: given `CALLER`,
`visible` yields SQL with named parameters, and `facts(actor)` yields their values.
"""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any, cast

from sqlalchemy import ARRAY, Boolean, Text, Uuid, bindparam

from app.policy.actor import Actor
from app.policy.predicates import pair

SETS = (
    "organisations",
    "managed",
    "initiatives",
    "public_initiatives",
    "piloted",
    "inner_spaces",
    "outer_spaces",
    "facilitated",
    "speaking_spaces",
)

CALLER = cast(
    "Actor",
    SimpleNamespace(
        person_id=bindparam("caller_person_id", type_=Uuid()),
        is_admin=bindparam("caller_is_admin", type_=Boolean()),
        managed_here=bindparam("caller_managed_here", type_=ARRAY(Text())),
        **{name: bindparam(f"caller_{name}", type_=ARRAY(Uuid())) for name in SETS},
    ),
)
"""Stands for whoever will call; good for `visible`, never for `allowed`."""


def facts(actor: Actor) -> dict[str, Any]:
    """The values of `CALLER`'s parameters; made once for each actor."""
    if not actor.remembered:
        actor.remembered.update({f"caller_{name}": sorted(getattr(actor, name)) for name in SETS})
        actor.remembered["caller_managed_here"] = sorted(map(pair, actor.managed_here))
        actor.remembered["caller_person_id"] = actor.person_id
        actor.remembered["caller_is_admin"] = actor.is_admin
    return actor.remembered
