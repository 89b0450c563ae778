"""A corpus of bad access tokens: each is refused, whatever python-jose would say."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.core.security.forging import (
    HEADER,
    KEYS,
    MISSING,
    NOW,
    PERSON,
    SECRET,
    b64,
    claims,
    forged,
    issue,
    refused,
    signed,
)

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
