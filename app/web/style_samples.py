"""What the style page shows: nobody, and no organisation, that exists."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime
from zoneinfo import ZoneInfo

from app.core.richtext.differences import Change
from app.web.frame import Entry


@dataclass(frozen=True, slots=True)
class Organisation:
    """What the organisation badge reads."""

    name: str
    family: str
    href: str = "#marques"


@dataclass(frozen=True, slots=True)
class Count:
    """One line of the strip of organisations heard."""

    family: str
    heard: int
    of: int


@dataclass(frozen=True, slots=True)
class By:
    """An attribution: what the consent lets out."""

    consent: str
    family: str
    profile: str = ""
    person: str = ""
    organisation: Organisation | None = None
    capacity: str = "organisation"
    then: bool = False


@dataclass(frozen=True, slots=True)
class Step:
    """One step of an initiative."""

    label: str
    dates: str
    state: str


@dataclass(frozen=True, slots=True)
class Column:
    """The head of one column."""

    label: str
    href: str = ""
    sort: str = ""
    numeric: bool = False


@dataclass(frozen=True, slots=True)
class Version:
    """One side of a conflict."""

    title: str
    label: str
    value: str
    changes: tuple[Change, ...] = field(default_factory=tuple)
    name: str = "keep"


PARIS = ZoneInfo("Europe/Paris")
FAMILIES = ("field_actor", "engineering_body", "societal_investor", "institution")
SWATCHES = (
    *("paper", "surface", "sunken", "hover", "ink", "ink-2", "ink-3", "rule", "rule-2"),
    *("warn", "warn-bg", "bad", "bad-bg", "good", "good-bg", "ins-bg", "del-bg"),
)
ASSOCIATION = Organisation("Association (démonstration) n° 07", "field_actor")
ASSOCIATION_11 = Organisation("Association (démonstration) n° 11", "field_actor")
NETWORK = Organisation("Réseau d’appui (démonstration) n° 21", "engineering_body")
FUND = Organisation("Fonds (démonstration) n° 44", "societal_investor")
AUTHORITY = Organisation("Collectivité (démonstration) n° 49", "institution")
CITED = (ASSOCIATION, ASSOCIATION_11, NETWORK)
MANY_CITED = (*CITED, NETWORK, FUND, AUTHORITY)
HEARD = (
    Count("field_actor", 13, 18),
    Count("engineering_body", 14, 21),
    Count("societal_investor", 4, 7),
    Count("institution", 3, 5),
)
BY_NAME = By("name", "field_actor", person="Camille Exemple", organisation=ASSOCIATION)
BY_PROFILE = By("profile", "field_actor", profile="une association")
NAV = (
    Entry("Accueil", "#contenu", count=3),
    Entry("Espaces de travail", "#contenu", current=True),
    Entry("Base partagée", "#contenu"),
    Entry("Livrables", "#contenu"),
    Entry("Séances", "#contenu"),
    Entry("Organisations", "#contenu"),
)
ACCOUNT = (Entry("Mon compte", "#contenu"), Entry("Mon organisation", "#contenu"))
CRUMB = (Entry("Démarche", "#chemins"), Entry("Espace 2", "#chemins"), Entry("Séance 5", "#chemins"))
TABS = (
    Entry("Compte rendu", "#chemins", current=True),
    Entry("Documents", "#chemins", count=3),
    Entry("Notes prises en direct", "#chemins"),
    Entry("Historique", "#chemins"),
)
SINCE = (
    Entry("Ma visite", "#chemins", current=True),
    Entry("7 jours", "#chemins"),
    Entry("Une date", "#chemins"),
)
STEPS = (
    Step("Écouter", "20 mars au 30 avril", "done"),
    Step("Inventorier", "1er mai au 12 juin", "done"),
    Step("Répondre", "jusqu’au 4 décembre", "current"),
    Step("Relire et publier", "à partir du 7 décembre", "next"),
)
CONTENTS = (
    Entry("Ce que la crise a révélé", "#chemins", number="1"),
    Entry("Préserver la capacité d’agir", "#chemins", current=True, number="2"),
    Entry("Des plans qui se répondent", "#chemins", number="3"),
)
COLUMNS = (
    Column("Action", "#tableaux"),
    Column("Qui"),
    Column("Avant le", "#tableaux", "ascending"),
    Column("Réponses", numeric=True),
)
ACTIONS = (
    ("Écrire la fiche commune", NETWORK, datetime(2026, 11, 27, 18, 0, tzinfo=PARIS), 12),
    ("Chiffrer le report de charges", FUND, datetime(2026, 12, 1, 9, 5, tzinfo=PARIS), 4),
)
STARTS, ENDS = datetime(2026, 12, 3, 14, 0, tzinfo=PARIS), datetime(2026, 12, 3, 16, 0, tzinfo=PARIS)
CHANGES = (
    Change("same", "Le solde arrive en moyenne "),
    Change("removed", "quatre"),
    Change("same", " "),
    Change("added", "sept"),
    Change("same", " mois après l’action."),
)
MINE = Version("La vôtre, 14 h 05", "Garder la mienne", "mine", CHANGES)
THEIRS = replace(MINE, title="Celle d’Andréa Essai, 14 h 04", label="Garder la sienne", value="theirs")
DISPLAY = (
    ("theme", (("auto", "Thème de l’appareil"), ("light", "Clair"), ("dark", "Sombre"))),
    ("contrast", (("auto", "Contraste de l’appareil"), ("std", "Normal"), ("more", "Élevé"))),
    ("density", (("roomy", "Aérée"), ("compact", "Serrée"))),
    ("lang", (("fr", "Français"), ("en", "English"))),
)
