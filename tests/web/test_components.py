"""The macros: each with ordinary, empty, endless and hostile words, in both languages, gives sound HTML."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from datetime import datetime
from html.parser import HTMLParser
from pathlib import Path
from types import SimpleNamespace as Thing

import pytest

from app.core.i18n import LANGUAGES, Language, language, speak
from app.web.frame import Entry
from app.web.templates import TEMPLATES, environment
from app.web.wording import PARIS, word

ENDLESS = "organisation" * 25
HOSTILE = "<script>alert(1)</script>\"'><img src=x onerror=alert(1)>"
WORDS = {"ordinary": "Association n° 07", "empty": "", "endless": ENDLESS, "spaced": "mot " * 75, "hostile": HOSTILE}
AT = datetime(2026, 12, 1, 14, 5, tzinfo=PARIS)
VOID = {"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"}
VOID |= {"circle", "path", "rect", "use"}
NO_DIV_IN_P = {
    "div",
    "p",
    "ul",
    "ol",
    "dl",
    "table",
    "section",
    "form",
    "fieldset",
    "figure",
    "nav",
    "aside",
    "h2",
    "h3",
}


class Sound(HTMLParser):
    """Reads a fragment and keeps what is wrong with it."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.ids: list[str] = []
        self.asked: list[tuple[str, str]] = []
        self.wrong: list[str] = []
        self.feed(html)
        self.wrong += [f"never closed: {tag}" for tag in self.open]
        self.wrong += [f"twice: {id_}" for id_, times in Counter(self.ids).items() if times > 1]
        self.wrong += [f"{name} names nothing: {id_}" for name, id_ in self.asked if id_ not in self.ids]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """What a policy, a validator or a screen reader would refuse."""
        said = {name: value or "" for name, value in attrs}
        self.wrong += [f"{tag}.{name}" for name in said if name == "style" or name.startswith("on")]
        self.wrong += [f"{tag}.{name} twice" for name, times in Counter(name for name, _ in attrs).items() if times > 1]
        if tag in {"script", "style", "font"}:
            self.wrong.append(tag)
        if tag in NO_DIV_IN_P and "p" in self.open and "svg" not in self.open:
            self.wrong.append(f"{tag} in p")
        if tag == "button" and "type" not in said:
            self.wrong.append("button without a type")
        if "id" in said:
            self.ids.append(said["id"])
        for name in ("for", "aria-describedby", "aria-labelledby", "popovertarget"):
            self.asked += [(name, id_) for id_ in said.get(name, "").split()]
        if said.get("aria-invalid") and not said.get("aria-describedby"):
            self.wrong.append(f"{tag} is invalid and does not say why")
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        """Nesting, as strict as XML: our own macros have no reason to lean on what a parser forgives."""
        if tag in VOID:
            return
        if not self.open or self.open.pop() != tag:
            self.wrong.append(f"</{tag}> out of place")


