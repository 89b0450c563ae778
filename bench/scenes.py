"""What is asked, of whom, and by which server."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from uuid import uuid4

import psutil

from bench.data import Corpus
from bench.load import get, post
from bench.subject import Subject

API = "/api/v1"


@dataclass(frozen=True)
class Scene:
    """One kind of request."""

    name: str
    port: int
    process: psutil.Process
    make: Callable[[], bytes]
    status: int = 200


def scenes(subject: Subject, corpus: Corpus, processes: dict[str, tuple[int, psutil.Process]]) -> list[Scene]:
    """Both sides of each ratio, and the other pages."""
    ours, floor, plain = processes["ours"], processes["floor"], processes["plain"]

    def read(name: str, caller: str, path: str) -> Scene:
        request = get(f"{API}{path}", subject.tokens[caller])
        return Scene(name, *ours, lambda: request)

    body = json.dumps(
        {
            "space_id": corpus.spaces[1],
            "kind": "need",
            "title": "Mesure",
            "markdown": "Une contribution de mesure. " * 32,
        }
    ).encode()
    token = subject.tokens["member"]
    bare = get("/", None)
    plain_page = get(f"/feed?space_id={corpus.spaces[1]}", None)
    raw = post("/", None, None, body)
    largest = corpus.spaces[0]
    return [
        Scene("floor feed", *floor, lambda: bare),
        read("feed member", "member", "/contributions"),
        read("feed copilot", "copilot", "/contributions"),
        read("feed narrow", "narrow", "/contributions"),
        read("feed deep", "copilot", f"/contributions?space_id={largest}&cursor={subject.middle}"),
        Scene("plain ORM feed", *plain, lambda: plain_page),
        read("search", "copilot", "/search?q=subvention%20quartier"),
        read("search common", "copilot", "/search?q=association"),
        read("search rare", "copilot", "/search?q=zythologie"),
        read("search narrow", "narrow", "/search?q=association"),
        read("deliverable", "copilot", f"/deliverables/{subject.deliverable}/document"),
        Scene("floor post", *floor, lambda: raw, status=201),
        Scene("post", *ours, lambda: post(f"{API}/contributions", token, str(uuid4()), body), status=201),
    ]
