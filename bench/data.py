"""Load a database of N contributions by COPY, with bodies as long as those of the real consultation.

90 % of the rows are in one space (the worst case for whoever reads it), 0.1 % in another. Callers:
`copilot` reads everything, `member` two spaces, `narrow` only the smallest.
"""

from __future__ import annotations

import hashlib
import json
import math
import random
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import psycopg
from psycopg.types.range import TimestamptzRange

from app.core.clock import now
from app.core.db import driver_address
from app.core.model import new_id

START = datetime(2020, 3, 20, tzinfo=UTC)
MEDIAN_LENGTH, LONGEST = 414, 19_801
"""Of the real consultation's bodies, in characters (README of its data)."""
SHARES = (0.90, 0.05, 0.03, 0.019, 0.001)
STEMS = [
    "association",
    "territoire",
    "besoin",
    "solution",
    "financement",
    "trésorerie",
    "bénévole",
    "salarié",
    "collectivité",
    "entreprise",
    "fondation",
    "insertion",
    "santé",
    "numérique",
    "logement",
    "jeunesse",
    "alimentation",
    "mobilité",
    "formation",
    "quartier",
    "rural",
    "action",
    "projet",
    "réseau",
    "partenaire",
    "urgence",
    "relance",
    "accompagnement",
    "mesure",
    "coordination",
    "prêt",
    "subvention",
    "expérimentation",
    "école",
    "précarité",
]
COMMON = [
    "les",
    "de",
    "la",
    "pour",
    "une",
    "avec",
    "dans",
    "que",
    "nous",
    "plus",
    "cette",
    "sur",
    "par",
    "aux",
    "notre",
    "sont",
    "être",
]


@dataclass(frozen=True)
class Corpus:
    """What the benchmark needs to know of a loaded database."""

    size: int
    initiative: str
    spaces: list[str]
    organisations: list[str]
    logins: dict[str, tuple[str, str]]
    """caller -> (login id, person id)"""


def words(chance: random.Random, length: int) -> str:
    """Text of about `length` characters; `zythologie` is rare (1 in 20,000 words), `association` common."""
    out: list[str] = []
    size = 0
    while size < length:
        draw = chance.random()
        word = "zythologie" if draw < 0.00005 else chance.choice(COMMON if draw < 0.5 else STEMS)
        out.append(word)
        size += len(word) + 1
    text = " ".join(out)[:length].strip()
    return text[0].upper() + text[1:] + "."


def _length(chance: random.Random) -> int:
    return min(max(int(math.exp(chance.gauss(math.log(MEDIAN_LENGTH), 1.1))), 20), LONGEST)


def load(owner_url: str, size: int, folder: Path) -> Corpus:
    """Fill the migrated database behind `owner_url`; a second call on the same database only reads its card."""
    card = folder / f"corpus-{size}.json"
    if card.exists():
        return Corpus(**json.loads(card.read_text()))
    chance = random.Random(20200320)
    with psycopg.connect(driver_address(owner_url)) as db:
        corpus = _settle(db, size)
        for table in ("statements", "revisions"):
            db.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
        _copy_statements(db, corpus, chance)
        db.execute("SET LOCAL statement_timeout = 0")
        db.execute("SET CONSTRAINTS ALL IMMEDIATE")
        db.execute(FIND)
        db.execute(NUMBER)
        for table in ("statements", "revisions"):
            db.execute(f"ALTER TABLE {table} ENABLE TRIGGER USER")
    with psycopg.connect(driver_address(owner_url), autocommit=True) as db:
        db.execute("SET statement_timeout = 0")
        db.execute("VACUUM ANALYZE")
    card.write_text(json.dumps(asdict(corpus)))
    return corpus


FIND = """
INSERT INTO findables (object_id, object_type, initiative_id, space_id, organisation_id, profile, kind, side, tags,
                       released, named, occurred_at, words)
SELECT s.id, s.type, s.initiative_id, s.space_id, s.organisation_id, o.profile, s.kind, s.side, s.tags,
       s.released, s.released, s.occurred_at, words_of(r.language, r.title, r.plain)
FROM statements s JOIN revisions r ON r.id = s.head_id JOIN organisations o ON o.id = s.organisation_id
"""


NUMBER = """
INSERT INTO arrivals (statement_id, space_id, number)
SELECT id, space_id, nextval('arrival_numbers') FROM (SELECT id, space_id FROM statements ORDER BY occurred_at, id) AS said
"""


def _insert(db: psycopg.Connection[Any], table: str, **values: Any) -> UUID:
    values = {"id": new_id(), "created_at": START, **values}
    names = ", ".join(values)
    db.execute(f"INSERT INTO {table} ({names}) VALUES ({', '.join(['%s'] * len(values))})", list(values.values()))
    identifier: UUID = values["id"]
    return identifier


