"""An import in a process of its own, which kills itself after so many batches, or waits to be killed.

It says `ready` once it is loaded, and begins at the line that answers.

python -m tests.features.imports.interrupted URL FOLDER MAPPING BATCH_SIZE [BATCHES]
"""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from pathlib import Path

from app.core.db import Database
from app.features.imports.actions import run_import
from app.features.imports.command import OPERATOR


async def main(url: str, folder: str, mapping: str, batch_size: str, batches: str = "") -> None:
    """Import; say each batch that is committed; die without a word after `batches` of them."""
    left = int(batches) if batches else -1

    def tell(kind: str, done: int, total: int) -> None:
        nonlocal left
        os.write(1, f"{kind} {done}/{total}\n".encode())
        left -= 1
        if left == 0:
            os.kill(os.getpid(), signal.SIGKILL)

    database = Database(url, pool_size=2)
    await run_import(database, OPERATOR, Path(folder), Path(mapping), progress=tell, batch_size=int(batch_size))
    await database.close()
    os.write(1, b"finished\n")


if __name__ == "__main__":
    os.write(1, b"ready\n")
    sys.stdin.readline()
    asyncio.run(main(*sys.argv[1:]))
