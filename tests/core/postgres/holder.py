"""Another process that uses the server: prints its process id once connected, and stays until stdin ends."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import psycopg

from app.core.db import driver_address
from app.core.postgres.cluster import Cluster

if __name__ == "__main__":
    folder = Path(sys.argv[1])
    if len(sys.argv) > 2:  # run as this ordinary user
        os.setgroups([])
        os.setgid(int(sys.argv[2]))
        os.setuid(int(sys.argv[2]))
    with Cluster(folder, state=folder.parent / "state") as cluster:
        with psycopg.connect(driver_address(cluster.urls.app)) as db:
            db.execute("SELECT 1")
        sys.stdout.write(f"{cluster.postmaster_pid()}\n")
        sys.stdout.flush()
        sys.stdin.read()