CALLS: dict[str, str] = {
    "button": "{{ m.button(w, 'main', 'check', name='n', value=w, attrs={'data-x': w}) }}{{ m.button(w, busy=true, pressed=true) }}"
    "{{ m.button(w, unavailable=w) }}{{ m.link_button(w, w, after='check') }}{{ m.icon_button(w, 'x') }}{{ m.icon_link(w, 'x', w) }}",
    "form": "{{ m.in_whose_name({'pilots': {1: [(2, w), (3, w)]}, 'acting_for': '3'}, 1) }}{{ m.form_keys(w, w) }}{{ m.carried([(w, w)]) }}{{ m.error_summary([('c', w), ('', w)]) }}{{ m.error_summary([]) }}"
    "<p id='c'></p>{% call m.filters(w, 2) %}{{ w }}{% endcall %}{% call m.filters(w) %}{{ w }}{% endcall %}",
    "field": "{{ m.input('a', w, value=w, hint=w, error=w, required=true) }}{{ m.textarea('b', w, value=w, error=w, optional=true) }}"
    "{{ m.select('c', w, [(w, w), ('', w)], value=w, hint=w) }}{{ m.picks('d', w, [('1', w, w), ('2', w, '')], value='1', error=w) }}"
    "{{ m.picks('e', w, [('1', w, w), ('2', w, '')], value=['2'], many=true, heading=true, look='kinds') }}"
    "{{ m.checkbox('f', w, hint=w, error=w, required=true) }}",
    "steering": "{{ m.tabs(w, entries) }}{{ m.segmented(w, entries) }}{{ m.breadcrumb(entries) }}{{ m.pager(w, w, w) }}{{ m.pager('', '') }}"
    "{{ m.steps(steps, w) }}{{ m.contents(w, entries) }}{{ m.tabs(w, []) }}{{ m.breadcrumb([]) }}",
    "overlay": "{% call m.menu('m1', w) %}{{ m.menu_link(w, w, 'x', danger=true) }}{{ m.menu_button(w) }}{% endcall %}"
    "{% call m.menu('m2', w, alone=false) %}{% endcall %}{% call m.dialog('d1', w, w) %}{{ w }}{% endcall %}",
    "table": "{% call m.table(w, columns) %}<tr><td>{{ w }}</td></tr>{% endcall %}{{ m.facts([(w, w)]) }}{{ m.facts([], nums=true) }}",
    "message": "{% for kind in ('info', 'good', 'warn', 'bad', 'offline') %}{% call m.note(kind, live='status') %}{{ w }}{% endcall %}{% endfor %}"
    "{% call m.note('bad', w) %}{{ w }}{% endcall %}{% call m.empty(w) %}<p>{{ w }}</p>{% endcall %}{{ m.waiting(w) }}"
    "{% for state in ('changed', 'kept', 'saved', 'failed') %}{{ m.saving(state, w, 8) }}{% endfor %}",
    "tag": "{{ m.tag(w, 'warn', 'clock', w) }}{{ m.tag(w) }}{{ m.unread() }}"
    "{% for fate in ('cited', 'merged', 'answered', 'set_aside', 'waived', 'outdated', 'untreated') %}{{ m.treatment(fate) }}{% endfor %}"
    "{% for code in ('name', 'profile', 'paraphrase', 'internal') %}{{ m.consent(code) }}{% endfor %}"
    "{% for code in ('supports', 'nuances', 'objects', 'agrees', 'reserves', 'abstains', 'none') %}{{ m.stance(code) }}{% endfor %}",
    "mark": "{% for family in families %}{{ m.mark(family, 'big') }}{{ m.mark(family, 'dot', hollow=true) }}{{ m.mark(family, named=true) }}{% endfor %}"
    "{{ m.organisation(org) }}{{ m.organisation(nowhere) }}{{ m.person(w, org) }}{{ m.person(w, capacity='personal') }}"
    "{{ m.person(w, org, then=true) }}{{ m.person(w, org, 'observer') }}{{ m.person('', org) }}{{ m.by_profile(w, 'institution') }}",
    "cite": "{% for family in families %}{% for relation in ('quotes', 'supports', 'nuances', 'contradicts') %}"
    "{% call m.nb() %}{{ m.cite(148, family, w, relation, open=true) }}.{% endcall %}{{ m.cite(7, family, flat=true) }}{% endfor %}{% endfor %}"
    "{{ m.strand([]) }}{{ m.strand([org]) }}{{ m.strand([org] * 9, calm=true) }}{{ m.cast(counts) }}{{ m.cast([]) }}{{ m.cast_key(w, w) }}",
    "words": "{{ m.quotation(w, by_name, w) }}{{ m.quotation(w, by_profile) }}{% call m.quotation(w, by_profile) %}{{ w }}{% endcall %}"
    "{{ m.withdrawn(w, w) }}{{ m.differences(changes) }}{{ m.differences([]) }}{{ m.differences_key() }}"
    "{% call m.conflict(version, version) %}{{ w }}{% endcall %}",
    "list": "{{ m.heading(w, w, 3, thin=true, id='h') }}{{ m.heading(w) }}<ul>{% call m.thing(w, w, w, new=true, id='t') %}<p>{{ w }}</p>{% endcall %}"
    "{% call m.thing(w, w) %}{% endcall %}</ul>{{ m.file(w, w, w) }}",
    "time": "{{ m.on(at) }}{{ m.on(at, 'full') }}{{ m.at(at) }}{{ m.span(at, at) }}{{ m.agenda_day(at, w) }}",
    "passage": "{% for state in ('rest', 'live', 'busy', 'prop', 'old', 'bare') %}{% call m.passage(state, w, [org]) %}<p>{{ w }}</p>"
    "{% call m.tools(state, w, w, w, w) %}{{ w }}{% endcall %}{% endcall %}{% endfor %}",
    "statement": "<ul>{% for it in statements %}{{ m.statement_line(it, new=true) }}{% endfor %}</ul>",
    "logo": "{{ m.logo(w or '/') }}",
    "asking": "{{ m.ask_access(1, w, w) }}",
    "door": "{{ m.plate(2) }}<form action='/'>{{ m.waiting(waiting) }}</form>{{ m.kept_words(waiting) }}",
    "conflict": "<form action='/'>{{ m.conflict(clashes, w or '/') }}</form>",
    "file": "{{ m.file_list(files, '/x', w) }}{{ m.file_list([], '/x', w) }}{{ m.join_file('/x', w, w, w, 20, refused=w) }}",
}
"""File -> every macro of it, called with `w` wherever words go."""


@pytest.fixture(params=LANGUAGES, autouse=True)
def spoken(request: pytest.FixtureRequest) -> Iterator[Language]:
    """Each test once a language."""
    before = language()
    speak(request.param)
    yield request.param
    speak(before)


def _statement(words: str, kind: str, number: int) -> Thing:
    who = Thing(
        organisation=words, organisation_id=number, person=words, family=None, capacity="organisation", profile=""
    )
    return Thing(
        id=number,
        root_id=1,
        type=kind,
        kind="need",
        side="for",
        title=words,
        excerpt=words,
        state="published",
        state_reason=None,
        truncated=True,
        speaker=who,
        occurred_at=AT,
        counts=None,
    )


