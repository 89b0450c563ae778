"""The witness's own books: one JSON line for each fact, on the disk before anything else happens."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Any, Self


class Journal:
    """Append only, fsynced line by line."""

    def __init__(self, path: Path) -> None:
        self._handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)

    def write(self, fact: str, key: str, **details: Any) -> None:
        """One fact about the request of `key`: sent, unsure, answered or refused."""
        line = json.dumps({"fact": fact, "key": key, "at": time.monotonic(), **details}, ensure_ascii=False)
        os.write(self._handle, f"{line}\n".encode())
        os.fsync(self._handle)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        os.close(self._handle)


@dataclass
class Post:
    """What the books say of one request."""

    key: str
    title: str
    markdown: str
    sent_at: float
    answered_at: float | None = None
    id: str | None = None
    unsure: int = 0
    """How many times nobody could tell whether it was done."""
    refused: list[int] = field(default_factory=list)

    @property
    def acknowledged(self) -> bool:
        """Whether the service said that it is stored."""
        return self.id is not None

    def in_flight(self, instant: float) -> bool:
        """Whether it was sent and not yet answered."""
        return self.sent_at <= instant < (self.answered_at or float("inf"))


def read(path: Path) -> dict[str, Post]:
    """The whole journal, by key."""
    posts: dict[str, Post] = {}
    for line in _lines(path):
        fact, key, at = line["fact"], line["key"], line["at"]
        if fact == "sent":
            posts[key] = Post(key, line["title"], line["markdown"], at)
        elif fact == "unsure":
            posts[key].unsure += 1
        elif fact == "answered":
            posts[key].id, posts[key].answered_at = line["id"], at
        else:
            posts[key].refused.append(line["status"])
            posts[key].answered_at = at
    return posts


def count_answers(path: Path) -> int:
    """How many posts are acknowledged so far."""
    return path.read_bytes().count(b'{"fact": "answered"') if path.exists() else 0


def _lines(path: Path) -> Iterator[dict[str, Any]]:
    with path.open(encoding="utf-8") as lines:
        for line in lines:
            yield json.loads(line)
