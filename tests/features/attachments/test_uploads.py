"""A file is sent, kept, downloaded, taken off: by whom, beside what, and what is left of one that was refused."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import httpx
import obstore
import pytest
from fastapi import FastAPI
from sqlalchemy import select, text, update
from sqlalchemy.exc import DBAPIError

from app.core.clock import now
from app.core.events import Event
from app.core.storage import key_of
from app.features.attachments.models import Attachment
from app.features.identity.models import Mandate
from app.features.statements.models import Statement
from app.settings import Settings
from tests.browser import FROM_OUR_PAGES
from tests.climbing import assert_hidden_like_unknown
from tests.factories import change, make_contribution
from tests.features.attachments.files import PDF, TEXT, photograph, picture, send_file
from tests.world import World


async def rows_of(world: World, statement: Statement) -> list[Any]:
    """The rows of its files, whatever their state."""
    async with world.database.reading() as connection:
        table = Attachment.__table__
        found = await connection.execute(select(table).where(table.c.statement_id == statement.id))
        return list(found.all())


async def has_bytes(app: FastAPI, row: Any) -> bool:
    """Whether the store holds the bytes of a row."""
    try:
        await obstore.head_async(app.state.storage, key_of(row.organisation_id, row.id))
    except FileNotFoundError:
        return False
    return True


async def attach(world: World, statement: Statement, name: str = "note.txt", content: bytes = TEXT) -> dict[str, Any]:
    """A file attached by the participant, as answered."""
    answer = await send_file(world, "participant", f"/contributions/{statement.id}/attachments", name, content)
    assert answer.status_code == 201, answer.text
    body: dict[str, Any] = answer.json()
    return body


async def get(world: World, who: str, path: str, **headers: str) -> httpx.Response:
    """One reading."""
    return await (await world.client(who)).get(f"/api/v1{path}", headers=headers)


async def test_what_is_sent_is_what_is_downloaded(world: World) -> None:
    statement = await make_contribution(world)
    sent = await attach(world, statement, "Budget d’été 2026.pdf", PDF)
    assert sent["organisation"] == world.organisation.name
    assert sent["abilities"] == ["statement:attach"]
    answer = await get(world, "observer", f"/attachments/{sent['id']}/content")
    assert answer.content == PDF
    assert hashlib.sha256(PDF).hexdigest() == sent["sha256"]
    assert answer.headers["content-type"] == "application/pdf"
    assert answer.headers["content-length"] == str(len(PDF))
    again = await get(
        world, "observer", f"/attachments/{sent['id']}/content", **{"If-None-Match": answer.headers["etag"]}
    )
    assert (again.status_code, again.content) == (304, b"")
    listed = (await get(world, "copilot", f"/contributions/{statement.id}/attachments")).json()["items"]
    assert [item | {"abilities": sent["abilities"]} for item in listed] == [sent]
    assert listed[0]["abilities"] == []


async def test_a_file_is_downloaded_and_never_shown(world: World) -> None:
    sent = await attach(world, await make_contribution(world), "à « lire ».txt")
    headers = (await get(world, "colleague", f"/attachments/{sent['id']}/content")).headers
    assert headers["content-disposition"].startswith("attachment; filename=")
    assert "filename*=UTF-8''%C3%A0" in headers["content-disposition"]
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["content-security-policy"] == "sandbox; default-src 'none'; frame-ancestors 'none'"
    assert "no-cache" in headers["cache-control"]
    assert "private" in headers["cache-control"]


async def test_a_photograph_is_kept_without_its_place(world: World) -> None:
    sent = await attach(world, await make_contribution(world), "photo.jpg", photograph())
    kept = (await get(world, "colleague", f"/attachments/{sent['id']}/content")).content
    assert b"Marque-secrete" not in kept
    assert hashlib.sha256(kept).hexdigest() == sent["sha256"]


async def test_a_repeated_upload_makes_one_file(world: World, app: FastAPI) -> None:
    statement, key = await make_contribution(world), str(uuid4())
    path = f"/contributions/{statement.id}/attachments"
    first = await send_file(world, "participant", path, key=key)
    again = await send_file(world, "participant", path, key=key)
    assert (first.status_code, again.status_code) == (201, 201)
    assert first.content == again.content
    other = await send_file(world, "participant", path, content=b"Autre chose.", key=key)
    assert (other.status_code, other.json()["type"]) == (422, "/problems/idempotency-key-reused")
    rows = await rows_of(world, statement)
    assert [row.state for row in rows] == ["stored"], "nothing is left of the two others"
    missing = await send_file(world, "participant", path, key="")
    assert missing.status_code == 400


async def test_nothing_is_left_of_what_is_refused(world: World, app: FastAPI, settings: Settings) -> None:
    statement = await make_contribution(world)
    path = f"/contributions/{statement.id}/attachments"
    refused = await send_file(world, "participant", path, "page.html", b"<html>")
    assert (refused.status_code, refused.json()["type"]) == (422, "/problems/file-refused")
    large = await send_file(world, "participant", path, "a.txt", b"a" * (settings.attachment_bytes + 1))
    assert (large.status_code, large.json()["type"]) == (413, "/problems/file-too-large")
    huge = await send_file(world, "participant", path, "a.txt", b"a" * (settings.attachment_bytes + 2_000_000))
    assert (huge.status_code, huge.json()["type"]) == (413, "/problems/body-too-large")
    client = await world.client("participant")
    for body, status in (({"json": {}}, 415), ({"data": {"a": "b"}, "files": {"other": ("a.txt", b"a")}}, 422),
                         ({"data": {"a": "b"}, "files": {"file": ("a.txt", b"a")}}, 422),
                         ({"files": [("file", ("a.txt", b"a")), ("file", ("b.txt", b"b"))]}, 422),
                         ({"files": {"file": ("", b"")}}, 422)):  # fmt: skip
        answer = await client.post(f"/api/v1{path}", headers={"Idempotency-Key": str(uuid4())}, **body)
        assert answer.status_code == status, (body, answer.text)
    assert await rows_of(world, statement) == []
    assert list((settings.folder / "incoming").iterdir()) == []


@pytest.mark.parametrize(
    "cut",
    [
        b"",
        b"--limite",
        b'--limite\r\nContent-Disposition: form-data; name="file"; filename="a.txt"\r\n\r\nabc',
        b"--limite\r\n" + b"X: y\r\n" * 40 + b"\r\n",
    ],
)
async def test_a_form_that_is_cut_short_is_refused(world: World, cut: bytes) -> None:
    statement = await make_contribution(world)
    client = await world.client("participant")
    answer = await client.post(
        f"/api/v1/contributions/{statement.id}/attachments",
        content=cut,
        headers={"Content-Type": "multipart/form-data; boundary=limite", "Idempotency-Key": str(uuid4())},
    )
    assert answer.status_code == 422, answer.text
    assert await rows_of(world, statement) == []


@pytest.mark.parametrize("boundary", ["", "é", "x" * 257, "x" * 5_000])
async def test_a_boundary_that_is_none_is_refused(world: World, boundary: str) -> None:
    """One that is longer than the parser takes failed, for whoever sent it, signed in or not."""
    for who, where in (("participant", "attachments"), ("visitor", "attachments"), ("visitor", "fichiers")):
        client = await world.client(who)
        path = f"/contributions/{uuid4()}/{where}"
        headers = {"Content-Type": f"multipart/form-data; boundary={boundary}", "Idempotency-Key": str(uuid4())}
        answer = await client.post(
            f"/api/v1{path}" if where == "attachments" else path,
            content=b"--x--",
            headers=[(name.encode(), value.encode()) for name, value in (headers | FROM_OUR_PAGES).items()],
        )
        assert 400 <= answer.status_code < 500, (who, where, answer.text)


async def test_files_follow_the_words(world: World) -> None:
    """Hidden with them, and for the same people; one who loses the space loses the file at the next request."""
    statement = await make_contribution(world)
    sent = await attach(world, statement)
    card, content = f"/attachments/{sent['id']}", f"/attachments/{sent['id']}/content"
    assert (await get(world, "colleague", content)).status_code == 200
    for state, readers in (("moderated", {"participant", "facilitator", "copilot"}), ("withdrawn", {"participant"})):
        await change(world, statement, state=state, root_state=state)
        for who in ("visitor", "observer", "participant", "colleague", "lead", "facilitator", "copilot", "admin"):
            expected = 200 if who in readers else 404
            assert (await get(world, who, content)).status_code == expected, (state, who)
            assert (await get(world, who, card)).status_code == expected, (state, who)
    await change(world, statement, state="published", root_state="published")
    async with world.database.sessions() as db:
        ended = now()
        await db.execute(
            update(Mandate)
            .where(Mandate.id == world.mandates["colleague"].id)
            .values(during=text("tstzrange(lower(during), :ended)").bindparams(ended=ended))
        )
        await db.commit()
    await assert_hidden_like_unknown(world, "colleague", "GET", content, f"/attachments/{uuid4()}/content")


@pytest.mark.parametrize("consent", ["name", "profile", "paraphrase", "internal"])
async def test_outside_only_what_may_be_quoted_with_its_name(world: World, consent: str) -> None:
    """`observer` is no member of the shared space: they read it from outside."""
    statement = await make_contribution(world, space=world.shared, consent=consent)
    sent = await attach(world, statement)
    told = consent == "name"
    assert (await get(world, "observer", f"/attachments/{sent['id']}/content")).status_code == (200 if told else 404)
    assert (await get(world, "outsider", f"/attachments/{sent['id']}/content")).status_code == 200
    listed = await get(world, "observer", f"/contributions/{statement.id}/attachments")
    assert (listed.status_code, len(listed.json().get("items", ()))) == {
        "name": (200, 1), "profile": (200, 0)}.get(consent, (404, 0))  # fmt: skip


async def test_a_consent_that_narrows_takes_the_files_back(world: World) -> None:
    statement = await make_contribution(world, space=world.shared, capacity="personal")
    sent = await attach(world, statement)
    seen = await get(world, "observer", f"/attachments/{sent['id']}")
    assert (seen.status_code, seen.json()["organisation"]) == (200, None), "said personally: no organisation is named"
    await change(world, statement, consent="profile", root_consent="profile")
    assert (await get(world, "observer", f"/attachments/{sent['id']}/content")).status_code == 404


async def test_what_is_removed_is_gone_for_everybody(world: World) -> None:
    sent = await attach(world, await make_contribution(world))
    client = await world.client("colleague")
    etag = (await get(world, "colleague", f"/attachments/{sent['id']}")).headers["etag"]
    assert (await client.delete(f"/api/v1/attachments/{sent['id']}", headers={"If-Match": etag})).status_code == 204
    for who in ("participant", "copilot"):
        assert (await get(world, who, f"/attachments/{sent['id']}/content")).status_code == 404
    assert (await client.delete(f"/api/v1/attachments/{sent['id']}", headers={"If-Match": etag})).status_code == 404


async def test_the_audit_tells_of_a_file_without_its_name(world: World) -> None:
    sent = await attach(world, await make_contribution(world), "Secret de famille.txt")
    client = await world.client("participant")
    await client.delete(f"/api/v1/attachments/{sent['id']}", headers={"If-Match": "*"})
    async with world.database.reading() as connection:
        table = Event.__table__
        found = await connection.execute(
            select(table).where(table.c.object_id == UUID(sent["id"])).order_by(table.c.id)
        )
        events = found.all()
    assert [event.verb for event in events] == ["attachment.added", "attachment.removed"]
    assert events[0].data == {"statement_id": sent["contribution_id"], "media_type": "text/plain", "size": len(TEXT)}
    assert {event.organisation_id for event in events} == {world.organisation.id}


async def test_a_file_that_has_arrived_never_changes(world: World) -> None:
    sent = await attach(world, await make_contribution(world))
    for change_ in ("SET sha256 = sha256('x')", "SET name = 'autre'", "SET size = 1", "SET state = 'pending'"):
        async with world.database.sessions() as db:
            with pytest.raises(DBAPIError):
                await db.execute(text(f"UPDATE attachments {change_} WHERE id = :id"), {"id": sent["id"]})
    async with world.database.sessions() as db:
        with pytest.raises(DBAPIError):
            await db.execute(text("DELETE FROM attachments WHERE id = :id"), {"id": sent["id"]})


async def test_two_organisations_never_share_bytes(world: World, app: FastAPI) -> None:
    ours = await make_contribution(world, space=world.shared)
    theirs = await make_contribution(world, space=world.shared, who="outsider")
    await attach(world, ours, content=picture("PNG"))
    path = f"/contributions/{theirs.id}/attachments"
    assert (await send_file(world, "outsider", path, content=picture("PNG"))).status_code == 201
    one, other = (await rows_of(world, ours))[0], (await rows_of(world, theirs))[0]
    assert one.sha256 == other.sha256
    assert key_of(one.organisation_id, one.id) != key_of(other.organisation_id, other.id)
    assert await has_bytes(app, one)
    assert await has_bytes(app, other)


async def test_bytes_that_are_missing_are_said_to_be(world: World, app: FastAPI) -> None:
    statement = await make_contribution(world)
    sent = await attach(world, statement)
    [row] = await rows_of(world, statement)
    path = Path(app.state.storage.prefix) / key_of(row.organisation_id, row.id)
    path.write_bytes(b"court")
    assert (await get(world, "participant", f"/attachments/{sent['id']}/content")).status_code == 503
    path.unlink()
    assert (await get(world, "participant", f"/attachments/{sent['id']}/content")).status_code == 503
