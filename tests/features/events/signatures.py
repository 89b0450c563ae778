"""Promise 2, of a whole database: every act says a person, an organisation and a capacity that a mandate allowed then."""

from __future__ import annotations

WRONGLY_SIGNED = """
SELECT e.verb, count(*)::int FROM events e
WHERE NOT CASE WHEN e.capacity IS NULL
  -- Nobody's mandate: an organisation is there because it is told, never as if it had acted.
  THEN e.organisation_id IS NULL OR e.audience = 'organisation'
  ELSE e.person_id IS NOT NULL AND EXISTS (
    SELECT FROM mandates m
    WHERE m.person_id = e.person_id AND m.organisation_id = e.organisation_id AND m.during @> e.at
      AND (m.initiative_id IS NULL OR e.initiative_id IS NULL OR m.initiative_id = e.initiative_id)
      AND CASE e.capacity
        WHEN 'organisation' THEN m.powers && ARRAY['speaks', 'contributes', 'manages']
        WHEN 'personal' THEN m.powers && ARRAY['speaks', 'contributes']
        ELSE true END)
  END
GROUP BY e.verb
"""
"""Verbs of events whose signature no mandate of that instant allowed, with their number: nothing, when all is right."""
