"""Access tokens: ours are read, everything else is refused, and each known trap of python-jose stays shut.

The traps are shown twice: raw python-jose falls into them (so the regression is real), ours does not.
"""

from __future__ import annotations

import hmac
import json
from base64 import urlsafe_b64encode
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat
from hypothesis import given
from hypothesis import strategies as st
from jose import jwt  # noqa: TID251 - the traps are shown on the raw library
from jose.exceptions import JWTError  # noqa: TID251

from app.core.security import tokens
from app.core.security.tokens import (
    AccessClaims,
    InvalidToken,
    TokenKeys,
    issue_access_token,
    read_access_token,
)

SECRET = bytes(range(7, 250, 5))
KEYS = TokenKeys(SECRET, "https://alliage.example", "alliage-api")
# python-jose reads the real clock: these tests do too, so that only one thing is wrong at a time
NOW = datetime.now(UTC).replace(microsecond=0)  # noqa: TID251
TEN_MINUTES = timedelta(minutes=10)
PERSON, LOGIN = uuid4(), uuid4()
HEADER = {"alg": "HS256", "typ": "at+jwt"}
MISSING = object()


def issue(keys: TokenKeys = KEYS, lifetime: timedelta = TEN_MINUTES, now: datetime = NOW) -> str:
    return issue_access_token(keys, person_id=PERSON, login_id=LOGIN, now=now, lifetime=lifetime)


def b64(raw: bytes) -> str:
    return urlsafe_b64encode(raw).rstrip(b"=").decode()


def signed(head: bytes | str, body: bytes | str, secret: bytes = SECRET, digest: str = "sha256", junk: str = "") -> str:
    """A token with a right signature around anything, and `junk` that Python's base64 reader drops."""
    head, body = (part.encode() if isinstance(part, str) else part for part in (head, body))
    signing_input = f"{b64(head)}{junk}.{b64(body)}"
    return f"{signing_input}.{b64(hmac.digest(secret, signing_input.encode(), digest))}"


def claims(**changes: Any) -> dict[str, Any]:
    """Good claims, with some changed or (MISSING) left out."""
    start = int(NOW.timestamp())
    good: dict[str, Any] = {
        "iss": KEYS.issuer,
        "aud": KEYS.audience,
        "sub": str(PERSON),
        "sid": str(LOGIN),
        "jti": str(uuid4()),
        "iat": start,
        "exp": start + 600,
    }
    return {name: value for name, value in (good | changes).items() if value is not MISSING}


def forged(header: dict[str, Any] | None = None, secret: bytes = SECRET, **changes: Any) -> str:
    return signed(json.dumps(HEADER if header is None else header), json.dumps(claims(**changes)), secret)


def refused(token: Any, keys: TokenKeys = KEYS, now: datetime = NOW) -> None:
    with pytest.raises(InvalidToken):
        read_access_token(keys, token, now)


def raw_jose(token: str, key: Any = SECRET, **options: Any) -> dict[str, Any]:
    """The usual call of python-jose, as its documentation shows it."""
    given: dict[str, Any] = {
        "algorithms": ["HS256"],
        "audience": KEYS.audience,
        "issuer": KEYS.issuer,
    } | options
    return jwt.decode(token, key, **given)


def test_what_is_issued_is_read_back() -> None:
    read = read_access_token(KEYS, issue(), NOW)
    assert read == AccessClaims(PERSON, LOGIN, read.jti, NOW + TEN_MINUTES)
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


# The corpus: python-jose may refuse them too, ours must

