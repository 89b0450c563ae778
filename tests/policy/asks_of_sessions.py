"""What the forms of a session's page are sent: the smallest that is valid."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tests.policy.rows import Ids

TIMES = {"starts_at": "2026-04-07T14:00", "ends_at": "2026-04-07T16:00"}

FORMS_OF_SESSIONS: dict[str, Callable[[Ids], Any]] = {
    "POST /seances/{session_id}/reponses/{organisation_id}": lambda i: {
        "answer": "comes",
        "version": 1,
    },
    "POST /seances/{session_id}/points": lambda i: {"title": "Bilan", "minutes": 20},
    "POST /seances/{session_id}/points/{item_id}": lambda i: {"minutes": 45, "version": 1},
    "POST /seances/{session_id}/points/{item_id}/deplacer": lambda i: {"position": 0, "version": 1},
    "POST /seances/{session_id}/points/{item_id}/retirer": lambda i: {"version": 1},
    "POST /seances/{session_id}/presences": lambda i: {"present": [i["organisation_id"]], "version": 1},
    "POST /seances/{session_id}/tenue": lambda i: {"version": 1},
    "POST /seances/{session_id}/notes": lambda i: {"markdown": "Trois mois.", "agenda_item_id": i["item_id"]},
    "POST /seances/{session_id}/notes/{note_id}": lambda i: {"markdown": "Trois mois manquent.", "version": 1},
    "POST /seances/{session_id}/notes/{note_id}/retirer": lambda i: {"version": 1},
    "POST /seances/{session_id}/notes/{note_id}/reprendre": lambda i: {
        "kind": "need",
        "title": "Trésorerie",
        "markdown": "Il manque deux mois.",
    },
    "POST /seances/{session_id}/decisions": lambda i: {"text": "Se revoir en mai."},
    "POST /seances/{session_id}/decisions/{decision_id}": lambda i: {"text": "Se revoir en juin.", "version": 1},
    "POST /seances/{session_id}/decisions/{decision_id}/retirer": lambda i: {"version": 1},
    "POST /seances/{session_id}/decisions/{decision_id}/faite": lambda i: {"version": 1},
    "POST /seances/{session_id}/decisions/{decision_id}/a-faire": lambda i: {"version": 1},
    "POST /seances/{session_id}/compte-rendu": lambda i: {"markdown": "Compte rendu.", "version": 1},
    "POST /seances/{session_id}/compte-rendu/composer": lambda i: {"version": 1},
    "POST /seances/{session_id}/compte-rendu/ouvrir": lambda i: {"version": 1},
    "POST /seances/{session_id}/compte-rendu/valider": lambda i: {"n": 1},
    "POST /seances/{session_id}/amendements": lambda i: {"text": "Treize présents."},
    "POST /seances/{session_id}/amendements/{amendment_id}/accepter": lambda i: {"version": 1},
    "POST /seances/{session_id}/amendements/{amendment_id}/refuser": lambda i: {
        "reason": "L’enregistrement dit douze.",
        "version": 1,
    },
    "POST /seances/{session_id}/amendements/{amendment_id}/retirer": lambda i: {"version": 1},
    "POST /seances/{session_id}/verrouiller": lambda i: {"version": 1},
    "POST /seances/{session_id}/fichiers/{attachment_id}/retirer": lambda i: {"version": 1},
    "POST /contributions/{contribution_id}/fichiers/{attachment_id}/retirer": lambda i: {"version": 1},
    "POST /seances/{session_id}/modifier": lambda i: {"title": "Autre", "version": 1},
    "POST /espaces/{space_id}/seances/nouvelle": lambda i: {"title": "Séance", **TIMES},
    "POST /demarches/{reference}/seances/nouvelle": lambda i: {"title": "Séance", **TIMES},
    "POST /direct/presence": lambda i: {"kind": "minutes", "id": i["session_id"]},
    "POST /seances/{session_id}/reponse": lambda i: {
        "organisation_id": i["organisation_id"],
        "answer": "comes",
        "version": "1",
    },
}
