"""Passwords: what is taken, what checking costs, and that nobody else waits for it."""

from __future__ import annotations

import asyncio
import re
import statistics
import threading
import time

import pytest
from argon2 import PasswordHasher
from hypothesis import given, settings
from hypothesis import strategies as st
from pwdlib.exceptions import UnknownHashError

from app.core.security import passwords
from app.core.security.passwords import PasswordCheck, hash_password, password_problem, verify_password

GOOD = "un cheval bleu traverse la Loire"


def problem(
    password: str, email: str = "jeanne.martin@organisation.example", name: str = "Jeanne Martin"
) -> str | None:
    return password_problem(password, email=email, name=name)


async def test_a_password_is_hashed_with_the_announced_parameters_and_checked() -> None:
    stored = await hash_password(GOOD)
    assert stored.startswith("$argon2id$v=19$m=19456,t=2,p=1$")
    assert await verify_password(GOOD, stored) == PasswordCheck(valid=True, new_hash=None)
    assert await verify_password(GOOD + ".", stored) == PasswordCheck(valid=False, new_hash=None)
    assert stored != await hash_password(GOOD)


async def test_an_older_hash_is_renewed_when_the_password_is_right() -> None:
    older = PasswordHasher(time_cost=1, memory_cost=8 * 1024, parallelism=1).hash(GOOD)
    check = await verify_password(GOOD, older)
    assert check.valid
    assert check.new_hash is not None
    assert await verify_password(GOOD, check.new_hash) == PasswordCheck(valid=True)
    assert await verify_password("another password", older) == PasswordCheck(valid=False)


async def test_a_damaged_hash_is_seen() -> None:
    with pytest.raises(UnknownHashError):
        await verify_password(GOOD, "not a hash")


@pytest.mark.parametrize("password", [GOOD, "", "nobody at all!", "\ud800" * 12, "a" * 1_000_000])
async def test_nobody_is_never_valid(password: str) -> None:
    assert await verify_password(password, None) == PasswordCheck(valid=False)


async def test_nobody_is_not_valid_even_with_the_password_of_the_dummy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(passwords, "_NOBODY", PasswordHasher(time_cost=1, memory_cost=64).hash(GOOD))
    assert await verify_password(GOOD, None) == PasswordCheck(valid=False, new_hash=None)


async def test_a_password_of_megabytes_costs_no_more_than_another() -> None:
    endless = "e\u0301" * 5_000_000
    start = time.process_time()
    await verify_password(endless, None)
    assert time.process_time() - start < 0.2


async def test_what_is_too_long_never_matches_even_when_it_begins_right() -> None:
    longest = "é" * 128
    stored = await hash_password(longest)
    assert (await verify_password("e\u0301" * 128, stored)).valid
    assert not (await verify_password(longest + "e" * 600, stored)).valid
    assert not (await verify_password("", await hash_password(GOOD))).valid


async def test_the_same_fingers_open_the_same_door_on_every_keyboard() -> None:
    stored = await hash_password("été à la mer\u00a0!")
    assert (await verify_password("e\u0301te\u0301 a\u0300 la mer !", stored)).valid
    assert (await verify_password("été à la mer\u202f!", stored)).valid
    squared = await hash_password("surface en m² ?")
    assert not (await verify_password("surface en m2 ?", squared)).valid


async def _cpu_of(stored: str | None) -> float:
    """Processor seconds of one check, all threads counted; the least of five: others share the machine."""
    costs = []
    for _ in range(5):
        start = time.process_time()
        await verify_password("a wrong password", stored)
        costs.append(time.process_time() - start)
    return min(costs)


async def test_a_check_costs_at_most_40_ms_of_cpu_and_the_same_for_nobody() -> None:
    stored = await hash_password(GOOD)
    await verify_password(GOOD, stored)
    known, unknown = await _cpu_of(stored), await _cpu_of(None)
    assert 0.005 < known <= 0.040
    assert 0.6 < unknown / known < 1.6


async def test_the_event_loop_goes_on_meanwhile() -> None:
    """Twenty checks at once: the loop still turns every few milliseconds (a check on it stops it for 26)."""
    gaps: list[float] = []

    async def heartbeat() -> None:
        last = time.perf_counter()
        while True:
            await asyncio.sleep(0.001)
            gaps.append(time.perf_counter() - last)
            last = time.perf_counter()

    beating = asyncio.create_task(heartbeat())
    await asyncio.gather(*(verify_password(GOOD, None) for _ in range(20)))
    beating.cancel()
    assert len(gaps) > 20
    assert statistics.median(gaps) < 0.015


