"""Background work: events become jobs, jobs run, what has had its time is deleted.

An event becomes a job in the transaction that moves the reader's cursor, so each becomes one job, once. A job
runs outside any transaction and holds no connection while it waits for a mail server. A worker killed between
the sending of a mail and the note that it was sent leaves a job that another worker takes up: that mail is sent
a second time, with the same Message-ID; at most one more for each such kill, and never none.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from contextlib import asynccontextmanager, suppress
from datetime import timedelta
from functools import partial
from typing import Any

import procrastinate
import structlog
from procrastinate.exceptions import ConnectorException
from procrastinate.jobs import DeleteJobCondition, Status
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.clock import now
from app.core.db import CONNECTION_OPTIONS, Database, driver_address
from app.core.events import advance, read_after
from app.core.idempotency import forget_answers_before
from app.core.mail import Mailer, mailer
from app.core.metrics import JOBS
from app.jobs.queue import QUEUE, Job, enqueue
from app.jobs.work import Handlers, Pace, Run, Work
from app.settings import Settings, UnsafeSettings

READER = "mail"
BATCH = 200

log = structlog.get_logger("alliage.worker")


async def run_worker(
    settings: Settings,
    handlers: Handlers,
    *,
    stop: asyncio.Event | None = None,
    mail: Mailer | None = None,
    pace: Pace = Pace(),
) -> None:
    """Work until `stop` is set, then let the running jobs end; without `stop`, until cancelled."""
    if settings.database_url is None:
        raise UnsafeSettings(
            "DATABASE_URL est vide : lancez le travail de fond par « alliage worker », qui apporte une base."
        )
    stop = stop or asyncio.Event()
    database = Database(settings.database_url, pool_size=4)
    mail = mail or mailer(settings.smtp_url, settings.folder / "mail", settings.mail_from)
    work = Work(settings, database, mail, partial(_transaction, database))
    queue = _queue(settings.database_url, handlers, work, pace)
    turns = (
        _repeat("react", pace.poll, stop, partial(react, work, handlers)),
        _repeat("rescue", pace.heartbeat, stop, partial(_rescue, queue, pace)),
        _repeat("tidy", pace.tidy, stop, partial(tidy, work, handlers)),
        _repeat("count", pace.count, stop, partial(_count, work, handlers)),
    )
    try:
        async with queue.open_async():
            await _all_until(stop, [_repeat("jobs", 1.0, stop, partial(_run_jobs, queue, pace, stop)), *turns])
    finally:
        await database.close()


@asynccontextmanager
async def worker_beside(settings: Settings, handlers: Handlers) -> AsyncIterator[None]:
    """A worker in the server's own process, when `settings.worker_in_server` asks for it."""
    if not settings.worker_in_server:
        yield
        return
    stop = asyncio.Event()
    running = asyncio.create_task(run_worker(settings, handlers, stop=stop))
    try:
        yield
    finally:
        stop.set()
        await running


async def react(work: Work, handlers: Handlers) -> bool:
    """One batch of events becomes jobs; whether there may be more. Imports are announced to nobody."""
    async with work.transaction() as db:
        rows = await read_after(db, READER, BATCH)
        jobs = [
            Job(handlers.reactions[row.verb], {"object_id": str(row.object_id)}, lock=f"{row.verb} {row.object_id}")
            for row in rows
            if row.verb in handlers.reactions and not row.quiet
        ]
        await enqueue(db, jobs)
        await advance(db, READER, rows)
    return len(rows) == BATCH


async def tidy(work: Work, handlers: Handlers) -> bool:
    """Delete what has had its time: stored answers here, the rest by the features."""
    async with work.transaction() as db:
        gone = await forget_answers_before(db, now() - timedelta(days=work.settings.idempotency_days))
    counts = {"idempotency": gone, **{name: await delete(work) for name, delete in handlers.tidying.items()}}
    log.info("worker.tidied", **counts)
    return False


