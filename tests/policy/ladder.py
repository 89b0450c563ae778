"""The table of rights: how `ladder.csv` is read, and how one of its cells is tried.

A word of the table says what the caller is told, never why:
oui (done, or shown), absent (not in the list), introuvable (404), interdit (403), se connecter (401),
fermé (409: not in this state), retiré (410), refusé (422: something in it is not accepted).
"""

from __future__ import annotations

import csv
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlencode
from uuid import UUID, uuid4

import httpx

from tests.policy.asks import Ask, File
from tests.policy.rows import Ids
from tests.world import LADDER, World

TABLE = Path(__file__).with_name("ladder.csv")
COLUMNS = (
    "visiteur",
    "étranger",
    "observateur",
    "membre d’un autre espace",
    "participant",
    "collègue",
    "responsable",
    "animateur",
    "co-pilote",
    "administrateur",
)
WHO = dict(zip(LADDER, COLUMNS, strict=True))
WORDS = {401: "se connecter", 403: "interdit", 404: "introuvable", 409: "fermé", 410: "retiré", 422: "refusé"}
SAME_REQUEST = "ladder-00000001"
"""Two answers can be compared byte for byte when the request has the same name."""


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the table."""

    method: str
    path: str
    what: str
    on: str
    cells: dict[str, str]

    @property
    def route(self) -> tuple[str, str]:
        """Method and address, as the application declares them."""
        return self.method, self.path

    @property
    def name(self) -> str:
        """What a failing test is called."""
        return f"{self.method} {self.path} [{self.on}]"


def read_table(path: Path = TABLE) -> list[Line]:
    """Every line, in order."""
    with path.open(encoding="utf-8", newline="") as file:
        return [
            Line(
                row["méthode"],
                row["adresse"],
                row["ce que c’est"],
                row["sur quoi"],
                {who: row[column] for who, column in WHO.items()},
            )
            for row in csv.DictReader(file, delimiter=";")
        ]


def word(answer: httpx.Response) -> str:
    """The answer in the words of the table; a number for what has no word."""
    if answer.status_code == 303:
        return "oui"  # a page's POST sends one to the page to read next
    if answer.status_code >= 300:
        return WORDS.get(answer.status_code, str(answer.status_code))
    return "absent" if is_empty_list(answer) else "oui"


def is_empty_list(answer: httpx.Response) -> bool:
    """Whether it is a list without anything in it."""
    if answer.request.method != "GET" or answer.headers.get("content-type") != "application/json":
        return False
    body = answer.json()
    return isinstance(body, dict) and body.get("items") == []


async def lists(world: World, who: str, sent: Ask, sought: str) -> bool:
    """Whether a list holds the thing, on whatever page."""
    query = dict(sent.query)
    while True:
        body = (await send(world, who, Ask(sent.method, sent.path, query, None))).json()
        if any(item["id"] == sought for item in body["items"]):
            return True
        if body["next_cursor"] is None:
            return False
        query["cursor"] = body["next_cursor"]


async def send(world: World, who: str, sent: Ask, **headers: str) -> httpx.Response:
    """One request as `who`, on any version of the object unless `headers` say which; an empty header is left out."""
    client = await world.client(who)
    client.cookies.clear()  # a token says who calls; what a page gave to a browser is another story
    form = sent.body if isinstance(sent.body, File) else None
    all_headers = {"X-Request-Id": SAME_REQUEST, "Idempotency-Key": str(uuid4()), "If-Match": "*"} | headers
    return await client.request(
        sent.method,
        sent.path,
        params=sent.query or None,
        headers={name: value for name, value in all_headers.items() if value} | _body_type(sent),
        content=None if form else _body(sent),
        files={"file": (form.name, form.content)} if form else None,
    )


def _is_form(sent: Ask) -> bool:
    """A page's POST takes a form."""
    return not sent.path.startswith("/api/")


def _body(sent: Ask) -> bytes | None:
    if sent.body is None:
        return None
    written = urlencode(sent.body, doseq=True) if _is_form(sent) else json.dumps(sent.body, ensure_ascii=False)
    return written.encode()


def _body_type(sent: Ask) -> dict[str, str]:
    if _is_form(sent):
        # A browser says where a form comes from; the visitor has no token, and sends none.
        kind = {} if isinstance(sent.body, File) else {"Content-Type": "application/x-www-form-urlencoded"}
        return {"Sec-Fetch-Site": "same-origin"} | kind
    return {} if sent.body is None or isinstance(sent.body, File) else {"Content-Type": "application/json"}


def hidden_twin(world: World, who: str, ids: Ids, sent: Ask) -> Ask:
    """The same request with identifiers that nothing bears, in the place of those that `who` may not see."""
    swapped = {str(value): str(uuid4()) for value in ids.values() if isinstance(value, UUID)}
    for value in (*_seen(world, who), *ids.get("let_out", ())):
        swapped.pop(str(value), None)

    def swap(value: Any) -> Any:
        if isinstance(value, dict):
            return {key: swap(item) for key, item in value.items()}
        if isinstance(value, list):
            return [swap(item) for item in value]
        return swapped.get(value, value) if isinstance(value, str) else value

    path = "/".join(swapped.get(part, part) for part in sent.path.split("/"))
    return Ask(sent.method, path, swap(sent.query), swap(sent.body))


def _seen(world: World, who: str) -> list[UUID]:
    """What `who` may know to exist: organisations are public, an initiative is for those who take part."""
    organisations = (world.organisation, world.other, world.watching, world.piloting, world.foreign)
    known = [organisation.id for organisation in organisations]
    if who not in ("visitor", "stranger") or world.restricted.visibility == "public":
        known.append(world.initiative.id)
    if who in ("observer", "outsider", "participant", "colleague", "lead", "facilitator", "copilot"):
        known.append(world.shared.id)
    return known


def kept_headers(answer: httpx.Response) -> dict[str, str]:
    """The headers that must be alike."""
    return {name: value for name, value in answer.headers.items() if name != "date"}
