"""Access tokens: ours are read, everything else is refused, and each known trap of python-jose stays shut.

The traps are shown twice: raw python-jose falls into them (so the regression is real), ours does not.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from uuid import UUID, uuid4

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat
from hypothesis import given
from hypothesis import strategies as st
from jose.exceptions import JWTError  # noqa: TID251

from app.core.security import tokens
from app.core.security.tokens import (
    AccessClaims,
    InvalidToken,
    TokenKeys,
    issue_access_token,
    read_access_token,
)
from tests.core.security.forging import (
    HEADER,
    KEYS,
    LOGIN,
    MISSING,
    NOW,
    PERSON,
    SECRET,
    TEN_MINUTES,
    b64,
    claims,
    forged,
    issue,
    raw_jose,
    refused,
    signed,
)


def test_what_is_issued_is_read_back() -> None:
    read = read_access_token(KEYS, issue(), NOW)
    assert read == AccessClaims(PERSON, LOGIN, read.jti, NOW, NOW + TEN_MINUTES)
    assert read.jti != read_access_token(KEYS, issue(), NOW).jti


def test_the_hand_made_good_token_is_accepted() -> None:
    """Else every refusal below could be for another reason than the one it names."""
    assert read_access_token(KEYS, forged(), NOW).person_id == PERSON


def test_a_token_carries_no_right() -> None:
    assert set(raw_jose(issue())) == tokens.CLAIMS


@given(st.uuids(), st.uuids(), st.integers(1, 3600))
def test_any_person_and_login_come_back(person: UUID, login: UUID, seconds: int) -> None:
    lifetime = timedelta(seconds=seconds)
    token = issue_access_token(KEYS, person_id=person, login_id=login, now=NOW, lifetime=lifetime)
    read = read_access_token(KEYS, token, NOW)
    assert (read.person_id, read.login_id, read.expires_at) == (person, login, NOW + lifetime)


def test_a_token_ends_with_its_life_and_at_most_ten_seconds_of_leeway() -> None:
    token, end = issue(), NOW + TEN_MINUTES
    assert timedelta(0) <= tokens.LEEWAY <= timedelta(seconds=30)
    read_access_token(KEYS, token, end + tokens.LEEWAY - timedelta(seconds=1))
    refused(token, now=end + tokens.LEEWAY)
    read_access_token(KEYS, token, NOW - tokens.LEEWAY)
    refused(token, now=NOW - tokens.LEEWAY - timedelta(seconds=1))


@pytest.mark.parametrize("lifetime", [timedelta(0), timedelta(seconds=-1), timedelta(hours=1, seconds=1)])
def test_a_life_that_is_empty_or_long_is_not_issued(lifetime: timedelta) -> None:
    with pytest.raises(ValueError, match="one second and one hour"):
        issue(lifetime=lifetime)


# The keys


def rsa_key() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


DER = rsa_key().public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)


@pytest.mark.parametrize(
    "secret",
    [
        b"",
        b"x",
        SECRET[:31],
        b"a" * 64,
        b"changeme" * 8,
        b"changeme-please-changeme-please-c",
        b"0123456" * 5,
        b"aababbbaabbabaaabbbbabababbaabbbaabaccabd",
        DER,
        rsa_key().private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption()),
        bytes([0x30, 33]) + SECRET[:33],
        rsa_key().public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo),
        b"\n" + rsa_key().public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo),
        rsa_key().public_key().public_bytes(Encoding.OpenSSH, PublicFormat.OpenSSH),
        "a string and not bytes, however long it may be",
    ],
    ids=[f"weak-{n}" for n in range(15)],
)
def test_a_weak_secret_is_refused_at_start(secret: bytes) -> None:
    with pytest.raises(ValueError, match="the token secret"):
        TokenKeys(secret, "issuer", "audience")


@pytest.mark.parametrize("name", ["", "with space", "http://[::1]:8000", "é"])
def test_a_nameless_issuer_or_audience_is_refused_at_start(name: str) -> None:
    for issuer, audience in [(name, "audience"), ("issuer", name)]:
        with pytest.raises(ValueError, match="issuer and audience"):
            TokenKeys(SECRET, issuer, audience)


def test_keys_are_frozen_and_hide_their_secret() -> None:
    assert repr(SECRET)[2:-1] not in repr(KEYS)
    with pytest.raises(AttributeError):
        KEYS.secret = b""  # type: ignore[misc]


def test_a_secret_that_looks_like_json_signs_and_verifies_alike() -> None:
    """python-jose signs with these bytes and verifies with what is between the quotes."""
    quoted = b'"' + bytes(range(65, 65 + 40)).replace(b"\\", b"_") + b'"'
    keys = TokenKeys(quoted, KEYS.issuer, KEYS.audience)
    token = issue(keys)
    with pytest.raises(JWTError):
        raw_jose(token, quoted)
    assert read_access_token(keys, token, NOW).person_id == PERSON
    refused(forged(secret=quoted[1:-1]), keys)
    assert raw_jose(forged(secret=quoted[1:-1]), quoted)["sub"] == str(PERSON)


# The traps that raw python-jose 3.5.0 falls into

JOSE_ACCEPTS: dict[str, Callable[[], str]] = {
    "no aud though an audience is asked for": lambda: forged(aud=MISSING),
    "no exp": lambda: forged(exp=MISSING),
    "no iat": lambda: forged(iat=MISSING),
    "no sub": lambda: forged(sub=MISSING),
    "no jti": lambda: forged(jti=MISSING),
    "no sid": lambda: forged(sid=MISSING),
    "an extension declared critical": lambda: forged(HEADER | {"crit": ["exp"], "exp": 1}),
    "another type of token": lambda: forged({"alg": "HS256", "typ": "refresh+jwt"}),
    "no type": lambda: forged({"alg": "HS256"}),
    "a type that is not text": lambda: forged(HEADER | {"typ": 1}),
    "an unencoded payload asked for": lambda: forged(HEADER | {"b64": False}),
    "several audiences": lambda: forged(aud=[KEYS.audience, "another"]),
    "exp as text": lambda: forged(exp=str(int(NOW.timestamp()) + 600)),
    "exp as a fraction": lambda: forged(exp=NOW.timestamp() + 600.5),
    "iat in the future": lambda: forged(iat=int(NOW.timestamp()) + 500),
    "a life of ten years": lambda: forged(exp=int(NOW.timestamp()) + 315_360_000),
    "a claim that we never write": lambda: forged(admin=True),
    "a claim written twice": lambda: signed(
        json.dumps(HEADER), '{"sub":"' + str(uuid4()) + '",' + json.dumps(claims())[1:]
    ),
    "a key set in the header": lambda: forged(HEADER | {"jwk": {"kty": "oct", "k": "AA"}}),
    "an address of keys in the header": lambda: forged(HEADER | {"jku": "https://evil.example/keys"}),
    "a key name in the header": lambda: forged(HEADER | {"kid": "../../dev/null"}),
    "more than 4 kB of nothing": lambda: signed(json.dumps(HEADER), json.dumps(claims()) + " " * 5000),
    "a long header of nothing": lambda: signed(json.dumps(HEADER) + " " * 200, json.dumps(claims())),
    "more than 4 kB": lambda: forged(note="x" * 5000),
    "junk between the letters": lambda: signed(json.dumps(HEADER), json.dumps(claims()), junk="!!"),
    "a second spelling of the signature": lambda: _other_spelling(forged()),
}


def _other_spelling(token: str) -> str:
    """Of the six bits of the last letter two are not used."""
    letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    return token[:-1] + letters[letters.index(token[-1]) ^ 1]


@pytest.mark.parametrize("name", JOSE_ACCEPTS)
def test_what_python_jose_accepts_is_refused_here(name: str) -> None:
    token = JOSE_ACCEPTS[name]()
    assert raw_jose(token)
    refused(token)


def test_an_empty_hmac_key_is_accepted_by_python_jose_and_refused_here() -> None:
    token = forged(secret=b"")
    assert raw_jose(token, "")
    refused(token)
    with pytest.raises(ValueError, match="32 bytes"):
        TokenKeys(b"", KEYS.issuer, KEYS.audience)


def test_a_public_key_as_hmac_secret_is_accepted_by_python_jose_and_refused_here() -> None:
    token = forged(secret=DER)
    assert raw_jose(token, DER, algorithms=None)
    refused(token)
    with pytest.raises(ValueError, match="asymmetric"):
        TokenKeys(DER, KEYS.issuer, KEYS.audience)


def test_another_hmac_is_accepted_by_python_jose_without_algorithms_and_refused_here() -> None:
    head, body = json.dumps({"alg": "HS512", "typ": "at+jwt"}), json.dumps(claims())
    token = signed(head, body, digest="sha512")
    assert raw_jose(token, algorithms=None)
    refused(token)


def test_a_nested_header_breaks_python_jose_and_is_refused_here() -> None:
    """8 kB are enough on Python 3.11; later versions go deeper before they give up."""
    for depth in (1_000, 100_000):
        token = b64(b'{"a":' * depth) + ".e30." + "A" * 43
        refused(token)
    with pytest.raises(RecursionError):
        raw_jose(token)


def test_a_nested_payload_that_we_signed_is_refused() -> None:
    refused(signed(json.dumps(HEADER), '{"a":' * 500 + "1" + "}" * 500))
    refused(signed(json.dumps(HEADER), "[" * 2000))


@pytest.mark.parametrize("nested", ['{"a":' * 100_000, "[" * 100_000, '{"a":{}}', '{"a":[]}'])
def test_nesting_is_counted_before_anything_is_parsed(nested: str) -> None:
    with pytest.raises(InvalidToken):
        tokens._flat_object(b64(nested.encode()))


def test_whatever_the_library_raises_is_one_refusal(monkeypatch: pytest.MonkeyPatch) -> None:
    def overflowing(*_: object) -> None:
        raise RecursionError

    token = issue()
    monkeypatch.setattr("app.core.security.tokens.jws.verify", overflowing)
    refused(token)


def test_the_module_is_small_and_alone_with_python_jose() -> None:
    source = Path(tokens.__file__)
    assert len(source.read_text(encoding="utf-8").splitlines()) <= 150
    app = source.parents[2]
    users = [path for path in app.rglob("*.py") if "jose import" in path.read_text(encoding="utf-8")]
    users += [path for path in app.rglob("*.py") if "import jose" in path.read_text(encoding="utf-8")]
    assert users == [source]
