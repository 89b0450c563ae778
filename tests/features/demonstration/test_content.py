"""The demonstration's data files parse, agree with each other and keep the promises that the product makes."""

import datetime as dt
import json
import re
import unicodedata
from collections import Counter
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
import yaml

CONTENT = Path(__file__).parents[3] / "app" / "features" / "demonstration" / "content"
KINDS = {"need", "solution", "proposal", "observation", "question", "learning", "example"}
PROFILES = {
    "association",
    "foundation",
    "company",
    "investor",
    "local_authority",
    "state_body",
    "research",
    "federation",
}
FAMILIES = {"field_actor", "engineering_body", "societal_investor", "institution"}
POWERS = {"speaks", "contributes", "observes", "manages"}
SOURCES = {"report", "study", "press", "law", "site", "data", "guide", "other"}
RELATIONS = {"quotes", "supports", "nuances", "contradicts"}
REASON_CODES = {
    "off_topic",
    "duplicate",
    "too_vague",
    "out_of_scope_of_mandate",
    "already_done",
    "needs_more_work",
}
REAL = {"mediateur-des-entreprises", "le-rameau"}
MARKER = re.compile(r"\[@(c\d+)\]")

Row = dict[str, Any]


@cache
def load(name: str) -> Any:
    return yaml.safe_load((CONTENT / name).read_text(encoding="utf-8"))


@cache
def contributions() -> dict[str, Row]:
    rows: list[Row] = []
    for number in range(1, 5):
        document = load(f"contributions/espace-{number}.yaml")
        rows += [{**row, "space": document["space"]} for row in document["contributions"]]
    found = {row["key"]: row for row in rows}
    assert len(found) == len(rows), "a contribution's key is used twice"
    return found


@cache
def organisations() -> dict[str, Row]:
    return {row["key"]: row for row in load("organisations.yaml")["organisations"]}


def statements() -> list[tuple[Row, Row]]:
    """Every contribution and reply, each with the contribution that it belongs to."""
    rows = contributions().values()
    return [(row, row) for row in rows] + [(reply, row) for row in rows for reply in row.get("replies", [])]


def powers_on(organisation: str, person: str, day: dt.date) -> set[str]:
    held: set[str] = set()
    for mandate in organisations()[organisation]["mandates"]:
        ends = mandate.get("to", dt.date.max)
        if mandate["person"] == person and mandate["from"] <= day <= ends:
            held |= set(mandate["powers"])
    return held


def day_of(row: Row) -> dt.date:
    return dt.datetime.strptime(row["date"][:10], "%Y-%m-%d").date()  # noqa: DTZ007 - a local day


def head_at(contribution: Row, instant: str) -> tuple[int, str]:
    number, markdown = 1, str(contribution["markdown"])
    for revision in contribution.get("revisions", []):
        if revision["date"] <= instant:
            number, markdown = revision["n"], revision["markdown"]
    return number, markdown


def test_files_are_plain_text() -> None:
    for path in CONTENT.rglob("*.yaml"):
        text = path.read_text(encoding="utf-8")
        assert text == unicodedata.normalize("NFC", text), path
        found = set(re.findall("[\u00a0\u202f\u200b\t\r]", text))
        assert not found, f"{path}: the spaces of French typography are added at render"


def test_no_straight_apostrophe_stands_beside_the_curly_ones() -> None:
    for path in CONTENT.rglob("*.yaml"):
        assert "'" not in json.dumps(yaml.safe_load(path.read_text(encoding="utf-8")), default=str), path.name


def test_organisations_are_the_documented_number() -> None:
    rows = organisations().values()
    assert len(rows) == 51
    assert sum(row["family"] == "engineering_body" for row in rows) == 21
    assert {row["profile"] for row in rows} == PROFILES
    assert {row["family"] for row in rows} == FAMILIES
    assert {row["scale"] for row in rows} == {"national", "territorial"}
    assert {row["key"] for row in rows if row["role"] == "copilot"} == REAL
    assert sum(row["role"] == "observer" for row in rows) >= 2
    assert min(Counter(row["profile"] for row in rows).values()) < 3