def _render(name: str, words: str) -> str:
    org = Thing(name=words, family="field_actor", href=words)
    nowhere = Thing(name=words, family=None, href="")
    change = {op: Thing(op=op, text=words) for op in ("same", "added", "removed")}
    values = {
        "statements": [_statement(words, "contribution", 1), _statement(words, "reply", 2)],
        "w": words,
        "at": AT,
        "waiting": Thing(kept=[("text", words)], action="/x", key="k", words=[words]),
        "clashes": [
            Thing(name="conflict", label=words, mine=[change["same"]], theirs=[change["removed"], change["added"]])
        ],
        "files": [
            Thing(id=n, name=words, media_type="application/pdf", size=2_000_000, abilities=can, version=1)
            for n, can in enumerate(([], ["x"]))
        ],
        "org": org,
        "nowhere": nowhere,
        "families": ("field_actor", "engineering_body", "societal_investor", "institution", None),
        "entries": [Entry(words, words), Entry(words, words, current=True, count=0, number="2")],
        "steps": [Thing(label=words, dates=words, state=state) for state in ("done", "current", "next")],
        "columns": [Thing(label=words, href=words, sort=sort, numeric=True) for sort in ("ascending", "descending", "")]
        + [Thing(label=words, href="", sort="", numeric=False)],
        "counts": [Thing(family="institution", heard=3, of=5), Thing(family=None, heard=2, of=300)],
        "by_name": Thing(
            consent="name", family="field_actor", person=words, organisation=org, capacity="organisation", then=False
        ),
        "by_profile": Thing(consent="profile", family="field_actor", profile=words),
        "changes": list(change.values()),
        "version": Thing(title=words, changes=list(change.values()), name="keep", value=words, label=words),
    }
    source = f'{{% import "components/{name}.html" as m %}}{CALLS[name]}'
    return environment().from_string(source).render(**values)


def test_every_component_is_tested_and_every_macro_of_it() -> None:
    files = {path.stem: path for path in (TEMPLATES / "components").glob("*.html")}
    assert set(files) == set(CALLS)
    inner = {"described", "about", "need", "counted", "column_head", "kinds_of", "attribution", "titled", "relation"}
    inner |= {"speaker", "address", "kind_of", "counts"}
    inner |= {"state_word", "family_name", "families_name", "family_class"}
    for name, path in files.items():
        made = set(re.findall(r"{% macro (\w+)\(", path.read_text()))
        called = set(re.findall(r"\bm\.(\w+)\(", CALLS[name]))
        assert made - inner <= called, f"{name}: {made - inner - called}"


@pytest.mark.parametrize("kind", WORDS)
@pytest.mark.parametrize("name", CALLS)
def test_components_are_sound_whatever_they_are_given(name: str, kind: str) -> None:
    html = _render(name, WORDS[kind])
    assert Sound(html).wrong == []
    assert "<script" not in html
    assert "<img" not in html


def test_a_family_says_the_same_by_its_letter_and_its_words(spoken: Language) -> None:
    html = _render("mark", "x")
    assert f'aria-label="{word("field_actor", "family")}">{"F" if spoken == "en" else "T"}<' in html
    assert "fam-x" in html


def test_by_profile_nothing_of_the_organisation_is_read() -> None:
    """An attribution that carries the name all the same: the macro does not look at it."""
    source = '{% import "components/words.html" as m %}{{ m.quotation("Oui.", by) }}'
    org = Thing(name="Association n° 07", family="field_actor", href="/organisations/7")
    by = Thing(consent="profile", family="field_actor", profile="une association", person="Camille", organisation=org)
    html = environment().from_string(source).render(by=by)
    assert "une association" in html
    assert 'class="mk fam-t o"' in html
    assert "07" not in html
    assert "Camille" not in html
    assert "/organisations/7" not in html


def test_a_number_never_stretches_its_shape() -> None:
    source = '{% import "components/cite.html" as m %}{{ m.cite(n, "institution", "#n") }}'
    for number, digits in ((1, "d1"), (12, "d2"), (148, "d3"), (1204, "d4"), (12040, "d4")):
        assert f'class="cite fam-n {digits}"' in environment().from_string(source).render(n=number)


def test_the_hour_is_said_as_in_the_language_and_read_by_machines(spoken: Language) -> None:
    html = _render("time", "")
    assert '<time datetime="2026-12-01T14:05+01:00">' in html
    assert ("14:05" if spoken == "en" else "14\u00a0h\u00a005") in html
    assert ("<sup>er</sup>" in html) == (spoken == "fr")


@pytest.mark.parametrize(
    "path", sorted(TEMPLATES.rglob("*.html")), ids=lambda path: path.relative_to(TEMPLATES).as_posix()
)
def test_templates_stay_small_and_write_no_style(path: Path) -> None:
    text = path.read_text()
    assert text.count("\n") < 120
    assert not re.search(r"\sstyle=|\son[a-z]+=\"|<script(?! type=\"module\" src)", text)
