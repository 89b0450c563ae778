"""The worker: each event one job, each job done, whatever is killed."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import text

from app.core.clock import now
from app.core.idempotency import IdempotentAnswer
from app.core.mail import FolderMailer, MailNotSent, Message
from app.features.identity.models import Attempt
from app.jobs.queue import Job, enqueue
from app.jobs.work import Handlers, Work
from app.jobs.worker import worker_beside
from app.wiring import HANDLERS
from tests.jobs.conftest import QUICK, Office, until

ROOT = Path(__file__).resolve().parents[2]
LEFT = "SELECT count(*) FROM procrastinate_jobs"


class Waiting(FolderMailer):
    """Holds each mail until it is let go."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder, "Alliage <ne-pas-repondre@alliage.example>")
        self.reached, self.go = asyncio.Event(), asyncio.Event()

    async def send(self, message: Message) -> None:
        self.reached.set()
        await self.go.wait()
        await super().send(message)


class Refusing(FolderMailer):
    """Refuses the first `times` mails."""

    def __init__(self, folder: Path, times: int) -> None:
        super().__init__(folder, "Alliage <ne-pas-repondre@alliage.example>")
        self.times = self.left = times

    async def send(self, message: Message) -> None:
        if self.left:
            self.left -= 1
            raise MailNotSent("SMTPServerDisconnected")
        await super().send(message)


async def _sent(office: Office, invitation: Any) -> bool:
    return await office.one("SELECT sent_at FROM invitations WHERE id = :id", id=invitation) is not None


async def test_an_invitation_is_mailed_once_within_two_seconds(office: Office) -> None:
    invitation = await office.invite()
    async with office.working():
        await until(lambda: _sent(office, invitation))
        await asyncio.sleep(0.5)
        later = await office.invite()
        await until(lambda: _sent(office, later), seconds=5)
    mails = office.mails()
    assert len(mails) == 2
    assert mails[0]["To"] == "invitee@alliage.example"
    assert "/invitation/alg_inv_" in mails[0].get_content()
    async with office.working():
        await asyncio.sleep(0.5)
    assert len(office.mails()) == 2
    assert await office.one(LEFT) == 0


async def test_an_import_is_announced_to_nobody(office: Office) -> None:
    await office.invite(quiet=True)
    heard = await office.invite()
    async with office.working():
        await until(lambda: _sent(office, heard))
        await asyncio.sleep(0.3)
    assert len(office.mails()) == 1


async def test_a_revoked_invitation_is_not_mailed(office: Office) -> None:
    revoked, waiting = await office.invite(), await office.invite()
    async with office.database.sessions() as db:
        await db.execute(text("UPDATE invitations SET revoked_at = now() WHERE id = :id"), {"id": revoked})
        await db.commit()
    async with office.working():
        await until(lambda: _sent(office, waiting))
    assert len(office.mails()) == 1
    assert not await _sent(office, revoked)


async def test_no_connection_is_held_while_a_mail_is_sent(office: Office) -> None:
    invitation = await office.invite()
    mail = Waiting(office.settings.folder / "mail")
    held = (
        "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid() "
        "AND (state LIKE 'idle in transaction%' OR (state = 'active' AND wait_event IS DISTINCT FROM 'WalSenderMain'))"
    )
    async with office.working(mail=mail):
        await asyncio.wait_for(mail.reached.wait(), 20)
        samples = []
        for _ in range(20):
            samples.append(await office.one(held))
            await asyncio.sleep(0.05)
        # The worker goes on looking at events and beating: what matters is that no transaction lasts as the mail does.
        assert sorted(samples)[len(samples) // 2] == 0, samples
        assert not await _sent(office, invitation)
        mail.go.set()
        await until(lambda: _sent(office, invitation))


@pytest.mark.parametrize(("where", "mails"), [("before", 1), ("after", 2)])
async def test_a_worker_killed_in_the_middle_loses_no_mail(office: Office, where: str, mails: int) -> None:
    invitation = await office.invite()
    told = office.settings.folder / "told"
    url = office.settings.database_url or ""
    child = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.jobs.killed", url, str(office.settings.folder), where, str(told), cwd=ROOT
    )

    async def _told() -> bool:
        return told.exists()

    try:
        await until(_told, seconds=40)
    finally:
        os.kill(child.pid, signal.SIGKILL)
        await child.wait()
    assert await office.one("SELECT status::text FROM procrastinate_jobs") == "doing"
    async with office.working():
        await until(lambda: _sent(office, invitation))
        await asyncio.sleep(0.5)
    written = office.mails()
    assert len(written) == mails
    # Sent twice, it is the same mail to a mailbox.
    assert len({mail["Message-ID"] for mail in written}) == 1
    assert await office.one(LEFT) == 0