def test_organisations_say_that_they_are_demonstration() -> None:
    for key, row in organisations().items():
        if key not in REAL:
            assert row["name"].startswith("Organisation de démonstration – "), key
        assert row["spaces"], key
        assert all(1 <= goal <= 17 for goal in row["sdgs"]), key
        assert bool(row["territories"]) == (row["scale"] == "territorial"), key
        assert all(re.fullmatch(r"(REG-\d\d|DEP-\d{2,3})", code) for code in row["territories"]), key


def test_persons_are_plainly_marked_and_mandates_do_not_overlap() -> None:
    persons = {row["key"]: row for row in load("organisations.yaml")["persons"]}
    for row in persons.values():
        assert row["name"].endswith("(démonstration)")
        assert row["email"] == f"{row['key']}@alliage.example"
    mandates: dict[tuple[str, str], list[Row]] = {}
    for key, row in organisations().items():
        assert len({mandate["person"] for mandate in row["mandates"]}) <= 3, key
        for mandate in row["mandates"]:
            assert mandate["person"] in persons
            assert set(mandate["powers"]) <= POWERS
            mandates.setdefault((key, mandate["person"]), []).append(mandate)
    for pair, held in mandates.items():
        held.sort(key=lambda mandate: mandate["from"])
        for before, after in pairwise(held):
            assert before["to"] < after["from"], pair


def test_persons_cover_the_cases_of_the_product() -> None:
    rows = organisations()
    persons = {row["key"]: row for row in load("organisations.yaml")["persons"]}
    where = Counter(person for row in rows.values() for person in {m["person"] for m in row["mandates"]})
    assert any(count > 1 for count in where.values()), "nobody has mandates in two organisations"
    assert any(where[key] == 0 and not row.get("platform_admin") for key, row in persons.items())
    assert [key for key, row in persons.items() if row.get("platform_admin")] == ["admin"]
    moved = [m for row in rows.values() for m in row["mandates"] if m.get("to", dt.date.max).month == 6]
    assert any(where[mandate["person"]] > 1 for mandate in moved), "nobody changed organisation in June"


def test_initiative_holds_the_documented_dates() -> None:
    initiative = load("initiative.yaml")
    assert initiative["starts_on"] == dt.date(2020, 3, 20)
    milestones = {row["date"] for row in initiative["milestones"]}
    assert {dt.date(2020, 9, 3), dt.date(2020, 9, 7)} <= milestones
    assert "démonstration" in initiative["note"]
    assert "n’a pas été retrouvé" in initiative["note"]


def test_spaces_and_themes_refer_to_what_exists() -> None:
    spaces = {row["key"]: row for row in load("spaces.yaml")["spaces"]}
    assert [row["visibility"] for row in spaces.values()] == ["initiative", "members", "initiative", "public"]
    for key, row in spaces.items():
        for facilitator in row["facilitators"]:
            members = [org for org in organisations().values() if key in org["spaces"]]
            assert any(powers_on(org["key"], facilitator["person"], facilitator["from"]) for org in members)
    themes = {row["key"]: row for row in load("themes.yaml")["themes"]}
    for row in themes.values():
        assert row["space"] in spaces
        assert row.get("parent") is None or themes[row["parent"]]["space"] == row["space"]
    assert {space for org in organisations().values() for space in org["spaces"]} == set(spaces)


def test_sessions_are_attended_by_people_of_their_space() -> None:
    sessions = load("sessions.yaml")["sessions"]
    states = Counter(row["state"] for row in sessions)
    assert set(states) == {"planned", "held", "minutes_open", "locked"}
    assert sum(row.get("plenary", False) for row in sessions) == 2
    for row in sessions:
        assert row["starts_at"] < row["ends_at"]
        assert row["zone"] == "Europe/Paris"
        assert (row["state"] == "locked") == ("locked_at" in row)
        assert row["state"] != "locked" or (row["minutes"] and row["decisions"])
        day = dt.date.fromisoformat(row["starts_at"][:10])
        for seat in row.get("attendance", []):
            assert powers_on(seat["organisation"], seat["person"], day), (row["key"], seat)
            assert "space" not in row or row["space"] in organisations()[seat["organisation"]]["spaces"]


