"""The rules of the house that a linter cannot say: each fails when somebody breaks it."""

from __future__ import annotations

import ast
import html
import re
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from fastapi import FastAPI
from fastapi.routing import APIRoute

from app.core.errors import Problem, all_problems
from app.core.model import Access
from app.core.richtext.typography import french
from app.policy.actions import Action
from app.policy.predicates import ABOUT_STATE, ROW_ONLY
from app.policy.rules import ABILITIES, READS, RULES
from app.web import openapi
from app.web.api import query_names
from app.web.auth import reading_caller, writing_caller
from app.web.refusals import REFUSALS, Refusal
from app.web.routing import api_routes
from app.wiring import TABLES

ROOT = Path(__file__).resolve().parents[2]
APP = sorted((ROOT / "app").rglob("*.py"))
CODE = [*APP, *(path for room in ("tests", "bench", "build") for path in sorted((ROOT / room).rglob("*.py")))]

PUBLIC = {"/healthz", "/readyz", "/api", "/static/{name}", "/problems/{slug}", "/api/v1/openapi.json"} | {
    "/affichage",
    "/style",
    "/calendrier/{calendar_secret}.ics",
}
"""Addresses that ask nobody who they are."""

BY_SECRET = {
    "/api/v1/auth/sign-in",
    "/api/v1/auth/refresh",
    "/api/v1/auth/forgotten-password",
    "/api/v1/auth/reset-password",
    "/api/v1/invitations/inspect",
    "/connexion",
    "/connexion/code",
    "/connexion/code/verifier",
    "/connexion/lien/{sign_in_code}",
    "/invitation/{invitation_code}",
    "/invitation/{invitation_code}/renouveler",
    "/mot-de-passe",
    "/mot-de-passe/{reset_code}",
}
"""Whoever calls proves who they are by what they send."""

HASHES_FIRST = {"/api/v1/auth/password", "/api/v1/auth/address", "/api/v1/invitations/accept"}
"""Argon2 works between the reading and the writing, so that no transaction is held meanwhile."""

STREAMS = {
    "/api/v1/contributions/{contribution_id}/attachments",
    "/api/v1/sessions/{session_id}/attachments",
    "/contributions/{contribution_id}/fichiers",
    "/seances/{session_id}/fichiers",
}
"""A file arrives between two transactions, each of which asks who calls and what they may."""

MAY_COMMIT = {"app/web/deps.py", "app/jobs/worker.py", "app/cli/database.py"}
"""The edge of a request, of a job and of a command."""

MAY_BEGIN = {
    "app/features/demonstration/consultation/steps.py",
    "app/features/demonstration/load.py",
    "app/features/imports/batches.py",
}
"""Commands whose work is many transactions (a killed import resumes) or one that nobody else may see half of."""

LONGEST_FILE = 400
LONGEST_FUNCTION = 50
FORBIDDEN_NAMES = {"utils", "helpers", "common", "misc", "base", "manager", "crud", "service"}


