"""As whom somebody acts: the mandate is the one that allows the act, or there is a refusal that says why."""

from __future__ import annotations

from dataclasses import replace
from types import MappingProxyType
from uuid import uuid4

import pytest

from app.core.errors import Invalid, Unauthenticated
from app.policy.actions import Action
from app.policy.actor import VISITOR, Actor, Capacity, ParticipationRole, Seat
from app.policy.decide import REFUSALS
from app.policy.speaker import NoMandateHere, find_pilot_speaker, pilot_speaker, signature, speaker

INITIATIVE, SPACE = uuid4(), uuid4()


def seat(role: ParticipationRole = ParticipationRole.PARTICIPANT, power: str = "contributes") -> Seat:
    """A mandate of a new organisation in the initiative."""
    return Seat(uuid4(), uuid4(), INITIATIVE, role, frozenset({power}))


def holder(*seats: Seat, member: tuple[Seat, ...] = (), facilitates: bool = False) -> Actor:
    """Somebody with these seats; `member` ones voice their organisation in SPACE."""
    return Actor(
        person_id=uuid4(),
        initiatives=frozenset({INITIATIVE}),
        seats=MappingProxyType({(INITIATIVE, one.organisation_id): one for one in seats}),
        voices=MappingProxyType({(SPACE, one.organisation_id): one.mandate_id for one in member}),
        facilitated=frozenset({SPACE}) if facilitates else frozenset(),
    )


def test_every_refusal_has_words_and_shows_no_code() -> None:
    assert set(REFUSALS) == set(Action)
    assert not [sentence for sentence in REFUSALS.values() if ":" in sentence.replace(" : ", "").replace("\u00a0:", "")]


def test_one_mandate_needs_no_choice() -> None:
    mine = seat()
    actor = holder(mine, member=(mine,))
    said = speaker(actor, INITIATIVE, SPACE)
    assert said.columns() == {
        "person_id": actor.person_id,
        "organisation_id": mine.organisation_id,
        "mandate_id": mine.mandate_id,
        "capacity": Capacity.ORGANISATION,
    }
    assert signature(said) == {"organisation_id": mine.organisation_id, "capacity": Capacity.ORGANISATION}


def test_two_mandates_ask_which_one() -> None:
    one, two = seat(), seat()
    actor = holder(one, two, member=(one, two))
    with pytest.raises(Invalid) as refused:
        speaker(actor, INITIATIVE, SPACE)
    assert refused.value.extensions["errors"][0]["pointer"] == "/organisation_id"
    assert speaker(actor, INITIATIVE, SPACE, two.organisation_id).mandate_id == two.mandate_id


def test_an_organisation_outside_the_space_does_not_speak_in_it() -> None:
    inside, outside = seat(), seat()
    actor = holder(inside, outside, member=(inside,))
    assert speaker(actor, INITIATIVE, SPACE).mandate_id == inside.mandate_id
    with pytest.raises(NoMandateHere):
        speaker(actor, INITIATIVE, SPACE, outside.organisation_id)
    assert speaker(actor, INITIATIVE, None, outside.organisation_id).mandate_id == outside.mandate_id


@pytest.mark.parametrize("capacity", [Capacity.ORGANISATION, Capacity.PERSONAL])
def test_an_observer_has_no_voice(capacity: Capacity) -> None:
    actor = holder(seat(ParticipationRole.OBSERVER, "contributes"), seat(power="observes"))
    with pytest.raises(NoMandateHere):
        speaker(actor, INITIATIVE, None, None, capacity)


def test_an_observer_acts_as_observer() -> None:
    actor = holder(seat(ParticipationRole.OBSERVER))
    assert speaker(actor, INITIATIVE, None, None, Capacity.OBSERVER).capacity == Capacity.OBSERVER
    with pytest.raises(NoMandateHere):
        speaker(holder(seat()), INITIATIVE, None, None, Capacity.OBSERVER)


def test_an_observer_writes_in_no_space() -> None:
    guest, member = seat(ParticipationRole.OBSERVER), seat()
    with pytest.raises(NoMandateHere):
        speaker(holder(guest, member, member=(member,)), INITIATIVE, SPACE, guest.organisation_id, Capacity.OBSERVER)


def test_a_mandate_elsewhere_is_no_mandate_here() -> None:
    elsewhere = Seat(uuid4(), uuid4(), uuid4(), ParticipationRole.COPILOT, frozenset({"speaks"}))
    actor = Actor(
        person_id=uuid4(),
        seats=MappingProxyType({(elsewhere.initiative_id, elsewhere.organisation_id): elsewhere}),
    )
    for refused in (speaker, pilot_speaker):
        with pytest.raises(NoMandateHere):
            refused(actor, INITIATIVE)


def test_a_visitor_is_asked_to_sign_in() -> None:
    with pytest.raises(Unauthenticated):
        speaker(VISITOR, INITIATIVE)
    with pytest.raises(Unauthenticated):
        pilot_speaker(VISITOR, INITIATIVE)


def test_a_co_pilot_runs_things_for_the_co_pilot_organisation() -> None:
    member, pilot = seat(), seat(ParticipationRole.COPILOT)
    actor = holder(member, pilot, member=(member, pilot), facilitates=True)
    assert pilot_speaker(actor, INITIATIVE, SPACE).mandate_id == pilot.mandate_id


def test_who_co_pilots_for_two_organisations_says_for_which() -> None:
    one, two, guest = seat(ParticipationRole.COPILOT), seat(ParticipationRole.COPILOT), seat()
    actor = holder(one, two, guest)
    with pytest.raises(Invalid) as refused:
        pilot_speaker(actor, INITIATIVE, SPACE)
    assert refused.value.extensions["errors"][0]["pointer"] == "header:Acting-For"
    for mine in (one, two):
        named = replace(actor, acting_for=mine.organisation_id)
        assert pilot_speaker(named, INITIATIVE, SPACE).mandate_id == mine.mandate_id
    for other in (guest.organisation_id, uuid4()):
        with pytest.raises(NoMandateHere):
            pilot_speaker(replace(actor, acting_for=other), INITIATIVE, SPACE)


def test_a_facilitator_runs_the_space_for_the_member_organisation() -> None:
    guest, member = seat(), seat()
    actor = holder(guest, member, member=(member,), facilitates=True)
    assert pilot_speaker(actor, INITIATIVE, SPACE).mandate_id == member.mandate_id
    assert find_pilot_speaker(actor, INITIATIVE) is None
    assert find_pilot_speaker(actor, INITIATIVE, uuid4()) is None


def test_a_facilitator_who_only_observes_runs_nothing() -> None:
    actor = holder(seat(ParticipationRole.OBSERVER), seat(power="observes"), facilitates=True)
    with pytest.raises(NoMandateHere):
        pilot_speaker(actor, INITIATIVE, SPACE)


def test_a_participant_runs_nothing() -> None:
    mine = seat()
    with pytest.raises(NoMandateHere):
        pilot_speaker(holder(mine, member=(mine,)), INITIATIVE, SPACE)
    assert signature(find_pilot_speaker(holder(mine, member=(mine,)), INITIATIVE, SPACE)) == {
        "organisation_id": None,
        "capacity": None,
    }