def test_counts_of_what_is_said() -> None:
    rows = contributions().values()
    assert Counter(row["space"] for row in rows) == {"e1": 50, "e2": 50, "e3": 50, "e4": 50}
    assert {row["kind"] for row in rows} == KINDS
    assert sum(len(row.get("replies", [])) for row in rows) >= 120
    assert sum(len(row.get("positions", [])) for row in rows) >= 250
    assert sum("revisions" in row for row in rows) >= 15
    assert sum(len(row.get("sources", [])) for row in rows) >= 25
    assert Counter(row["state"] for row in rows) == {"published": 197, "withdrawn": 2, "moderated": 1}
    disputed = [row for row in rows if {"supports", "objects"} <= stances(row)]
    assert len(disputed) >= 30


def stances(row: Row) -> set[str]:
    return {position["stance"] for position in row.get("positions", [])}


def test_every_speaker_held_the_power_of_that_day() -> None:
    for row, root in statements():
        organisation = organisations()[row["organisation"]]
        assert row["organisation"] not in REAL, "no words are lent to an organisation that exists"
        assert organisation["role"] == "participant", row["key"]
        assert root["space"] in organisation["spaces"], row["key"]
        assert "contributes" in powers_on(organisation["key"], row["person"], day_of(row)), row["key"]
        assert row["capacity"] in {"organisation", "personal"}
        assert row["consent"] in {"name", "profile", "paraphrase", "internal"}
        assert row["date"] >= root["date"], row["key"]


def test_every_position_was_taken_by_somebody_who_speaks() -> None:
    for row in contributions().values():
        positions = row.get("positions", [])
        assert len({position["organisation"] for position in positions}) == len(positions), row["key"]
        for position in positions:
            organisation = position["organisation"]
            assert organisation not in REAL
            assert organisation != row["organisation"], f"{row['key']}: takes a position on its own words"
            assert row["space"] in organisations()[organisation]["spaces"], row["key"]
            assert "speaks" in powers_on(organisation, position["person"], day_of(position)), row["key"]
            assert position["stance"] in {"supports", "nuances", "objects"}
            assert position["reason"].strip()


def test_contributions_refer_to_what_exists() -> None:
    themes = {row["key"]: row["space"] for row in load("themes.yaml")["themes"]}
    sessions = {row["key"]: row.get("space") for row in load("sessions.yaml")["sessions"]}
    locked = {row["key"]: row.get("locked_at", "9999") for row in load("sessions.yaml")["sessions"]}
    taxonomies = load("initiative.yaml")["taxonomies"]
    axes = {row["code"] for row in taxonomies["axes"]}
    codes = axes | {row["code"] for row in taxonomies["tags"]}
    for row in contributions().values():
        assert themes[row["theme"]] == row["space"], row["key"]
        assert "session" not in row or sessions[row["session"]] == row["space"], row["key"]
        assert "session" not in row or row["date"] < locked[row["session"]], "a locked session takes nothing"
        assert set(row["tags"]) <= codes, row["key"]
        assert len(set(row["tags"]) & axes) == 1, row["key"]
        assert 80 <= len(row["markdown"]) <= 2200, row["key"]
        for source in row.get("sources", []):
            assert source["category"] in SOURCES
            assert source["url"].startswith("https://")
        texts = [row["markdown"], *(revision["markdown"] for revision in row.get("revisions", []))]
        assert len(set(texts)) == len(texts), f"{row['key']}: a revision that changes nothing"


def test_texts_are_all_different() -> None:
    rows = [*contributions().values()]
    assert len({row["title"] for row in rows}) == len(rows)
    reasons = Counter(p["reason"] for row in rows for p in row.get("positions", []))
    assert max(reasons.values()) <= 3, reasons.most_common(3)


