"""A worker whose mailer writes the mail, says so, and then takes its time: run by a test that kills it there."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

from app.core.mail import FolderMailer, Message
from app.jobs.work import Pace
from app.jobs.worker import run_worker
from app.settings import Settings
from app.wiring import HANDLERS


class Dawdling(FolderMailer):
    """Tells where it stands: `before` a mail is written, or `after`."""

    def __init__(self, folder: Path, where: str, told: Path) -> None:
        super().__init__(folder, "Alliage <ne-pas-repondre@alliage.example>")
        self.where, self.told = where, told

    async def send(self, message: Message) -> None:
        """Write the mail, or not yet; then wait to be killed."""
        if self.where == "after":
            await super().send(message)
        self.told.touch()
        await asyncio.sleep(120)


if __name__ == "__main__":
    url, folder, where, told = sys.argv[1:]
    settings = Settings(_env_file=None, DATABASE_URL=url, folder=Path(folder))
    mailer = Dawdling(settings.folder / "mail", where, Path(told))
    asyncio.run(run_worker(settings, HANDLERS, mail=mailer, pace=Pace(poll=0.1, heartbeat=0.2)))
