"""`make bench`: prints a table and the goals, and writes the same as JSON under bench/results/.

python -m bench --sizes 10000,100000 --clients 1,16,64 --rounds 3 --seconds 2
python -m bench --sizes 1000000 --only feed,search --clients 1,16      # loaded by COPY, takes minutes
"""

from __future__ import annotations

import argparse
import asyncio
import json
import platform
import time
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path
from statistics import median
from typing import Any

import psutil
from rich.console import Console
from rich.table import Table

from app.core.migrations import upgrade
from app.core.postgres.cluster import Cluster
from app.core.postgres.roles import APP, OWNER
from bench.data import Corpus, load
from bench.goals import Results, judge
from bench.load import shoot
from bench.scenes import Scene, scenes
from bench.servers import cpu, facts_as_json, postgres_cpu, serving
from bench.subject import Subject, prepare

out = Console(width=160, highlight=False)
FOLDER = Path("var/bench")


def arguments() -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(prog="bench")
    parser.add_argument("--sizes", default="10000,100000")
    parser.add_argument("--clients", default="1,16,64")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=float, default=2.0)
    parser.add_argument("--only", default="", help="names of scenes begin with one of these, separated by commas")
    return parser.parse_args()


def numbers(text: str) -> list[int]:
    """`1,16,64` as numbers."""
    return [int(each) for each in text.split(",")]


def main() -> None:
    """Load, serve, shoot, judge."""
    given = arguments()
    FOLDER.mkdir(parents=True, exist_ok=True)
    rows: list[dict[str, Any]] = []
    settings = {"shared_buffers": "1GB", "max_connections": "100", "shared_preload_libraries": "pg_stat_statements"}
    with Cluster(FOLDER / "postgres", settings=settings) as cluster:
        for size in numbers(given.sizes):
            rows += measure(cluster, size, given)
    table(rows)
    goals = judge(Results(rows))
    for goal in goals:
        mark = {True: "met    ", False: "NOT MET", None: "-      "}[goal.met]
        out.print(f"{mark}  {goal.text}: {goal.figure}")
    results = Path("bench/results")
    results.mkdir(parents=True, exist_ok=True)
    path = results / f"{datetime.now(UTC):%Y%m%d-%H%M%S}.json"  # noqa: TID251
    report = {
        "machine": {"python": platform.python_version(), "cores": psutil.cpu_count(), "load": psutil.getloadavg()},
        "rows": rows,
        "goals": [goal.__dict__ for goal in goals],
    }
    path.write_text(json.dumps(report, indent=1))
    out.print(f"\n{path}")


def measure(cluster: Cluster, size: int, given: argparse.Namespace) -> list[dict[str, Any]]:
    """Every scene at one size, the rounds interleaved."""
    name = f"bench_{size}"
    owner, app = cluster.url(OWNER, name), cluster.url(APP, name)
    if not (FOLDER / f"corpus-{size}.json").exists():
        cluster.drop_database(name)
        cluster.create_database(name)
    upgrade(owner, app)
    with out.status(f"{size:,} contributions: loading…"):
        began = time.perf_counter()
        corpus = load(owner, size, FOLDER)
        subject = prepare(cluster, name, corpus)
    out.print(f"{size:,} contributions: ready in {time.perf_counter() - began:.1f} s")
    wanted = tuple(filter(None, given.only.split(",")))
    with ExitStack() as stack:
        played = start(stack, cluster, subject, app, corpus)
        chosen = [
            scene for scene in played if not wanted or scene.name.startswith(wanted) or scene.name.startswith("floor")
        ]
        return asyncio.run(play(chosen, subject, cluster, size, given))


def start(stack: ExitStack, cluster: Cluster, subject: Subject, app: str, corpus: Corpus) -> list[Scene]:
    """The three servers, and what is asked of them."""
    ours, our_process = stack.enter_context(
        serving(
            "app.main:create_app", "/readyz", DATABASE_URL=app, ALLIAGE_SECRET=subject.secret, ALLIAGE_LOG_JSON="true"
        )
    )
    facts = facts_as_json({**subject.facts["member"], "places": subject.places["member"], "rows": 26})
    floor, floor_process = stack.enter_context(serving("bench.floor:make_floor", "/", BENCH_URL=app, BENCH_FACTS=facts))
    plain, plain_process = stack.enter_context(
        serving("bench.floor:make_plain", f"/feed?space_id={corpus.spaces[1]}", BENCH_URL=app)
    )
    processes = {"ours": (ours, our_process), "floor": (floor, floor_process), "plain": (plain, plain_process)}
    return scenes(subject, corpus, processes)


async def play(
    chosen: list[Scene], subject: Subject, cluster: Cluster, size: int, given: argparse.Namespace
) -> list[dict[str, Any]]:
    """Warm each scene, then shoot round after round, each scene once in each."""
    rows = []
    pid = cluster.postmaster_pid()
    assert pid is not None
    postmaster = psutil.Process(pid)
    for scene in chosen:
        await shoot(scene.port, scene.make, clients=2, seconds=0.5, status=scene.status)
    for _ in range(given.rounds):
        for clients in numbers(given.clients):
            for scene in chosen:
                calls = subject.statements()
                app_before, pg_before = cpu(scene.process), postgres_cpu(postmaster)
                shot = await shoot(scene.port, scene.make, clients=clients, seconds=given.seconds, status=scene.status)
                done = max(shot.done, 1)
                rows.append(
                    {
                        "what": scene.name,
                        "size": size,
                        "clients": clients,
                        "rps": shot.done / shot.seconds,
                        "p50_ms": shot.quantile(0.5),
                        "p99_ms": shot.quantile(0.99),
                        "errors": shot.errors,
                        "app_cpu_ms": (cpu(scene.process) - app_before) * 1000 / done,
                        "pg_cpu_ms": (postgres_cpu(postmaster) - pg_before) * 1000 / done,
                        "statements": round((subject.statements() - calls) / done, 1) if shot.done else None,
                        "kb": shot.bytes / done / 1024,
                        "rss_mb": scene.process.memory_info().rss / 1e6,
                    }
                )
    return rows


def table(rows: list[dict[str, Any]]) -> None:
    """Medians over rounds."""
    shown = Table(
        "size", "what", "clients", "req/s", "p50 ms", "p99 ms", "errors", "app CPU ms", "PG CPU ms", "stmts", "kB", "MB"
    )
    keys = list(dict.fromkeys((row["size"], row["what"], row["clients"]) for row in rows))
    for size, what, clients in sorted(keys, key=lambda k: (k[0], k[2])):
        same = [row for row in rows if (row["size"], row["what"], row["clients"]) == (size, what, clients)]

        def middle(field: str, same: list[dict[str, Any]] = same) -> float:
            return median(row[field] or 0 for row in same)

        shown.add_row(
            f"{size:,}", what, str(clients), f"{middle('rps'):.0f}", f"{middle('p50_ms'):.1f}", f"{middle('p99_ms'):.1f}",
            str(sum(row["errors"] for row in same)), f"{middle('app_cpu_ms'):.2f}", f"{middle('pg_cpu_ms'):.2f}",
            f"{middle('statements'):.1f}", f"{middle('kb'):.1f}", f"{middle('rss_mb'):.0f}",
        )  # fmt: skip
    out.print(shown)


if __name__ == "__main__":
    main()
