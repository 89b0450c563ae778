"""Who did it, for whom, as what: joined to every row that somebody signs."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Select, select

from app.features.identity.models import ActedBy, Organisation, Person


def signed(model: type[ActedBy], *columns: Any) -> Select[Any]:
    """These columns, then who did it, for whom, as what."""
    who = (
        *(model.person_id, Person.name.label("person_name")),
        *(model.organisation_id, Organisation.name.label("organisation_name"), model.capacity),
    )
    return (
        select(*columns, *who)
        .select_from(model)
        .outerjoin(Person, Person.id == model.person_id)
        .outerjoin(Organisation, Organisation.id == model.organisation_id)
    )
