"""Where one embedded server keeps its data, its socket and its log."""

from __future__ import annotations

import hashlib
import os
import shutil
import stat
import tempfile
from dataclasses import dataclass
from pathlib import Path

from app.core.postgres.account import Account, server_account
from app.core.postgres.errors import PostgresError

PORT = 5432  # only names the socket file: nothing listens on the network
SOCKET_LIMIT = 100  # bytes; the kernel's own limit is 107 on Linux, 103 on macOS
STATE = Path("/var/lib/alliage")
POINTER = "database-is-elsewhere"


@dataclass(frozen=True)
class Places:
    """The folders of one server; `home` is the folder asked for, unless its account cannot go there."""

    folder: Path
    home: Path
    account: Account

    @property
    def data(self) -> Path:
        """PostgreSQL's own data folder."""
        return self.home / "data"

    @property
    def log(self) -> Path:
        """What the server says."""
        return self.home / "postgresql.log"

    @property
    def users(self) -> Path:
        """The file that every process which uses the server holds a shared lock on."""
        return self.home / "users.lock"

    @property
    def socket(self) -> Path:
        """The folder of the socket: in the home where the path is short enough, else a temporary one."""
        inside = self.home / "run"
        if _fits(inside):
            return inside
        name = f"alliage-{self.account.uid}-{hashlib.sha256(os.fsencode(self.home)).hexdigest()[:12]}"
        for shared in (Path(tempfile.gettempdir()), Path("/tmp")):  # noqa: S108 - checked by private_folder
            if _fits(shared / name) and self.account.reaches_through(shared):
                return shared / name
        raise PostgresError(
            f"Aucun dossier n’a un nom assez court pour une socket : déplacez {self.folder} vers un chemin plus court."
        )

    def remove(self) -> None:
        """Delete the whole database. The folder that was asked for stays, with whatever else it holds."""
        for path in (self.data, self.socket):
            shutil.rmtree(path, ignore_errors=True)
        for path in (self.log, self.log.with_suffix(".log.1"), self.users, self.folder / POINTER):
            path.unlink(missing_ok=True)
        if self.home != self.folder:
            shutil.rmtree(self.home, ignore_errors=True)


def choose(folder: Path, state: Path = STATE) -> Places:
    """Find or choose where the server of `folder` lives; call it under the folder's gate.

    As root the server runs under another account, which often cannot enter the folder (a home of mode 0700,
    for one). No mode of a parent is ever changed: the data then live under `state`, and a file in the folder
    says where. Data that exist always win, or a changed mode would silently start an empty database.
    """
    pointer = folder / POINTER
    if pointer.exists():
        home = Path(pointer.read_text(encoding="utf-8").strip())
        return Places(folder, home, server_account(home / "data"))
    account = server_account(folder / "data")
    if account.is_ours or account.reaches_through(folder):
        return Places(folder, folder, account)
    if (folder / "data").exists():
        raise PostgresError(
            f"Le compte qui fait tourner la base de {folder} (uid {account.uid}) ne peut plus y entrer. "
            "Rendez-lui le droit de traverser les dossiers au-dessus, ou lancez la commande sous ce compte."
        )
    state.mkdir(parents=True, exist_ok=True, mode=0o755)
    home = Path(tempfile.mkdtemp(prefix="database-", dir=state))
    home.chmod(0o711)  # the account passes through; its own folders inside are 0700
    if not account.reaches_through(home):
        home.rmdir()
        raise PostgresError(
            f"Le compte qui fait tourner PostgreSQL (uid {account.uid}) ne peut entrer ni dans {folder} ni dans {state}. "
            "Lancez la commande sous un compte ordinaire, ou donnez DATABASE_URL, l’adresse d’un serveur à vous."
        )
    written = pointer.with_suffix(".new")
    written.write_text(f"{home}\n", encoding="utf-8")
    written.replace(pointer)
    return Places(folder, home, account)


def private_folder(path: Path, account: Account) -> Path:
    """Make a folder that only `account` (and root) can enter.

    The server trusts whoever reaches its socket, so this folder is the lock on the door. Raises PostgresError
    when something of somebody else stands there, as anybody can prepare in a shared temporary folder.
    """
    try:
        path.mkdir(mode=0o700)
        if not account.is_ours:
            os.chown(path, account.uid, account.gid)
    except FileExistsError:
        found = path.lstat()
        if not stat.S_ISDIR(found.st_mode) or found.st_uid not in (account.uid, os.geteuid()):
            raise PostgresError(f"{path} est en travers et appartient à quelqu’un d’autre : supprimez-le.") from None
        if found.st_uid != account.uid:
            os.chown(path, account.uid, account.gid, follow_symlinks=False)
        if stat.S_IMODE(found.st_mode) != 0o700:
            path.chmod(0o700)
    return path


def _fits(folder: Path) -> bool:
    return len(os.fsencode(folder / f".s.PGSQL.{PORT}")) <= SOCKET_LIMIT
