"""`make chaos`: nothing acknowledged is lost, nothing is done twice, and broken versions are caught.

python -m tests.chaos --kills 50     kills the server 50 times and PostgreSQL 50 times
"""

from __future__ import annotations

import argparse
import asyncio
import sys
from collections.abc import Mapping
from contextlib import ExitStack
from typing import Any

from tests.chaos.deliveries import Outcome, deliver
from tests.chaos.run import Plan, Report, own_cluster, run
from tests.chaos.stage import FORGETFUL, HONEST, LATE_COMMIT, Server, set_scene

CONTROL_KILLS = 3
CONTROL_KEYS = 20


def _say(line: str = "") -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def _table(title: str, figures: Mapping[str, Any]) -> None:
    _say(f"\n{title}")
    for name, value in figures.items():
        _say(f"  {name:48} {value}")


def repeat(keys: int, factory: str = HONEST) -> Outcome:
    """`keys` requests, five deliveries of each, over two servers on one database."""
    with own_cluster() as (cluster, folder), ExitStack() as stack:
        url = cluster.urls.app
        scene = asyncio.run(set_scene(url))
        servers = [stack.enter_context(Server(url, folder, factory)) for _ in range(2)]
        return asyncio.run(deliver(url, [server.base_url for server in servers], scene, keys))


def _controls() -> list[str]:
    """The broken versions: each must be caught, or the figures of the honest one mean nothing."""
    missed = []
    late = run(Plan(server=CONTROL_KILLS, database=0, factory=LATE_COMMIT))
    _table("Control: answers before it commits (must lose)", late.figures())
    if not late.verdict.lost:
        missed.append("a server that answers before it commits lost nothing")
    forgetful = repeat(CONTROL_KEYS, FORGETFUL)
    _table("Control: forgets keys (must repeat)", forgetful.figures())
    if forgetful.rows <= CONTROL_KEYS:
        missed.append("a server that forgets keys repeated nothing")
    return missed


def _broken_promises(repeated: Outcome, report: Report) -> list[str]:
    broken = []
    if not repeated.clean:
        broken.append("a repeated POST did not make exactly one row and one answer")
    if not report.verdict.clean or report.unresolved:
        broken.append("the journal, the API and SQL do not agree")
    if report.in_mid_post < len(report.kills):
        broken.append("a kill fell while nothing was being posted")
    return broken


def main() -> int:
    """Run everything; 0 when every promise held and every broken version was caught."""
    parser = argparse.ArgumentParser(prog="python -m tests.chaos", description=__doc__)
    parser.add_argument("--kills", type=int, default=50, help="of the server, and as many of PostgreSQL")
    parser.add_argument("--keys", type=int, default=1000, help="repeated five times each")
    parser.add_argument("--seed", type=int, default=20200320)
    parser.add_argument("--limit", type=float, default=3600, help="seconds for the kills, whatever happens")
    asked = parser.parse_args()
    failures = _controls()
    repeated = repeat(asked.keys)
    _table("Each POST delivered five times at once, to two servers", repeated.figures())
    _say()
    report = run(Plan(server=asked.kills, database=asked.kills, seed=asked.seed, limit=asked.limit), _say)
    _table(f"kill -9, {asked.kills} times each (seed {asked.seed})", report.figures())
    failures += _broken_promises(repeated, report)
    for failure in failures:
        _say(f"\nFAILED: {failure}.")
    _say("" if failures else "\nNothing was lost, and both broken versions were caught.")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
