"""What the forms of a deliverable and of its desk are sent, and the rule by which many contributions are treated."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tests.policy.rows import QUOTE, Ids

DESK = "/livrables/{deliverable_id}/redaction"
PART, PASSAGE = f"{DESK}/parties/{{section_id}}", f"{DESK}/passages/{{passage_id}}"

DESK_BODIES: dict[str, Callable[[Ids], Any]] = {
    "POST /livrables/{deliverable_id}/publier": lambda i: {"label": "Mise à jour d’essai", "version": "1"},
    "POST /livrables/{deliverable_id}/clore": lambda i: {"version": "1"},
    "POST /livrables/{deliverable_id}/rouvrir": lambda i: {"version": "1"},
    "POST /livrables/{deliverable_id}/dispenses": lambda i: {
        "statement_id": i["other_id"],
        "kind": "untreated",
        "reason": "Arrivée la veille de la clôture.",
    },
    "POST /livrables/{deliverable_id}/redaction/parties": lambda i: {"title": "Une partie"},
    f"POST {PART}": lambda i: {"title": "Autre", "version": "1"},
    f"POST {PART}/deplacer": lambda i: {"position": "1", "version": "1"},
    f"POST {PART}/retirer": lambda i: {"version": "1"},
    f"POST {PART}/passages": lambda i: {"markdown": "La trésorerie manque [@c1]."},
    f"POST {PART}/accepter": lambda i: {"rule": "Relu ensemble le 3 septembre"},
    f"POST {PASSAGE}": lambda i: {"markdown": "La trésorerie manque [@c1].", "version": "1"},
    f"POST {PASSAGE}/deplacer": lambda i: {"section_id": i["empty_section_id"], "version": "1"},
    f"POST {PASSAGE}/retirer": lambda i: {"version": "1"},
    f"POST {PASSAGE}/suggestions": lambda i: {"markdown": "La trésorerie manque partout [@c1]."},
    f"POST {PASSAGE}/suggestions/{{n}}/accepter": lambda i: {"version": "1"},
    f"POST {PASSAGE}/suggestions/{{n}}/refuser": lambda i: {"version": "1", "reason": "Dit autrement plus haut."},
    f"POST {DESK}/contributions/{{contribution_id}}/citer": lambda i: {
        "revision_id": i["other_revision_id"],
        "quote": QUOTE,
        "section_id": i["section_id"],
        "target": f"{i['passage_id']}:1",
    },
    f"POST {DESK}/contributions/{{contribution_id}}/traiter": lambda i: {
        "outcome": "answered",
        "sentence": "Lue ensemble le 3 septembre.",
    },
    f"POST {DESK}/citations/{{citation_id}}": lambda i: {
        "choice": "kept",
        "note": "La phrase décrit le mois d’avril.",
    },
    "POST /treatments/by-rule": lambda i: {
        "deliverable_id": i["deliverable_id"],
        "rule": "Tout le reste",
        "filter": {},
        "outcome": "answered",
        "sentence": "Lue ensemble le 3 septembre.",
    },
}

DESK_INSTEAD: dict[str, dict[str, str]] = {
    f"POST {PART}/retirer": {"section_id": "empty_section_id"},
    f"POST {DESK}/contributions/{{contribution_id}}/citer": {"contribution_id": "other_id"},
    f"POST {DESK}/contributions/{{contribution_id}}/traiter": {"contribution_id": "other_id"},
}
"""Where an address takes another identifier of the thing than the one of its name."""
