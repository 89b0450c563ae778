"""Secrets that we hand out: their shape, their checksum, and what can be made again from a key."""

from __future__ import annotations

from hashlib import sha256
from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.core.security.secrets import ANYWHERE, derived_secret, fingerprint, is_well_formed, new_secret, same

KEY = bytes(range(32))
ID = UUID("01890000-0000-7000-8000-000000000001")


def test_a_secret_is_recognised_by_its_shape_and_its_checksum() -> None:
    secret = new_secret("alg_pat_")
    assert secret.startswith("alg_pat_")
    assert len(secret) == len("alg_pat_") + 43 + 6
    assert is_well_formed(secret)
    assert secret != new_secret("alg_pat_")


@given(st.integers(0, 48), st.characters(codec="ascii"))
def test_one_letter_changed_is_seen(place: int, letter: str) -> None:
    secret = new_secret("alg_refresh_")
    at = len("alg_refresh_") + place
    changed = secret[:at] + letter + secret[at + 1 :]
    assert is_well_formed(changed) is (changed == secret)


@pytest.mark.parametrize("text", ["", "alg_pat_", "alg_pat_" + "A" * 49, "x" + "alg_pat_" + "B" * 49, "\ud800"])
def test_junk_is_not_well_formed(text: str) -> None:
    assert not is_well_formed(text)


def test_the_prefix_belongs_to_the_checksum() -> None:
    secret = new_secret("alg_pat_")
    assert not is_well_formed(secret.replace("alg_pat_", "alg_new_"))


@pytest.mark.parametrize("prefix", ["", "alg", "alg_", "pat_", "alg_pat", "ALG_PAT_", "alg_p4t_", "alg_pat_\n"])
def test_an_unknown_kind_of_prefix_is_refused(prefix: str) -> None:
    with pytest.raises(ValueError, match="alg_pat_"):
        new_secret(prefix)


def test_a_leaked_secret_is_found_whole_in_a_text() -> None:
    secrets = [new_secret("alg_pat_") for _ in range(200)]
    log = "\n".join(f'{{"header": "Bearer {secret}", "n": 1}} {secret}, {secret}' for secret in secrets)
    assert ANYWHERE.findall(log) == [secret for secret in secrets for _ in range(3)]
    assert ANYWHERE.sub("***", f"a {secrets[0]} b") == "a *** b"


def test_a_fingerprint_is_sha_256_and_never_raises() -> None:
    assert fingerprint("abc") == sha256(b"abc").digest()
    assert len(fingerprint("\ud800")) == 32


def test_a_derived_secret_can_be_made_again_and_depends_on_all_it_is_made_of() -> None:
    secret = derived_secret(KEY, "invitation", ID)
    assert secret == "EO7fq_GJaluQ_i1l3kD8tMkZRWk4-4Ar4vadiJbI5Ns"  # links in sent mail stay good
    assert len(secret) == 43
    others = {
        derived_secret(bytes(range(1, 33)), "invitation", ID),
        derived_secret(KEY, "reset", ID),
        derived_secret(KEY, "invitation", uuid4()),
    }
    assert len(others | {secret}) == 4


def test_a_derived_secret_needs_a_key_and_a_plain_purpose() -> None:
    with pytest.raises(ValueError, match="32 bytes"):
        derived_secret(b"short", "invitation", ID)
    for purpose in ("", "Invitation", "a\0b", "é"):
        with pytest.raises(ValueError, match="purpose"):
            derived_secret(KEY, purpose, ID)


@pytest.mark.parametrize(
    ("left", "right", "equal"),
    [
        ("a", "a", True),
        ("a", "b", False),
        ("a", b"a", True),
        ("é", "é", True),
        ("", "a", False),
        ("\ud800", "a", False),
    ],
)
def test_same(left: str | bytes, right: str | bytes, equal: bool) -> None:
    assert same(left, right) is equal
