from __future__ import annotations

import json
import time
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.web.bounded_json import bounded_json, is_deeper_than

values = st.recursive(
    st.text(alphabet=st.sampled_from('ab"\\[]{}\n é')) | st.integers(-5, 5) | st.none(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=12,
)


def depth_of(value: Any) -> int:
    """The plain definition, by recursion."""
    if isinstance(value, dict):
        return 1 + max((depth_of(item) for item in value.values()), default=0)
    if isinstance(value, list):
        return 1 + max((depth_of(item) for item in value), default=0)
    return 0


@given(value=values, limit=st.integers(0, 4), ascii_only=st.booleans())
def test_depth_agrees_with_the_parser(value: Any, limit: int, ascii_only: bool) -> None:
    body = json.dumps(value, ensure_ascii=ascii_only).encode()
    assert is_deeper_than(limit, body) == (depth_of(value) > limit)


@pytest.mark.parametrize(
    ("body", "slug"),
    [
        (b"[" * 33 + b"]" * 33, "json-too-deep"),
        (b'{"a":' * 33 + b"1" + b"}" * 33, "json-too-deep"),
        (b"[" * 1_000_000, "json-too-deep"),
        (b'{"n": 9223372036854775808}', "json-number-too-large"),
        (b'{"n": -9223372036854775809}', "json-number-too-large"),
        (b'{"n": ' + b"9" * 5000 + b"}", "json-number-too-large"),
        (b'{"n": 1e999}', "json-number-too-large"),
        (b'{"n": NaN}', "json-number-too-large"),
        (b'{"n": -Infinity}', "json-number-too-large"),
        (b'{"t": "a\\u0000b"}', "text-not-unicode"),
        (b'{"t": "\\ud800"}', "text-not-unicode"),
        (b'{"\\udfff": 1}', "text-not-unicode"),
        (b'["\xff"]', "text-not-unicode"),
        (b'{"consent": "internal", "consent": "name"}', "json-name-twice"),
        (b'{"title": "a", "\\u0074itle": "b"}', "json-name-twice"),
        (b'{"a\\"b": 1, "a\\"b": 2}', "json-name-twice"),
        (b'{"a": "\\\\", "a" : "\\""}', "json-name-twice"),
        (b'{"n": {"m": [{"a": 1}, {"a": 1, "b": {}, "a": {}}]}}', "json-name-twice"),
        (b'{"n": {"a": 1, "a": 2}, "n": {"a": 1}}', "json-name-twice"),
        (json.dumps(["a"] * 40).encode("utf-16"), "text-not-unicode"),
    ],
)
def test_refused(body: bytes, slug: str) -> None:
    refusal = bounded_json(body)
    assert refusal is not None
    assert refusal.slug == slug


@pytest.mark.parametrize(
    "body",
    [
        b"[" * 32 + b"]" * 32,
        b"[" + b"[]," * 5000 + b"[]]",
        b'"' + b"[" * 5000 + b'"',
        b'{"n": 9223372036854775807, "m": -9223372036854775808, "x": 1e300, "s": "99999999999999999999"}',
        b'[{"a": {"a": 1}}, {"a": "\\"a\\": 1, \\"a\\": 2"}]',
        b'{"a": "b", ": a": "a", "b": ["a", "a"]}',
        b'{"t": "NaN Infinity \\\\u0000 \\\\ud800 \\ud83d\\ude00 1e999"}',
        "« L'été »".encode(),
        b"",
        b"{not json, but the application's parser says it better",
        b"[[[",
    ],
)
def test_left_to_the_application(body: bytes) -> None:
    assert bounded_json(body) is None


@given(names=st.lists(st.text(alphabet='ab"\\:, {}é', max_size=3), max_size=6), ascii_only=st.booleans())
def test_a_name_said_twice_agrees_with_the_parser(names: list[str], ascii_only: bool) -> None:
    pairs = [f"{json.dumps(name, ensure_ascii=ascii_only)}: {json.dumps(name)}" for name in names]
    refusal = bounded_json(f"{{{', '.join(pairs)}}}".encode())
    assert (refusal is not None) == (len(set(names)) < len(names))


def test_the_place_of_a_name_said_twice_is_shown() -> None:
    refusal = bounded_json(b'{"n": [{}, {"consent": "internal", "consent": "name"}]}')
    assert refusal is not None
    assert json.loads(refusal.body())["errors"][0]["pointer"] == "/n/1/consent"


@pytest.mark.parametrize("unit", [b"[", b'\\"', b'"', b'"a",', b"{}[", b"9" * 19 + b" ", b"\\\\u0000", b"[],"])
def test_a_hostile_mebibyte_costs_little(unit: bytes) -> None:
    """Linear: a quadratic scan of the same would take minutes."""
    body = (b'["' + unit * (1_048_576 // len(unit)))[:1_048_576]
    begun = time.process_time()
    bounded_json(body)
    assert time.process_time() - begun < 0.5
