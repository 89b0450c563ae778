"""In whose name, and how far the words may go: the choices of every form in which somebody speaks."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from starlette.datastructures import FormData

from app.core.errors import invalid
from app.core.i18n import gettext, later
from app.core.richtext.typography import french
from app.features.statements.models import Consent, Kind, Side, Stance
from app.features.statements.queries.thread import Voice
from app.policy.actor import Capacity
from app.web.wording import WORDS

FIELD = "organisation_id"
"""Where a form says who speaks: `<capacity>:<organisation>`. The schema refuses by this name too."""

Options = list[tuple[str, str, str]]

KINDS: dict[Kind, str] = {
    Kind.NEED: later("Besoin : ce qui manque, à qui, et depuis quand."),
    Kind.SOLUTION: later(
        "Solution : un plan, un programme ou un réseau qui répond à un besoin. Dites qui le porte et qui peut s’en servir."
    ),
    Kind.PROPOSAL: later("Proposition : ce que vous demandez de décider, et à qui."),
    Kind.OBSERVATION: later("Constat : ce que vous voyez, sans encore proposer."),
    Kind.QUESTION: later("Question : ce que vous demandez aux autres organisations de l’espace."),
    Kind.LEARNING: later("Enseignement : ce que l’expérience vous a appris, et que d’autres peuvent reprendre."),
    Kind.EXAMPLE: later("Exemple : un cas vécu, avec son lieu, sa date et ses chiffres."),
}

CONSENTS: dict[Consent, tuple[str, str]] = {
    Consent.NAME: (later("Avec le nom"), later("« … », %(organisation)s")),
    Consent.PROFILE: (later("Par le profil seulement"), later("« … », %(profile)s, sans le nom")),
    Consent.PARAPHRASE: (later("Reformulé seulement"), later("Vos mots exacts ne paraissent pas.")),
    Consent.INTERNAL: (later("Interne à l’espace"), later("Rien n’en est publié.")),
}

SIDES: dict[Side, str] = {
    Side.NONE: later("Sans parti pris"),
    Side.FOR: later("Pour"),
    Side.AGAINST: later("Contre"),
    Side.MIXED: later("Mitigée"),
}

STANCES: dict[Stance, tuple[str, str]] = {
    Stance.SUPPORTS: (later("Nous soutenons"), later("Telle qu’elle est écrite.")),
    Stance.NUANCES: (later("Nous nuançons"), later("Oui, à une condition ou avec une limite : dites laquelle.")),
    Stance.OBJECTS: (later("Nous objectons"), later("Non, et voici pourquoi. L’objection est imprimée avec le texte.")),
}


def voice_options(voices: Sequence[Voice]) -> Options:
    """For each organisation: in its name, or personally under the mandate that it gave."""
    alone = len(voices) == 1
    named = gettext("Au nom de %(organisation)s")
    options: Options = []
    for voice in voices:
        code = f"{Capacity.ORGANISATION}:{voice.organisation_id}"
        if alone:
            options.append((code, gettext("Au nom de votre organisation"), french(voice.name)))
        else:
            options.append((code, named % {"organisation": french(voice.name)}, ""))
    for voice in voices:
        more = gettext("Votre nom paraît, l’organisation n’est pas engagée.")
        if not alone:
            more = gettext("Avec le mandat de : %(organisation)s.") % {"organisation": french(voice.name)} + " " + more
        options.append((f"{Capacity.PERSONAL}:{voice.organisation_id}", gettext("À titre personnel"), more))
    return options


def spoken(form: FormData) -> dict[str, Any]:
    """`organisation_id` and `capacity` as a form says them; nothing where it says nothing."""
    said = str(form.get(FIELD, ""))
    if not said:
        return {}
    capacity, _, organisation = said.partition(":")
    if capacity not in (Capacity.ORGANISATION, Capacity.PERSONAL):
        raise _unknown()
    try:
        return {"capacity": capacity, "organisation_id": UUID(organisation)}
    except ValueError:
        raise _unknown() from None


def consent_options(name: str, profile: str) -> Options:
    """The four, from the widest to the narrowest, each with what a reader would see."""
    said = {
        "organisation": name or gettext("votre organisation"),
        "profile": gettext(WORDS["profile"].get(profile, "profil")),
    }
    return [(code, gettext(label), gettext(more) % said) for code, (label, more) in CONSENTS.items()]


def side_options() -> Options:
    """Where a reply stands."""
    return [(code, gettext(label), "") for code, label in SIDES.items()]


def stance_options() -> Options:
    """Where an organisation stands."""
    return [(code, gettext(label), gettext(more)) for code, (label, more) in STANCES.items()]


def kind_options() -> Options:
    """What a contribution is."""
    return [(code, gettext(WORDS["kind"][code]).capitalize(), "") for code in KINDS]


def kind_hints() -> list[tuple[str, str]]:
    """What each kind asks for; the page shows the one of the kind that is chosen."""
    return [(code, gettext(more)) for code, more in KINDS.items()]


def _unknown() -> Exception:
    return invalid("/" + FIELD, "Choisissez au nom de qui vous parlez.")
