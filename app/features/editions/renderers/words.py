"""What the files of an edition say in French, and how they write a date: no clock, no locale, no setting."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

Payload = Mapping[str, Any]

MONTHS = (
    "janvier",
    "février",
    "mars",
    "avril",
    "mai",
    "juin",
    "juillet",
    "août",
    "septembre",
    "octobre",
    "novembre",
    "décembre",
)
KINDS = {
    "need": "besoin",
    "solution": "solution",
    "proposal": "proposition",
    "observation": "constat",
    "question": "question",
    "learning": "enseignement",
    "example": "exemple",
}
MANY_KINDS = {
    "need": "besoins",
    "solution": "solutions",
    "proposal": "propositions",
    "observation": "constats",
    "question": "questions",
    "learning": "enseignements",
    "example": "exemples",
}
SIDES = {"for": "pour", "against": "contre", "mixed": "mitigée", "none": "sans parti pris"}
RELATIONS = {
    "quotes": "citation à la lettre",
    "supports": "appuie le passage",
    "nuances": "nuance le passage",
    "contradicts": "contredit le passage",
}
OUTCOMES = {
    "cited": "citée",
    "merged": "regroupée avec une autre",
    "answered": "a reçu une réponse",
    "set_aside": "écartée",
    "waived": "laissée pour une prochaine édition, par dispense",
}
MANY_OUTCOMES = {
    "cited": "Citées",
    "merged": "Regroupées avec une autre",
    "answered": "Ont reçu une réponse",
    "set_aside": "Écartées, avec une raison",
    "waived": "Passées par dispense",
}
REASONS = {
    "off_topic": "hors sujet",
    "duplicate": "déjà dit ailleurs",
    "too_vague": "trop vague",
    "out_of_mandate": "hors du mandat de la démarche",
    "already_done": "déjà fait",
    "needs_more_work": "à approfondir",
    "no_support": "sans soutien",
    "internal": "gardée interne par son auteur",
}
MODERATIONS = {
    "off_topic": "hors sujet",
    "offensive": "propos blessants",
    "personal_data": "données personnelles",
    "duplicate": "déjà dit ailleurs",
    "unlawful": "propos interdits par la loi",
    "other": "sans raison donnée",
}
WAIVERS = {
    "untreated": "contribution non traitée",
    "outdated_treatment": "traitement sur une version antérieure",
    "outdated_citation": "citation d’une version antérieure",
}
PROFILES = {
    "association": "association",
    "foundation": "fondation",
    "company": "entreprise",
    "investor": "investisseur",
    "local_authority": "collectivité",
    "state_body": "organisme de l’État",
    "research": "organisme de recherche",
    "federation": "fédération",
    "merged": "Autres profils, comptés ensemble",
}
A_PROFILE = {
    "association": "une association",
    "foundation": "une fondation",
    "company": "une entreprise",
    "investor": "un investisseur",
    "local_authority": "une collectivité",
    "state_body": "un organisme de l’État",
    "research": "un organisme de recherche",
    "federation": "une fédération",
}
SOURCES = {
    "revised": "Son auteur a modifié ce texte depuis",
    "withdrawn": "Son auteur a retiré ce texte depuis",
    "moderated": "Ce texte a été masqué depuis",
}
CLOCKS = {
    "Europe/Paris": "heure de Paris",
    "America/Cayenne": "heure de Cayenne",
    "America/Guadeloupe": "heure de la Guadeloupe",
    "America/Martinique": "heure de la Martinique",
    "America/Miquelon": "heure de Saint-Pierre-et-Miquelon",
    "Indian/Mayotte": "heure de Mayotte",
    "Indian/Reunion": "heure de La Réunion",
    "Pacific/Noumea": "heure de la Nouvelle-Calédonie",
    "Pacific/Tahiti": "heure de Tahiti",
    "Pacific/Wallis": "heure de Wallis-et-Futuna",
    "UTC": "temps universel",
}
PARTICIPATING = "une organisation participante"
FEMININE = {"proposal", "question", "solution"}
AROUND = 60
"""Code points kept on each side of an extract; fewer mean that the text begins or ends there."""
_CUT_BEFORE = re.compile(r"\A\S*\s*")
_CUT_AFTER = re.compile(r"\s*\S*\Z")


def day(text: str) -> str:
    """`2020-09-07` or an instant as a day: 7 septembre 2020."""
    year, month, date = text[:10].split("-")
    number = "1er" if date == "01" else str(int(date))
    return f"{number}\u00a0{MONTHS[int(month) - 1]} {year}"


def moment(local: str, zone: str) -> str:
    """A time on the clocks of a zone, as the payload wrote it: 7 septembre 2020 à 16 h 05 (heure de Paris)."""
    clocks = CLOCKS.get(zone, f"fuseau {zone}")
    return f"{day(local)} à {int(local[11:13])}\u00a0h\u00a0{local[14:16]} ({clocks})"


def count(number: int | str, one: str, many: str = "") -> str:
    """A number with its noun: 0 and 1 are singular in French. One and two are told alike where the payload says so."""
    if number == "fewer_than_three":
        return f"moins de trois {many or one + 's'}"
    digits = f"{number:,}".replace(",", "\u202f")
    return f"{digits} {one if int(number) < 2 else many or one + 's'}"


def listed(words: list[str]) -> str:
    """a, b et c."""
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} et {words[-1]}" if words else ""


def who(attribution: Payload) -> str:
    """Who speaks, as far as they consented."""
    match attribution["by"]:
        case "organisation":
            return str(attribution["name"])
        case "profile":
            return A_PROFILE[attribution["profile"]]
        case "person":
            name = attribution["name"] or "une personne"
            return f"{name}, à titre personnel" if attribution["capacity"] == "personal" else f"{name}, en observation"
    return PARTICIPATING


def opening(text: str) -> str:
    """The text with a capital, at the head of a sentence."""
    return text[:1].upper() + text[1:]


def what(citation: Payload) -> str:
    """What was said, and when: « besoin, 4 mai 2020 »."""
    reply = citation["type"] != "contribution"
    nature = f"réponse ({SIDES[citation['side']]})" if reply else KINDS[citation["kind"]]
    ending = "e" if reply or citation["kind"] in FEMININE else ""
    imported = f", importé{ending} d’une autre consultation" if citation["imported"] else ""
    return f"{nature}, {day(citation['said_on'])}{imported}"


def around(said: Payload) -> tuple[str, str]:
    """What stands before and after the words, without half words; an ellipsis says that the text goes on."""
    before, after = said.get("before", ""), said.get("after", "")
    if before and said["start"] > len(before):
        before = f"… {_CUT_BEFORE.sub('', before)}"
    if len(after) == AROUND:
        after = f"{_CUT_AFTER.sub('', after)} …"
    return before, after


def fate(treated: Payload) -> str:
    """What became of a contribution and why, in sentences; empty for one that is cited and no more."""
    parts = [
        f"{opening(REASONS[treated['reason']])}." if "reason" in treated else "",
        f"Regroupée avec « {treated['into']} »." if "into" in treated else "",
        treated.get("sentence", ""),
        "Traitée avec d’autres, par une règle." if treated.get("by_rule") else "",
    ]
    return " ".join(part for part in parts if part)


def stands(citation: Payload) -> str:
    """Where organisations stand on the contribution; silence is said to be silence."""
    found = citation.get("positions")
    if not found:
        return ""
    said = [
        count(found["supports"], "soutien"),
        *([count(found["nuances"], "nuance")] if found.get("nuances") else []),
        *([count(found["objects"], "objection")] if found.get("objects") else []),
        *(
            [count(found["reservations_or_objections"], "réserve ou objection", "réserves ou objections")]
            if "reservations_or_objections" in found
            else []
        ),
        f"{_silent(found['no_answer'])} sans réponse",
    ]
    return f"Positions des organisations : {', '.join(said)}."


def _silent(number: int | str) -> str:
    return "les autres organisations de l’espace" if number == "the_others" else count(number, "organisation")


def tally(citation: Payload) -> str:
    """Votes counted elsewhere, and said to be."""
    found = citation.get("tally")
    if not found:
        return ""
    votes = f"{count(found['for'], 'pour', 'pour')}, {count(found['against'], 'contre', 'contre')}"
    return f"Votes comptés ailleurs ({found['source']}) : {votes}, {count(found['mixed'], 'mitigé')}."


def moved(citation: Payload) -> str:
    """What became of the source since, when something did."""
    source = citation["source"]
    if source["state"] == "same":
        return ""
    because = f" ; les co-pilotes le gardent : {source['kept_because']}" if source.get("kept_because") else ""
    return f"{SOURCES[source['state']]}{because}."


def scope(payload: Payload) -> list[str]:
    """What the text answers for, in sentences."""
    found = payload["scope"]
    spaces = [f"espace {space['number']} ({space['title']})" for space in found["spaces"]]
    if found["restricted_spaces"]:
        spaces.append(
            count(found["restricted_spaces"], "espace qui n’est pas public", "espaces qui ne sont pas publics")
        )
    return [
        f"Espaces : {' ; '.join(spaces)}.",
        f"Contributions prises en compte : {listed([many for kind, many in MANY_KINDS.items() if kind in found['kinds']])}.",
        f"Publiées au plus tard le {moment(found['cutoff_local'], payload['timezone'])}.",
    ]


def moderated(found: list[Payload]) -> str:
    """How many contributions are hidden, and why, in a sentence; nothing when none is."""
    if not found:
        return ""
    total = count(sum(each["count"] for each in found), "contribution masquée", "contributions masquées")
    why = listed([f"{MODERATIONS[each['reason']]} ({each['count']})" for each in found])
    return f"Dont {total} par les modérateurs : {why}."


def named(organisations: Payload) -> list[tuple[str, list[str]]]:
    """Those whose names are printed: what is said of them, then their names."""
    titles = {"cited_by_name": "Citées par leur nom"}
    if "others" not in organisations:
        titles["not_cited"] = "Non citées dans cette édition"
    return [(title, organisations[key]) for key, title in titles.items() if organisations[key]]


def heard(organisations: Payload) -> list[str]:
    """How many take part, and who is cited or not without being named, in sentences."""
    beside = ", sans compter celles qui l’observent" if organisations.get("observed") else ""
    said = [f"{count(organisations['taking_part'], 'organisation')} dans la démarche{beside}."]
    if "others" in organisations:
        said.append(f"Citées sans leur nom, ou non citées : {count(organisations['others'], 'organisation')}.")
    else:
        if organisations["cited_without_their_name"]:
            said.append(
                f"Citées sans leur nom, comme elles l’ont demandé : {organisations['cited_without_their_name']}."
            )
        if organisations["not_cited_nor_named"]:
            said.append(f"Non citées, et non nommées ici : {organisations['not_cited_nor_named']}.")
    if organisations["said_personally"]:
        said.append(f"Citations de personnes à titre personnel : {organisations['said_personally']}.")
    said.append("Ne pas être cité ne vaut pas accord.")
    return said


def passages(counted: Payload) -> str:
    """How many passages rest on citations, and how many are the co-pilots' own words."""
    return (
        f"{count(counted['sourced'], 'passage sourcé', 'passages sourcés')}, "
        f"{count(counted['editorial'], 'passage éditorial', 'passages éditoriaux')} (les mots des co-pilotes), "
        f"{count(counted['headings'], 'intertitre')}. Acceptés un par un : {counted['accepted_by_hand']} ; "
        f"acceptés ensemble, par une règle : {counted['accepted_by_rule']}."
    )


def head(payload: Payload) -> dict[str, Any]:
    """What the head of every file says."""
    edition = payload["edition"]
    return {
        "title": payload["deliverable"]["title"],
        "initiative": payload["initiative"]["title"],
        "note": payload["initiative"]["note"],
        "summary": payload["deliverable"]["summary"],
        "edition": f"Édition {edition['n']} : {edition['label']}",
        "published": f"Publiée le {moment(edition['published_local'], payload['timezone'])}",
        "copilots": listed(payload["initiative"]["copilots"]),
    }
