"""The mails that the worker would write: a job is run here, and what it wrote is read."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path

from sqlalchemy.ext.asyncio import AsyncSession

from app.core.db import Database
from app.core.mail import FolderMailer
from app.jobs.work import Work
from app.settings import Settings


def work(database: Database, settings: Settings, folder: Path) -> Work:
    """The hands of a job; its mails are files of `folder`."""

    @asynccontextmanager
    async def transaction() -> AsyncIterator[AsyncSession]:
        async with database.sessions() as db:
            yield db
            await db.commit()

    return Work(settings, database, FolderMailer(folder, settings.mail_from), transaction)


def read(folder: Path) -> list[tuple[str, str]]:
    """To whom, and what, the oldest first."""
    mails = [message_from_bytes(file.read_bytes(), policy=policy.default) for file in sorted(folder.glob("*.eml"))]
    return [(str(mail["To"]), str(mail.get_content())) for mail in mails if isinstance(mail, EmailMessage)]
