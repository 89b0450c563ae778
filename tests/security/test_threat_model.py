"""Every threat of `docs/threat-model.md` names a test that fails when its measure goes: the tests must exist."""

from __future__ import annotations

import ast
import re
from functools import lru_cache
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs" / "threat-model.md").read_text(encoding="utf-8")
NAMED = sorted(set(re.findall(r"`(tests/[\w/]+\.py)::(test_\w+)`", PAGE)))
THREATS = re.findall(r"^\| T(\d+) \|(.*)$", PAGE, re.MULTILINE)


@lru_cache
def _tests_of(path: str) -> frozenset[str]:
    tree = ast.parse((ROOT / path).read_text(encoding="utf-8"))
    return frozenset(
        node.name
        for node in tree.body
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.name.startswith("test_")
    )


@pytest.mark.parametrize(("path", "name"), NAMED, ids=lambda part: str(part).rsplit("/", 1)[-1])
def test_every_named_test_exists(path: str, name: str) -> None:
    assert (ROOT / path).is_file(), f"{path} is gone: what protects its threats now?"
    assert name in _tests_of(path), f"{path} has no {name} any more: what protects its threats now?"


def test_threats_are_numbered_without_a_hole() -> None:
    assert [int(number) for number, _ in THREATS] == list(range(1, len(THREATS) + 1))
    assert len(THREATS) >= 50


@pytest.mark.parametrize(("number", "row"), THREATS, ids=[f"T{number}" for number, _ in THREATS])
def test_every_threat_has_a_measure_and_a_test(number: str, row: str) -> None:
    threat, measure, tests = (cell.strip() for cell in row.strip().rstrip("|").split("|"))
    assert threat
    assert measure
    assert "::test_" in tests, f"T{number} names no test"
