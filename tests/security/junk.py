"""Values that break careless services, and where in a request they are put."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from typing import Any

from tests.policy.asks import Ask

BIDI = "Alice\u202egnp.exe\u2066"
DEEP: Any = "x"
for _ in range(28):
    DEEP = [DEEP]

VALUES: tuple[Any, ...] = (
    None,
    True,
    "",
    " ",
    "\u0000",
    "a\u0000b",
    "\ud800",
    "x\udfffy",
    BIDI,
    "\u200b\u200d\ufeff",
    "%_" * 5_000,
    "x" * 200_001,
    "e\u0301" * 3_000,
    "' OR 1=1; --",
    "{{7*7}}${7*7}",
    "[@c1][@c999999999999999999999]",
    "<script>alert(1)</script>",
    -1,
    2**31,
    2**63,
    -(2**63) - 1,
    10**400,
    1.5,
    -0.0,
    1e308,
    "9999-12-31T23:59:59+14:00",
    "0001-01-01T00:00:00-14:00",
    "2020-02-30",
    "00000000-0000-0000-0000-000000000000",
    "urn:uuid:0",
    [],
    {},
    [None],
    [[]],
    {"a": {"b": None}},
    ["00000000-0000-0000-0000-000000000000"] * 500,
    DEEP,
)

QUERY_VALUES: tuple[str, ...] = (
    "",
    "\u0000",
    "\x7f",
    "\ud800",
    BIDI,
    "%_" * 1_500,
    '"' * 301,
    "-" * 200,
    "***",
    '"un -deux* "trois',
    "' OR 1=1; --",
    "x/*shown*/NULLy",
    "x/*loose*/NULLy /*exact*/NULL",
    "%(typed_0)s %s %%",
    "0",
    "-1",
    "200",
    str(2**31),
    str(2**63),
    "1" * 400,
    "1e9",
    "NaN",
    "null",
    "[]",
    "2020-01-01",
    "9999-12-31T23:59:59+14:00",
    "0001-01-01T00:00:00-14:00",
    "00000000-0000-0000-0000-000000000000",
    "WyJ0IiwgIjk5OTktMTItMzFUMjM6NTk6NTkuOTk5OTk5KzAwOjAwIiwgIjAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwIl0",
    "WyJ2IiwgIlx1MDAwMCIsICIwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMCJd",
    "WyJ2IiwgOTk5OTk5OTk5OTk5OTk5OTk5OTk5OTk5OTksICIwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMCJd",
    "WyJ2IiwgIlx1ZDgwMCIsICIwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMCJd",
    "WyJ2IiwgMS41LCAiMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAiXQ",
)
"""The last ones are cursors that look like ours: an instant, a NUL, an integer beyond 64 bits, half a surrogate pair, a fraction."""

WHOLE_BODIES: tuple[bytes, ...] = (
    b"",
    b"null",
    b"[]",
    b'"text"',
    b"0",
    b"{",
    b'{"a":1,}',
    b"\xff\xfe\x00",
    b'{"title":"\xed\xa0\x80"}',
    b'{"title":"a","title":"b","title":null}',
    b'{"id":"00000000-0000-0000-0000-000000000000","version":9,"state":"published","is_admin":true}',
    b"NaN",
    b'{"a":1e999999}',
    b"[" * 100_000,
    b'{"a":' * 500 + b"1" + b"}" * 500,
    '{"title":"x"}'.encode("utf-16"),
)


def spoiled_bodies(body: Any, chance: random.Random, most: int) -> Iterator[bytes]:
    """Whole bodies that are not ours, then the valid one with one value replaced, chosen by `chance`: `most` in all."""
    whole = list(WHOLE_BODIES)
    chance.shuffle(whole)
    count = max(most // 4, 1)
    yield from whole[:count]
    places = list(_places(body))
    for _ in range(most - count if places else 0):
        yield dumped(_replaced(body, chance.choice(places), chance.choice(VALUES)))


def spoiled_queries(sent: Ask, names: list[str], chance: random.Random, most: int) -> Iterator[list[tuple[str, str]]]:
    """The valid query with one parameter replaced, added or repeated."""
    valid = [(name, str(value)) for name, value in sent.query.items()]
    for _ in range(most if names else 0):
        name, value = chance.choice(names), chance.choice(QUERY_VALUES)
        kept = valid if chance.random() < 0.2 else [pair for pair in valid if pair[0] != name]
        yield [*kept, (name, value)]


def dumped(value: Any) -> bytes:
    """JSON as a hostile client writes it: lone surrogates and large numbers included."""
    return json.dumps(value).encode()


def _places(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    items: Any = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, item in items:
        yield (*path, key)
        yield from _places(item, (*path, key))


def _replaced(value: Any, path: tuple[Any, ...], by: Any) -> Any:
    if not path:
        return by
    copy = dict(value) if isinstance(value, dict) else list(value)
    copy[path[0]] = _replaced(copy[path[0]], path[1:], by)
    return copy
