"""What browsers get besides pages: named by content, kept for a year, compressed, and nothing else served."""

from __future__ import annotations

import gzip
import json
import re
import shutil
import subprocess
import sys
from pathlib import Path

import httpx
import pytest
from jinja2 import Environment, nodes

from app.web import assets
from build import assets as making

ROOT = Path(__file__).resolve().parents[2]
TEMPLATES = sorted((ROOT / "app/templates").rglob("*.html"))
USERS = [
    path for kind in ("html", "py", "ts") for path in (ROOT / "app").rglob(f"*.{kind}") if "built" not in path.parts
]
ASKED = re.compile(r"""\b(?P<function>asset|icon)\(\s*["'](?P<name>[^"']+)["']""")


async def test_a_file_is_kept_for_a_year_under_a_name_that_changes_with_it(client: httpx.AsyncClient) -> None:
    for name, media_type in (
        ("alliage.css", "text/css; charset=utf-8"),
        ("base.js", "text/javascript; charset=utf-8"),
        ("icons.svg", "image/svg+xml"),
    ):
        address = assets.asset(name)
        assert address != f"/static/{name}"
        got = await client.get(address, headers={"Accept-Encoding": "identity"})
        assert got.status_code == 200
        assert got.headers["content-type"] == media_type
        assert got.headers["cache-control"] == "public, max-age=31536000, immutable"
        assert got.headers["x-content-type-options"] == "nosniff"
        assert got.headers["vary"] == "Accept-Encoding"
        assert "content-encoding" not in got.headers
        again = await client.get(address, headers={"If-None-Match": got.headers["etag"], "Accept-Encoding": "identity"})
        assert (again.status_code, again.content) == (304, b"")


async def test_it_is_sent_compressed_to_whoever_takes_it_so(client: httpx.AsyncClient) -> None:
    address = assets.asset("base.js")
    plain = await client.get(address, headers={"Accept-Encoding": "gzip;q=0, br"})
    async with client.stream("GET", address, headers={"Accept-Encoding": "br, gzip"}) as answer:
        sent = b"".join([part async for part in answer.aiter_raw()])
    assert answer.headers["content-encoding"] == "gzip"
    assert answer.headers["etag"] != plain.headers["etag"]
    assert gzip.decompress(sent) == plain.content
    assert len(sent) < len(plain.content) / 2


@pytest.mark.parametrize("name", ["manifest.json", "nothing.css", "plain.css", "..%2Fmain.py", "alliage.css.gz", "css"])
async def test_what_the_manifest_does_not_name_is_not_there(client: httpx.AsyncClient, name: str) -> None:
    assert (await client.get(f"/static/{name}")).status_code == 404


async def test_the_terms_of_what_is_shipped_are_shipped(client: httpx.AsyncClient) -> None:
    said = (await client.get("/static/LICENSES.txt")).text
    assert "Zero-Clause BSD" in said
    assert "ISC License" in said


def test_templates_ask_for_what_exists() -> None:
    drawn = set(re.findall(r'<symbol id="([^"]+)"', _sprite()))
    for template in TEMPLATES:
        for found in ASKED.finditer(template.read_text(encoding="utf-8")):
            if found["function"] == "asset":
                assert assets.asset(found["name"])
            else:
                assert found["name"] in drawn, f"{template.name}: add {found['name']} to app/static/icons.txt"


def test_the_sprite_has_the_listed_icons_and_no_other() -> None:
    sprite = _sprite()
    assert re.findall(r'<symbol id="([^"]+)"', sprite) == making.icon_names()
    assert sprite.count('stroke-width="1.75"') == len(making.icon_names())
    assert "style" not in sprite


def test_an_icon_alone_has_a_name_and_beside_words_has_none() -> None:
    assert 'aria-hidden="true"' in assets.icon("check")
    assert 'role="img" aria-label="Fermer &lt;b&gt;"' in assets.icon("x", "Fermer <b>")


def test_without_its_files_the_server_does_not_start(tmp_path: Path) -> None:
    with pytest.raises(assets.AssetsMissing, match="make assets"):
        assets.load(tmp_path)
    shutil.copytree(assets.BUILT, tmp_path / "half")
    (tmp_path / "half" / assets.asset("alliage.css").removeprefix("/static/")).unlink()
    with pytest.raises(assets.AssetsMissing):
        assets.load(tmp_path / "half")


