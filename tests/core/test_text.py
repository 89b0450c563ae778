"""The kinds of text: what is kept, what is changed, what is refused and in which words."""

from __future__ import annotations

import csv
import json
import os
import unicodedata
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel, TypeAdapter, ValidationError

from app.core import text as kinds
from app.core.text import fold

LINE, NAME, SHORT, MARKDOWN = (
    TypeAdapter[str](kind) for kind in (kinds.Line, kinds.Name, kinds.ShortText, kinds.MarkdownText)
)
SEARCH, ADDRESS, CODE, EMAIL = (
    TypeAdapter[str](kind) for kind in (kinds.SearchText, kinds.WebAddress, kinds.Code, kinds.EmailAddress)
)
EVERY = {
    "Line": LINE,
    "Name": NAME,
    "ShortText": SHORT,
    "MarkdownText": MARKDOWN,
    "SearchText": SEARCH,
    "WebAddress": ADDRESS,
    "Code": CODE,
    "EmailAddress": EMAIL,
}
ONE_LINE = ["Line", "Name", "SearchText", "WebAddress", "Code", "EmailAddress"]
GOOD = dict.fromkeys(EVERY, "mot") | {
    "WebAddress": "https://exemple.fr/a",
    "EmailAddress": "a@exemple.fr",
}
CONTROLS = [chr(code) for code in (*range(32), *range(0x7F, 0xA0)) if chr(code) not in "\t\n\r"]
DIRECTIONS = "\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"


def refusal(kind: TypeAdapter[Any], value: object) -> str:
    """The one message that a person reads."""
    with pytest.raises(ValidationError) as caught:
        kind.validate_python(value)
    (error,) = caught.value.errors()
    return str(error["msg"])


@pytest.mark.parametrize("name", EVERY)
def test_good_text_is_taken(name: str) -> None:
    assert EVERY[name].validate_python(GOOD[name]) == GOOD[name]


@pytest.mark.parametrize("name", EVERY)
def test_junk_is_refused_wherever_it_stands(name: str) -> None:
    for junk in [*CONTROLS, "\ud800", "\udfff", "\u202e", "\u202d"]:
        good = GOOD[name]
        for text in (junk + good, good + junk, good[:2] + junk + good[2:]):
            assert "caractère" in refusal(EVERY[name], text) or name in ("Code", "EmailAddress")


@pytest.mark.parametrize("name", ONE_LINE)
def test_one_line_is_one_line_without_direction_marks(name: str) -> None:
    for junk in ["\n", "\r", "\t", "\u2028", "\u2029", *DIRECTIONS]:
        refusal(EVERY[name], GOOD[name][:2] + junk + GOOD[name][2:])


@pytest.mark.parametrize("name", EVERY)
@pytest.mark.parametrize("value", ["", " ", "\n\t ", "\u00a0\u202f", None, 12, ["text"], {}])
def test_emptiness_and_other_types_are_refused(name: str, value: object) -> None:
    refusal(EVERY[name], value)


@pytest.mark.parametrize(
    ("name", "longest"),
    [("Line", 200), ("Name", 200), ("SearchText", 200), ("ShortText", 2_000), ("MarkdownText", 40_000)],
)
def test_lengths_are_exact_and_announced_in_the_schema(name: str, longest: int) -> None:
    assert len(EVERY[name].validate_python("é" * longest)) == longest
    assert refusal(EVERY[name], "a" * (longest + 1)) == (
        f"Ce texte compte {longest + 1} caractères, il en faut {longest} au plus."
    )
    schema = EVERY[name].json_schema()
    assert (schema["minLength"], schema["maxLength"]) == (1, longest)


def test_length_is_counted_after_composition() -> None:
    assert LINE.validate_python("e\u0301" * 200) == "é" * 200


def test_a_message_says_what_to_do_in_french() -> None:
    assert refusal(LINE, "a\0b") == "Ce texte contient un caractère invisible (U+0000)\u00a0: retirez-le."
    assert refusal(LINE, "a\ud800b") == "Ce texte contient un caractère abîmé\u00a0: copiez-le de nouveau."
    assert refusal(LINE, " ") == "Ce champ ne peut pas être vide."
    assert refusal(NAME, "--") == "Un nom contient au moins une lettre ou un chiffre."
    assert refusal(NAME, "Le\u200bRAMEAU") == "Ce nom contient un caractère invisible\u00a0: tapez-le de nouveau."
    assert refusal(ADDRESS, "exemple.fr") == ("Donnez une adresse complète qui commence par https:// ou http://.")
    assert "nom@exemple.fr" in refusal(EMAIL, "nobody")
    assert "lettres minuscules" in refusal(CODE, "É")


