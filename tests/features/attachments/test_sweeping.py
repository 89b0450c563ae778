"""Nothing that nobody keeps stays: not after a kill, a refusal, a removal, an erasure. Nothing that is kept goes.

The bucket of a real S3 cannot be reached from the tests: the same code runs here on a folder and on obstore's
MemoryStore, and `open_storage` is only asked to make the client of a bucket.
"""

from __future__ import annotations

import asyncio
import os
import socket
import sys
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import obstore
import pytest
from fastapi import FastAPI
from obstore.store import LocalStore, MemoryStore, ObjectStore, S3Store
from pydantic import ValidationError
from sqlalchemy import text, update
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.mail import FolderMailer
from app.core.storage import key_of, open_storage
from app.features.attachments.jobs import purge_attachment, purge_contribution, sweep
from app.features.attachments.models import Attachment
from app.features.checks.actions import check
from app.features.statements.models import Statement
from app.jobs.work import Work
from app.settings import Settings
from tests.factories import make_contribution
from tests.features.attachments.files import TEXT
from tests.features.attachments.test_uploads import attach, get, has_bytes, rows_of
from tests.web.conftest import free_port
from tests.world import World


@pytest.fixture(autouse=True)
def _its_own_store(app: FastAPI) -> Iterator[None]:
    """A test may give the application another store."""
    store = app.state.storage
    yield
    app.state.storage = store


@pytest.fixture
def work(world: World, settings: Settings) -> Work:
    """The hands of a job."""

    @asynccontextmanager
    async def transaction() -> AsyncIterator[AsyncSession]:
        async with world.database.sessions() as db:
            yield db
            await db.commit()

    return Work(settings, world.database, FolderMailer(settings.folder / "mail", settings.mail_from), transaction)


async def make_older(world: World, statement: Statement) -> None:
    """Two hours pass for the files of `statement` that have not arrived."""
    async with world.database.sessions() as db:
        await db.execute(
            update(Attachment)
            .where(Attachment.statement_id == statement.id, Attachment.state == "pending")
            .values(created_at=Attachment.created_at - text("interval '2 hours'"))
        )
        await db.commit()


async def _wait_for(probe: Any, seconds: float = 15.0) -> Any:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if found := await probe():
            return found
        await asyncio.sleep(0.1)
    raise AssertionError("it did not happen")


async def test_a_server_killed_in_mid_upload_leaves_what_is_swept(
    world: World, settings: Settings, work: Work, tmp_path: Path
) -> None:
    statement, port = await make_contribution(world), free_port()
    environment = os.environ | {
        "DATABASE_URL": str(settings.database_url),
        "ALLIAGE_FOLDER": str(settings.folder),
        "ALLIAGE_SECRET": settings.secret.get_secret_value(),
    }
    command = [sys.executable, "-m", "uvicorn", "--factory", "app.main:create_app", "--port", str(port)]
    with (tmp_path / "log").open("wb") as log:
        server = await asyncio.create_subprocess_exec(
            *command, stdout=log, stderr=log, env=environment, cwd=Path(__file__).parents[3]
        )
    try:

        async def answers() -> socket.socket | None:
            try:
                return socket.create_connection(("127.0.0.1", port), timeout=5)
            except OSError:
                return None

        sock = await _wait_for(answers, 30)
        sock.sendall(
            (
                f"POST /api/v1/contributions/{statement.id}/attachments HTTP/1.1\r\nHost: a\r\n"
                f"Authorization: Bearer {world.token('participant')}\r\nIdempotency-Key: {uuid4()}\r\n"
                "Content-Type: multipart/form-data; boundary=limite\r\nContent-Length: 900000\r\n\r\n"
                '--limite\r\nContent-Disposition: form-data; name="file"; filename="a.txt"\r\n\r\n'
            ).encode()
            + b"a" * 600_000
        )
        [pending] = await _wait_for(lambda: rows_of(world, statement))
        incoming = settings.folder / "incoming" / str(pending.id)

        async def arriving() -> bool:
            return incoming.exists() and incoming.stat().st_size > 0

        await _wait_for(arriving)
    finally:
        server.kill()
        await server.wait()
    sock.close()
    await sweep(work)
    assert [row.state for row in await rows_of(world, statement)] == ["pending"], "it might still be arriving"
    await make_older(world, statement)
    os.utime(incoming, (0, 0))
    await sweep(work)
    assert await rows_of(world, statement) == []
    assert not incoming.exists()


