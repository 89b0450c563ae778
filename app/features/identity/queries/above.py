"""The few columns that identity reads of features above it (a floor below never imports one above).

A mandate may be for one initiative, and is worth what its organisation's participations are: their ids stand in
identity's own tables, their titles are read here.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import Integer, Select, Text, Uuid, column, exists, func, select, table
from sqlalchemy.dialects.postgresql import TSTZRANGE
from sqlalchemy.sql.elements import ColumnElement

from app.policy.actions import Action
from app.policy.actor import Actor
from app.policy.decide import visible

INITIATIVES = table("initiatives", column("id", Uuid()), column("title", Text()), column("state", Text()))
PARTICIPATIONS = table(
    "participations",
    column("initiative_id", Uuid()),
    column("organisation_id", Uuid()),
    column("role", Text()),
    column("during", TSTZRANGE()),
)
SPACES = table(
    "spaces",
    column("id", Uuid()),
    column("initiative_id", Uuid()),
    column("number", Integer()),
    column("title", Text()),
    column("visibility", Text()),
)


def sees_initiative(actor: Actor) -> ColumnElement[bool]:
    """The caller may read the row of `INITIATIVES`."""
    return visible(actor, INITIATIVES.c, Action.INITIATIVE_READ)


def takes_part(actor: Actor, organisation_id: Any, initiative_id: Any) -> ColumnElement[bool]:
    """The organisation takes part now in this initiative, which the caller may read: hidden is unknown."""
    found: Select[Any] = (
        select(PARTICIPATIONS.c.initiative_id)
        .join(INITIATIVES, INITIATIVES.c.id == PARTICIPATIONS.c.initiative_id)
        .where(
            PARTICIPATIONS.c.initiative_id == initiative_id,
            PARTICIPATIONS.c.organisation_id == organisation_id,
            PARTICIPATIONS.c.during.contains(func.now()),
            sees_initiative(actor),
        )
    )
    return exists(found)