def test_a_line_is_stripped_and_composed() -> None:
    assert LINE.validate_python("  \u00a0e\u0301te\u0301 \n") == "été"


def test_invisible_marks_that_languages_need_stay_in_texts_and_lines() -> None:
    family = "\U0001f468\u200d\U0001f469\u200d\U0001f467"
    assert LINE.validate_python(family) == family
    assert MARKDOWN.validate_python("\u202a#\u200eMesInfos\u202c") == "\u202a#\u200eMesInfos\u202c"


@given(
    st.text(
        st.characters(exclude_categories=["Cs", "Cc"], exclude_characters="\u202d\u202e"),
        min_size=1,
        max_size=300,
    )
)
def test_markdown_is_kept_to_the_letter(text: str) -> None:
    if text.strip():
        assert MARKDOWN.validate_python(text) == text


def test_short_text_has_one_kind_of_line_feed() -> None:
    assert SHORT.validate_python(" a\r\nb\rc\td\n\n") == "a\nb\nc\td"


@given(st.sampled_from(["Line", "Name", "SearchText", "ShortText"]), st.text(max_size=220))
def test_what_was_accepted_is_accepted_again_unchanged(name: str, text: str) -> None:
    try:
        once = EVERY[name].validate_python(text)
    except ValidationError:
        return
    assert EVERY[name].validate_python(once) == once
    assert unicodedata.is_normalized("NFC", once)
    once.encode()


@given(st.text())
def test_any_text_is_taken_or_refused_and_nothing_else(text: str) -> None:
    for kind in EVERY.values():
        try:
            kind.validate_python(text).encode()
        except ValidationError as refused:
            assert refused.errors()  # noqa: PT017 - the refusal itself is what is looked at


@pytest.mark.parametrize(
    "address",
    [
        "https://exemple.fr",
        "http://exemple.fr:8080/a?b=c#d",
        "https://été.exemple.fr/données",
        "https://exemple.fr/@nom/article",
        "https://[2001:db8::1]/",
        "https://[2001:db8::1]:8443/",
        "https://192.0.2.1/x",
        "HTTPS://EXEMPLE.FR/",
    ],
)
def test_a_web_address_is_taken(address: str) -> None:
    assert ADDRESS.validate_python(f" {address} ") == address


@pytest.mark.parametrize(
    "address",
    [
        "exemple.fr",
        "//exemple.fr",
        "/chemin",
        "https:exemple.fr",
        "https:///exemple.fr",
        "https://",
        "https://mot",
        "https://localhost:8000",
        "https://.fr",
        "https://exemple..fr",
        "javascript:alert(1)",
        "JaVaScRiPt:alert(1)//https://exemple.fr",
        "data:text/html,x",
        "ftp://exemple.fr",
        "file:///etc/passwd",
        "mailto:a@exemple.fr",
        "https://nom:secret@exemple.fr",
        "https://exemple.fr@autre.example",
        "https://exemple.fr\\@autre.example",
        "https://exemple.fr/a b",
        "https://exemple.fr/\u00a0b",
        'https://exemple.fr/"onclick="x',
        "https://exemple.fr/<script>",
        "https://exemple.fr/`",
        "https://exemple.fr:0",
        "https://exemple.fr:99999",
        "https://exemple.fr:abc",
        "https://[::1",
        "https://[zz]/",
        "https://exe mple.fr",
        "https://exemple.fr/" + "a" * 2_000,
    ],
)
def test_what_is_no_web_address_is_refused(address: str) -> None:
    refusal(ADDRESS, address)


def test_a_hostile_address_costs_nothing() -> None:
    refusal(ADDRESS, "https://" + "a." * 990)
    refusal(ADDRESS, "https://" + "a" * 1_990 + "!@")


@pytest.mark.parametrize("code", ["a", "2a", "urgence", "set_aside", "co-pilote", "r11", "a" * 64])
def test_a_code_is_taken(code: str) -> None:
    assert CODE.validate_python(code) == code