async def test_at_most_two_work_at_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """The real check, counted on its way in and out."""
    working, most, lock = 0, 0, threading.Lock()
    real = passwords._HASHES.verify_and_update

    def counted(password: bytes, stored: str) -> tuple[bool, str | None]:
        nonlocal working, most
        with lock:
            working += 1
            most = max(most, working)
        try:
            assert threading.current_thread() is not threading.main_thread()
            return real(password, stored)
        finally:
            with lock:
                working -= 1

    monkeypatch.setattr(passwords._HASHES, "verify_and_update", counted)
    await asyncio.gather(*(verify_password(GOOD, None) for _ in range(8)))
    assert most == passwords.AT_A_TIME == 2


async def test_who_gives_up_leaves_the_queue() -> None:
    waiting = [asyncio.create_task(verify_password(GOOD, None)) for _ in range(200)]
    await asyncio.sleep(0.01)
    for task in waiting:
        task.cancel()
    await asyncio.gather(*waiting, return_exceptions=True)
    start = time.perf_counter()
    await verify_password(GOOD, None)
    assert time.perf_counter() - start < 1  # 200 checks take 2.6 seconds at least


@pytest.mark.parametrize(
    "password",
    [
        GOOD,
        "quatre-vingt-douze tulipes",
        "Zx9!kQ2#vB7@",
        "!@#$%^&*()_+{}?",
        "été où naïf là",
        "东京塔下的樱花开了三次又谢了",
        "😀😃😄😁😆😅🤣😂🙂🙃😉😊",
        "a" * 30 + "bcdefgh" + "zqsd" * 3,
        "martin-pêcheur sur la rivière",
        "\u00a0espace insécable\u202fdedans",
    ],
)
def test_a_good_password_is_taken(password: str) -> None:
    assert problem(password) is None


@pytest.mark.parametrize(
    ("password", "words"),
    [
        ("", "au moins 12"),
        ("onze lettre", "au moins 12"),
        ("e\u0301" * 11, "au moins 12"),
        ("é" * 129, "au plus 128"),
        ("a1b2c3d4e5f6" * 100_000, "au plus 128"),
        ("douze lettres\0", "invisible"),
        ("douze\tlettres", "invisible"),
        ("douze lettres\ud800", "invisible"),
        ("aaaaaaaaaaaa", "motif"),
        ("abababababab", "motif"),
        ("abcdeabcdeabcde", "motif"),
        ("Loire!Loire!Loire!", "motif"),
        ("azertazertazertaz", "motif"),
        ("123456789012", "motif"),
        ("987654321098", "motif"),
        ("abcdefghijklm", "motif"),
        ("zyxwvutsrqpon", "motif"),
        ("jeanne.martin@organisation.example", "adresse ou votre nom"),
        ("JEANNE.MARTIN", "adresse ou votre nom"),
        ("Jeanne Martin", "adresse ou votre nom"),
        ("martinjeanne75", "adresse ou votre nom"),
        ("Jeanne-Martin-2020", "adresse ou votre nom"),
        ("jeannejeanne1", "adresse ou votre nom"),
        ("MotDePasse123", "plus utilisés"),
        ("mot de passe 123 !", "plus utilisés"),
        ("azertyuiop123", "plus utilisés"),
        ("Liberté, Égalité, Fraternité", "plus utilisés"),
        ("correct horse battery staple", "plus utilisés"),
    ],
)
def test_a_weak_password_is_refused_with_one_french_sentence(password: str, words: str) -> None:
    sentence = problem(password)
    assert sentence is not None
    assert words in sentence
    assert sentence.endswith(".")


def test_an_account_without_a_name_is_judged_too() -> None:
    assert problem(GOOD, email="", name="") is None
    assert problem("!@#$%^&*()_+{}?", email="", name="  ") is None


def test_the_common_ones_are_about_fifty_and_would_pass_the_length() -> None:
    common = passwords._COMMON
    assert len(common) >= 50
    assert all(len(word) >= 12 and re.fullmatch(r"[a-z0-9]+", word) for word in common), sorted(common, key=len)[:5]


@given(st.text(max_size=200))
@settings(max_examples=300)
def test_any_text_is_judged_without_an_accident(password: str) -> None:
    assert isinstance(problem(password), str | None)
