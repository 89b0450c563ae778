"""The one statement by which a request learns who calls and with which rights.

It returns a single JSON text. Decoding is remembered by that text (`actor_from`): the database
is asked every time, so a mandate that ends is felt at the next request, and an unchanged
answer costs a dictionary look-up.

An administrator holds no mandate, whatever the table says: they could give themselves any of them, and so read
and speak everywhere without the access grant that co-pilots see. `administers` is the account's, also under a
token for reading, which lends `is_admin` to nobody.
"""

from __future__ import annotations

import json
from functools import lru_cache
from types import MappingProxyType
from typing import Any
from uuid import UUID

from app.policy.actor import WRITING, Actor, ParticipationRole, Power, Seat

_RIGHTS = """
held AS (
  SELECT m.id, m.organisation_id, m.initiative_id, m.powers FROM mandates m
  WHERE m.person_id = (SELECT id FROM me WHERE NOT administers) AND m.during @> now()),
seats AS (
  SELECT p.initiative_id, p.organisation_id, p.role, h.id AS mandate_id, h.powers
  FROM held h JOIN participations p ON p.organisation_id = h.organisation_id AND p.during @> now()
    AND (h.initiative_id IS NULL OR h.initiative_id = p.initiative_id)),
granted AS (
  SELECT g.initiative_id FROM access_grants g
  WHERE g.person_id = (SELECT id FROM me WHERE is_admin) AND g.during @> now()),
spaces_seen AS (
  SELECT s.id, s.initiative_id, s.visibility FROM spaces s
  WHERE s.initiative_id IN (SELECT initiative_id FROM seats UNION ALL SELECT initiative_id FROM granted)
     OR s.visibility = 'public'),
facilitated AS (
  SELECT f.space_id FROM facilitators f WHERE f.person_id = (SELECT id FROM me) AND f.during @> now())
SELECT (SELECT json_build_object(
  'person', me.id, 'login', me.login_id, 'admin', me.is_admin, 'write', me.may_write,
  'held', (SELECT json_agg(json_build_array(organisation_id, powers, initiative_id IS NULL)) FROM held),
  'seats', (SELECT json_agg(json_build_array(initiative_id, organisation_id, role, mandate_id, powers)
            ORDER BY initiative_id, organisation_id) FROM seats),
  'spaces', (SELECT json_agg(json_build_array(id, initiative_id, visibility) ORDER BY id) FROM spaces_seen),
  'members', (SELECT json_agg(json_build_array(sm.space_id, sm.organisation_id)) FROM space_members sm
              WHERE sm.organisation_id IN (SELECT organisation_id FROM seats) AND sm.during @> now()),
  'facilitated', (SELECT json_agg(space_id) FROM facilitated),
  'granted', (SELECT json_agg(initiative_id) FROM granted))::text FROM me) AS standing
"""

BY_LOGIN = (
    """
WITH me AS (
  SELECT p.id, l.id AS login_id, p.is_admin, p.is_admin AS administers, true AS may_write
  FROM logins l JOIN persons p ON p.id = l.person_id
  WHERE l.id = %(login)s AND p.id = %(person)s AND l.ended_at IS NULL AND l.expires_at > now() AND p.state = 'active'),
"""
    + _RIGHTS
)

_NOTED = """
WITH used AS (
  UPDATE logins SET seen_at = now()
  WHERE browser_fingerprint = %(fingerprint)s AND ended_at IS NULL
    AND seen_at < now() - interval '1 minute' AND seen_at > now() - interval '2 hours'),
"""
_OF_A_BROWSER = (
    """
me AS (
  SELECT p.id, l.id AS login_id, p.is_admin, p.is_admin AS administers, true AS may_write
  FROM logins l JOIN persons p ON p.id = l.person_id
  WHERE l.browser_fingerprint = %(fingerprint)s AND l.ended_at IS NULL AND l.expires_at > now()
    AND l.seen_at > now() - interval '2 hours' AND p.state = 'active'),
"""
    + _RIGHTS
)

BY_BROWSER = _NOTED + _OF_A_BROWSER
"""A signed-in browser: two hours without a request end it. When it was last used is noted once a minute."""

BY_BROWSER_ALONE = "WITH" + _OF_A_BROWSER
"""The same where nobody is there for sure: what an open page asks by itself is no use of it."""

BY_API_TOKEN = (
    """
WITH me AS (
  SELECT p.id, t.id AS login_id, p.is_admin AND t.scope = 'write' AS is_admin, p.is_admin AS administers,
    t.scope = 'write' AS may_write
  FROM api_tokens t JOIN persons p ON p.id = t.person_id
  WHERE t.fingerprint = %(fingerprint)s AND t.revoked_at IS NULL AND t.expires_at > now() AND p.state = 'active'),
"""
    + _RIGHTS
)