@pytest.mark.parametrize("citation", load("synthesis.yaml")["citations"], ids=lambda row: row["key"])
def test_a_quote_is_a_quote(citation: Row) -> None:
    contribution = contributions()[citation["contribution"]]
    statement = contribution
    if "reply" in citation:
        (statement,) = [row for row in contribution["replies"] if row["key"] == citation["reply"]]
    texts = {1: statement["markdown"]} | {row["n"]: row["markdown"] for row in statement.get("revisions", [])}
    quote = citation["quote"]
    assert any(quote in paragraph for paragraph in texts[citation["revision"]].split("\n"))
    assert len(quote) >= 10
    assert len(quote.split()) >= 2
    assert not re.search(r"[*_`#\[\]<>]", quote), "the plain text would differ from the Markdown"
    assert citation["relation"] in RELATIONS
    assert contribution["state"] == "published"
    assert statement["consent"] != "internal"
    assert statement["consent"] != "paraphrase" or citation["relation"] == "supports"


def test_passages_name_exactly_the_citations() -> None:
    synthesis = load("synthesis.yaml")
    sections = {row["key"] for row in synthesis["sections"]}
    texts: list[str] = []
    for passage in synthesis["passages"]:
        assert passage["section"] in sections
        assert passage["kind"] in {"paragraph", "heading", "list", "quotation"}
        texts += [passage["text"], *(row["text"] for row in passage.get("revisions", []))]
        if passage["kind"] == "quotation":
            assert MARKER.fullmatch(passage["text"]), "a quotation is rendered from its citation, never typed"
    cited = [key for text in texts for key in MARKER.findall(text)]
    assert set(cited) == {row["key"] for row in synthesis["citations"]}
    assert len(synthesis["passages"]) >= 40
    (register,) = [row for row in synthesis["sections"] if row.get("angle") == "register"]
    assert register["empty"]


def citations_of(edition: int) -> set[str]:
    """Keys of the citations that stand in the text of that edition."""
    found: set[str] = set()
    for passage in load("synthesis.yaml")["passages"]:
        if passage["edition"] > edition:
            continue
        text = passage["text"]
        for revision in passage.get("revisions", []):
            text = revision["text"] if revision["edition"] <= edition else text
        found |= set(MARKER.findall(text))
    return found


@pytest.mark.parametrize("number", [1, 2])
def test_nobody_is_forgotten(number: int) -> None:
    """Cited in its head revision, treated in its head revision, or waived: nothing else may be published."""
    synthesis = load("synthesis.yaml")
    cut_off = synthesis["editions"][number - 1]["cut_off"]
    standing = citations_of(number)
    settled = {
        (row["contribution"], row["revision"])
        for row in synthesis["citations"]
        if row["key"] in standing and "reply" not in row
    }
    settled |= {(row["contribution"], row["revision"]) for row in synthesis["treatments"] if row["edition"] <= number}
    waived = {row["contribution"] for row in synthesis["waivers"] if row["edition"] <= number}
    scope = [
        row
        for row in contributions().values()
        if row["state"] in ("published", "moderated") and row["date"] <= cut_off and row["key"] not in waived
    ]
    left = [row["key"] for row in scope if (row["key"], head_at(row, cut_off)[0]) not in settled]
    assert left == []


def test_treatments_say_what_became_of_each() -> None:
    synthesis = load("synthesis.yaml")
    assert len({row["contribution"] for row in synthesis["treatments"]}) == len(synthesis["treatments"])
    assert len(synthesis["waivers"]) == 3
    for row in synthesis["treatments"]:
        cited = {c["contribution"] for c in synthesis["citations"] if c["key"] in citations_of(row["edition"])}
        assert row["contribution"] in contributions()
        if row["outcome"] == "merged":
            assert row["target"] in cited, row["contribution"]
        else:
            assert row["sentence"].endswith("."), row["contribution"]
        assert row["outcome"] != "set_aside" or row["reason_code"] in REASON_CODES


def test_something_arrived_after_each_cut_off() -> None:
    first, second = (edition["cut_off"] for edition in load("synthesis.yaml")["editions"])
    dates = [row["date"] for row in contributions().values()]
    assert sum(first < date <= second for date in dates) >= 10
    assert sum(date > second for date in dates) >= 1
