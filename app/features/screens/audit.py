"""The history of an organisation, as those who manage it read it: who, what, where it leads."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from app.core.i18n import gettext, later
from app.features.identity.queries.mandates import MandateRow
from app.features.reading.queries.verbs import IN_FRENCH
from app.features.sessions.schemas.told import VERBS_IN_FRENCH
from app.policy.actor import Actor

SENTENCES: Mapping[str, str] = {
    **IN_FRENCH,
    **VERBS_IN_FRENCH,
    "access_grant.ended": later("a mis fin à un accès de vérification"),
    "access_grant.opened": later("a ouvert un accès de vérification"),
    "access_request.answered": later("a répondu à une demande d’accès"),
    "access_request.made": later("a demandé à entrer dans un espace"),
    "attachment.added": later("a joint un fichier"),
    "attachment.removed": later("a retiré un fichier"),
    "citation.acknowledged": later("a tranché une citation à revoir"),
    "citation.made": later("a cité des mots"),
    "contribution.drafted": later("a commencé une contribution"),
    "contribution.treated": later("a donné une suite à une contribution"),
    "contribution.waived": later("a laissé une contribution pour une prochaine édition"),
    "contributions.treated": later("a donné une suite à des contributions"),
    "deliverable.closed": later("a clos l’écriture d’un livrable"),
    "deliverable.created": later("a ouvert un livrable"),
    "deliverable.drafted": later("a préparé un brouillon de livrable"),
    "deliverable.edited": later("a modifié la présentation d’un livrable"),
    "deliverable.reopened": later("a rouvert l’écriture d’un livrable"),
    "deliverable.rescoped": later("a changé le périmètre d’un livrable"),
    "extract.harvested": later("a récolté un extrait"),
    "facilitator.added": later("a confié l’animation d’un espace"),
    "facilitator.ended": later("a mis fin à l’animation d’un espace par une personne"),
    "initiative.archived": later("a archivé la démarche"),
    "initiative.created": later("a créé la démarche"),
    "initiative.edited": later("a modifié la présentation de la démarche"),
    "initiative.imported": later("a importé la démarche"),
    "invitation.accepted": later("a accepté une invitation"),
    "invitation.revoked": later("a retiré une invitation"),
    "invitation.sent": later("a envoyé une invitation"),
    "mandate.ended": later("a mis fin à un mandat"),
    "mandate.given": later("a donné un mandat"),
    "mandate.given_by_administrator": later("a donné un mandat au nom du service"),
    "milestone.edited": later("a modifié un jalon"),
    "milestone.removed": later("a retiré un jalon"),
    "organisation.created": later("a créé l’organisation"),
    "organisation.edited": later("a modifié la fiche de l’organisation"),
    "organisation.imported": later("a importé l’organisation"),
    "participation.imported": later("a importé une participation"),
    "passage.accepted": later("a accepté un passage"),
    "passage.added": later("a ajouté un passage"),
    "passage.moved": later("a déplacé un passage"),
    "passage.proposed": later("a proposé un passage"),
    "passage.refused": later("a refusé un passage"),
    "passage.removed": later("a retiré un passage"),
    "passage.rewritten": later("a réécrit un passage"),
    "passage.suggested": later("a suggéré une autre rédaction"),
    "passages.accepted": later("a accepté des passages"),
    "phase.removed": later("a retiré une étape"),
    "position.taken_back": later("a retiré une position"),
    "section.added": later("a ajouté une partie"),
    "section.edited": later("a modifié une partie"),
    "section.moved": later("a déplacé une partie"),
    "section.removed": later("a retiré une partie"),
    "source.imported": later("a importé une source"),
    "source.removed": later("a retiré une source"),
    "space.imported": later("a importé un espace"),
    "space.visibility_changed": later("a changé qui peut lire un espace"),
    "space_member.imported": later("a importé l’entrée d’une organisation"),
    "tally.imported": later("a importé les votes d’une consultation"),
    "term.added": later("a ajouté un mot à la liste"),
    "term.edited": later("a modifié un mot de la liste"),
    "term.restored": later("a remis un mot dans la liste"),
    "term.retired": later("a retiré un mot de la liste"),
    "theme.created": later("a créé un thème"),
    "theme.deleted": later("a supprimé un thème"),
    "theme.edited": later("a modifié un thème"),
    "theme.filed": later("a classé des mots dans un thème"),
    "theme.imported": later("a importé un thème"),
    "theme.unfiled": later("a sorti des mots d’un thème"),
    "waiver.revoked": later("a repris une contribution laissée de côté"),
}
"""Verb -> what is said after the name of whoever did it; a verb that has none is said by its code, which a test refuses."""

PAGES = {"session": "seances", "edition": "editions", "deliverable": "livrables", "space": "espaces"}
"""Kind of object -> where its page stands."""


@dataclass(frozen=True, slots=True)
class Done:
    """One line of the history."""

    at: datetime
    who: str
    sentence: str
    href: str
    """The page of what it was done to, where the reader may open it; else nothing."""
    imported: bool


def history(actor: Actor, organisation_id: UUID, events: Iterable[Any], people: Iterable[MandateRow]) -> list[Done]:
    """The lines; people of the organisation are named, others by what they act for."""
    names = {it.person_id: it.person for it in people}
    return [
        Done(
            event["at"],
            _who(event, organisation_id, names),
            gettext(SENTENCES.get(event["verb"], event["verb"])),
            _href(actor, event),
            event["quiet"],
        )
        for event in events
    ]


def _who(event: Mapping[str, Any], organisation_id: UUID, names: Mapping[UUID, str | None]) -> str:
    if found := names.get(event["person_id"]):
        return found
    if event["organisation_id"] == organisation_id:
        return gettext("Une personne de l’organisation")
    return (
        gettext("L’administration du service")
        if event["organisation_id"] is None
        else gettext("Une autre organisation")
    )


def _href(actor: Actor, event: Mapping[str, Any]) -> str:
    data, kind, space_id = event["data"], event["object_type"], event["space_id"]
    if space_id is not None and space_id not in actor.inner_spaces:
        return ""
    if kind == "statement" and event["verb"].startswith("contribution."):
        return f"/contributions/{event['object_id']}"
    if kind in PAGES:
        return f"/{PAGES[kind]}/{event['object_id']}"
    for name, page in (("root_id", "contributions"), ("statement_id", "contributions"), ("session_id", "seances")):
        if name in data and event["verb"] != "theme.filed":
            return f"/{page}/{data[name]}"
    return f"/espaces/{space_id}" if space_id is not None else ""
