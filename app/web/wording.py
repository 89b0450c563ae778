"""How codes, dates and counts are said on a page, in the language of the request."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from babel.dates import format_date
from markupsafe import Markup, escape

from app.core.clock import now
from app.core.i18n import gettext, language, later, ngettext
from app.core.richtext.typography import NO_BREAK, figure

PARIS = ZoneInfo("Europe/Paris")

WORDS: Mapping[str, Mapping[str, str]] = {
    "kind": {
        "need": later("besoin"),
        "solution": later("solution"),
        "proposal": later("proposition"),
        "observation": later("constat"),
        "question": later("question"),
        "learning": later("enseignement"),
        "example": later("exemple"),
    },
    "side": {
        "for": later("pour"),
        "against": later("contre"),
        "mixed": later("mitigée"),
        "none": later("sans parti pris"),
    },
    "stance": {"supports": later("soutient"), "nuances": later("nuance"), "objects": later("objecte")},
    "profile": {
        "association": later("association"),
        "foundation": later("fondation"),
        "company": later("entreprise"),
        "investor": later("investisseur"),
        "local_authority": later("collectivité"),
        "state_body": later("organisme de l’État"),
        "research": later("organisme de recherche"),
        "federation": later("fédération"),
    },
    "family": {
        "field_actor": later("acteur de terrain"),
        "engineering_body": later("dispositif d’ingénierie"),
        "societal_investor": later("investisseur sociétal"),
        "institution": later("institution"),
    },
    "scale": {"national": later("nationale"), "territorial": later("territoriale")},
    "role": {
        "copilot": later("co-pilote"),
        "participant": later("participante"),
        "observer": later("observatrice"),
    },
    "power": {
        "speaks": later("engage l’organisation"),
        "contributes": later("contribue"),
        "observes": later("lit"),
        "manages": later("gère les personnes"),
    },
    "consent": {
        "name": later("citable avec le nom"),
        "profile": later("citable par profil seulement"),
        "paraphrase": later("à reformuler, sans citer"),
        "internal": later("interne à l’espace"),
    },
    "visibility": {
        "members": later("ouvert à ses membres"),
        "initiative": later("ouvert à toute la démarche"),
        "public": later("public"),
    },
    "state": {
        "preparation": later("en préparation"),
        "open": later("ouvert"),
        "closed": later("fermé"),
        "archived": later("archivé"),
        "planned": later("prévue"),
        "held": later("tenue"),
        "minutes_open": later("compte rendu ouvert"),
        "locked": later("verrouillée"),
        "draft": later("brouillon"),
        "published": later("publiée"),
        "withdrawn": later("retirée"),
        "moderated": later("modérée"),
    },
    "initiative": {
        "preparation": later("en préparation"),
        "open": later("ouverte"),
        "closed": later("close"),
        "archived": later("archivée"),
    },
    "outcome": {
        "cited": later("citée"),
        "merged": later("regroupée avec une autre"),
        "answered": later("a reçu une réponse"),
        "set_aside": later("mise de côté, avec motif"),
        "waived": later("laissée pour une prochaine édition"),
        "outdated": later("à revoir"),
        "untreated": later("pas encore traitée"),
    },
    "deliverable": {"writing": later("en cours d’écriture"), "closed": later("écriture close")},
    "passage": {"proposed": later("proposée"), "accepted": later("acceptée"), "refused": later("refusée")},
    "outdated": {
        "revised": later("révisée depuis"),
        "withdrawn": later("retirée depuis"),
        "moderated": later("modérée depuis"),
        "consent": later("le consentement ne le permet plus"),
        "erased": later("mots effacés"),
    },
    "relation": {
        "quotes": later("cite"),
        "supports": later("appuie"),
        "nuances": later("nuance"),
        "contradicts": later("contredit"),
    },
    "reason": {
        "off_topic": later("hors sujet"),
        "offensive": later("propos blessants"),
        "personal_data": later("données personnelles"),
        "duplicate": later("déjà dit ailleurs"),
        "unlawful": later("propos interdits par la loi"),
        "too_vague": later("trop vague"),
        "out_of_mandate": later("hors du mandat de la démarche"),
        "already_done": later("déjà fait"),
        "imported": later("déjà masquée dans la consultation d’origine"),
        "mistake": later("écrite par erreur"),
        "superseded": later("remplacée par une autre"),
        "not_agreed": later("l’organisation ne s’y reconnaît pas"),
        "confidential": later("confidentielle"),
        "needs_more_work": later("à approfondir"),
        "no_support": later("sans soutien"),
        "internal": later("gardée interne par son auteur"),
        "other": later("autre raison"),
    },
    "edition_withdrawal": {
        "mistake": later("une erreur dans le texte"),
        "superseded": later("remplacée par une autre édition"),
        "consent": later("des mots n’auraient pas dû paraître ainsi"),
        "personal_data": later("données personnelles"),
        "unlawful": later("propos interdits par la loi"),
        "other": later("autre raison"),
    },
    "waiver": {
        "untreated": later("contribution non traitée"),
        "outdated_treatment": later("traitement sur une version antérieure"),
        "outdated_citation": later("citation d’une version antérieure"),
    },
    "file": {
        "application/pdf": later("PDF"),
        "application/vnd.openxmlformats-officedocument.wordprocessingml.document": later("document Word"),
        "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": later("tableau Excel"),
        "application/vnd.openxmlformats-officedocument.presentationml.presentation": later("diaporama PowerPoint"),
        "application/vnd.oasis.opendocument.text": later("document OpenDocument"),
        "application/vnd.oasis.opendocument.spreadsheet": later("tableau OpenDocument"),
        "application/vnd.oasis.opendocument.presentation": later("diaporama OpenDocument"),
        "text/csv": later("tableau CSV"),
        "text/plain": later("texte"),
        "text/markdown": later("texte Markdown"),
        "image/png": later("image PNG"),
        "image/jpeg": later("image JPEG"),
        "image/webp": later("image WebP"),
    },
    "source": {
        "report": later("rapport"),
        "study": later("étude"),
        "press": later("presse"),
        "law": later("loi"),
        "site": later("site"),
        "data": later("données"),
        "guide": later("guide"),
        "blog": later("blog"),
        "video": later("vidéo"),
        "other": later("autre"),
    },
}
"""Domain -> code -> French. Features add the words of their own codes beside what they show."""

HALLMARKS: Mapping[str, tuple[str, str]] = {
    "field_actor": ("T", "F"),
    "engineering_body": ("G", "G"),
    "societal_investor": ("S", "S"),
    "institution": ("N", "N"),
}
"""Family -> its letter in French and in English (never I: three families begin with it)."""


def word(code: object, domain: str) -> str:
    """The word of a code; the code itself where nobody has named it, which a test refuses."""
    return gettext(WORDS[domain].get(str(code), str(code)))


def options(domain: str, all_of_them: str) -> list[tuple[str, str]]:
    """What a list offers that narrows by these codes; `all_of_them` says that it does not."""
    return [("", all_of_them), *((code, gettext(each)) for code, each in WORDS[domain].items())]


def hallmark(family: object) -> str:
    """The letter struck in a family's hallmark; a dot for an organisation that says none."""
    letters = HALLMARKS.get(str(family))
    return "·" if letters is None else letters[language() == "en"]