def _settle(db: psycopg.Connection[Any], size: int) -> Corpus:
    """51 organisations with 5 persons each, 5 spaces, three callers."""
    always = TimestamptzRange(START, None)
    initiative = _insert(db, "initiatives", slug=f"bench-{size}", title="Mesures", timezone="Europe/Paris", summary="", note="", languages=["fr"],
                         state="open", demonstration=True, version=1)  # fmt: skip
    spaces = [
        _insert(db, "spaces", initiative_id=initiative, number=n + 1, title=f"Espace {n + 1}", question="", summary="",
                visibility="members", state="open", version=1)
        for n in range(len(SHARES))
    ]  # fmt: skip
    organisations = []
    for n in range(51):
        organisation = _insert(db, "organisations", name=f"Organisation de mesure {size} {n}", profile="association",
                               territories=[], sdgs=[], description="", demonstration=True, version=1)  # fmt: skip
        role = "copilot" if n == 0 else "participant"
        _insert(db, "participations", initiative_id=initiative, organisation_id=organisation, role=role, during=always)
        member_of = spaces if n >= 3 else {0: [], 1: spaces[1:3], 2: spaces[4:]}[n]
        for space in member_of:
            _insert(db, "space_members", initiative_id=initiative, space_id=space, organisation_id=organisation,
                    during=always)  # fmt: skip
        organisations.append(organisation)
    logins = {}
    for caller, n in (("copilot", 0), ("member", 1), ("narrow", 2)):
        person = _insert(db, "persons", name=f"Personne de mesure {caller}", email=f"{caller}-{size}@alliage.example",
                         state="active", is_admin=False, locale="fr", demonstration=True, version=1)  # fmt: skip
        _insert(
            db, "mandates", person_id=person, organisation_id=organisations[n], powers=["contributes"], during=always
        )
        login = _insert(db, "logins", person_id=person, agent="bench", expires_at=now() + timedelta(days=365))
        logins[caller] = (str(login), str(person))
    return Corpus(size, str(initiative), [str(s) for s in spaces], [str(o) for o in organisations], logins)


def _copy_statements(db: psycopg.Connection[Any], corpus: Corpus, chance: random.Random) -> None:
    """Statements first, then their revisions: the foreign key between them is checked at the end."""
    ids = [(new_id(), new_id()) for _ in range(corpus.size)]
    spaces = chance.choices([UUID(s) for s in corpus.spaces], weights=SHARES, k=corpus.size)
    speakers = _speakers(db, corpus)
    with db.cursor().copy(
        "COPY statements (id, initiative_id, space_id, type, root_id, root_state, root_consent, kind, state, head_id, "
        "first_n, consent, language, tags, origin, occurred_at, recorded_at, published_at, version, capacity, person_id, "
        "organisation_id, mandate_id, replies_for, replies_against, replies_other, positions_supports, positions_nuances, "
        "positions_objects, sources_count) FROM STDIN"
    ) as copy:
        for n, (statement, revision) in enumerate(ids):
            at = START + timedelta(seconds=n)
            person, organisation, mandate = chance.choice(speakers)
            copy.write_row(
                (statement, corpus.initiative, spaces[n], "contribution", statement, "published", "name", "need",
                 "published", revision, 1, "name", "fr", ["urgence"] if n % 3 else [], "posted", at, at, at, 1,
                 "organisation", person, organisation, mandate, n % 7, n % 5, 0, n % 4, n % 3, n % 2, 0)
            )  # fmt: skip
    with db.cursor().copy(
        "COPY revisions (id, statement_id, initiative_id, space_id, n, title, markdown, plain, plain_sha256, "
        "plain_length, plain_version, html, consent, language, created_at) FROM STDIN"
    ) as copy:
        for row in _revisions(ids, spaces, corpus, chance):
            copy.write_row(row)


def _speakers(db: psycopg.Connection[Any], corpus: Corpus) -> list[tuple[UUID, UUID, UUID]]:
    """Five mandated persons in each organisation."""
    speakers = []
    always = TimestamptzRange(START, None)
    for n, organisation in enumerate(corpus.organisations):
        for k in range(5):
            person = _insert(db, "persons", name=f"Personne de mesure {n}-{k}",
                             email=f"bench-{corpus.size}-{n}-{k}@alliage.example", state="active", is_admin=False,
                             locale="fr", demonstration=True, version=1)  # fmt: skip
            mandate = _insert(db, "mandates", person_id=person, organisation_id=UUID(organisation),
                              powers=["contributes"], during=always)  # fmt: skip
            speakers.append((person, UUID(organisation), mandate))
    return speakers


def _revisions(
    ids: list[tuple[UUID, UUID]], spaces: list[UUID], corpus: Corpus, chance: random.Random
) -> Iterator[tuple[Any, ...]]:
    for n, (statement, revision) in enumerate(ids):
        body = words(chance, _length(chance))
        yield (
            revision, statement, corpus.initiative, spaces[n], 1, words(chance, 60)[:200], body, body,
            hashlib.sha256(body.encode()).digest(), len(body), 1, f"<p>{body}</p>", "name", "fr",
            START + timedelta(seconds=n),
        )  # fmt: skip
