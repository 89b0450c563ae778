"""A real server in this process, and clients that read its streams."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import httpx
import uvicorn
from fastapi import FastAPI

from app.main import create_app
from app.settings import Settings
from tests.web.conftest import free_port


@asynccontextmanager
async def served(settings: Settings) -> AsyncIterator[tuple[FastAPI, str]]:
    """The whole application, listening; its address."""
    app = create_app(settings)
    port = free_port()
    server = uvicorn.Server(uvicorn.Config(app, port=port, log_config=None, lifespan="on", ws="none"))
    running = asyncio.create_task(server.serve())
    while not (server.started and app.state.listener.hears):
        assert not running.done(), running.result()
        await asyncio.sleep(0.01)
    try:
        yield app, f"http://127.0.0.1:{port}"
    finally:
        server.should_exit = True
        await running


@dataclass
class Heard:
    """What one stream has said so far."""

    reading: asyncio.Task[None] = field(init=False)
    events: list[dict[str, Any]] = field(default_factory=list)
    last_id: str | None = None
    came: asyncio.Event = field(default_factory=asyncio.Event)

    async def wait(self, event: str, seconds: float = 5.0, **said: Any) -> dict[str, Any]:
        """The first event of this name and data that was not waited for yet, or a failure after `seconds`."""
        end = time.monotonic() + seconds
        while True:
            for at, one in enumerate(self.events):
                if one["event"] == event and all(one.get(name) == value for name, value in said.items()):
                    return self.events.pop(at)
            left = end - time.monotonic()
            assert left > 0, f"no {event} {said} within {seconds} s: {self.events}"
            self.came.clear()
            try:
                await asyncio.wait_for(self.came.wait(), left)
            except TimeoutError:
                continue


@asynccontextmanager
async def following(base: str, token: str, query: str, **headers: str) -> AsyncIterator[Heard]:
    """Follow a page; returns once it is `ready`."""
    heard = Heard()
    async with httpx.AsyncClient(timeout=None) as client:
        url = f"{base}/api/v1/live?{query}"
        reading = heard.reading = asyncio.create_task(
            read_stream(client, url, heard, {"Authorization": f"Bearer {token}", **headers})
        )
        try:
            await heard.wait("ready")
            yield heard
        finally:
            reading.cancel()
            await asyncio.gather(reading, return_exceptions=True)


async def read_stream(client: httpx.AsyncClient, url: str, heard: Heard, headers: dict[str, str]) -> None:
    """Read a stream until somebody stops it; what it says goes to `heard`."""
    async with client.stream("GET", url, headers=headers) as answer:
        assert answer.status_code == 200, await answer.aread()
        assert answer.headers["content-type"].startswith("text/event-stream")
        event: dict[str, Any] = {}
        async for line in answer.aiter_lines():
            name, _, value = line.partition(": ")
            if name == "id":
                heard.last_id = value
            elif name == "event":
                event["event"] = value
            elif name == "data":
                event |= json.loads(value)
            elif not line and event:
                heard.events.append(event)
                event = {}
                heard.came.set()
