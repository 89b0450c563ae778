"""The rules that treat what a demonstration does not read: they look at titles and tallies, and nothing else."""

from __future__ import annotations

from typing import Any
from uuid import UUID, uuid4

import pytest

from app.features.deliverables.models import Outcome, SetAsideReason
from app.features.demonstration.consultation.rules import (
    GOVERNMENT,
    LEFT_TO_A_PERSON,
    RULES,
    Case,
    alike,
    amends,
    most_debated,
)

THEME = UUID(int=1)


def case(title: str = "Une idée", **facts: Any) -> Case:
    usual: dict[str, Any] = {
        "id": uuid4(),
        "length": 500,
        "themes": frozenset({THEME}),
        "cited": False,
        "organisation": None,
        "supports": 0,
        "votes_for": 0,
        "replies": 0,
        "organisations_for": False,
        "organisations_against": False,
    }
    return Case(title=title, **(usual | facts))


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("Article 27 - Paiements numérisés", "Article 27 : PAIEMENTS numerisés", True),
        ("Préciser l'article 12 : Portabilité des données", "Article 12 - Portabilité des données", True),
        ("Droit à l’oubli pour les citoyens", "Article 19 - Droit à l’oubli pour les mineurs", False),
        ("Accès internet", "Accès Internet dans les prisons françaises d’outre-mer", False),
        ("Licence", "Licence", False),
    ],
)
def test_titles_that_say_the_same(one: str, other: str, same: bool) -> None:
    cited = case(other, cited=True)
    assert (alike(case(one), [cited]) == cited) is same


def test_a_merge_stays_in_its_theme() -> None:
    title = "Article 27 - Paiements numérisés"
    assert alike(case(title), [case(title, cited=True, themes=frozenset({UUID(int=2)}))]) is None


@pytest.mark.parametrize(
    ("title", "found"),
    [
        ("Complément à l'article 4", True),
        ("Suppression de l’article 4", True),
        ("Article 4 - Une autre idée", False),
        ("Complément à l'article 40", False),
        ("Complément à l'article 4 bis", False),
        ("Insertion d'un alinéa à l'article 4 de la loi de 1978", False),
    ],
)
def test_titles_that_ask_to_change_a_cited_article(title: str, found: bool) -> None:
    article = case("Article 4 - Données de référence", cited=True, organisation=GOVERNMENT)
    assert amends(case(title), [article]) is found
    assert not amends(case(title), [case("Article 4 - Données de référence", cited=True)])


@pytest.mark.parametrize(
    ("facts", "outcome", "reason"),
    [
        ({"organisation": GOVERNMENT}, Outcome.ANSWERED, None),
        ({"organisation": GOVERNMENT, "organisations_against": True}, None, None),
        ({"length": 12, "votes_for": 400}, Outcome.SET_ASIDE, SetAsideReason.TOO_VAGUE),
        ({"votes_for": 29}, Outcome.SET_ASIDE, SetAsideReason.NO_SUPPORT),
        ({"votes_for": 30}, None, None),
        ({"organisation": "Une association"}, None, None),
        ({"organisations_for": True}, None, None),
        ({"supports": 1}, None, None),
    ],
)
def test_which_rule_comes_first(facts: dict[str, Any], outcome: Outcome | None, reason: str | None) -> None:
    rule = next((rule for rule in RULES if rule.applies(case(**facts))), None)
    assert (rule and rule.outcome) == outcome
    assert (rule and rule.reason_code) == reason


def test_the_most_debated_are_few() -> None:
    left = [case(replies=replies) for replies in range(40)]
    assert [it.replies for it in most_debated(left)] == [39, 38, 37, 36, 35][:LEFT_TO_A_PERSON]
