"""Start what is measured as separate processes, and read the CPU that each side used."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psutil

SECRET = "bench only: forty characters of nothing much at all"


def free_port() -> int:
    """A port of 127.0.0.1 that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@contextmanager
def serving(factory: str, ready: str, **environment: str) -> Iterator[tuple[int, psutil.Process]]:
    """uvicorn, one worker, on the application that `factory` makes; its port and its process."""
    port = free_port()
    ours = factory == "app.main:create_app"
    command = (
        f"from app.web.server import run; run({factory!r}, '127.0.0.1', {port}, log_level='info')"
        if ours
        else f"import uvicorn; uvicorn.run({factory!r}, factory=True, port={port}, access_log=False, log_level='error')"
    )
    process = subprocess.Popen(
        [sys.executable, "-c", command],
        env={**os.environ, **environment},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        _wait(port, ready, process)
        yield port, psutil.Process(process.pid)
    finally:
        process.terminate()
        try:
            process.wait(timeout=15)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _wait(port: int, path: str, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        if process.poll() is not None:
            raise RuntimeError(f"the server ended with {process.returncode}")
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=2):
                return
        except OSError:
            time.sleep(0.05)
    raise RuntimeError("the server did not answer within 30 s")


def cpu(process: psutil.Process) -> float:
    """User and system seconds of a process and its children so far."""
    total = 0.0
    for each in [process, *process.children(recursive=True)]:
        try:
            times = each.cpu_times()
        except psutil.NoSuchProcess:
            continue
        total += (
            times.user + times.system + times.children_user + times.children_system
            if each is process
            else (times.user + times.system)
        )
    return total


def postgres_cpu(postmaster: psutil.Process) -> float:
    """User and system seconds of PostgreSQL: its main process's ended children, and those alive."""
    times = postmaster.cpu_times()
    total = times.user + times.system + times.children_user + times.children_system
    for child in postmaster.children(recursive=True):
        try:
            each = child.cpu_times()
        except psutil.NoSuchProcess:
            continue
        total += each.user + each.system
    return total


def facts_as_json(facts: dict[str, Any]) -> str:
    """The parameters of a caller, for the floor's process."""
    return json.dumps(facts, default=str)
