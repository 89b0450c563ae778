"""What the events of sessions are called, for whoever reads what happened."""

from __future__ import annotations

from app.core.i18n import later

VERBS_IN_FRENCH = {
    "action.finished": later("a dit qu’une action est faite"),
    "action.reopened": later("a dit qu’une action reste à faire"),
    "agenda_item.added": later("a ajouté un point à l’ordre du jour"),
    "agenda_item.edited": later("a modifié un point de l’ordre du jour"),
    "agenda_item.moved": later("a déplacé un point de l’ordre du jour"),
    "agenda_item.removed": later("a retiré un point de l’ordre du jour"),
    "amendment.accepted": later("a accepté une correction du compte rendu"),
    "amendment.proposed": later("a demandé une correction du compte rendu"),
    "amendment.refused": later("a refusé une correction du compte rendu"),
    "amendment.withdrawn": later("a retiré une correction du compte rendu"),
    "attendance.recorded": later("a noté les présences"),
    "calendar.made": later("a fait une adresse d’agenda"),
    "calendar.revoked": later("a révoqué une adresse d’agenda"),
    "decision.edited": later("a modifié une décision"),
    "decision.recorded": later("a noté une décision"),
    "decision.removed": later("a retiré une décision"),
    "minutes.saved": later("a enregistré le compte rendu"),
    "minutes.validated": later("a validé le compte rendu"),
    "note.edited": later("a modifié une note"),
    "note.removed": later("a retiré une note"),
    "note.taken_up": later("a repris une note en contribution"),
    "note.written": later("a pris une note"),
    "session.answered": later("a répondu à une séance"),
    "session.edited": later("a modifié une séance"),
    "session.held": later("a dit qu’une séance s’est tenue"),
    "session.locked": later("a verrouillé une séance"),
    "session.minutes_opened": later("a ouvert le compte rendu aux corrections"),
    "session.planned": later("a prévu une séance"),
}
"""After the name of who did it: « Camille Durand a pris une note »."""
