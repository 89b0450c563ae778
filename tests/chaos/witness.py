"""The witness: a process apart that posts through the client, and writes down what it sent and what it was told.

python -m tests.chaos.witness BASE_URL SPACE JOURNAL WORKERS SECONDS PARENT     (the token on standard input)

SIGTERM: begin nothing new, send what is unresolved again until it is answered, and end.
"""

from __future__ import annotations

import asyncio
import random
import signal
import sys
import time
from pathlib import Path
from uuid import uuid4

import httpx

from app.client import AsyncClient, Unreachable
from tests.chaos.journal import Journal
from tests.chaos.lifeline import die_with_parent

WORDS = (
    "trésorerie",
    "besoin",
    "d’urgence",
    "œuvre",
    "naïve",
    "51",
    "« jouer collectif »",
    "🧭",
    "e\u0301galite\u0301",
)
PAUSE = 0.1
DRAIN = 60.0


def say(key: str, dice: random.Random) -> dict[str, str]:
    """Something of its own to post: the key stands in it, so that every row says which request made it."""
    paragraphs = [" ".join(dice.choices(WORDS, k=dice.randint(5, 120))) for _ in range(dice.randint(1, 4))]
    return {"title": f"Témoin {key}", "markdown": f"Clé **{key}**.\n\n" + "\n\n".join(paragraphs)}


class Witness:
    """Several workers, one journal."""

    def __init__(self, client: AsyncClient, space: str, journal: Journal, deadline: float) -> None:
        self.client, self.space, self.journal, self.deadline = client, space, journal, deadline
        self.stopping = False

    def stop(self) -> None:
        """Begin nothing new, and do not wait for answers for ever."""
        self.stopping = True
        self.deadline = min(self.deadline, time.monotonic() + DRAIN)

    async def work(self, seed: int) -> None:
        """Post until told to stop."""
        dice = random.Random(seed)
        while not self.stopping and time.monotonic() < self.deadline:
            key = str(uuid4())
            said = say(key, dice)
            self.journal.write("sent", key, **said)
            await self._resolve(key, said)

    async def _resolve(self, key: str, said: dict[str, str]) -> None:
        """The same request with the same key, until somebody says what became of it."""
        body = {"space_id": self.space, "kind": "need", **said}
        while time.monotonic() < self.deadline:
            try:
                answer = await self.client.respond(
                    self.client.exchange.request("POST", "/contributions", key=key, json=body)
                )
            except Unreachable as lost:
                self.journal.write("unsure", key, why=repr(lost.__cause__))
                await asyncio.sleep(PAUSE)
                continue
            if answer.status_code == 201:
                self.journal.write("answered", key, id=answer.json()["id"])
                return
            if not _is_passing(answer):
                self.journal.write("refused", key, status=answer.status_code, said=answer.text[:300])
                return
            self.journal.write("unsure", key, why=answer.status_code)
            await asyncio.sleep(PAUSE)


def _is_passing(answer: httpx.Response) -> bool:
    return answer.status_code == 503 or (
        answer.status_code == 409 and answer.json()["type"] == "/problems/still-running"
    )


async def main(base_url: str, space: str, path: str, workers: str, seconds: str) -> None:
    """Post with so many workers, for so many seconds at most."""
    token = sys.stdin.readline().strip()
    with Journal(Path(path)) as journal:
        # One attempt each: what the books call unsure is what the client would have sent again by itself.
        async with AsyncClient(base_url, token, timeout=15, attempts=1) as client:
            witness = Witness(client, space, journal, time.monotonic() + float(seconds))
            asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, witness.stop)
            await asyncio.gather(*(witness.work(seed) for seed in range(int(workers))))


if __name__ == "__main__":
    die_with_parent(int(sys.argv.pop()))
    asyncio.run(main(*sys.argv[1:]))
