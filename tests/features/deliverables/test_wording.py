"""What the draft quotes and what it says: the rule of the first sentences, and French singulars and plurals."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.features.deliverables.actions.draft import sentences
from app.features.deliverables.actions.draft.openings import LONGEST, opening
from app.features.deliverables.models.markers import replaced

LONG = "Mot " + "mot " * 100


@pytest.mark.parametrize(
    ("plain", "quote"),
    [
        ("Une phrase entière qui se tient toute seule ici.", None),
        ("Nous demandons un délai de trois mois au moins. " + LONG, "Nous demandons un délai de trois mois au moins."),
        ("Oui. Mais il faut attendre encore un peu. " + LONG, "Oui. Mais il faut attendre encore un peu."),
        (
            "L’art. 5 de la loi prévoit déjà cela pour M. Dupont. " + LONG,
            "L’art. 5 de la loi prévoit déjà cela pour M. Dupont.",
        ),
        ("Coût de 3.5 millions d’euros, dit-on ! " + LONG, "Coût de 3.5 millions d’euros, dit-on !"),
        (
            "Un titre\n\nPuis une vraie phrase qui dit enfin quelque chose.\n\n" + LONG,
            "Un titre\n\nPuis une vraie phrase qui dit enfin quelque chose.",
        ),
        (
            "L’article L. 1425-3 est remplacé par les dispositions suivantes : \n\n« Le schéma est public. » " + LONG,
            "L’article L. 1425-3 est remplacé par les dispositions suivantes : \n\n« Le schéma est public. »",
        ),
        (
            "Face à ces constats, il faut, comme en 2014 : " + LONG,
            "Face à ces constats, il faut, comme en 2014 : " + LONG[:192].strip(),
        ),
        (
            "Il faut soixante caractères avant ce point-virgule ; " + LONG,
            "Il faut soixante caractères avant ce point-virgule",
        ),
        ("Il faut " + "a" * 60 + " sans fin, " + LONG, "Il faut " + "a" * 60 + " sans fin"),
        (LONG, ("Mot " + "mot " * 59).strip()),
        ("https://exemple.fr/" + "a" * 300 + " voilà tout", "https://exemple.fr/" + "a" * 300 + " voilà"),
        ("Non", None),
    ],
)
def test_the_first_sentences_are_chosen(plain: str, quote: str | None) -> None:
    span = opening(plain)
    assert span is not None
    assert plain[slice(*span)] == (plain.strip() if quote is None else quote)


@given(st.text(alphabet="ab é.!?…,;:«»()\n\t’'0M", max_size=700))
def test_the_rule_always_gives_what_the_database_accepts(text: str) -> None:
    plain = text.strip()
    span = opening(plain)
    if span is None:
        assert not plain or len(plain) > LONGEST
        return
    start, end = span
    quote = plain[start:end]
    assert 0 <= start < end <= len(plain)
    assert quote == plain or (len(quote) >= 10 and len(quote.split()) >= 2)


def test_singulars_plurals_and_small_numbers() -> None:
    assert sentences.positions(0, 0, 0) == ""
    assert sentences.positions(4, 1, 3) == (
        "Quatre organisations l’appuient et quatre organisations la nuancent ou s’y opposent."
    )
    assert sentences.positions(3, 4, 3) == (
        "Trois organisations l’appuient, quatre organisations la nuancent et trois organisations s’y opposent."
    )
    assert sentences.positions(1, 0, 2) == (
        "Moins de trois organisations l’appuient et moins de trois organisations la nuancent ou s’y opposent."
    )
    assert sentences.votes("", 1, 0, 0) == "Dans la consultation importée : 1 vote favorable."
    assert sentences.votes("", 0, 2, 1) == "Dans la consultation importée : 2 votes défavorables et 1 mitigé."
    assert sentences.votes("", 0, 0, 0) == ""
    assert sentences.replies(1, 0, "[@c1]", "") == "Une réponse l’approuve [@c1]."
    assert sentences.replies(0, 12, "", "") == "12 réponses la contestent."
    assert sentences.left_out(1, 1, theme=True) == "Ce thème réunit une contribution, citée ici."
    assert sentences.left_out(4, 4, theme=False) == "Cette partie réunit quatre contributions, toutes citées ici."
    assert "dont une est citée ici ; le devenir des deux autres" in sentences.left_out(3, 1, theme=True)
    assert "dont aucune n’est citée ici ; le devenir de chacune" in sentences.left_out(3, 0, theme=True)
    assert sentences.absent(["company", "research"]) == (
        "Profils absents de cette partie : entreprises et organismes de recherche."
    )


def test_markers_are_replaced_and_taken_out_without_touching_others() -> None:
    assert replaced("a [@c1], b [@c11] [@c1].", 1, 7) == "a [@c7], b [@c11] [@c7]."
    assert replaced("a [@c1], b [@c11] [@c1].", 1, None) == "a, b [@c11]."