def local(moment: datetime, zone: str = "Europe/Paris") -> datetime:
    """The moment on the clock of a place."""
    return moment.astimezone(PARIS if zone == "Europe/Paris" else ZoneInfo(zone))


def day(moment: datetime | date, form: str = "long", zone: str = "Europe/Paris") -> str:
    """`7 septembre 2020`; `short`: `7 sept.`; `full`: with the day of the week. The first of a month is `1er`."""
    on = local(moment, zone).date() if isinstance(moment, datetime) else moment
    shape = {"long": "d MMMM y", "short": "d MMM", "full": "EEEE d MMMM y", "week": "EEEE d MMMM"}[form]
    if language() == "en":
        return format_date(on, shape, locale="en_GB")
    said = format_date(on, shape, locale="fr_FR")
    return said.replace("1 ", "1er ", 1) if on.day == 1 else said


def other_year(moment: datetime | date, zone: str = "Europe/Paris") -> str:
    """The year, of a day that is not in this one."""
    on = local(moment, zone).date() if isinstance(moment, datetime) else moment
    return "" if on.year == local(now(), zone).year else str(on.year)


def clock(moment: datetime, zone: str = "Europe/Paris") -> str:
    """`14 h 05`; `14:05` in English."""
    at = local(moment, zone)
    return f"{at:%H:%M}" if language() == "en" else f"{at.hour}{NO_BREAK}h{NO_BREAK}{at.minute:02d}"


def moment(when: datetime, zone: str = "Europe/Paris", form: str = "long") -> Markup:
    """A `time` element: the day and the hour, readable by machines too."""
    said = gettext("%(day)s à %(clock)s") % {"day": day(when, form, zone), "clock": clock(when, zone)}
    return Markup(f'<time datetime="{when.astimezone(UTC).isoformat(timespec="seconds")}">{escape(said)}</time>')  # noqa: S704 - escaped


def ago(when: datetime) -> str:
    """`aujourd’hui`, `hier`, `il y a 3 jours`, then the day."""
    days = (local(now()).date() - local(when).date()).days
    if days <= 0:
        return gettext("aujourd’hui")
    if days == 1:
        return gettext("hier")
    if days < 7:
        return ngettext("il y a %(n)s jour", "il y a %(n)s jours", days) % {"n": days}
    return day(when)


def number(value: float) -> str:
    """`71 940`; `71,940` in English."""
    return f"{value:,}" if language() == "en" else figure(value)


def weight(size: int) -> str:
    """`80 ko`, `1,2 Mo`; `80 kB`, `1.2 MB` in English."""
    english = language() == "en"
    if size < 1_000_000:
        return f"{max(1, round(size / 1000))} {'kB' if english else 'ko'}"
    said = f"{size / 1_000_000:.1f}"
    return f"{said} MB" if english else f"{said.replace('.', ',')} Mo"


FILTERS: dict[str, Callable[..., Any]] = {
    "word": word,
    "hallmark": hallmark,
    "day": day,
    "other_year": other_year,
    "clock": clock,
    "moment": moment,
    "ago": ago,
    "number": number,
    "weight": weight,
}