BY_PERSON = (
    """
WITH me AS (
  SELECT p.id, NULL::uuid AS login_id, p.is_admin, p.is_admin AS administers, true AS may_write FROM persons p
  WHERE p.id = %(person)s AND p.state = 'active'),
"""
    + _RIGHTS
)
"""For the command line and jobs, which act as a named person."""

VISITOR_SPACES = (
    "SELECT coalesce(json_agg(json_build_array(id, initiative_id, visibility) ORDER BY id), '[]')::text AS standing "
    "FROM spaces WHERE visibility = 'public'"
)


@lru_cache(maxsize=2048)
def visitor_from(standing: str) -> Actor:
    """Nobody signed in: public spaces, seen from outside."""
    spaces = json.loads(standing)
    return Actor(
        outer_spaces=frozenset(UUID(space) for space, _, _ in spaces),
        public_initiatives=frozenset(UUID(initiative) for _, initiative, _ in spaces),
        may_write=False,
    )


@lru_cache(maxsize=2048)
def actor_from(standing: str) -> Actor:
    """The actor that the JSON text of `BY_LOGIN`, `BY_API_TOKEN` or `BY_PERSON` describes."""
    facts = json.loads(standing)
    seats = _seats(facts["seats"] or [])
    piloted = frozenset(s.initiative_id for s in seats.values() if s.role == ParticipationRole.COPILOT and s.voices)
    initiatives = frozenset(initiative for initiative, _ in seats)
    spaces = [(UUID(i), UUID(j), visibility) for i, j, visibility in facts["spaces"] or []]
    of_initiative = {space: initiative for space, initiative, _ in spaces}
    members = [(UUID(s), UUID(o)) for s, o in facts["members"] or []]
    inside = [(s, seats[of_initiative[s], o]) for s, o in members if (of_initiative.get(s), o) in seats]
    # Running a space is writing: who may no longer write in the initiative runs nothing there.
    written_in = {initiative for (initiative, _), seat in seats.items() if seat.voices}
    facilitated = frozenset(UUID(s) for s in facts["facilitated"] or [] if of_initiative.get(UUID(s)) in written_in)
    granted = frozenset(UUID(i) for i in facts["granted"] or [])
    inner = (
        frozenset(space for space, _ in inside)
        | facilitated
        | frozenset(space for space, initiative, _ in spaces if initiative in piloted | granted)
    )
    voices = {(space, seat.organisation_id): seat.mandate_id for space, seat in inside if seat.voices}
    voices |= {
        (space, seat.organisation_id): seat.mandate_id
        for space, initiative, _ in spaces
        for seat in seats.values()
        if seat.initiative_id == initiative and seat.role == ParticipationRole.COPILOT and seat.voices
    }
    held = [(UUID(o), frozenset(powers), everywhere) for o, powers, everywhere in facts["held"] or []]
    return Actor(
        person_id=UUID(facts["person"]),
        login_id=UUID(facts["login"]) if facts["login"] else None,
        is_admin=facts["admin"],
        may_write=facts["write"],
        organisations=frozenset(o for o, _, _ in held),
        managed=frozenset(o for o, powers, everywhere in held if everywhere and Power.MANAGES in powers),
        managed_here=frozenset(key for key, seat in seats.items() if Power.MANAGES in seat.powers),
        initiatives=initiatives | granted,
        public_initiatives=frozenset(initiative for _, initiative, v in spaces if v == "public"),
        piloted=piloted,
        inner_spaces=inner,
        outer_spaces=frozenset(s for s, i, v in spaces if v == "public" or (v == "initiative" and i in initiatives))
        - inner,
        facilitated=facilitated,
        seats=MappingProxyType(seats),
        voices=MappingProxyType(voices),
        speaking_spaces=frozenset(space for space, _ in voices),
    )


def _seats(rows: list[list[Any]]) -> dict[tuple[UUID, UUID], Seat]:
    """One seat for each (initiative, organisation).

    Two mandates there (one for the initiative, one for all) add their powers; the one that lets the
    person write is the one that acts are signed by.
    """
    seats: dict[tuple[UUID, UUID], Seat] = {}
    for initiative, organisation, role, mandate, powers in rows:
        key = UUID(initiative), UUID(organisation)
        before = seats.get(key)
        seats[key] = Seat(
            mandate_id=before.mandate_id if before and before.powers & WRITING else UUID(mandate),
            organisation_id=key[1],
            initiative_id=key[0],
            role=ParticipationRole(role),
            powers=frozenset(powers) | (before.powers if before else frozenset()),
        )
    return seats
