"""What must not run does not start (R13): known secrets where others can reach, addresses that are not https."""

from __future__ import annotations

from pathlib import Path

import pytest
from typer.testing import CliRunner

from app.cli import serving
from app.cli.database import run
from app.core.db import Database
from app.core.postgres.cluster import Urls
from app.settings import DEVELOPMENT_SECRET, Settings, UnsafeSettings
from tests.conftest import TEST_SECRET
from tests.world import person

OURS = {"environment": "production", "secret": TEST_SECRET, "base_url": "https://alliage.example"}


def _settings(**said: str) -> Settings:
    return Settings(_env_file=None, **said)  # type: ignore[arg-type]


def test_an_installation_with_its_own_secret_starts() -> None:
    _settings(**OURS).refuse_unsafe()
    _settings().refuse_unsafe()  # development, on this machine alone


@pytest.mark.parametrize(
    "change",
    [
        {"secret": DEVELOPMENT_SECRET},
        {"secret": "too short"},
        {"base_url": "http://alliage.example"},
        {"base_url": "http://127.0.0.1.alliage.example"},
        {"base_url": "ftp://alliage.example"},
    ],
)
def test_outside_development_what_is_unsafe_is_refused(change: dict[str, str]) -> None:
    with pytest.raises(UnsafeSettings):
        _settings(**OURS | change).refuse_unsafe()


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.0.2.4", "alliage.example"])
def test_the_public_secret_serves_this_machine_alone(urls: Urls, host: str) -> None:
    settings = _settings(DATABASE_URL=urls.app, secret=DEVELOPMENT_SECRET)
    with pytest.raises(UnsafeSettings, match="ALLIAGE_SECRET"):
        serving._refuse_known_secrets(settings, host)
    serving._refuse_known_secrets(settings, "127.0.0.1")


def test_demonstration_accounts_serve_this_machine_alone(empty_database: Urls) -> None:
    settings = _settings(DATABASE_URL=empty_database.app, secret=TEST_SECRET)
    serving._refuse_known_secrets(settings, "0.0.0.0")
    run(settings, _demonstration_account)
    with pytest.raises(UnsafeSettings, match="démonstration"):
        serving._refuse_known_secrets(settings, "0.0.0.0")
    serving._refuse_known_secrets(settings, "::1")


async def _demonstration_account(database: Database) -> None:
    somebody = person("demonstration")
    somebody.demonstration, somebody.password = True, "a hash"
    async with database.sessions() as db:
        db.add(somebody)
        await db.commit()


def test_the_command_says_it_in_words(monkeypatch: pytest.MonkeyPatch, urls: Urls, tmp_path: Path) -> None:
    from app.cli.commands import app as commands  # noqa: PLC0415

    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("DATABASE_URL", urls.app)
    done = CliRunner().invoke(commands, ["serve", "--host", "0.0.0.0"])
    assert done.exit_code != 0
    assert "ALLIAGE_SECRET" in done.output + str(done.exception)