def _relative(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def _dependencies(route: APIRoute) -> Iterator[object]:
    waiting = list(route.dependant.dependencies)
    while waiting:
        dependency = waiting.pop()
        yield dependency.call
        waiting += dependency.dependencies


def test_every_route_knows_its_caller_or_is_listed_public(app: FastAPI) -> None:
    routes = api_routes(app)
    assert len(routes) > 30
    for route in routes:
        known = {reading_caller, writing_caller} & set(_dependencies(route))
        assert known or route.path in PUBLIC | BY_SECRET, route.path
        hears_first = BY_SECRET | HASHES_FIRST | STREAMS | PUBLIC
        if (route.methods or set()) - {"GET", "HEAD"} and route.path not in hears_first:
            assert writing_caller in known, f"{route.methods} {route.path} writes without a Writer"


def test_a_change_promises_to_leave_alone_what_it_does_not_name(app: FastAPI) -> None:
    """A default that is a value reads as what an absent field would become."""
    document = openapi.document(app)
    bodies = [
        operations["patch"]["requestBody"]["content"]["application/json"]["schema"]["$ref"].rsplit("/")[-1]
        for operations in document["paths"].values()
        if "patch" in operations
    ]
    assert len(bodies) > 10
    for name in bodies:
        for field, said in document["components"]["schemas"][name]["properties"].items():
            assert said.get("default") is None, f"{name}.{field} says that its default is {said['default']!r}"


def test_every_action_has_a_rule_and_reads_are_written_for_both_faces() -> None:
    assert set(RULES) == set(Action)
    for action in READS:
        for clause in RULES[action]:
            assert not set(clause) & (ROW_ONLY | ABOUT_STATE), f"{action} has a predicate that SQL cannot say"
    assert {action for actions in ABILITIES.values() for action in actions} <= set(Action)


def test_commits_stand_in_three_places_only() -> None:
    found = {_relative(path) for path in APP if re.search(r"\.commit\(", path.read_text())}
    assert found == MAY_COMMIT & {_relative(path) for path in APP}
    begun = {_relative(path) for path in APP if re.search(r"sessions\.begin\(", path.read_text())}
    assert begun <= MAY_BEGIN


def test_jose_stands_in_one_module_of_150_lines() -> None:
    users = [path for path in APP if re.search(r"^\s*(from|import) jose\b", path.read_text(), re.MULTILINE)]
    assert [_relative(path) for path in users] == ["app/core/security/tokens.py"]
    assert users[0].read_text().count("\n") <= 150


@pytest.mark.parametrize("path", CODE, ids=_relative)
def test_files_and_functions_stay_small(path: Path) -> None:
    text = path.read_text()
    assert text.count("\n") <= LONGEST_FILE, f"{_relative(path)} has outgrown its room: split it by verb"
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            length = (node.end_lineno or node.lineno) - node.lineno + 1
            assert length <= LONGEST_FUNCTION, f"{_relative(path)}:{node.lineno} {node.name} has {length} lines"


def test_no_module_has_a_name_that_says_nothing() -> None:
    assert not [_relative(path) for path in APP if path.stem in FORBIDDEN_NAMES or path.parent.name in FORBIDDEN_NAMES]


def test_nothing_runs_behind_the_answer() -> None:
    assert not [_relative(path) for path in APP if "BackgroundTasks" in path.read_text()]


def test_every_table_says_who_may_change_it() -> None:
    for table in TABLES.sorted_tables:
        assert isinstance(table.info.get("access"), Access), table.name


def test_every_problem_is_documented_once() -> None:
    waiting, slugs = [Problem], []
    while waiting:
        children = waiting.pop().__subclasses__()
        slugs += [child.slug for child in children]
        waiting += children
    slugs += [refusal.slug for refusal in REFUSALS]
    assert len(REFUSALS) > 10
    assert sorted(slugs) == sorted(set(slugs)), "two classes share one page"
    for kind in all_problems():
        assert kind.__doc__, kind
        assert kind.title
        assert 400 <= kind.status < 600


async def test_every_problem_that_an_answer_names_has_its_page(client: httpx.AsyncClient) -> None:
    kinds: list[type[Problem] | Refusal] = [*all_problems(), *REFUSALS]
    for kind in kinds:
        answer = await client.get(f"/problems/{kind.slug}")
        assert answer.status_code == 200, kind.slug
        turn = kind.detail if isinstance(kind, Refusal) else openapi.TURNS[kind.status]
        for words in (kind.title, french(turn)):
            assert words in html.unescape(answer.text)
    assert (await client.get("/problems/nothing")).status_code == 404


def test_no_address_of_a_registry_or_of_a_machine_is_kept() -> None:
    suspicious = re.compile(r"(index-url|--find-links|extra-index|registry\.|/root/|/home/\w)")
    kept = [*CODE, *sorted((ROOT / "requirements").iterdir()), ROOT / "Makefile", ROOT / "pyproject.toml"]
    this_file = Path(__file__)
    assert not [_relative(path) for path in kept if path != this_file and suspicious.search(path.read_text())]


def test_the_same_filter_has_the_same_name_everywhere(app: FastAPI) -> None:
    """`initiative_id`, not `initiative`; `since` and `until`, not `from` and `to`."""
    api = [route for route in api_routes(app) if route.path.startswith("/api/")]
    names = {(route.path, name) for route in api for name in query_names(route.dependant)}
    wrong = {"initiative", "space", "organisation", "person", "session", "theme", "deliverable", "from", "to"}
    assert not [it for it in names if it[1] in wrong]


def test_nobody_compares_texts_on_the_loop() -> None:
    """Two long texts take 0.4 s: `Comparison` under `apart` is the way; `around` is called under it."""
    comparing = {
        _relative(path)
        for path in APP
        if re.search(r"richtext\.differences import [^\n]*\bdifferences\b", path.read_text())
    }
    assert comparing == {"app/features/deliverables/queries/around.py"}
    for path in APP:
        if re.search(r"\bComparison\(\)|\bdifferences_around\(row", code := path.read_text()):
            assert "await apart(" in code, _relative(path)
