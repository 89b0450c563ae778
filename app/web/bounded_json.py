"""Refuse JSON that would cost, or break, whoever parses it or stores it.

Python's own parser takes any depth until it raises `RecursionError`, integers that no column holds,
`NaN`, and texts with a NUL or half of a surrogate pair that PostgreSQL refuses. Each of these surfaces
far inside as a 500. They are refused here, before the application, so that no route has to remember them.

It also keeps the last of two values of one name, where others keep the first: what somebody read of a
body before it was sent (`"consent": "internal"`) is not what would be stored.

So the body is parsed here once more than by the application: bounded as it is by then, that costs less
than the search for suspect spellings that spared it before.
"""

from __future__ import annotations

import json
import math
import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from app.web.refusals import JSON_NAME_TWICE, JSON_NUMBER_TOO_LARGE, JSON_TOO_DEEP, TEXT_NOT_UNICODE, Refusal

_ONE_BRACKET = bytes.maketrans(b"{}", b"[]")
_NOISE = bytes(byte for byte in range(256) if byte not in b'"[]{}')
_SURROGATE = re.compile("[\ud800-\udfff]")

LONGEST_NAME = 100
"""Of a name that a pointer repeats."""


class _NumberTooLarge(Exception):
    pass


def bounded_json(body: bytes, *, depth: int = 32) -> Refusal | None:
    """Say why `body` is refused; None when it may be parsed, which does not mean that it is valid JSON."""
    if not _is_plain_utf8(body):
        return TEXT_NOT_UNICODE
    if is_deeper_than(depth, body):
        return JSON_TOO_DEEP
    return _refused_value(body)


def is_deeper_than(depth: int, body: bytes) -> bool:
    """Whether arrays and objects nest beyond `depth`, without parsing: linear, no recursion, in C throughout.

    Strings go first (escapes, then every second piece between quotes), then everything but brackets;
    removing the innermost pairs once takes exactly one level off.
    """
    if body.count(b"[") + body.count(b"{") <= depth:
        return False
    unescaped = body.replace(b"\\\\", b"").replace(b'\\"', b"")
    shape = b"".join(unescaped.translate(_ONE_BRACKET, _NOISE).split(b'"')[::2])
    for _ in range(depth):
        shape = shape.replace(b"[]", b"")
    return b"[]" in shape or shape.count(b"[") > depth


def _is_plain_utf8(body: bytes) -> bool:
    # json.loads also guesses UTF-16 and UTF-32, where the scan above would see nothing; both hold NULs.
    if b"\0" in body:
        return False
    try:
        body.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def _refused_value(body: bytes) -> Refusal | None:
    twice: list[_Twice] = []

    def whole(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        found = dict(pairs)
        if len(found) == len(pairs):
            return found
        twice.append(_Twice(found))
        twice[-1].name = Counter(name for name, _ in pairs).most_common(1)[0][0]
        return twice[-1]

    try:
        value = json.loads(body, parse_int=_int, parse_float=_float, parse_constant=_constant, object_pairs_hook=whole)
    except _NumberTooLarge:
        return JSON_NUMBER_TOO_LARGE
    except ValueError:
        return None  # not JSON: the application's own parser says where
    if b"\\u" in body and not _is_storable(value):
        return TEXT_NOT_UNICODE
    return replace(JSON_NAME_TWICE, pointer=_twice(value, "") or "") if twice else None


class _Twice(dict[str, Any]):
    """An object in which a name stands twice."""

    name = ""


def _twice(value: Any, at: str) -> str | None:
    """Where a name stands twice, as a JSON pointer."""
    if isinstance(value, _Twice):
        return f"{at}/{value.name[:LONGEST_NAME]}"
    items: Iterable[tuple[Any, Any]] = ()
    if isinstance(value, dict | list):
        items = value.items() if isinstance(value, dict) else enumerate(value)
    found = (_twice(item, f"{at}/{str(name)[:LONGEST_NAME]}") for name, item in items)
    return next((pointer for pointer in found if pointer is not None), None)


def _int(literal: str) -> int:
    if len(literal) > 20 or not -(2**63) <= (number := int(literal)) < 2**63:
        raise _NumberTooLarge
    return number


def _float(literal: str) -> float:
    if not math.isfinite(number := float(literal)):
        raise _NumberTooLarge
    return number


def _constant(_: str) -> float:
    raise _NumberTooLarge


def _is_storable(value: Any) -> bool:
    if isinstance(value, str):
        return "\0" not in value and _SURROGATE.search(value) is None
    if isinstance(value, dict):
        return all(_is_storable(key) and _is_storable(item) for key, item in value.items())
    return not isinstance(value, list) or all(_is_storable(item) for item in value)
