"""The events that are news, and how a sentence says each, after the name of whoever did it."""

from __future__ import annotations

SAID = {
    "contribution.submitted": "a publié une contribution",
    "reply.submitted": "a répondu",
}
"""What gives something to read: its length is counted in the reading time."""

REVISED = {
    "contribution.revised": "a modifié sa contribution",
    "reply.revised": "a modifié sa réponse",
}
"""What is shown with what changed in the words."""

ON_STATEMENTS = {
    **SAID,
    **REVISED,
    "contribution.withdrawn": "a retiré une contribution",
    "contribution.moderated": "a modéré une contribution",
    "contribution.restored": "a rétabli une contribution",
    "contribution.erased": "a effacé une contribution",
    "reply.withdrawn": "a retiré une réponse",
    "reply.moderated": "a modéré une réponse",
    "reply.restored": "a rétabli une réponse",
    "reply.erased": "a effacé une réponse",
    "position.taken": "a pris position",
    "source.added": "a ajouté une source",
}

IN_FRENCH = {
    **ON_STATEMENTS,
    "session.planned": "a prévu une séance",
    "session.edited": "a modifié une séance",
    "session.held": "a déclaré une séance tenue",
    "session.minutes_opened": "a ouvert le compte rendu d’une séance",
    "session.locked": "a verrouillé une séance",
    "minutes.saved": "a enregistré un compte rendu",
    "decision.recorded": "a noté une décision",
    "decision.edited": "a modifié une décision",
    "space.created": "a ouvert un espace",
    "space.edited": "a modifié la présentation d’un espace",
    "space.closed": "a fermé un espace",
    "space.reopened": "a rouvert un espace",
    "space_member.added": "a fait entrer une organisation",
    "space_member.ended": "a fait sortir une organisation",
    "participation.started": "a fait entrer une organisation dans la démarche",
    "participation.ended": "a mis fin à une participation",
    "milestone.added": "a ajouté un jalon",
    "phase.added": "a ajouté une étape",
    "phase.edited": "a modifié une étape",
    "initiative.opened": "a ouvert la démarche",
    "initiative.closed": "a fermé la démarche",
    "edition.published": "a publié une édition",
    "edition.withdrawn": "a retiré une édition",
}
"""Every verb that is shown among what changed; others are for the audit."""