async def _count(work: Work, handlers: Handlers) -> bool:
    for name, count in handlers.counting.items():
        if found := await count(work):
            log.info("worker.counted", what=name, rows=found)
    return False


@asynccontextmanager
async def _transaction(database: Database) -> AsyncIterator[AsyncSession]:
    async with database.sessions() as db:
        yield db
        await db.commit()


def _queue(url: str, handlers: Handlers, work: Work, pace: Pace) -> procrastinate.App:
    connector = procrastinate.PsycopgConnector(
        conninfo=driver_address(url), min_size=1, max_size=3, timeout=5, kwargs={"options": CONNECTION_OPTIONS}
    )
    queue = procrastinate.App(connector=connector)
    retry = procrastinate.RetryStrategy(max_attempts=pace.attempts - 1, exponential_wait=pace.backoff)
    for name, run in handlers.tasks.items():
        queue.task(name=name, queue=QUEUE, retry=retry)(_bound(name, run, work))
    return queue


def _bound(name: str, run: Run, work: Work) -> Callable[..., Awaitable[None]]:
    async def job(**arguments: Any) -> None:
        try:
            await run(work, **arguments)
        except Exception:
            JOBS.labels(name, "failed").inc()
            raise
        JOBS.labels(name, "done").inc()

    return job


async def _run_jobs(queue: procrastinate.App, pace: Pace, stop: asyncio.Event) -> bool:
    """Run jobs until `stop`; returns early only when the database went away, and is called again."""
    working = asyncio.create_task(
        queue.run_worker_async(
            queues=[QUEUE],
            concurrency=2,
            fetch_job_polling_interval=2.0,
            delete_jobs=DeleteJobCondition.SUCCESSFUL,
            install_signal_handlers=False,
            shutdown_graceful_timeout=pace.stopping,
            update_heartbeat_interval=pace.heartbeat,
            stalled_worker_timeout=pace.stalled,
        )
    )
    stopping = asyncio.create_task(stop.wait())
    try:
        await asyncio.wait({working, stopping}, return_when=asyncio.FIRST_COMPLETED)
    finally:
        stopping.cancel()
        if not working.done():
            working.cancel()
        with suppress(asyncio.CancelledError):
            await working
    return False


async def _rescue(queue: procrastinate.App, pace: Pace) -> bool:
    """Take up the jobs of dead workers; one that was with several of them when they died is parked."""
    for job in await queue.job_manager.get_stalled_jobs(seconds_since_heartbeat=pace.stalled):
        with suppress(ConnectorException):  # another worker took it up in the meantime
            if job.attempts + 1 >= pace.attempts:
                await queue.job_manager.finish_job(job, status=Status.FAILED, delete_job=False)
                log.error("worker.parked", job=job.id, task=job.task_name)
            else:
                await queue.job_manager.retry_job(job, retry_at=now())
                log.warning("worker.rescued", job=job.id, task=job.task_name)
    return False


async def _repeat(what: str, seconds: float, stop: asyncio.Event, turn: Callable[[], Awaitable[bool]]) -> None:
    """Turn after turn until `stop`; at once again when a turn says so. A failure is logged, and waited after."""
    while not stop.is_set():
        again = False
        try:
            again = await turn()
        except Exception as failure:  # noqa: BLE001 - the database may come back, and the worker must outlive it
            log.warning("worker.turn_failed", turn=what, reason=type(failure).__name__)
        if not again:
            with suppress(TimeoutError):
                await asyncio.wait_for(stop.wait(), seconds)


async def _all_until(stop: asyncio.Event, loops: Iterable[Awaitable[None]]) -> None:
    """Run the loops side by side; when we are cancelled they are told to stop, and waited for."""
    running = [asyncio.ensure_future(loop) for loop in loops]
    try:
        await asyncio.gather(*running)
    finally:
        stop.set()
        await asyncio.gather(*running, return_exceptions=True)
