"""The server's side: each page asked again and again by one reader, at a size where bad plans show."""

from __future__ import annotations

import asyncio
import gzip
import http.client
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg
from rich.console import Console

from app.core.clock import now
from app.core.db import Database, driver_address
from app.core.migrations import upgrade
from app.core.postgres.cluster import Cluster
from app.core.postgres.roles import APP, OWNER
from app.features.deliverables.actions.count import count_scope, keep_count
from app.features.deliverables.queries.standing import list_to_count
from bench.data import Corpus, load
from bench.servers import cpu, serving
from bench.subject import Subject, prepare

GOALS = {"p95_ms": 150.0, "statements": 12.0}
WARM, TIMES = 5, 60


@dataclass(frozen=True, slots=True)
class PageAsked:
    """One page: its name, its address, who reads it."""

    name: str
    path: str
    who: str = "member"


def measure(cluster: Cluster, size: int, folder: Path, out: Console) -> list[dict[str, Any]]:
    """A row for each page: milliseconds, statements, compressed kB, CPU of the application."""
    name = f"bench_{size}"
    owner, app = cluster.url(OWNER, name), cluster.url(APP, name)
    if not (folder / f"corpus-{size}.json").exists():
        cluster.drop_database(name)
        cluster.create_database(name)
    upgrade(owner, app)
    with out.status(f"{size:,} contributions: loading…"):
        corpus = load(owner, size, folder)
        subject = prepare(cluster, name, corpus)
        began = time.perf_counter()
        asyncio.run(_count_as_the_worker(app))
    out.print(f"What the worker counts beside the requests took {time.perf_counter() - began:.1f} s.")
    environment = {"DATABASE_URL": app, "ALLIAGE_SECRET": subject.secret, "ALLIAGE_LOG_JSON": "true"}
    with serving("app.main:create_app", "/readyz", **environment) as (port, process):
        return [_row(each, port, process, subject) for each in pages(owner, corpus, subject)]


async def _count_as_the_worker(url: str) -> None:
    """No worker runs beside this server: what it keeps of large scopes is counted once, here."""
    database = Database(url, pool_size=2)
    async with database.reading() as read:
        stale = await list_to_count(read, now())
        counted = [await count_scope(read, each, now()) for each in stale]
    async with database.sessions.begin() as db:
        for each in counted:
            await keep_count(db, each)
    await database.close()


def pages(owner: str, corpus: Corpus, subject: Subject) -> list[PageAsked]:
    """Every screen, on the largest space."""
    space = corpus.spaces[0]
    with psycopg.connect(driver_address(owner)) as db:

        def one(question: str) -> str:
            row = db.execute(question, {"space": space, "initiative": corpus.initiative}).fetchone()
            return str(row[0]) if row else ""

        contribution = one(
            "SELECT s.id FROM statements s WHERE s.space_id = %(space)s AND s.type = 'contribution' AND s.state = 'published' "
            "ORDER BY s.replies_for + s.replies_against + s.replies_other DESC, s.id LIMIT 1"
        )
        session = one("SELECT id FROM sessions WHERE initiative_id = %(initiative)s ORDER BY starts_at LIMIT 1")
        edition = one("SELECT id FROM editions WHERE initiative_id = %(initiative)s ORDER BY n DESC LIMIT 1")
    asked = [
        PageAsked("home", "/"),
        PageAsked("initiative", f"/demarches/{corpus.initiative}"),
        PageAsked("space", f"/espaces/{space}", "copilot"),
        PageAsked("space, one kind", f"/espaces/{space}?nature=question", "copilot"),
        PageAsked("space, middle", f"/espaces/{space}?cursor={subject.middle}", "copilot"),
        PageAsked("composer", f"/espaces/{space}/contributions/nouvelle", "copilot"),
        PageAsked("contribution", f"/contributions/{contribution}", "copilot"),
        PageAsked("organisation", f"/organisations/{corpus.organisations[0]}"),
        PageAsked("search, common word", "/recherche?q=association"),
        PageAsked("search, rare word", "/recherche?q=zythologie"),
        PageAsked("deliverable", f"/livrables/{subject.deliverable}", "copilot"),
        PageAsked("writing desk", f"/livrables/{subject.deliverable}/redaction", "copilot"),
        PageAsked("shelf", "/lire"),
    ]
    if session:
        asked.append(PageAsked("session", f"/seances/{session}"))
    if edition:
        asked.append(PageAsked("edition", f"/editions/{edition}"))
    return asked


def _row(each: PageAsked, port: int, process: Any, subject: Subject) -> dict[str, Any]:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    who = each.who if each.who in subject.tokens else next(iter(subject.tokens))
    headers = {"Authorization": f"Bearer {subject.tokens[who]}", "Accept": "text/html"}
    took, body, status = [], b"", 0
    for turn in range(WARM + TIMES):
        if turn == WARM:
            calls, used = subject.statements(), cpu(process)
        began = time.perf_counter()
        connection.request("GET", each.path, headers=headers)
        answer = connection.getresponse()
        body, status = answer.read(), answer.status
        if turn >= WARM:
            took.append((time.perf_counter() - began) * 1000)
    if status != http.client.OK:
        raise RuntimeError(f"{each.name}: {each.path} answers {status}; a refusal must not pass for a quick page")
    used, calls = cpu(process) - used, subject.statements() - calls
    connection.close()
    ordered = sorted(took)
    return {
        "page": each.name,
        "status": status,
        "p50_ms": ordered[len(ordered) // 2],
        "p95_ms": ordered[int(len(ordered) * 0.95)],
        "app_cpu_ms": used * 1000 / TIMES,
        "statements": round(calls / TIMES, 1),
        "kb": len(gzip.compress(body, 5)) / 1024,
    }
