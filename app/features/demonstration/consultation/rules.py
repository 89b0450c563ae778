"""The rules by which the demonstration's co-pilot treats what the synthesis of the consultation does not cite.

Hundreds of contributions cannot be weighed one by one in a demonstration. So each rule says in
words what it looks at, is recorded beside every treatment that it made, and is counted as a rule
in the publication report. They look at who spoke, at tallies and at titles: none reads a text and
none judges it. The most debated of what they leave is left to a person.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from uuid import UUID

from app.core.text import fold
from app.features.deliverables.models import Outcome, SetAsideReason

GOVERNMENT = "Gouvernement"
FEW_VOTES = 30
"""Three quarters of what individuals proposed had fewer votes in favour."""
SHORT = 60
"""Characters: a title said again."""
ALIKE = 0.6
"""Of all the significant words of two titles, the part that stands in both."""
LEFT_TO_A_PERSON = 5

_ARTICLE = re.compile(r"\barticle (\d+)\b(?! ?(?:bis|ter|quater|de la loi))")
_CHANGE = re.compile(r"\b(?:complement|completer|precis|modif|suppr|insertion|ajout|amelior)")
_WORD = re.compile(r"[a-z0-9]{4,}")
_COMMON = frozenset(["article", "articles", "avec", "cette", "dans", "entre", "leurs", "nouveau", "nouvel", "plus", "pour", "projet", "proposition", "sans"])  # fmt: skip


@dataclass(frozen=True, slots=True)
class Case:
    """A contribution of the scope, as the rules see it."""

    id: UUID
    title: str
    length: int
    themes: frozenset[UUID]
    cited: bool
    """By the accepted text; else nobody has said yet what becomes of it."""
    organisation: str | None
    """In whose name it was said; empty for an individual."""
    supports: int
    votes_for: int
    replies: int
    organisations_for: bool
    """An organisation answered in favour."""
    organisations_against: bool


@dataclass(frozen=True, slots=True)
class Rule:
    """When it applies, what it then says, and what is said to the author."""

    words: str
    """The rule itself, recorded beside each treatment."""
    applies: Callable[[Case], bool]
    outcome: Outcome
    sentence: str
    reason_code: SetAsideReason | None = None


def _has_no_support(case: Case) -> bool:
    by_organisation = case.organisation or case.organisations_for or case.supports
    return not by_organisation and case.votes_for < FEW_VOTES


RULES: tuple[Rule, ...] = (
    Rule(
        "Article du Gouvernement auquel aucune organisation n’a répondu contre : répondu",
        lambda case: case.organisation == GOVERNMENT and not case.organisations_against,
        Outcome.ANSWERED,
        "C’est un article du projet de loi mis en débat : aucune organisation ne s’y oppose, et ce que la "
        "consultation en a dit est traité contribution par contribution.",
    ),
    Rule(
        f"Texte de moins de {SHORT} caractères : écarté, trop court pour être compris seul",
        lambda case: case.length < SHORT,
        Outcome.SET_ASIDE,
        f"Le texte compte moins de {SHORT} caractères : il ne dit pas assez ce qui est proposé pour être repris.",
        SetAsideReason.TOO_VAGUE,
    ),
    Rule(
        f"Ni organisation en appui, ni {FEW_VOTES} votes favorables : écarté, faute de soutien",
        _has_no_support,
        Outcome.SET_ASIDE,
        f"Aucune organisation ne l’a portée ni appuyée, et elle a reçu moins de {FEW_VOTES} votes favorables : cette "
        "édition ne la reprend pas. Ce n’est pas un jugement sur son contenu.",
        SetAsideReason.NO_SUPPORT,
    ),
)
"""In this order, each on what the one before left; merges come first, what is most debated last."""

MERGE = "Même thème et mêmes mots de titre qu’une contribution citée : fusionné avec elle"
MERGED = (
    "Son titre dit, presque mot pour mot, ce que dit une contribution citée du même thème : elle est lue avec elle."
)

AMENDMENT = Rule(
    "Demande, dans son titre, de compléter, préciser, modifier ou supprimer un article cité : répondu, avec renvoi",
    lambda _case: False,  # it takes the cited articles: see `amends`
    Outcome.ANSWERED,
    "Elle demande de changer un article du projet de loi qui est cité dans ce texte, avec ce qui a été dit pour et "
    "contre lui : c’est là que se lit l’état du débat.",
)

REST = Rule(
    "Soutenu, mais au-delà de ce que cette édition cite dans son thème : à reprendre",
    lambda _case: True,
    Outcome.SET_ASIDE,
    "Elle est soutenue, mais cette édition ne cite que les contributions les plus soutenues de chaque thème : "
    "elle reste à reprendre dans la suivante.",
    SetAsideReason.NEEDS_MORE_WORK,
)

WAIVER = f"Les {LEFT_TO_A_PERSON} plus débattues de celles qui restent : dispensées à la main, laissées à une personne"
WAIVED = (
    "Elle est parmi les plus débattues de celles que les règles laissent : une règle ne doit pas en décider. "
    "À traiter par une personne dans la prochaine édition."
)


def alike(case: Case, cited: Iterable[Case]) -> Case | None:
    """The cited contribution of the same theme whose title says the same, if there is one."""
    own = _words(case.title)
    found = [
        (len(own & words) / len(own | words), other)
        for other in cited
        if other.themes & case.themes and len(own & (words := _words(other.title))) >= 2
    ]
    closest = max(found, key=lambda pair: (pair[0], pair[1].id), default=(0.0, None))
    return closest[1] if closest[0] >= ALIKE else None


def amends(case: Case, cited: Iterable[Case]) -> bool:
    """Whether its title asks to change an article of the Government that the text cites."""
    title = fold(case.title)
    asked = set(_ARTICLE.findall(title))
    articles = {
        found[1] for other in cited if other.organisation == GOVERNMENT and (found := _ARTICLE.match(fold(other.title)))
    }
    return bool(_CHANGE.search(title) and asked & articles)


def _words(title: str) -> frozenset[str]:
    return frozenset(_WORD.findall(fold(title))) - _COMMON


def most_debated(left: Sequence[Case]) -> list[Case]:
    """Those with most replies, which no rule decides on."""
    return sorted(left, key=lambda case: (-case.replies, case.id))[:LEFT_TO_A_PERSON]
