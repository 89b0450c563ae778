"""Differences: both texts can be made again from them, they read well, and they come at once."""

from __future__ import annotations

import asyncio
import csv
import os
import random
import time
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.core.richtext.differences import Change, Comparison, apart, differences


def marked(before: str, after: str) -> str:
    """The changes as one would write them by hand: [-went-]{+came+}."""
    shapes = {"same": "{}", "removed": "[-{}-]", "added": "{{+{}+}}"}
    return "".join(shapes[change.op].format(change.text) for change in differences(before, after))


def hold(before: str, after: str) -> list[Change]:
    """The invariants of every comparison."""
    changes = differences(before, after)
    assert "".join(change.text for change in changes if change.op != "added") == before
    assert "".join(change.text for change in changes if change.op != "removed") == after
    assert all(change.text for change in changes)
    for one, other in pairwise(changes):
        assert one.op != other.op
        assert (one.op, other.op) != ("added", "removed")
    return changes


@pytest.mark.parametrize(
    ("before", "after", "read"),
    [
        ("", "", ""),
        ("un", "un", "un"),
        ("", "un deux", "{+un deux+}"),
        ("un deux", "", "[-un deux-]"),
        ("un", "deux", "[-un-]{+deux+}"),
        (
            "Le chat mange la souris grise.",
            "Le chien mange une grosse souris.",
            "Le [-chat-]{+chien+} mange [-la -]{+une grosse +}souris[- grise-].",
        ),
        ("l'article 1er", "l'alinéa 1er", "l'[-article-]{+alinéa+} 1er"),
        ("la loi de finances", "la loi", "la loi[- de finances-]"),
        ("Oui. Non.", "Oui, non.", "Oui[-. Non-]{+, non+}."),
        ("un deux trois quatre", "un 2 3 quatre", "un [-deux trois-]{+2 3+} quatre"),
        ("Premier.\n\nDernier.", "Premier.\n\nAjouté.\n\nDernier.", "Premier.\n\n{+Ajouté.\n\n+}Dernier."),
        ("de la de la de la", "de la de le de la", "de la de [-la-]{+le+} de la"),
    ],
)
def test_it_reads_well(before: str, after: str, read: str) -> None:
    assert marked(before, after) == read


def test_unrelated_paragraphs_are_not_shown_as_confetti() -> None:
    before = "Les associations de la région demandent un fonds de soutien à la trésorerie."
    after = "Nous proposons de former, à la rentrée, des binômes de bénévoles et de salariés."
    assert len(differences(before, after)) <= 4


WORDS = st.lists(st.sampled_from(["a", "b", "c", "de", "la", "l'", " ", "  ", "\n", ".", "é", "e\u0301"]), max_size=60)


@given(st.text(), st.text())
def test_any_two_texts(before: str, after: str) -> None:
    hold(before, after)


@given(WORDS, WORDS)
def test_texts_of_few_words(before: list[str], after: list[str]) -> None:
    hold("".join(before), "".join(after))


@given(st.integers(0, 10**9), st.integers(1, 40), st.sampled_from([0.01, 0.1, 0.6]))
@settings(max_examples=30, deadline=None)
def test_long_texts_that_were_edited(seed: int, vocabulary: int, rate: float) -> None:
    words = written(random.Random(seed), 3_000, vocabulary)
    hold(" ".join(words), " ".join(edited(random.Random(seed), words, rate)))


@given(st.text())
def test_a_text_and_itself(text: str) -> None:
    assert hold(text, text) == ([Change("same", text)] if text else [])


def written(dice: random.Random, size: int, vocabulary: int) -> list[str]:
    return [f"m{dice.randrange(vocabulary)}" for _ in range(size // 4)]


def edited(dice: random.Random, words: list[str], rate: float) -> list[str]:
    return [word if dice.random() > rate else f"n{dice.randrange(50)}" for word in words if dice.random() > rate / 3]


def pairs() -> dict[str, tuple[str, str]]:
    dice = random.Random(7)
    cases: dict[str, tuple[str, str]] = {
        "one letter": ("a " * 10_000, "a " * 9_990 + "b"),
        "alternating": (".!" * 10_000, "!." * 9_000),
        "two signs": ("".join(dice.choices(".!", k=20_000)), "".join(dice.choices(".!", k=20_000))),
        "nothing to everything": ("", "mot " * 5_000),
    }
    for vocabulary in (2, 10, 400, 4_000):
        words = written(dice, 20_000, vocabulary)
        shuffled = dice.sample(words, len(words))
        for name, other in [
            ("1 %", edited(dice, words, 0.01)),
            ("half", edited(dice, words, 0.5)),
            ("shuffled", shuffled),
            ("reversed", words[::-1]),
        ]:
            cases[f"{vocabulary} words, {name}"] = (" ".join(words), " ".join(other))
    return cases


PAIRS = pairs()


@pytest.mark.parametrize("name", PAIRS)
def test_20_000_characters_take_at_most_200_ms(name: str) -> None:
    """Processor time, the least of five: others share the machine. Twice that for what nobody would write."""
    honest = name.startswith(("400 words", "4000 words")) and name.endswith(("1 %", "half"))
    costs = []
    for _ in range(5):
        start = time.process_time()
        differences(*PAIRS[name])
        costs.append(time.process_time() - start)
    assert min(costs) < (0.2 if honest else 0.4)


@pytest.mark.parametrize("name", PAIRS)
def test_long_texts_can_be_made_again(name: str) -> None:
    hold(*PAIRS[name])


def test_a_small_edit_of_a_repetitive_text_is_found() -> None:
    """No word stands once in it: the anchors are runs of words."""
    before, after = PAIRS["10 words, 1 %"]
    kept = sum(len(change.text) for change in hold(before, after) if change.op == "same")
    assert kept > 0.95 * len(after)


def test_the_longest_texts_of_the_real_consultation() -> None:
    folder = Path(os.environ.get("ALLIAGE_DATA", Path(__file__).parents[4] / "shared" / "data"))
    file = folder / "republique-numerique-2015" / "propositions.csv"
    if not file.is_file():
        pytest.skip("set ALLIAGE_DATA to the folder of the real consultation")
    csv.field_size_limit(10**7)
    with file.open(encoding="utf-8", newline="") as rows:
        bodies = sorted((row["body"] for row in csv.DictReader(rows)), key=len)[-8:]
    for before, after in pairwise(bodies):
        start = time.process_time()
        hold(before, after)
        assert time.process_time() - start < 1, "about 0.2 s of a quiet processor; the square would take minutes"


async def test_comparing_leaves_the_loop_free() -> None:
    chance = random.Random(7)
    before, after = (" ".join(chance.choice("abcdefghij") * 3 for _ in range(10_000)) for _ in range(2))
    work = asyncio.ensure_future(apart(lambda: differences(before, after)))
    beats = 0
    while not work.done():
        await asyncio.sleep(0.001)
        beats += 1
    assert beats > 3, "nothing else ran meanwhile"
    assert await work


def test_after_so_many_characters_texts_are_shown_whole() -> None:
    comparison = Comparison(most=20)
    assert [change.op for change in comparison.differences("un mot", "un lot")] == ["same", "removed", "added"]
    assert comparison.differences("un mot", "un lot") == [Change("removed", "un mot"), Change("added", "un lot")]
    assert comparison.differences("", "un lot") == [Change("added", "un lot")]