@pytest.mark.parametrize("code", ["A", "é", "a b", "-a", "a-", "a--b", "a/b", "../a", "a" * 65, "a\n\nb", "٣"])
def test_what_is_no_code_is_refused(code: str) -> None:
    refusal(CODE, code)


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("Jeanne.Dupont@Exemple.FR", "jeanne.dupont@exemple.fr"),
        (" a+b@exemple.fr\n", "a+b@exemple.fr"),
        ("a@ÉTÉ.example", "a@xn--t-9fab.example"),
        ("demo@organisation.example", "demo@organisation.example"),
    ],
)
def test_an_address_is_kept_in_lower_case(typed: str, kept: str) -> None:
    assert EMAIL.validate_python(typed) == kept
    assert EMAIL.validate_python(kept) == kept


@pytest.mark.parametrize(
    "typed",
    [
        "a",
        "a@",
        "@exemple.fr",
        "a@b",
        "a@@exemple.fr",
        "a b@exemple.fr",
        '"a b"@exemple.fr',
        "a@[127.0.0.1]",
        "a@localhost",
        "é@exemple.fr",
        "a@exemple.fr, b@exemple.fr",
        "Nom <a@exemple.fr>",
        "a@exemple.fr\r\nBcc: b@exemple.fr",
        "a" * 65 + "@exemple.fr",
        "a@" + "b." * 150 + "fr",
        "a@exemple..fr",
        ".a@exemple.fr",
    ],
)
def test_what_is_no_mailbox_is_refused(typed: str) -> None:
    refusal(EMAIL, typed)


class Everything(BaseModel):
    """A schema as features write them."""

    language: kinds.LanguageTag
    rank: kinds.Whole


def test_languages_and_numbers_are_bounded() -> None:
    Everything(language="fr", rank=2**31 - 1)
    for change in ({"language": "de"}, {"rank": 2**31}, {"rank": -1}, {"rank": 10**400}):
        good: dict[str, Any] = {"language": "en", "rank": 0}
        with pytest.raises(ValidationError):
            Everything(**(good | change))
    assert refusal(TypeAdapter(kinds.Whole), 2**64) == "Donnez un nombre entre 0 et 2147483647."


def test_junk_in_json_is_refused_like_junk_in_python() -> None:
    for body in ('"a\\u0000b"', '"a\\ud800b"', '"\\u202e"'):
        refusal(LINE, json.loads(body))
        with pytest.raises(ValidationError):
            LINE.validate_json(body)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Évêque", "eveque"),
        ("Œuvre", "OEUVRE"),
        ("L’État", "l'etat"),
        ("e\u0301te\u0301", "ÉTÉ"),
        ("  deux\u00a0 mots\n", "deux mots"),
        ("Straße", "STRASSE"),
        ("ﬁn", "fin"),
        ("Ǽ", "ae"),
        ("Łódź", "lodz"),
    ],
)
def test_fold_makes_equal_what_reads_alike(one: str, other: str) -> None:
    assert fold(one) == fold(other)


def test_fold_keeps_different_words_apart() -> None:
    assert len({fold(word) for word in ("pêche", "poche", "péché !", "2", "")}) == 5


@given(st.text())
def test_fold_is_stable(text: str) -> None:
    assert fold(fold(text)) == fold(text)


def test_every_text_of_the_real_consultation_is_taken() -> None:
    folder = Path(os.environ.get("ALLIAGE_DATA", Path(__file__).parents[3] / "shared" / "data"))
    folder /= "republique-numerique-2015"
    if not folder.is_dir():
        pytest.skip("set ALLIAGE_DATA to the folder of the real consultation")
    csv.field_size_limit(10**7)
    for file, column, kind in [
        ("propositions.csv", "body", MARKDOWN),
        ("arguments.csv", "body", MARKDOWN),
        ("sources.csv", "link", ADDRESS),
        ("actors.csv", "name", NAME),
    ]:
        with (folder / file).open(encoding="utf-8", newline="") as rows:
            for row in csv.DictReader(rows):
                if row[column].strip():
                    assert kind.validate_python(row[column])


@pytest.mark.parametrize(
    "nothing", ["\u200b\u200d", "\ufeff", "\u00ad \u2060", "\u3164", "\u2800\u2800", "\u034f\ufe0f"]
)
@pytest.mark.parametrize("kind", [LINE, NAME, EVERY["ShortText"], EVERY["MarkdownText"]])
def test_a_text_that_shows_nothing_is_empty(kind: TypeAdapter[Any], nothing: str) -> None:
    assert refusal(kind, nothing) == "Ce champ ne peut pas être vide."