_GOOD_HEAD, _GOOD_BODY, _GOOD_SIGNATURE = forged().split(".")
BAD: dict[str, Any] = {
    "nothing": "",
    "a dot": ".",
    "two dots": "..",
    "four parts": issue() + ".AAAA",
    "five parts, as an encrypted token": "a.b.c.d.e",
    "one part": _GOOD_HEAD,
    "two parts": f"{_GOOD_HEAD}.{_GOOD_BODY}",
    "no signature": f"{_GOOD_HEAD}.{_GOOD_BODY}.",
    "no payload": f"{_GOOD_HEAD}..{_GOOD_SIGNATURE}",
    "no header": f".{_GOOD_BODY}.{_GOOD_SIGNATURE}",
    "a signature cut": issue()[:-1],
    "a signature too long": issue() + "A",
    "a signature of zeros": f"{_GOOD_HEAD}.{_GOOD_BODY}.{'A' * 43}",
    "the signature of another token": f"{_GOOD_HEAD}.{_GOOD_BODY}.{issue().split('.')[2]}",
    "the payload of another token": f"{_GOOD_HEAD}.{issue().split('.')[1]}.{_GOOD_SIGNATURE}",
    "padding": forged() + "=",
    "a space before": " " + issue(),
    "a line feed after": issue() + "\n",
    "the scheme left on": "Bearer " + issue(),
    "standard base64": issue().replace("-", "+").replace("_", "/") + "+",
    "letters beyond ASCII": "é" + issue(),
    "full-width letters": issue().replace("e", "ｅ"),
    "NUL": issue() + "\0",
    "a lone surrogate": "\ud800" + issue(),
    "bytes": issue().encode(),
    "None": None,
    "a number": 12,
    "a list": [issue()],
    "two tokens": issue() + "," + issue(),
    "1 MB": "A" * 1_000_000,
    "alg none": b64(b'{"alg":"none","typ":"at+jwt"}') + f".{_GOOD_BODY}.",
    "alg none with a signature": b64(b'{"alg":"none","typ":"at+jwt"}') + f".{_GOOD_BODY}.{_GOOD_SIGNATURE}",
    "alg None": forged({"alg": "None", "typ": "at+jwt"}),
    "alg nOnE": forged({"alg": "nOnE", "typ": "at+jwt"}),
    "alg empty": forged({"alg": "", "typ": "at+jwt"}),
    "alg null": forged({"alg": None, "typ": "at+jwt"}),
    "alg missing": forged({"typ": "at+jwt"}),
    "alg a list": forged({"alg": ["HS256"], "typ": "at+jwt"}),
    "alg in lower case": forged({"alg": "hs256", "typ": "at+jwt"}),
    "alg HS384": signed('{"alg":"HS384","typ":"at+jwt"}', json.dumps(claims()), digest="sha384"),
    "alg RS256 signed by HMAC": forged({"alg": "RS256", "typ": "at+jwt"}),
    "alg ES256": forged({"alg": "ES256", "typ": "at+jwt"}),
    "alg dir": forged({"alg": "dir", "typ": "at+jwt"}),
    "alg written twice": signed('{"alg":"none","alg":"HS256","typ":"at+jwt"}', json.dumps(claims())),
    "the type in upper case": forged({"alg": "HS256", "typ": "AT+JWT"}),
    "a header that is a list": signed('["HS256"]', json.dumps(claims())),
    "a header that is text": signed('"HS256"', json.dumps(claims())),
    "a header that is null": signed("null", json.dumps(claims())),
    "a header that is empty": signed("{}", json.dumps(claims())),
    "a header that is not JSON": signed("alg=HS256", json.dumps(claims())),
    "a header that is not UTF-8": signed(b'{"alg":"HS256","typ":"\xff"}', json.dumps(claims())),
    "a header after a byte order mark": signed("\ufeff" + json.dumps(HEADER), json.dumps(claims())),
    "a header with a large number": signed('{"alg":"HS256","typ":1e999}', json.dumps(claims())),
    "a long header": forged(HEADER | {"x": "y" * 200}),
    "a payload that is a list": signed(json.dumps(HEADER), json.dumps([claims()])),
    "a payload that is text": signed(json.dumps(HEADER), '"hello"'),
    "a payload that is not JSON": signed(json.dumps(HEADER), "hello"),
    "a payload that is not UTF-8": signed(json.dumps(HEADER), b"\xff\xfe{"),
    "a payload that is empty": signed(json.dumps(HEADER), "{}"),
    "another key": forged(secret=bytes(range(100, 140))),
    "a key with one bit changed": forged(secret=bytes([SECRET[0] ^ 1]) + SECRET[1:]),
    "no iss": forged(iss=MISSING),
    "another iss": forged(iss="https://evil.example"),
    "iss a list": forged(iss=[KEYS.issuer]),
    "iss null": forged(iss=None),
    "iss in upper case": forged(iss=KEYS.issuer.upper()),
    "another aud": forged(aud="another"),
    "aud empty": forged(aud=""),
    "aud null": forged(aud=None),
    "aud a list of ours": forged(aud=[KEYS.audience]),
    "aud an object": forged(aud={KEYS.audience: 1}),
    "exp in the past": forged(iat=int(NOW.timestamp()) - 900, exp=int(NOW.timestamp()) - 60),
    "exp zero": forged(exp=0),
    "exp negative": forged(exp=-1),
    "exp true": forged(exp=True),
    "exp null": forged(exp=None),
    "exp beyond 64 bits": forged(exp=2**70),
    "exp beyond the calendar": forged(exp=10**17),
    "exp infinite": signed(json.dumps(HEADER), json.dumps(claims(exp=float("inf")))),
    "exp not a number": signed(json.dumps(HEADER), json.dumps(claims(exp=float("nan")))),
    "exp with 2,000 digits": signed(json.dumps(HEADER), json.dumps(claims(exp="@")).replace('"@"', "9" * 2000)),
    "exp equal to iat": forged(exp=int(NOW.timestamp())),
    "exp before iat": forged(iat=int(NOW.timestamp()) + 5, exp=int(NOW.timestamp()) + 1),
    "iat as text": forged(iat=str(int(NOW.timestamp()))),
    "iat null": forged(iat=None),
    "iat ten years ago": forged(iat=0),
    "sub a number": forged(sub=1),
    "sub null": forged(sub=None),
    "sub a list": forged(sub=[str(PERSON)]),
    "sub not an identifier": forged(sub="admin"),
    "sub in braces": forged(sub="{" + str(PERSON) + "}"),
    "sub in upper case": forged(sub="ABCDEF00-0000-4000-8000-000000000000"),
    "sub without hyphens": forged(sub=PERSON.hex),
    "sid not an identifier": forged(sid="1"),
    "jti not an identifier": forged(jti="1"),
    "jti null": forged(jti=None),
    "nbf in the future": forged(nbf=int(NOW.timestamp()) + 300),
}


