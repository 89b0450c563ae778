"""French typography: spaces only, in the right places, and never where they would break something."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.core.richtext.render import to_html
from app.core.richtext.typography import counted, figure, french, french_html

# In these tests _ is a no-break space and ~ a narrow one
MARKS = str.maketrans({"_": "\u00a0", "~": "\u202f"})


@pytest.mark.parametrize(
    ("typed", "shown"),
    [
        ("Bonjour !", "Bonjour~!"),
        ("Bonjour!", "Bonjour~!"),
        ("Quoi ?! Non ; si.", "Quoi~?! Non~; si."),
        ("Quoi\u00a0?", "Quoi~?"),
        ("Voici : un", "Voici_: un"),
        ("Voici: un", "Voici_: un"),
        ("Voici :\nun", "Voici_:\nun"),
        ("« Oui »", "«_Oui_»"),
        ("«Oui»", "«_Oui_»"),
        ("« Oui ! »", "«_Oui~!_»"),
        ("« Oui » : non", "«_Oui_»_: non"),
        ("(vraiment ?)", "(vraiment~?)"),
        ("« a « b » c »", "«_a «_b_» c_»"),
        ("50 % ; 3 € !", "50 %~; 3 €~!"),
        ("fin… ?", "fin…~?"),
        ("la séance de 14:05", "la séance de 14:05"),
        ("à 14:05:10 ; puis", "à 14:05:10~; puis"),
        ("ratio 3:2", "ratio 3:2"),
        (
            "voir https://a.example/x?y=1;z!w : oui",
            "voir https://a.example/x?y=1;z!w_: oui",
        ),
        ("voir https://a.example !", "voir https://a.example~!"),
        ("www.a.example/?b=1; fin", "www.a.example/?b=1; fin"),
        ("mailto:a@b.example?subject=x", "mailto:a@b.example?subject=x"),
        ("le code `a ; b ! c` ; fin", "le code `a ; b ! c` ; fin"),
        ("a;b c?d e!f std::string", "a;b c?d e!f std::string"),
        ("! ? ;", "! ? ;"),
        ("", ""),
        ("«", "«"),
        ("»", "»"),
        ("« ", "«_"),
        ("«»", "«_»"),
        (" ! et »", "~! et_»"),
        ("[@c7] : oui", "[@c7]_: oui"),
        ("(!)", "(!)"),
        ('l\'article 1er: "oui" ?', 'l\'article 1er_: "oui"~?'),
    ],
)
def test_where_the_spaces_go(typed: str, shown: str) -> None:
    assert french(typed) == shown.translate(MARKS)


TEXTS = st.text(alphabet='ab1 \u00a0\u202f!?;:«»()`\n."https/w', max_size=120)


@given(TEXTS | st.text())
def test_only_spaces_change(text: str) -> None:
    blanks = r"[ \u00a0\u202f\u2009]"
    assert re.sub(blanks, "", french(text)) == re.sub(blanks, "", text)


@given(TEXTS)
def test_set_twice_is_set_once(text: str) -> None:
    assert french(french(text)) == french(text)


@pytest.mark.parametrize(
    ("markdown", "html"),
    [
        ("Oui ! <b> & co ; fin", "<p>Oui~! &lt;b&gt; &amp; co~; fin</p>"),
        ("`a ; b` ; *oui* !", "<p><code>a ; b</code>~; <em>oui</em>~!</p>"),
        (
            "[oui !](https://a.example/?b=1&c=2)",
            '<p><a href="https://a.example/?b=1&amp;c=2" rel="nofollow noopener ugc">oui~!</a></p>',
        ),
        ("```\na ; b !\n```\n\nOui !", "<pre><code>a ; b !\n</code></pre>\n<p>Oui~!</p>"),
        ("« *oui* »", "<p>«_<em>oui</em>_»</p>"),
        ("1 < 2 ; 3 > 2 !", "<p>1 &lt; 2~; 3 &gt; 2~!</p>"),
    ],
)
def test_html_is_set_between_its_tags(markdown: str, html: str) -> None:
    assert french_html(to_html(markdown)).strip() == html.translate(MARKS)


@given(st.text(alphabet="ab <>&;!?:«»`*[]()\"'/=#é\n", max_size=120))
def test_tags_and_entities_stay_whole(text: str) -> None:
    html = to_html(text)
    tags = r"<[^>]*>|&\w+;"
    assert re.findall(tags, french_html(html)) == re.findall(tags, html)


def test_an_attribute_with_a_closing_sign_stays_whole() -> None:
    tag = '<a href="https://a.example/?b>c !">'
    assert french_html(f"{tag}oui !</a>") == f"{tag}oui\u202f!</a>"


@pytest.mark.parametrize(
    ("value", "written"), [(0, "0"), (71940, "71~940"), (1234567, "1~234~567"), (5.24, "5,2"), (1234.56, "1~234,6")]
)
def test_numbers_are_written_in_french(value: float, written: str) -> None:
    assert figure(value) == written.translate(MARKS)


@pytest.mark.parametrize(("value", "said"), [(0, "0 ligne"), (1, "1 ligne"), (2, "2 lignes"), (1500, "1~500 lignes")])
def test_none_and_one_are_singular(value: int, said: str) -> None:
    assert counted(value, "ligne") == said.translate(MARKS)
