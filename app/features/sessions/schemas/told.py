"""What the events of sessions are called, for whoever reads what happened."""

from __future__ import annotations

VERBS_IN_FRENCH = {
    "action.finished": "a dit qu’une action est faite",
    "action.reopened": "a dit qu’une action reste à faire",
    "agenda_item.added": "a ajouté un point à l’ordre du jour",
    "agenda_item.edited": "a modifié un point de l’ordre du jour",
    "agenda_item.moved": "a déplacé un point de l’ordre du jour",
    "agenda_item.removed": "a retiré un point de l’ordre du jour",
    "amendment.accepted": "a accepté un amendement au compte rendu",
    "amendment.proposed": "a proposé un amendement au compte rendu",
    "amendment.refused": "a refusé un amendement au compte rendu",
    "amendment.withdrawn": "a retiré un amendement au compte rendu",
    "attendance.recorded": "a noté les présences",
    "calendar.made": "a fait une adresse d’agenda",
    "calendar.revoked": "a révoqué une adresse d’agenda",
    "decision.edited": "a modifié une décision",
    "decision.recorded": "a noté une décision",
    "decision.removed": "a retiré une décision",
    "minutes.saved": "a enregistré le compte rendu",
    "minutes.validated": "a validé le compte rendu",
    "note.edited": "a modifié une note",
    "note.removed": "a retiré une note",
    "note.taken_up": "a repris une note en contribution",
    "note.written": "a pris une note",
    "session.answered": "a répondu à une séance",
    "session.edited": "a modifié une séance",
    "session.held": "a dit qu’une séance s’est tenue",
    "session.locked": "a verrouillé une séance",
    "session.minutes_opened": "a ouvert le compte rendu aux amendements",
    "session.planned": "a prévu une séance",
}
"""After the name of who did it: « Camille Durand a pris une note »."""