def test_what_signing_out_takes_away_is_named_as_the_composer_names_it() -> None:
    for island in ("base.js", "composer.js"):
        assert "alliage:saisie:" in _built(island).read_text(encoding="utf-8")
    empty = [path.name for path in making.BUILT.glob("*.js") if not path.read_text(encoding="utf-8").strip()]
    assert not empty, "a constant that islands share is one request more on every page"


def _built(name: str) -> Path:
    return making.BUILT / assets.asset(name).removeprefix("/static/")


def test_nothing_is_made_twice() -> None:
    making.build()
    before = {path.name: path.stat().st_mtime_ns for path in making.BUILT.iterdir()}
    assert making.build() is False
    assert {path.name: path.stat().st_mtime_ns for path in making.BUILT.iterdir()} == before


def test_an_icon_that_lucide_does_not_have_is_said_with_its_neighbours(monkeypatch: pytest.MonkeyPatch) -> None:
    modules = making.installed()
    monkeypatch.setattr(making, "icon_names", lambda: ["calender"])
    with pytest.raises(making.AssetsFailed, match=r"« calender ».*calendar"):
        making._sprite(modules)


def test_a_registry_that_does_not_answer_is_said_in_both_languages(tmp_path: Path) -> None:
    """In a copy, with an empty cache and an address that refuses."""
    for part in ("app/islands", "app/static", "build"):
        shutil.copytree(ROOT / part, tmp_path / part, ignore=shutil.ignore_patterns("built"))
    done = subprocess.run(
        [sys.executable, tmp_path / "build/assets.py"],
        env={
            "PATH": "/usr/bin:/bin",
            "HOME": str(tmp_path),
            "npm_config_cache": str(tmp_path / "cache"),
            "npm_config_registry": "http://127.0.0.1:9/",
            "npm_config_fetch_retries": "0",
        },
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    assert "« npm » a échoué. Vérifiez la connexion" in done.stderr
    assert "“npm” failed. Check the network" in done.stderr
    assert "Traceback" not in done.stderr
    assert not (tmp_path / "app/static/built").exists()


def test_the_lock_names_no_address() -> None:
    lock = json.loads((making.ISLANDS / "package-lock.json").read_text(encoding="utf-8"))
    packages = {name: said for name, said in lock["packages"].items() if name}
    assert all("resolved" not in said for said in packages.values())
    assert all(said["integrity"].startswith("sha512-") for said in packages.values())
    assert packages["node_modules/htmx.org"]["version"].startswith("2.0.")


def _sprite() -> str:
    return assets.assets().files[assets.assets().names["icons.svg"]].content.decode()


def test_every_icon_of_the_list_is_used() -> None:
    """A page fetches the whole sprite: what nobody draws weighs on everybody."""
    used = "".join(path.read_text(encoding="utf-8") for path in USERS)
    assert [name for name in making.icon_names() if not re.search(rf"""["']{name}["']""", used)] == []


def test_templates_import_what_they_use_and_no_more() -> None:
    """Macros that a template imports are there for what it includes too; one that includes by a computed name is left out."""
    reader = Environment(extensions=["jinja2.ext.i18n", "jinja2.ext.do", "jinja2.ext.loopcontrols"])
    parsed = {
        path.relative_to(ROOT / "app/templates").as_posix(): reader.parse(path.read_text(encoding="utf-8"))
        for path in TEMPLATES
    }

    def used_in(name: str) -> set[str] | None:
        found = {one.name for one in parsed[name].find_all(nodes.Name) if one.ctx == "load"}
        for one in parsed[name].find_all(nodes.Include):
            if not isinstance(one.template, nodes.Const):
                return None
            below = used_in(one.template.value)
            if below is None:
                return None
            found |= below
        return found

    for name, template in parsed.items():
        imported = {
            one if isinstance(one, str) else one[1]
            for made in template.find_all(nodes.FromImport)
            for one in made.names
        }
        used = used_in(name)
        assert used is None or imported <= used, f"{name}: {sorted(imported - used)}"
