"""The events that are news, and how a sentence says each, after the name of whoever did it."""

from __future__ import annotations

from app.core.i18n import later

SAID = {
    "contribution.submitted": later("a publié une contribution"),
    "reply.submitted": later("a répondu"),
}
"""What gives something to read: its length is counted in the reading time."""

REVISED = {
    "contribution.revised": later("a modifié sa contribution"),
    "reply.revised": later("a modifié sa réponse"),
}
"""What is shown with what changed in the words."""

ON_STATEMENTS = {
    **SAID,
    **REVISED,
    "contribution.withdrawn": later("a retiré une contribution"),
    "contribution.moderated": later("a modéré une contribution"),
    "contribution.restored": later("a rétabli une contribution"),
    "contribution.erased": later("a effacé une contribution"),
    "reply.withdrawn": later("a retiré une réponse"),
    "reply.moderated": later("a modéré une réponse"),
    "reply.restored": later("a rétabli une réponse"),
    "reply.erased": later("a effacé une réponse"),
    "position.taken": later("a pris position"),
    "source.added": later("a ajouté une source"),
}

IN_FRENCH = {
    **ON_STATEMENTS,
    "session.planned": later("a prévu une séance"),
    "session.edited": later("a modifié une séance"),
    "session.held": later("a déclaré une séance tenue"),
    "session.minutes_opened": later("a ouvert le compte rendu d’une séance"),
    "session.locked": later("a verrouillé une séance"),
    "minutes.saved": later("a enregistré un compte rendu"),
    "decision.recorded": later("a noté une décision"),
    "decision.edited": later("a modifié une décision"),
    "space.created": later("a ouvert un espace"),
    "space.edited": later("a modifié la présentation d’un espace"),
    "space.closed": later("a fermé un espace"),
    "space.reopened": later("a rouvert un espace"),
    "space_member.added": later("a fait entrer une organisation"),
    "space_member.ended": later("a fait sortir une organisation"),
    "participation.started": later("a fait entrer une organisation dans la démarche"),
    "participation.ended": later("a mis fin à une participation"),
    "milestone.added": later("a ajouté un jalon"),
    "phase.added": later("a ajouté une étape"),
    "phase.edited": later("a modifié une étape"),
    "initiative.opened": later("a ouvert la démarche"),
    "initiative.closed": later("a fermé la démarche"),
    "edition.published": later("a publié une édition"),
    "edition.withdrawn": later("a retiré une édition"),
}
"""Every verb that is shown among what changed; others are for the audit."""
