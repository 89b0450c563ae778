"""What a typed line means, before any database is asked."""

from __future__ import annotations

import pytest

from app.features.search.queries.asked import STOP_WORDS, ask
from app.features.search.queries.find import segments


@pytest.mark.parametrize(
    ("typed", "words", "phrases", "without"),
    [
        ("les écoles", "'écoles'", (), ""),
        ("trésorerie prêt", "'trésorerie' & 'prêt'", (), ""),
        ("trésorerie -prêt", "'trésorerie'", (), "'prêt'"),
        ('"chèque emploi"', "'chèque' & 'emploi'", ("chèque emploi",), ""),
        ("« chèque emploi »", "'chèque' & 'emploi'", ("chèque emploi",), ""),
        ('"jouer collectif', "'jouer' & 'collectif'", ("jouer collectif",), ""),
        ("mer*", "'mer':*", (), ""),
        ("me*", "'me'", (), ""),
        ("l'école", "'l''école'", (), ""),
        ("covid-19", "'covid-19'", (), ""),
        ("a & b | !c <-> (d)", "'b'", (), ""),
        ("back\\slash", "'back\\\\slash'", (), ""),
        ("école école", "'école'", (), ""),
        ("100%", "'100'", (), ""),
    ],
)
def test_what_is_typed_becomes_quoted_words(typed: str, words: str, phrases: tuple[str, ...], without: str) -> None:
    asked = ask(typed)
    assert (asked.words, asked.phrases, asked.without) == (words, phrases, without)
    assert asked.explanation is None


@pytest.mark.parametrize("typed", ["les", "& | !", "-école", '-"un mot"', '"les plus"', "''", '"', "---", "*", "🙂"])
def test_a_line_without_a_word_to_look_for_says_why(typed: str) -> None:
    asked = ask(typed)
    assert asked.words == ""
    assert asked.explanation


def test_words_of_the_trade_are_no_stop_words() -> None:
    assert not STOP_WORDS & {"but", "or", "main", "fin", "cause", "mission", "public"}


def test_found_words_are_pieces_and_never_markup() -> None:
    assert segments("une \x02école\x03 <b>&amp;</b>") == [
        {"text": "une ", "hit": False},
        {"text": "école", "hit": True},
        {"text": " <b>&amp;</b>", "hit": False},
    ]
    assert segments(None) == segments("") == []
