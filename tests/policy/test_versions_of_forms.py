"""Every form that changes what has a version says on which one it was written; one that does not is refused alike (428).

Its reader is told to open the page again: a header is nothing that they send.
"""

from __future__ import annotations

from dataclasses import replace

import pytest

from app.core.richtext.typography import french
from tests.policy import things_of_people  # noqa: F401 - registers its things
from tests.policy.asks import BODIES, ask
from tests.policy.ladder import Line, read_table, send, word
from tests.policy.things import THINGS
from tests.world import World

SENTENCE = "Rouvrez la page, puis recommencez : la version lue n’est pas indiquée."
VERSIONS = ("version", "draft_version")


class _Anything(dict[str, str]):
    """Identifiers of a thing that is not made: the names of the fields are what is looked at."""

    def __missing__(self, name: str) -> str:
        return name


def _versioned() -> list[Line]:
    """The lines of pages whose form says a version, once each, where somebody may send it."""
    found: dict[tuple[str, str], Line] = {}
    for line in read_table():
        body = BODIES.get(f"{line.method} {line.path}")
        if not line.path.startswith("/api/") and body is not None and "oui" in line.cells.values():
            fields = body(_Anything())
            if isinstance(fields, dict) and fields.keys() & set(VERSIONS):
                found.setdefault(line.route, line)
    return list(found.values())


LINES = _versioned()


@pytest.mark.parametrize("line", LINES, ids=lambda line: line.name)
async def test_a_form_without_its_version_is_told_to_open_the_page_again(line: Line, world: World) -> None:
    who = next(who for who in reversed(line.cells) if line.cells[who] == "oui")
    ids = await THINGS[line.on].make(world, who)
    right = ask(line.method, line.path, ids)
    for wrong in ("", "trois", "9" * 12):
        body = right.body | {name: wrong for name in VERSIONS if name in right.body}
        answer = await send(world, who, replace(right, body=body))
        assert (answer.status_code, answer.json()["detail"]) == (428, french(SENTENCE)), answer.text
    assert word(await send(world, who, right)) == "oui"


def test_there_are_such_forms() -> None:
    assert len(LINES) > 40
