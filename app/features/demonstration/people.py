"""Organisations, persons, and the mandates that join them."""

from __future__ import annotations

from app.core.events import Audience
from app.features.demonstration.content import Row, day_begins, during
from app.features.demonstration.ledger import Ledger
from app.features.identity.models import Mandate, Organisation, Person, PersonState
from app.features.initiatives.models import Participation


def add_people(ledger: Ledger, password: str) -> None:
    """Everybody, with the one hash of the installation's demonstration password."""
    start = day_begins(ledger.content.initiative["starts_on"])
    for row in ledger.content.persons:
        admin = bool(row.get("platform_admin"))
        person_id = ledger.add(
            Person,
            start,
            "person",
            row["key"],
            name=row["name"],
            email=row["email"],
            password=password,
            state=PersonState.ACTIVE.value,
            is_admin=admin,
            demonstration=True,
        )
        ledger.tell(
            start, "account.created", Person, person_id, Audience.ADMINISTRATOR, everywhere=True, is_admin=admin
        )


def add_organisations(ledger: Ledger) -> None:
    """Who takes part, in which role, represented by whom."""
    start = day_begins(ledger.content.initiative["starts_on"])
    for row in ledger.content.organisations:
        organisation_id = ledger.add(
            Organisation,
            start,
            "organisation",
            row["key"],
            name=row["name"],
            profile=row["profile"],
            family=row["family"],
            scale=row["scale"],
            territories=row["territories"],
            sdgs=row["sdgs"],
            description=row["about"].strip(),
            demonstration=row["name"].startswith("Organisation de démonstration"),
        )
        ledger.tell(
            start,
            "organisation.created",
            Organisation,
            organisation_id,
            Audience.ORGANISATION,
            organisation_id=organisation_id,
            everywhere=True,
        )
        for mandate in sorted(row["mandates"], key=lambda it: it["from"]):
            _add_mandate(ledger, row["key"], mandate)


def add_participations(ledger: Ledger) -> None:
    """Every organisation in the initiative, since its first day."""
    first = ledger.content.initiative["starts_on"]
    for row in ledger.content.organisations:
        organisation_id = ledger.ids["organisation", row["key"]]
        participation_id = ledger.add(
            Participation,
            day_begins(first),
            organisation_id=organisation_id,
            role=row["role"],
            during=during({"from": first}),
        )
        ledger.tell(
            day_begins(first),
            "participation.started",
            Participation,
            participation_id,
            Audience.INITIATIVE,
            role=row["role"],
            member=str(organisation_id),
        )


def _add_mandate(ledger: Ledger, organisation: str, row: Row) -> None:
    span = during(row)
    given = day_begins(row["from"])
    organisation_id, person_id = ledger.ids["organisation", organisation], ledger.ids["person", row["person"]]
    mandate_id = ledger.add(
        Mandate,
        given,
        person_id=person_id,
        organisation_id=organisation_id,
        initiative_id=None,  # in every initiative of the organisation, as most mandates are
        powers=row["powers"],
        during=span,
    )
    ledger.hold(organisation, row["person"], mandate_id, span)
    for verb, when in (("mandate.given", given), ("mandate.ended", span.upper)):
        if when is not None:
            ledger.tell(
                when,
                verb,
                Mandate,
                mandate_id,
                Audience.ORGANISATION,
                organisation_id=organisation_id,
                everywhere=True,
                person=str(person_id),
                powers=row["powers"],
            )