@pytest.mark.parametrize("store", [MemoryStore(), None], ids=["memory", "folder"])
async def test_bytes_without_a_row_are_swept_and_the_others_stay(
    world: World, app: FastAPI, work: Work, store: ObjectStore | None, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    kept_in = store or LocalStore(tmp_path)
    app.state.storage = kept_in
    sent = await attach(world, await make_contribution(world))
    lost = key_of(uuid4(), uuid4())
    for path in (lost, "attachments/what-is-this"):
        await obstore.put_async(kept_in, path, b"perdu")
    await sweep(work, kept_in)
    assert (await obstore.head_async(kept_in, lost))["size"] == 5, "it may belong to an upload that ends right now"
    monkeypatch.setattr("app.features.attachments.jobs.ABANDONED", -timedelta(seconds=5))
    await sweep(work, kept_in)
    for path in (lost, "attachments/what-is-this"):
        with pytest.raises(FileNotFoundError):
            await obstore.head_async(kept_in, path)
    assert (await get(world, "participant", f"/attachments/{sent['id']}/content")).content == TEXT


async def test_the_bytes_of_what_was_removed_are_deleted(world: World, app: FastAPI, work: Work) -> None:
    statement = await make_contribution(world)
    sent, other = await attach(world, statement), await attach(world, statement)
    client = await world.client("participant")
    assert (await client.delete(f"/api/v1/attachments/{sent['id']}", headers={"If-Match": "*"})).status_code == 204
    await purge_attachment(work, object_id=sent["id"])
    await purge_attachment(work, object_id=sent["id"])
    rows = {str(row.id): row for row in await rows_of(world, statement)}
    gone, stays = rows[sent["id"]], rows[other["id"]]
    assert not await has_bytes(app, gone)
    assert await has_bytes(app, stays)
    assert (gone.state, gone.size, gone.sha256.hex()) == ("removed", len(TEXT), sent["sha256"])
    assert gone.purged_at is not None


async def test_erasing_words_erases_their_files(world: World, app: FastAPI, work: Work) -> None:
    statement = await make_contribution(world)
    sent = await attach(world, statement, "Dossier de Camille.txt")
    said = {"statement_id": str(statement.id), "reason": "Demande de la personne concernée."}
    answer = await world.post("admin", "/api/v1/erasures", said)
    assert (answer.status_code, answer.json()["files"]) == (201, 1), answer.text
    assert (await get(world, "participant", f"/attachments/{sent['id']}/content")).status_code == 404
    await purge_contribution(work, object_id=str(statement.id))
    [row] = await rows_of(world, statement)
    assert not await has_bytes(app, row)
    assert (row.state, row.name, row.size, row.sha256.hex()) == ("erased", "", len(TEXT), sent["sha256"])
    async with world.database.reading() as connection:
        kept = text(
            "SELECT count(*) FROM idempotency WHERE position(convert_to('Dossier de Camille', 'UTF8') IN body) > 0"
        )
        assert (await connection.execute(kept)).scalar_one() == 0


async def test_the_check_reads_every_byte(
    world: World, app: FastAPI, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    store = LocalStore(tmp_path)
    app.state.storage = store
    statement = await make_contribution(world)
    for _ in range(3):
        await attach(world, statement)
    sound, changed, lost = (row for row in await rows_of(world, statement))

    async def wrong() -> set[str]:
        async with world.database.sessions() as db:
            found = await check(db, sample=1, files=store)
        ids = {str(row.id) for row in await rows_of(world, statement)}
        return {each for finding in found for each in finding.examples if each in ids} if ids else set()

    monkeypatch.setattr("app.features.checks.files.EXAMPLES", 10_000)
    assert await wrong() == set()
    (tmp_path / key_of(changed.organisation_id, changed.id)).write_bytes(TEXT.replace(b"Deux", b"Dix."))
    (tmp_path / key_of(lost.organisation_id, lost.id)).unlink()
    assert await wrong() == {str(changed.id), str(lost.id)}
    assert str(sound.id) not in await wrong()


def test_a_bucket_is_named_by_settings(tmp_path: Path) -> None:
    given: dict[str, Any] = {"_env_file": None, "folder": tmp_path}
    assert isinstance(open_storage(Settings(**given)), LocalStore)
    asked: dict[str, Any] = {"storage_url": "s3://seau/alliage/", "storage_key": "a", "storage_secret": "b"}
    bucket = open_storage(Settings(**given, **asked, storage_endpoint="http://127.0.0.1:1"))
    assert isinstance(bucket, S3Store)
    assert (bucket.config["bucket"], bucket.prefix) == ("seau", "alliage")
    for wrong in ("http://seau", "s3://", "s3://a:b@seau", "file:///etc"):
        with pytest.raises(ValidationError):
            Settings(**given, storage_url=wrong)
