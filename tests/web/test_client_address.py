from __future__ import annotations

import pytest

from app.web.client_address import client_address, trusted_proxies

PROXIES = trusted_proxies(["127.0.0.1", "10.0.0.2", "2001:db8::1"])


def scope(peer: str | None, *lines: str) -> dict[str, object]:
    headers = [(b"x-forwarded-for", line.encode("latin-1")) for line in lines]
    return {"client": (peer, 1) if peer else None, "headers": headers}


@pytest.mark.parametrize(
    ("peer", "lines", "address"),
    [
        ("203.0.113.9", [], "203.0.113.9"),
        ("203.0.113.9", ["198.51.100.1"], "203.0.113.9"),
        ("127.0.0.1", [], "127.0.0.1"),
        ("127.0.0.1", ["198.51.100.1"], "198.51.100.1"),
        ("127.0.0.1", ["1.2.3.4, 198.51.100.1"], "198.51.100.1"),
        ("127.0.0.1", ["1.2.3.4, 198.51.100.1, 10.0.0.2"], "198.51.100.1"),
        ("127.0.0.1", ["1.2.3.4", "198.51.100.1"], "198.51.100.1"),
        ("127.0.0.1", ["1.2.3.4, <script>, 10.0.0.2"], "10.0.0.2"),
        ("127.0.0.1", ["unknown"], "127.0.0.1"),
        ("127.0.0.1", [""], "127.0.0.1"),
        ("127.0.0.1", ["10.0.0.2"], "10.0.0.2"),
        ("::ffff:127.0.0.1", ["198.51.100.1:4711"], "198.51.100.1"),
        ("2001:db8:0:0::1", ["[2001:db8::99]:443"], "2001:db8::99"),
        (None, ["198.51.100.1"], "unix"),
    ],
)
def test_nearest_stranger(peer: str | None, lines: list[str], address: str) -> None:
    assert client_address(scope(peer, *lines), PROXIES) == address


def test_nobody_is_believed_without_configuration() -> None:
    assert client_address(scope("127.0.0.1", "198.51.100.1"), frozenset()) == "127.0.0.1"


def test_a_socket_may_be_a_proxy() -> None:
    assert client_address(scope(None, "198.51.100.1"), trusted_proxies(["unix"])) == "198.51.100.1"


@pytest.mark.parametrize("address", ["10.0.0.0/8", "proxy.example", "", "10.0.0.256"])
def test_a_proxy_is_an_address(address: str) -> None:
    with pytest.raises(ValueError, match="is not an IP address"):
        trusted_proxies([address])
