"""A refusal in the language of its reader.

What a refusal says of one case is French; of one value, it is in the language of the page already (`app.core.errors.refused`).
An English reader is told the translation where the catalogue has one, else what is wrong with each value, else what this
kind of refusal means: its documented meaning, which is written in English (`/problems/<slug>`).
"""

from __future__ import annotations

from dataclasses import dataclass

from app.core.errors import Problem
from app.core.i18n import english, gettext, language, later
from app.core.richtext.typography import french


@dataclass(frozen=True, slots=True)
class Words:
    """What a page of refusal says first; `detail` may be French for an English reader never."""

    title: str
    detail: str


TITLES = {
    400: later("Cette demande n’a pas été comprise"),
    401: later("Connexion nécessaire"),
    403: later("Cet acte ne vous est pas ouvert"),
    404: later("Il n’y a rien ici que vous puissiez voir"),
    405: later("Cette adresse ne s’utilise pas ainsi"),
    409: later("Ce n’est pas possible dans l’état actuel"),
    412: later("Quelqu’un a écrit avant vous"),
    422: later("Une réponse est à corriger"),
    428: later("Rouvrez la page avant d’envoyer"),
    429: later("Trop de tentatives en peu de temps"),
    503: later("Le service ne peut pas répondre maintenant"),
}
"""Status -> what an English reader is told first, and everybody where the refusal has no title of its own."""


def told(problem: Problem) -> str:
    """Why, and what to do."""
    if language() != "en":
        return french(problem.detail)
    refused = " ".join(one["detail"] for one in problem.extensions.get("errors", []))
    return english().get(problem.detail, (refused or _meaning(problem),))[0]


def told_title(problem: Problem) -> str:
    """What it is, in a few words."""
    return words_of(problem).title


def words_of(problem: Problem) -> Words:
    """The head of the page of a refusal."""
    own = language() != "en" and problem.status not in (403, 404)
    title = french(problem.title) if own else gettext(TITLES.get(problem.status, problem.title))
    return Words(title, told(problem))


def _meaning(problem: Problem) -> str:
    return " ".join((problem.__doc__ or problem.detail).split()).replace("`", "")
