"""Jobs are there if the transaction commits, and were never there if it does not."""

from __future__ import annotations

from sqlalchemy import text

from app.jobs.queue import Job, enqueue
from tests.jobs.conftest import Office


async def test_the_librarys_function_has_the_signature_that_we_call(office: Office) -> None:
    columns = await office.one(
        "SELECT string_agg(attname, ',' ORDER BY attnum) FROM pg_attribute "
        "WHERE attrelid = 'procrastinate_job_to_defer_v1'::regclass AND attnum > 0"
    )
    assert columns == "queue_name,task_name,priority,lock,queueing_lock,args,scheduled_at"


async def test_jobs_follow_the_transaction(office: Office) -> None:
    jobs = [Job("one", {"object_id": "a'b"}), Job("two", {"n": 2}, lock="l")]
    async with office.database.sessions() as db:
        assert len(await enqueue(db, jobs)) == 2
        await db.rollback()
    assert await office.one("SELECT count(*) FROM procrastinate_jobs") == 0
    async with office.database.sessions() as db:
        ids = await enqueue(db, jobs)
        await db.commit()
    async with office.database.reading() as connection:
        rows = await connection.execute(
            text("SELECT id, task_name, lock, args, status::text FROM procrastinate_jobs ORDER BY id")
        )
        assert [tuple(row) for row in rows] == [
            (ids[0], "one", None, {"object_id": "a'b"}, "todo"),
            (ids[1], "two", "l", {"n": 2}, "todo"),
        ]


async def test_no_job_is_no_statement(office: Office) -> None:
    async with office.database.sessions() as db:
        assert await enqueue(db, []) == []
