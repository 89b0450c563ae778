"""A page acts on a thing only under the address of what the thing belongs to.

`/seances/A/notes/<note of B>` is answered by the same bytes as a note that does not exist, whatever is sent with it:
else one would act in B, and be greeted in A.
"""

from __future__ import annotations

from dataclasses import replace
from uuid import uuid4

import pytest

from tests.policy import things_of_people  # noqa: F401 - registers its things
from tests.policy.asks import ask, parameters
from tests.policy.ladder import Line, read_table, send, word
from tests.policy.things import THINGS
from tests.world import World

NO_PART = {
    "organisation_id": "stands by itself: it is in a space, or answers for itself",
    "person_id": "stands by itself: runs a space",
    "contribution_id": "is in the scope of a deliverable, or is not: `tests/features/screens/test_desk.py`",
}
"""Second identifiers of an address that name no part of the first."""


def _of_parts() -> list[Line]:
    """The lines of the table whose address names a thing and a part of it, once each, where somebody may do it."""
    found: dict[tuple[str, str], Line] = {}
    for line in read_table():
        names = [name for name in parameters(line.path) if name.endswith("_id")]
        page = not line.path.startswith("/api/")
        if page and len(names) == 2 and names[1] not in NO_PART and "oui" in line.cells.values():
            found.setdefault(line.route, line)
    return list(found.values())


LINES = _of_parts()


@pytest.mark.parametrize("line", LINES, ids=lambda line: line.name)
async def test_a_part_of_something_else_is_as_absent(line: Line, world: World) -> None:
    who = next(who for who in reversed(line.cells) if line.cells[who] == "oui")
    here, there = [await THINGS[line.on].make(world, who) for _ in range(2)]
    whole, part = (name for name in parameters(line.path) if name.endswith("_id"))
    if here[whole] == there[whole]:
        there[whole] = {"organisation_id": world.other.id, "space_id": world.shared.id}[whole]
    right = ask(line.method, line.path, here)
    named = right.path.split("/")[line.path.split("/").index(f"{{{part}}}")]
    wrong = replace(right, path=right.path.replace(str(here[whole]), str(there[whole])))
    for sent in (wrong, replace(wrong, body={})):
        answer = await send(world, who, sent)
        twin = await send(world, who, replace(sent, path=sent.path.replace(named, str(uuid4()))))
        assert answer.status_code == twin.status_code == 404, answer.text
        assert answer.content == twin.content
    assert word(await send(world, who, right)) == "oui", "under its own address it is done, and was not before"


def test_there_are_such_addresses() -> None:
    assert len(LINES) > 25
