"""One run: kill, start again, let the witness post, and compare at the end."""

from __future__ import annotations

import asyncio
import os
import random
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from app.client import AsyncClient
from app.core.migrations import upgrade
from app.core.postgres.cluster import Cluster
from tests.chaos import journal
from tests.chaos.journal import Post
from tests.chaos.stage import HONEST, ROOT, Scene, Server, Stuck, set_scene
from tests.chaos.verdict import Verdict, judge

SERVER, DATABASE = "server", "PostgreSQL"
BETWEEN = (0.2, 1.2)  # seconds of posting between a recovery and the next kill
AT_LEAST = 5  # posts acknowledged between two kills, so that each one falls on a service that works


@dataclass(frozen=True)
class Plan:
    """What to kill, and how often."""

    server: int
    database: int
    factory: str = HONEST
    workers: int = 4
    seed: int = 20200320
    limit: float = 1800.0
    """Seconds after which the run is given up, whatever it does."""

    def victims(self, dice: random.Random) -> list[str]:
        """Whom to kill, in an order that nobody planned."""
        victims = [SERVER] * self.server + [DATABASE] * self.database
        dice.shuffle(victims)
        return victims


@dataclass
class Report:
    """What happened, and what the comparison says."""

    plan: Plan
    kills: list[tuple[str, float]] = field(default_factory=list)
    recoveries: dict[str, list[float]] = field(default_factory=lambda: {SERVER: [], DATABASE: []})
    """Seconds from each kill to the next readiness of the service."""
    posts: dict[str, Post] = field(default_factory=dict)
    verdict: Verdict = field(default_factory=Verdict)
    seconds: float = 0.0

    @property
    def acknowledged(self) -> int:
        """Writes that were answered 201."""
        return sum(post.acknowledged for post in self.posts.values())

    @property
    def in_mid_post(self) -> int:
        """Kills that fell while at least one post was sent and not answered."""
        return sum(any(post.in_flight(at) for post in self.posts.values()) for _, at in self.kills)

    @property
    def unresolved(self) -> int:
        """Posts of which nobody knows, at the end, what became."""
        return sum(not post.acknowledged and not post.refused for post in self.posts.values())

    def figures(self) -> dict[str, Any]:
        """Everything worth printing."""
        n = self.acknowledged
        return {
            "kills of the server": sum(victim == SERVER for victim, _ in self.kills),
            "kills of PostgreSQL": sum(victim == DATABASE for victim, _ in self.kills),
            "kills in mid-post": self.in_mid_post,
            "posts sent": len(self.posts),
            "acknowledged writes": n,
            "unsure, resolved by retry": sum(bool(post.unsure) and post.acknowledged for post in self.posts.values()),
            "unsure at the end": self.unresolved,
            **self.verdict.counts(),
            "loss rate at most (3/n, 95 %)": f"{3 / n:.6f}" if n and not self.verdict.lost else "-",
            **{
                f"seconds to recover from a kill of {victim}": (
                    f"median {statistics.median(taken):.2f}, worst {max(taken):.2f}"
                )
                for victim, taken in self.recoveries.items()
                if taken
            },
            "seconds in all": f"{self.seconds:.0f}",
        }


@contextmanager
def own_cluster() -> Iterator[tuple[Cluster, Path]]:
    """A PostgreSQL of this run alone, in a folder that goes with it."""
    with tempfile.TemporaryDirectory(prefix="alliage-chaos-", ignore_cleanup_errors=True) as name:
        folder = Path(name)
        folder.chmod(0o755)
        cluster = Cluster(folder / "pg")
        try:
            urls = cluster.start()
            upgrade(urls.owner, urls.app)
            yield cluster, folder
        finally:
            cluster.stop()
            cluster.remove()


@contextmanager
def witness(base_url: str, scene: Scene, books: Path, plan: Plan) -> Iterator[subprocess.Popen[bytes]]:
    """The witness, posting until the block ends, then given time to learn what became of its last posts."""
    log = books.with_suffix(".log")
    with log.open("ab") as output:
        process = subprocess.Popen(
            [
                *(sys.executable, "-m", "tests.chaos.witness", base_url, str(scene.space_id), str(books)),
                *(str(plan.workers), str(plan.limit), str(os.getpid())),
            ],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=output,
            stderr=output,
        )
    try:
        assert process.stdin is not None
        process.stdin.write(f"{scene.token}\n".encode())
        process.stdin.close()
        yield process
        process.send_signal(signal.SIGTERM)
        if process.wait(90) != 0:
            raise Stuck(f"The witness failed: {log.read_text(encoding='utf-8', errors='replace')[-1500:]}")
    finally:
        if process.poll() is None:
            process.kill()
            process.wait(5)


def run(plan: Plan, tell: Callable[[str], None] = lambda _line: None) -> Report:
    """Do the whole plan on a PostgreSQL of its own, and compare; raises Stuck when it does not end in time."""
    began = time.monotonic()
    with own_cluster() as (cluster, folder):
        report = run_on(plan, cluster.urls.app, folder, tell, cluster)
    report.seconds = time.monotonic() - began
    return report


def run_on(
    plan: Plan,
    url: str,
    folder: Path,
    tell: Callable[[str], None] = lambda _line: None,
    cluster: Cluster | None = None,
) -> Report:
    """Do the plan on an empty migrated database; only a `cluster` of one's own may be killed."""
    assert cluster is not None or not plan.database
    report, books, dice = Report(plan), folder / "journal.jsonl", random.Random(plan.seed)
    deadline = time.monotonic() + plan.limit
    scene = asyncio.run(set_scene(url))
    with Server(url, folder, plan.factory) as server:
        with witness(server.base_url, scene, books, plan) as process:
            for turn, victim in enumerate(plan.victims(dice), 1):
                _let_it_post(process, books, deadline)
                time.sleep(dice.uniform(*BETWEEN))
                _kill(report, victim, server, cluster)
                tell(f"{turn:3} {victim} killed, ready again after {report.recoveries[victim][-1]:.2f} s")
            _let_it_post(process, books, deadline)
        report.posts = journal.read(books)
        report.verdict = asyncio.run(_judge(server, url, scene, report.posts))
    return report


def _kill(report: Report, victim: str, server: Server, cluster: Cluster | None) -> None:
    """SIGKILL for one of the two, by its process id, and up again."""
    if victim == SERVER or cluster is None:
        instant = server.kill()
        server.start()
    else:
        pid = cluster.postmaster_pid()
        assert pid is not None
        instant = time.monotonic()
        os.kill(pid, signal.SIGKILL)
        cluster.start()
        server.wait_until_ready()
    report.kills.append((victim, instant))
    report.recoveries[victim].append(time.monotonic() - instant)


def _let_it_post(process: subprocess.Popen[bytes], books: Path, deadline: float) -> None:
    """Until some more posts are acknowledged."""
    wanted = journal.count_answers(books) + AT_LEAST
    patience = min(deadline, time.monotonic() + 60)
    while journal.count_answers(books) < wanted:
        if process.poll() is not None:
            raise Stuck(f"The witness ended with {process.returncode}: {books.with_suffix('.log').read_text()[-1500:]}")
        if time.monotonic() > patience:
            raise Stuck("No post is acknowledged any more, or the run takes longer than its limit.")
        time.sleep(0.05)


async def _judge(server: Server, url: str, scene: Scene, posts: dict[str, Post]) -> Verdict:
    async with AsyncClient(server.base_url, scene.token) as client:
        return await judge(client, url, scene.space_id, posts)
