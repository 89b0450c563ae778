"""What each route is sent: its smallest valid body and query, made from the identifiers of a thing.

A route that takes a body or a required parameter and is not here cannot be tried: `test_ladder` says so.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

from tests.policy.asks_of_desk import DESK_BODIES, DESK_INSTEAD
from tests.policy.asks_of_sessions import FORMS_OF_SESSIONS, TIMES
from tests.policy.rows import QUOTE, Ids

Made = Callable[[Ids], Any]
API = "/api/v1"


def _new_name() -> str:
    return f"Organisation d’essai {uuid4().hex[:10]}"


def _near(ids: Ids) -> dict[str, Any]:
    return {"initiative_id": ids["initiative_id"], "space_id": ids["space_id"]}


def _of(ids: Ids, name: str = "other_id") -> dict[str, Any]:
    return {"deliverable_id": ids["deliverable_id"], "statement_id": ids[name]}


SENTENCE = "Lue ensemble le 3 septembre."

BODIES: dict[str, Made] = {
    **DESK_BODIES,
    **FORMS_OF_SESSIONS,
    "POST /sessions/{session_id}/open-minutes": lambda i: {"until": "2099-04-21T18:00"},
    "POST /affichage": lambda i: {"theme": "dark", "address": "/lire"},
    "POST /connexion": lambda i: {"email": i["account_email"], "password": i["password"], "vers": "/lire"},
    "POST /connexion/code": lambda i: {"email": i["account_email"]},
    "POST /connexion/code/verifier": lambda i: {"demande": str(uuid4()), "code": "123456"},
    "POST /organisations/{organisation_id}/modifier": lambda i: {"description": "Nous aidons.", "version": "1"},
    "POST /organisations/{organisation_id}/invitations": lambda i: {"email": i["email"], "powers": ["contributes"]},
    "POST /organisations/{organisation_id}/invitations/{invitation_id}/renvoyer": lambda i: {"version": i["version"]},
    "POST /organisations/{organisation_id}/invitations/{invitation_id}/reprendre": lambda i: {"version": i["version"]},
    "POST /organisations/{organisation_id}/mandats": lambda i: {
        "person_id": str(i["newcomer_id"]),
        "powers": ["observes"],
    },
    "POST /organisations/{organisation_id}/mandats/{mandate_id}/changer": lambda i: {
        "powers": ["observes"],
        "version": "1",
    },
    "POST /organisations/{organisation_id}/mandats/{mandate_id}/terminer": lambda i: {"version": "1"},
    "POST /organisations/{organisation_id}/mandats/{mandate_id}/rendre": lambda i: {"version": "1"},
    "POST /organisations/{organisation_id}/mandats/{mandate_id}/passer-la-main": lambda i: {"version": "1"},
    "POST /demandes-acces": lambda i: {"space_id": str(i["space_id"])},
    "POST /espaces/{space_id}/demandes/{request_id}": lambda i: {"space_id": str(i["space_id"])},
    "POST /invitation/{invitation_code}": lambda i: {
        "name": "Personne invitée",
        "password": "une phrase dont je me souviens",
        "public": "1",
    },
    "POST /invitation/{invitation_code}/renouveler": lambda i: {},
    "POST /mot-de-passe": lambda i: {"email": i["account_email"]},
    "POST /mot-de-passe/{reset_code}": lambda i: {"password": "un merle au mois de mars 88"},
    "POST /adresse/{address_code}": lambda i: {},
    "POST /connexion/lien/{sign_in_code}": lambda i: {"vers": "/"},
    "POST /deconnexion": lambda i: {"vers": "/"},
    "POST /espaces/{space_id}/reglages": lambda i: {"title": "Autre titre", "version": "1"},
    "POST /espaces/{space_id}/fermer": lambda i: {"version": "1"},
    "POST /espaces/{space_id}/rouvrir": lambda i: {"version": "1"},
    "POST /espaces/{space_id}/organisations": lambda i: {"organisation_id": i["other_organisation_id"]},
    "POST /espaces/{space_id}/animation": lambda i: {"person_id": i["outside_person_id"]},
    "POST /espaces/{space_id}/contributions/nouvelle": lambda i: {"markdown": "Il manque **deux** mois."},
    "POST /espaces/{space_id}/contributions": lambda i: {
        "kind": "need",
        "title": "Trésorerie",
        "markdown": "Il manque deux mois.",
    },
    "POST /contributions/{contribution_id}/modifier": lambda i: {
        "kind": "need",
        "title": "Autre titre",
        "markdown": "Il manque trois mois.",
        "version": "1",
    },
    "POST /contributions/{contribution_id}/modifier/apercu": lambda i: {"markdown": "Il manque **trois** mois."},
    "POST /brouillons/{key}": lambda i: {"markdown": "Il manque deux mois.", "draft_version": "1"},
    "POST /brouillons/{key}/jeter": lambda i: {"vers": "/"},
    "POST /contributions/{contribution_id}/reponses": lambda i: {"side": "for", "markdown": "Ici aussi."},
    "POST /contributions/{contribution_id}/positions/retirer": lambda i: {"formulaire": "position"},
    "POST /contributions/{contribution_id}/sources/{source_id}/retirer": lambda i: {"version": "1"},
    "POST /contributions/{contribution_id}/extraits": lambda i: {"mots": QUOTE},
    "POST /contributions/{contribution_id}/retirer": lambda i: {"reason": "mistake", "version": "1"},
    "POST /contributions/{contribution_id}/moderer": lambda i: {"reason": "off_topic", "version": "1"},
    "POST /contributions/{contribution_id}/retablir": lambda i: {"version": "1"},
    "POST /reponses/{reply_id}/modifier": lambda i: {"markdown": "Ici aussi, et plus.", "version": "1"},
    "POST /reponses/{reply_id}/retirer": lambda i: {"reason": "mistake", "version": "1"},
    "POST /reponses/{reply_id}/moderer": lambda i: {"reason": "off_topic", "version": "1"},
    "POST /reponses/{reply_id}/retablir": lambda i: {"version": "1"},
    "PATCH /me": lambda i: {"locale": "en"},
    "POST /auth/sign-in": lambda i: {"email": i["account_email"], "password": i["password"]},
    "POST /auth/refresh": lambda i: {"refresh_token": i["refresh_token"]},
    "POST /auth/password": lambda i: {"current_password": i["password"], "new_password": "un merle au mois de mars 88"},
    "POST /auth/forgotten-password": lambda i: {"email": i["account_email"]},
    "POST /auth/reset-password": lambda i: {"token": i["reset_token"], "password": "un merle au mois de mars 88"},
    "POST /auth/address": lambda i: {"email": i["email"], "password": i["password"]},
    "POST /auth/address/confirm": lambda i: {"token": i["address_token"]},
    "POST /auth/tokens": lambda i: {"name": "Export", "scope": "read", "expires_at": "2026-12-31T00:00:00+01:00"},
    "POST /mandates": lambda i: {
        "person_id": i["newcomer_id"],
        "organisation_id": i["organisation_id"],
        "powers": ["observes"],
    },
    "POST /mandates/{mandate_id}/change": lambda i: {"powers": ["observes"]},
    "POST /invitations": lambda i: {
        "email": i["email"],
        "organisation_id": i["organisation_id"],
        "powers": ["contributes"],
    },
    "POST /invitations/inspect": lambda i: {"token": i["token"]},
    "POST /invitations/accept": lambda i: {
        "token": i["token"],
        "name": "Personne invitée",
        "password": "une phrase dont je me souviens",
    },
    "POST /organisations": lambda i: {"name": _new_name(), "profile": "association"},
    "PATCH /organisations/{organisation_id}": lambda i: (
        {"profile": i["profile"]} if "profile" in i else {"description": "Nous aidons."}
    ),
    "POST /initiatives": lambda i: {"slug": i["code"], "title": "Une autre démarche"},
    "PATCH /initiatives/{reference}": lambda i: {"title": "Autre titre"},
    "POST /initiatives/{reference}/access-grants": lambda i: {"reason": "Signalement reçu d’un membre."},
    "POST /initiatives/{reference}/milestones": lambda i: {"on_date": "2020-09-03", "title": "Relance"},
    "POST /initiatives/{reference}/phases": lambda i: {"starts_on": "2020-03-20", "title": "Besoins"},
    "POST /initiatives/{reference}/terms": lambda i: {"taxonomy": "axe", "code": i["code"], "label": "Urgence"},
    "POST /initiatives/{reference}/participations": lambda i: {
        "organisation_id": i["foreign_organisation_id"],
        "role": "observer",
    },
    "PATCH /milestones/{milestone_id}": lambda i: {"title": "Autre"},
    "PATCH /phases/{phase_id}": lambda i: {"title": "Autre"},
    "PATCH /terms/{term_id}": lambda i: {"label": "Autre"},
    "POST /spaces": lambda i: {"initiative_id": i["initiative_id"], "title": "Nouvel espace"},
    "PATCH /spaces/{space_id}": lambda i: {"title": "Autre titre"},
    "POST /spaces/{space_id}/members": lambda i: {"organisation_id": i["other_organisation_id"]},
    "POST /spaces/{space_id}/facilitators": lambda i: {"person_id": i["outside_person_id"]},
    "POST /sessions": lambda i: {**_near(i), "title": "Séance", **TIMES},
    "PATCH /sessions/{session_id}": lambda i: {"title": "Autre"},
    "PUT /sessions/{session_id}/attendance": lambda i: {
        "entries": [{"organisation_id": i["organisation_id"], "status": "present"}]
    },
    "PUT /sessions/{session_id}/minutes": lambda i: {"markdown": "Compte rendu."},
    "POST /sessions/{session_id}/decisions": lambda i: {"text": "Se revoir en mai."},
    "PATCH /decisions/{decision_id}": lambda i: {"text": "Se revoir en juin."},
    "POST /sessions/{session_id}/agenda": lambda i: {"title": "Bilan", "minutes": 20},
    "PATCH /agenda-items/{item_id}": lambda i: {"minutes": 45},
    "POST /agenda-items/{item_id}/move": lambda i: {"position": 0},
    "PUT /agenda-items/{item_id}/contribution": lambda i: {"contribution_id": i["contribution_id"]},
    "PUT /sessions/{session_id}/answers/{organisation_id}": lambda i: {"answer": "comes"},
    "POST /sessions/{session_id}/notes": lambda i: {"markdown": "Trois mois.", "agenda_item_id": i["item_id"]},
    "PATCH /notes/{note_id}": lambda i: {"markdown": "Trois mois manquent."},
    "POST /notes/{note_id}/contribution": lambda i: {
        "kind": "need",
        "title": "Trésorerie",
        "markdown": "Il manque deux mois.",
    },
    "POST /sessions/{session_id}/amendments": lambda i: {"text": "Treize présents."},
    "POST /amendments/{amendment_id}/accept": lambda i: {},
    "POST /amendments/{amendment_id}/refuse": lambda i: {"reason": "L’enregistrement dit douze."},
    "POST /sessions/{session_id}/minutes/validate": lambda i: {"n": 1},
    "POST /contributions": lambda i: {
        "space_id": i["space_id"],
        "kind": "need",
        "title": "Trésorerie",
        "markdown": "Il manque deux mois.",
    },
    "PATCH /contributions/{contribution_id}": lambda i: {"title": "Autre titre"},
    "POST /contributions/{contribution_id}/moderate": lambda i: {"reason": "off_topic"},
    "POST /contributions/{contribution_id}/positions": lambda i: {"stance": "supports"},
    "POST /contributions/{contribution_id}/replies": lambda i: {"side": "for", "markdown": "Ici aussi."},
    "POST /contributions/{contribution_id}/sources": lambda i: {
        "category": "report",
        "title": "Rapport",
        "url": "https://exemple.org/rapport",
    },
    "POST /contributions/{contribution_id}/withdraw": lambda i: {"reason": "mistake"},
    "POST /replies/{reply_id}/sources": lambda i: {
        "category": "report",
        "title": "Rapport",
        "url": "https://exemple.org/rapport",
    },
    "PATCH /replies/{reply_id}": lambda i: {"markdown": "Ici aussi, et plus encore."},
    "POST /replies/{reply_id}/moderate": lambda i: {"reason": "off_topic"},
    "POST /replies/{reply_id}/withdraw": lambda i: {"reason": "mistake"},
    "PUT /drafts/{key}": lambda i: {"body": {"markdown": "Il manque deux mois."}},
    "POST /spaces/{space_id}/seen": lambda i: {"statement_ids": [i["contribution_id"]]},
    "POST /search/similar": lambda i: {"space_id": i["space_id"], "text": f"{QUOTE} partout."},
    "POST /themes": lambda i: {**_near(i), "title": "Un thème"},
    "PATCH /themes/{theme_id}": lambda i: {"title": "Autre"},
    "POST /extracts": lambda i: {"revision_id": i["other_revision_id"], "quote": QUOTE},
    "POST /deliverables": lambda i: {
        "initiative_id": i["initiative_id"],
        "title": "Synthèse",
        "template": "empty",
        "space_ids": [i["space_id"]],
    },
    "PATCH /deliverables/{deliverable_id}": lambda i: {"title": "Autre titre"},
    "PUT /deliverables/{deliverable_id}/scope": lambda i: {"space_ids": [i["space_id"]]},
    "POST /deliverables/{deliverable_id}/draft": lambda i: {"per_theme": 1},
    "POST /deliverables/{deliverable_id}/editions": lambda i: {"label": "Mise à jour d’essai"},
    "POST /editions/{edition_id}/withdraw": lambda i: {"reason": "mistake"},
    "POST /sections": lambda i: {"deliverable_id": i["deliverable_id"], "title": "Une partie"},
    "PATCH /sections/{section_id}": lambda i: {"title": "Autre"},
    "POST /sections/{section_id}/move": lambda i: {"position": 1},
    "POST /passages": lambda i: {"section_id": i["section_id"], "markdown": "La trésorerie manque [@c1]."},
    "POST /passages/accept-many": lambda i: {
        "deliverable_id": i["deliverable_id"],
        "rule": "Relu ensemble le 3 septembre",
        "passage_ids": [i["passage_id"]],
    },
    "POST /passages/{passage_id}/move": lambda i: {"section_id": i["empty_section_id"]},
    "PUT /passages/{passage_id}/text": lambda i: {"markdown": "La trésorerie manque [@c1]."},
    "POST /passages/{passage_id}/suggestions/{n}/refuse": lambda i: {"reason": "Le chiffre est celui de 2019."},
    "POST /passages/{passage_id}/suggestions": lambda i: {"markdown": "La trésorerie manque partout [@c1]."},
    "POST /citations": lambda i: {
        "deliverable_id": i["deliverable_id"],
        "extract_id": i["extract_id"],
        "relation": "supports",
    },
    "POST /citations/{citation_id}/acknowledge": lambda i: {
        "choice": "kept",
        "note": "La phrase décrit le mois d’avril.",
    },
    "POST /erasures": lambda i: {"statement_id": i["contribution_id"], "reason": "Demande de la personne."},
    "POST /treatments": lambda i: {**_of(i), "outcome": "answered", "sentence": SENTENCE},
    "POST /waivers": lambda i: {**_of(i), "kind": "untreated", "reason": "Arrivée la veille de la clôture."},
}

NOTE = b"Nous avons compt\xc3\xa9 deux mois.\n"

FORMS: dict[str, tuple[str, bytes]] = {
    "POST /contributions/{contribution_id}/attachments": ("note.txt", NOTE),
    "POST /sessions/{session_id}/attachments": ("note.txt", NOTE),
    "POST /contributions/{contribution_id}/fichiers": ("note.txt", NOTE),
    "POST /seances/{session_id}/fichiers": ("note.txt", NOTE),
}
"""Routes that take a form with one file: its name and its bytes."""

QUERIES: dict[str, Made] = {
    "GET /deliverables/{deliverable_id}/treatments": lambda i: {},
    "GET /mandates": lambda i: {"organisation_id": i["organisation_id"]},
    "GET /invitations": lambda i: {"organisation_id": i["organisation_id"]},
    "GET /spaces": lambda i: {"initiative_id": i["initiative_id"]},
    "GET /sessions": lambda i: {"space_id": i["space_id"]},
    "GET /sessions/{session_id}/minutes/differences": lambda i: {"before": 0, "after": 1},
    "GET /contributions": lambda i: {"space_id": i["space_id"]},
    "GET /contributions/{contribution_id}/differences": lambda i: {"before": 1, "after": 2},
    "GET /replies/{reply_id}/differences": lambda i: {"before": 1, "after": 1},
    "GET /deliverables/{deliverable_id}/passages": lambda i: {"q": "trésorerie"},
    "GET /direct": lambda i: {"espace": i["space_id"]},
    "GET /live": lambda i: {"space_id": i["space_id"]},
    "GET /search": lambda i: {"q": "trésorerie", "space_id": i["space_id"]},
    "GET /themes": lambda i: {"initiative_id": i["initiative_id"], "space_id": i["space_id"]},
    "GET /extracts": lambda i: {"statement_id": i["contribution_id"]},
    "GET /deliverables": lambda i: {"initiative_id": i["initiative_id"]},
    "GET /citations": lambda i: {"deliverable_id": i["deliverable_id"]},
    "GET /coverage": lambda i: {"deliverable_id": i["deliverable_id"]},
    "GET /treatments": lambda i: {"deliverable_id": i["deliverable_id"], "statement_id": i["contribution_id"]},
    "GET /waivers": lambda i: {"deliverable_id": i["deliverable_id"]},
    "GET /passages/{passage_id}/differences": lambda i: {"before": 1, "after": 2},
    "GET /editions": lambda i: {"deliverable_id": i["deliverable_id"]},
    "GET /editions/{edition_id}/differences": lambda i: {"since": i["since"]},
    "GET /events": lambda i: {"object_id": i["contribution_id"]},
    "GET /persons": lambda i: {"q": i["person_email"]},
    "GET /initiatives": lambda i: {"limit": 200},
    "GET /organisations": lambda i: {"limit": 200},
}

SOUGHT = {
    "GET /initiatives": "initiative_id",
    "GET /organisations": "organisation_id",
}
"""Lists that nothing narrows to one thing: they are read to their end, to know whether it is there."""

INSTEAD: dict[str, dict[str, str]] = {
    **DESK_INSTEAD,
    "DELETE /replies/{reply_id}/sources/{source_id}": {"source_id": "reply_source_id"},
    "DELETE /sections/{section_id}": {"section_id": "empty_section_id"},
    "DELETE /themes/{theme_id}": {"theme_id": "empty_theme_id"},
    "PUT /themes/{theme_id}/statements/{statement_id}": {"statement_id": "contribution_id"},
    "DELETE /themes/{theme_id}/statements/{statement_id}": {"statement_id": "other_id"},
    "PUT /extracts/{extract_id}/themes/{theme_id}": {"theme_id": "empty_theme_id"},
    "GET /sessions/{session_id}/minutes/revisions/{n}": {"n": "first"},
    "POST /seances/{session_id}/decisions/{decision_id}/faite": {"decision_id": "action_id"},
    "POST /seances/{session_id}/decisions/{decision_id}/a-faire": {"decision_id": "done_action_id"},
    "POST /decisions/{decision_id}/finish": {"decision_id": "action_id"},
    "POST /decisions/{decision_id}/reopen": {"decision_id": "done_action_id"},
}
"""Where an address takes another identifier of the thing than the one of its name."""


@dataclass(frozen=True, slots=True)
class File:
    """A form with one file."""

    name: str
    content: bytes


@dataclass(frozen=True, slots=True)
class Ask:
    """One request, ready to be sent."""

    method: str
    path: str
    query: dict[str, Any]
    body: Any

    @property
    def route(self) -> str:
        """What finds it again in a failure."""
        return f"{self.method} {self.path}"


def short(path: str) -> str:
    """An address without the prefix of the API."""
    return path.removeprefix(API)


def parameters(path: str) -> list[str]:
    """The names between braces."""
    return re.findall(r"{(\w+)}", path)


def plain(value: Any) -> Any:
    """Identifiers as JSON carries them."""
    if isinstance(value, dict):
        return {key: plain(item) for key, item in value.items()}
    if isinstance(value, list):
        return [plain(item) for item in value]
    return value if value is None or isinstance(value, bool | int | str) else str(value)


def ask(method: str, path: str, ids: Ids) -> Ask:
    """The request of this route on this thing."""
    key = f"{method} {short(path)}"
    instead = INSTEAD.get(key, {})
    values = {name: ids[instead.get(name, name)] for name in parameters(path)}
    query, body = QUERIES.get(key), BODIES.get(key)
    if key in FORMS:
        return Ask(method, path.format(**values), {}, File(*FORMS[key]))
    return Ask(
        method,
        path.format(**values),
        {} if query is None else {k: v for k, v in plain(query(ids)).items() if v is not None},
        None if body is None else plain(body(ids)),
    )
