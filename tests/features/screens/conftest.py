"""How many statements a page costs, whichever way they are sent."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from sqlalchemy import event

from app.core import db
from app.core.db import Database, Question


@pytest.fixture
def asked(database: Database, monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """Each statement that is sent, through SQLAlchemy or by the driver itself."""
    sent: list[str] = []
    ask = db._ask

    def note(_conn: object, _cursor: object, statement: str, *_rest: object) -> None:
        sent.append(statement)

    async def noted(driver: object, question: Question, parameters: object) -> object:
        sent.append(question.sql)
        return await ask(driver, question, parameters)  # type: ignore[arg-type]

    monkeypatch.setattr(db, "_ask", noted)
    event.listen(database.writer.sync_engine, "before_cursor_execute", note)
    yield sent
    event.remove(database.writer.sync_engine, "before_cursor_execute", note)