def test_the_corpus_is_as_large_as_announced() -> None:
    assert len(BAD) >= 60


@pytest.mark.parametrize("name", BAD)
def test_a_bad_token_is_refused(name: str) -> None:
    refused(BAD[name])


@given(
    st.text(max_size=300)
    | st.from_regex(r"[A-Za-z0-9_-]{1,90}\.[A-Za-z0-9_-]{1,90}\.[A-Za-z0-9_-]{43}", fullmatch=True)
)
def test_any_text_is_refused(token: str) -> None:
    refused(token)


@given(st.integers(0, 10_000), st.integers(1, 255))
def test_any_letter_changed_is_refused(place: int, change: int) -> None:
    token = _STEADY
    at = place % len(token)
    other = chr(ord(token[at]) ^ change)
    refused(token[:at] + other + token[at + 1 :])


_STEADY = issue()


def test_the_module_is_small_and_alone_with_python_jose() -> None:
    source = Path(tokens.__file__)
    assert len(source.read_text(encoding="utf-8").splitlines()) <= 150
    app = source.parents[2]
    users = [path for path in app.rglob("*.py") if "jose import" in path.read_text(encoding="utf-8")]
    users += [path for path in app.rglob("*.py") if "import jose" in path.read_text(encoding="utf-8")]
    assert users == [source]
