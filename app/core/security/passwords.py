"""Passwords: which ones are taken, and how they are kept and checked without slowing anybody else down.

Argon2id with the parameters of OWASP (t=2, 19 MiB, p=1): 26 ms of CPU instead of the 230 of the library's
default. Two threads of their own do the work, never the event loop: a wave of sign-ins queues there, takes
40 MB at most, and leaves the other requests alone.

A password is compared in NFC with every Unicode space as a plain one, as RFC 8265 (OpaqueString) asks: a Mac
may send "é" as two code points and Alt+space as a no-break space, and the same fingers must open the same
door. Not NFKC, which would take "²" for "2" and "ﬁ" for "fi": characters that somebody chose would be lost.
"""

from __future__ import annotations

import asyncio
import re
import unicodedata
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import pairwise
from typing import TypeVar

from pwdlib import PasswordHash
from pwdlib.hashers.argon2 import Argon2Hasher

from app.core.i18n import gettext, later
from app.core.text import fold

T = TypeVar("T")

SHORTEST, LONGEST = 12, 128
TIME, MEMORY_KIB, LANES = 2, 19 * 1024, 1
AT_A_TIME = 2

_HASHES = PasswordHash((Argon2Hasher(time_cost=TIME, memory_cost=MEMORY_KIB, parallelism=LANES),))
_THREADS = ThreadPoolExecutor(AT_A_TIME, thread_name_prefix="argon2")

#: Costs what a real hash costs and belongs to no password: an unknown account takes the same time.
_NOBODY = f"$argon2id$v=19$m={MEMORY_KIB},t={TIME},p={LANES}$bm9ib2R5IGF0IGFsbCEh$" + "A" * 43

# Folded, without spaces and punctuation: what returns among the leaked passwords of twelve letters or more.
_COMMON = frozenset(
    """
    motdepasse123 motdepasse1234 motdepasse2020 monmotdepasse monmotdepasse1 lemotdepasse unmotdepasse
    motdepassemotdepasse changezmoi123 azertyuiop123 azertyuiop1234 azertyuiopqsdfghjklm qsdfghjklmwxcvbn
    aqwzsxedcrfv azerty123456 123456azerty azertyqwerty qwertyuiop123 qwertyuiopasdf qwertyuiopasdfghjkl
    qwerty123456 1qaz2wsx3edc 1q2w3e4r5t6y zaq12wsxcde3 passwordpassword password1234 password12345
    password123456 mypassword123 passw0rd1234 adminadmin123 administrateur administrator administrateur1
    bienvenue123 bienvenue2020 welcome12345 letmein12345 iloveyou1234 jetaime12345 jetaimejetaime
    monamourdemavie jesuistoncopain soleil123456 doudou123456 loulou123456 chouchou1234 marseille13013
    parissaintgermain olympiquedemarseille allezlesbleus liberteegalitefraternite vivelafrance
    alliance123456 alliage123456 alliagealliage correcthorsebatterystaple trustno1trustno1
    """.split()  # noqa: SIM905 - one a line would be a page
)
_SEPARATORS = re.compile(r"[\W_]+")


@dataclass(frozen=True, slots=True)
class PasswordCheck:
    """Whether the password is right, and the hash to store instead when the parameters have changed since."""

    valid: bool
    new_hash: str | None = None


async def hash_password(password: str) -> str:
    """The PHC string to store. It does not judge: ask `password_problem` first."""
    return await _in_thread(lambda: _HASHES.hash(_prepared(password)))


async def verify_password(password: str, stored: str | None) -> PasswordCheck:
    """Check a password; `stored=None` (no account, no password) does the same work and is never valid.

    A stored value that is no Argon2 hash raises `pwdlib.exceptions.UnknownHashError`: damage must be seen.
    """
    if len(password) > LONGEST * 4:  # four code points can make one letter; beyond, it was never accepted
        password, stored = "", None
    prepared = _prepared(password)
    valid, new_hash = await _in_thread(lambda: _HASHES.verify_and_update(prepared, stored or _NOBODY))
    return PasswordCheck(valid, new_hash) if stored is not None else PasswordCheck(valid=False)


def password_problem(password: str, *, email: str, name: str) -> str | None:
    """What is wrong with a new password, as one sentence in the language of the request; None when it is taken."""
    text = _normalised(password)
    if len(text) < SHORTEST:
        return gettext(
            "Le mot de passe doit compter au moins {least} caractères. Une phrase convient très bien."
        ).format(least=SHORTEST)
    if len(text) > LONGEST:
        return gettext("Le mot de passe doit compter au plus {most} caractères.").format(most=LONGEST)
    squashed = _squashed(text)
    complaints = (
        (_is_unseen(text), later("Le mot de passe contient un caractère invisible : retirez-le.")),
        (_is_pattern(text), later("Le mot de passe répète un motif ou suit un ordre : prenez des mots sans lien.")),
        (_is_identity(squashed, email, name), later("Le mot de passe reprend votre adresse ou votre nom.")),
        (squashed in _COMMON, later("Ce mot de passe est parmi les plus utilisés : choisissez-en un autre.")),
    )
    return next((gettext(sentence) for wrong, sentence in complaints if wrong), None)


async def _in_thread(work: Callable[[], T]) -> T:
    return await asyncio.get_running_loop().run_in_executor(_THREADS, work)


def _normalised(password: str) -> str:
    text = unicodedata.normalize("NFC", password)
    return "".join(" " if unicodedata.category(letter) == "Zs" else letter for letter in text)


def _prepared(password: str) -> bytes:
    """Bytes for Argon2; a lone surrogate is kept as it is, it only has to be wrong and not to raise."""
    return _normalised(password).encode("utf-8", "surrogatepass")


def _squashed(text: str) -> str:
    return _SEPARATORS.sub("", fold(text))


def _is_unseen(text: str) -> bool:
    """Control characters and lone surrogates, which no keyboard types twice alike."""
    return any(unicodedata.category(letter) in ("Cc", "Cs") for letter in text)


def _is_pattern(text: str) -> bool:
    """Few different characters, one piece three times or more, or a run: 123456789012, zyxwvutsrqpo."""
    if len(set(text)) < 5 or any(text[size:] == text[:-size] for size in range(1, len(text) // 3 + 1)):
        return True
    return {ord(after) - ord(before) for before, after in pairwise(text)} <= {1, -1, 9, -9}


def _is_identity(squashed: str, email: str, name: str) -> bool:
    """Whether taking the address and the name away leaves under six characters."""
    local = email.partition("@")[0]
    pieces = {_squashed(piece) for piece in (email, local, name, *_SEPARATORS.split(local), *name.split())}
    left = squashed
    for piece in sorted(pieces, key=len, reverse=True):
        if len(piece) >= 3:
            left = left.replace(piece, "")
    return left != squashed and len(left) < 6