async def test_a_mail_that_is_refused_is_tried_again(office: Office) -> None:
    invitation = await office.invite()
    async with office.working(mail=Refusing(office.settings.folder / "mail", times=2)):
        await until(lambda: _sent(office, invitation))
    assert len(office.mails()) == 1


async def test_a_poisoned_job_is_parked_and_the_others_go_on(office: Office) -> None:
    poisoned, healthy = [], []

    async def fail(_work: Work, **_arguments: Any) -> None:
        poisoned.append(1)
        raise ValueError("poison")

    async def succeed(_work: Work, **arguments: Any) -> None:
        healthy.append(arguments)

    async with office.database.sessions() as db:
        await enqueue(db, [Job("fail"), Job("unknown"), Job("succeed", {"n": 1})])
        await db.commit()
    handlers = Handlers(tasks={"fail": fail, "succeed": succeed})

    async def _parked() -> bool:
        return bool(await office.one(LEFT + " WHERE status = 'failed'") == 2)

    async with office.working(handlers):
        await until(_parked)
        await asyncio.sleep(0.5)
    assert healthy == [{"n": 1}]
    assert len(poisoned) == QUICK.attempts
    assert await office.one(LEFT) == 2


async def test_a_job_that_kills_its_workers_is_parked(office: Office) -> None:
    async with office.database.sessions() as db:
        await enqueue(db, [Job("mail_invitation", {"object_id": str(uuid4())})])
        await db.execute(text("UPDATE procrastinate_jobs SET status = 'doing', attempts = 2"))
        await db.commit()

    async def _parked() -> bool:
        return bool(await office.one("SELECT status::text FROM procrastinate_jobs") == "failed")

    async with office.working():
        await until(_parked)


async def test_stopping_lets_a_job_end_and_puts_a_long_one_back(office: Office) -> None:
    ended: list[str] = []
    began = asyncio.Event()

    async def short(_work: Work) -> None:
        began.set()
        await asyncio.sleep(0.2)
        ended.append("short")

    async def long(_work: Work) -> None:
        await asyncio.sleep(60)
        ended.append("long")

    async with office.database.sessions() as db:
        await enqueue(db, [Job("long"), Job("short")])
        await db.commit()
    async with office.working(Handlers(tasks={"short": short, "long": long})) as stop:
        await asyncio.wait_for(began.wait(), 20)
        stop.set()
    assert ended == ["short"]
    assert await office.one("SELECT string_agg(task_name || ' ' || status, ',') FROM procrastinate_jobs") == "long todo"


async def test_what_has_had_its_time_is_deleted(office: Office) -> None:
    old, young = now() - timedelta(days=8), now() - timedelta(days=6)
    async with office.database.sessions() as db:
        for at in (old, young):
            answer = IdempotentAnswer(caller="x", key=str(uuid4()), method="POST", path="/", request_sha256=b"")
            answer.status, answer.headers, answer.body, answer.at = 201, {}, b"", at
            db.add(answer)
            db.add(Attempt(key="sign-in", window_start=at + timedelta(days=6), count=1))
        await db.commit()

    async def _tidied() -> bool:
        return bool(await office.one("SELECT count(*) FROM idempotency") == 1)

    async with office.working(HANDLERS):
        await until(_tidied)
        await until(lambda: office.one("SELECT count(*) = 1 FROM attempts"))
    assert await office.one("SELECT at FROM idempotency") == young


async def test_the_server_has_a_worker_beside_it_only_when_asked(office: Office) -> None:
    invitation = await office.invite()
    async with worker_beside(office.settings, HANDLERS):
        await asyncio.sleep(0.3)
    assert not await _sent(office, invitation)
    asked = office.settings.model_copy(update={"worker_in_server": True})
    async with worker_beside(asked, HANDLERS):
        await until(lambda: _sent(office, invitation))
