"""Who is at the other end: only a proxy that the operator has named is believed."""

from __future__ import annotations

import pytest
from tornado.httputil import HTTPHeaders

from chatroom.proxies import Proxies

OURS = Proxies("127.0.0.1, 10.0.0.0/8,fd00::/8")


def said(*lines: str) -> HTTPHeaders:
    """Headers with those lines of X-Forwarded-For."""
    headers = HTTPHeaders()
    for line in lines:
        headers.add("X-Forwarded-For", line)
    return headers


@pytest.mark.parametrize(
    ("peer", "lines", "client"),
    [
        ("192.0.2.7", [], "192.0.2.7"),
        ("192.0.2.7", ["198.51.100.1"], "192.0.2.7"),
        ("127.0.0.1", [], "127.0.0.1"),
        ("127.0.0.1", ["198.51.100.1"], "198.51.100.1"),
        ("::ffff:127.0.0.1", ["198.51.100.1"], "198.51.100.1"),
        ("127.0.0.1", ["6.6.6.6, 198.51.100.1"], "198.51.100.1"),
        ("127.0.0.1", ["6.6.6.6", "198.51.100.1"], "198.51.100.1"),
        ("127.0.0.1", ["6.6.6.6, 198.51.100.1, 10.1.2.3"], "198.51.100.1"),
        ("127.0.0.1", ["10.1.2.3, 10.1.2.4"], "10.1.2.3"),
        ("fd00::1", ["2001:db8::1"], "2001:db8::1"),
        ("fe80::1%eth0", ["198.51.100.1"], "fe80::1%eth0"),
        ("127.0.0.1", ["unknown"], "127.0.0.1"),
        ("127.0.0.1", ["198.51.100.1, unknown"], "127.0.0.1"),
        ("127.0.0.1", [""], "127.0.0.1"),
        ("127.0.0.1", ["127.0.0.1\t,\t ::ffff:198.51.100.1"], "198.51.100.1"),
        ("127.0.0.1", [",,,"], "127.0.0.1"),
        ("", ["198.51.100.1"], ""),
    ],
)
def test_the_list_is_read_from_its_end_as_long_as_a_proxy_of_ours_speaks(
    peer: str, lines: list[str], client: str
) -> None:
    assert OURS.client(peer, said(*lines)) == client


def test_nobody_is_believed_where_nobody_is_named() -> None:
    assert Proxies("").client("127.0.0.1", said("198.51.100.1")) == "127.0.0.1"
    assert not Proxies("").secure("127.0.0.1", HTTPHeaders({"X-Forwarded-Proto": "https"}))


def test_ipv4_may_be_written_as_ipv6() -> None:
    for named in ("::ffff:10.1.2.3", "::ffff:10.0.0.0/104"):
        assert Proxies(named).trust("10.1.2.3")
        assert Proxies(named).trust("::ffff:10.1.2.3")
        assert not Proxies(named).trust("11.1.2.3")


def test_other_headers_are_not_read() -> None:
    headers = HTTPHeaders({"X-Real-Ip": "6.6.6.6", "Forwarded": "for=6.6.6.6"})
    assert OURS.client("127.0.0.1", headers) == "127.0.0.1"


@pytest.mark.parametrize(
    ("peer", "told", "secure"),
    [
        ("127.0.0.1", "https", True),
        ("127.0.0.1", "HTTPS", True),
        ("127.0.0.1", "http, https", True),
        ("127.0.0.1", "https, http", False),
        ("127.0.0.1", "", False),
        ("192.0.2.7", "https", False),
    ],
)
def test_https_in_front_is_believed_of_a_proxy_of_ours(peer: str, told: str, secure: bool) -> None:
    assert OURS.secure(peer, HTTPHeaders({"X-Forwarded-Proto": told})) is secure


@pytest.mark.parametrize("named", ["localhost", "10.0.0.1/8", "1.2.3", "10.0.0.0/33", "a,b"])
def test_what_is_no_address_is_refused(named: str) -> None:
    with pytest.raises(ValueError, match=r"does not appear|host bits"):
        Proxies(named)
