"""What commands refuse, and the code that they leave with."""

from __future__ import annotations

import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import psycopg
import pytest
from typer.testing import CliRunner

from app.cli.commands import app as commands
from app.cli.commands import main
from app.cli.serving import _settle_for_the_demonstration
from app.core.db import driver_address
from app.core.postgres.cluster import Urls
from app.settings import UnsafeSettings, get_settings


@pytest.fixture
def configured(empty_database: Urls, monkeypatch: pytest.MonkeyPatch) -> Iterator[Urls]:
    """Commands that run on a database of their own."""
    monkeypatch.setenv("DATABASE_URL", empty_database.app)
    monkeypatch.setenv("DATABASE_OWNER_URL", empty_database.owner)
    get_settings.cache_clear()
    yield empty_database
    get_settings.cache_clear()


def _write(urls: Urls, sql: str) -> None:
    with psycopg.connect(driver_address(urls.owner)) as hand:
        hand.execute(sql.encode())


def test_a_repair_succeeds_only_when_nothing_wrong_is_left(configured: Urls) -> None:
    assert CliRunner().invoke(commands, ["check"]).exit_code == 0
    _write(configured, "INSERT INTO findables (object_id, object_type, occurred_at, released, named, tags, words)"
                       " VALUES (gen_random_uuid(), 'organisation', now(), true, true, '{}', '')")  # fmt: skip
    assert CliRunner().invoke(commands, ["check"]).exit_code == 1
    assert CliRunner().invoke(commands, ["check", "--repair"]).exit_code == 0
    assert CliRunner().invoke(commands, ["check"]).exit_code == 0
    _write(configured, "INSERT INTO external_refs VALUES ('x', 'contribution', '1', gen_random_uuid(), now())")
    done = CliRunner().invoke(commands, ["check", "--repair"])
    assert done.exit_code == 1
    assert "Références externes" in done.output


@pytest.mark.parametrize(
    ("email", "name"),
    [("personne", "Nom"), ("a b@exemple.org", "Nom"), ("a@exemple.org", ""), ("a@exemple.org", "a\x02b")],
)
def test_an_administrator_is_named_like_anybody_else(configured: Urls, email: str, name: str) -> None:
    done = CliRunner().invoke(commands, ["create-admin", email, "--name", name], input="Une longue phrase de passe 7\n")
    assert isinstance(done.exception, UnsafeSettings)
    assert "acceptable" in str(done.exception)


def test_the_address_of_an_administrator_is_kept_as_a_sign_in_looks_for_it(configured: Urls) -> None:
    command = ["create-admin", "Admin@Exemple.org", "--name", "Camille"]
    done = CliRunner().invoke(commands, command, input="Une longue phrase de passe 7\n")
    assert done.exit_code == 0, done.output + str(done.exception)
    assert "admin@exemple.org" in done.output


@pytest.mark.parametrize(("command", "another"), [("serve", "alliage serve --port"), ("demo", "make demo PORT=")])
def test_a_taken_port_is_refused_before_anything_starts(configured: Urls, command: str, another: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        done = CliRunner().invoke(commands, [command, "--port", str(taken.getsockname()[1])])
    assert isinstance(done.exception, UnsafeSettings)
    assert "est déjà pris" in str(done.exception)
    assert another in str(done.exception)
    assert "Mot de passe" not in done.output


@pytest.mark.parametrize(
    ("chosen", "said"), [(None, "http://127.0.0.1:8123"), ("https://a.example", "https://a.example")]
)
def test_the_demonstration_says_the_port_that_it_is_on(
    configured: Urls, monkeypatch: pytest.MonkeyPatch, chosen: str | None, said: str
) -> None:
    for name in ("ALLIAGE_BASE_URL", "ALLIAGE_WORKER_IN_SERVER", "ALLIAGE_LOG_JSON"):
        monkeypatch.setenv(name, "false")  # so that it is as before afterwards
        monkeypatch.delenv(name)
    if chosen:
        monkeypatch.setenv("ALLIAGE_BASE_URL", chosen)
    get_settings.cache_clear()
    _settle_for_the_demonstration(8123)
    assert get_settings().base_url == said


AWAY = "postgresql://personne@127.0.0.1:1/rien"


@pytest.mark.parametrize(
    ("changed", "command", "said"),
    [
        (
            {"ALLIAGE_ENVIRONMENT": "prod"},
            "check",
            "Réglage ALLIAGE_ENVIRONMENT : valeurs possibles : 'development' ou",
        ),
        (
            {"ALLIAGE_POOL_SIZE": "abc"},
            "serve --port 8199",
            "Réglage ALLIAGE_POOL_SIZE : un nombre entier est attendu.",
        ),
        ({"DATABASE_URL": "pas une adresse"}, "check", "Réglage DATABASE_URL : une adresse comme"),
        ({"DATABASE_URL": "postgresql://h:port/base"}, "migrate", "Réglage DATABASE_URL : une adresse comme"),
        ({"DATABASE_URL": AWAY}, "check", "La base de données ne répond pas."),
        ({"DATABASE_URL": AWAY}, "serve --port 8199", "La base de données ne répond pas."),
        ({"DATABASE_OWNER_URL": AWAY}, "migrate", "La base de données ne répond pas."),
    ],
)
def test_what_an_administrator_mistypes_is_one_sentence(
    configured: Urls,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    changed: dict[str, str],
    command: str,
    said: str,
) -> None:
    for name, value in changed.items():
        monkeypatch.setenv(name, value)
    get_settings.cache_clear()
    monkeypatch.setattr(sys, "argv", ["alliage", *command.split()])
    with pytest.raises(SystemExit) as left:
        main()
    assert left.value.code == 2
    shown = capsys.readouterr().err
    assert shown.startswith(said)
    assert "Traceback" not in shown


@pytest.mark.parametrize(
    "command",
    [
        ["check"],
        ["export", str(uuid4()), "dossier"],
        ["draft", str(uuid4()), "--as", "a@exemple.org"],
        ["remove-demonstration-accounts"],
    ],
)
def test_what_works_on_an_installation_makes_none_elsewhere(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, command: list[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    for name in ("DATABASE_URL", "DATABASE_OWNER_URL", "ALLIAGE_FOLDER"):
        monkeypatch.delenv(name, raising=False)
    get_settings.cache_clear()
    done = CliRunner().invoke(commands, command)
    get_settings.cache_clear()
    assert isinstance(done.exception, UnsafeSettings), done.output
    assert f"pas d’installation dans {tmp_path}/var" in str(done.exception)
    assert list(tmp_path.iterdir()) == []


def test_a_check_says_what_it_checks_without_the_password(configured: Urls) -> None:
    done = CliRunner().invoke(commands, ["check"])
    assert done.output.startswith("Installation vérifiée : ")
    assert configured.app.rpartition("/")[2].partition("?")[0] in done.output


INTERRUPTED = """
import sys

import app.cli


class Interrupting:
    def find_spec(self, name, path=None, target=None):
        if name == "app.core.db":
            raise KeyboardInterrupt


sys.meta_path.insert(0, Interrupting())
app.cli.main()
"""


def test_an_interruption_while_commands_load_leaves_no_trace_on_the_screen() -> None:
    done = subprocess.run([sys.executable, "-c", INTERRUPTED], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (130, "", "")
