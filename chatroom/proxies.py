"""Who is at the other end, when proxies stand in between.

What `X-Forwarded-For` and `X-Forwarded-Proto` say is believed only of a proxy that the operator has named; anybody
else could write anything there. Each proxy appends whom it has seen, so the list is read from its end, for as long as
the one who says so is a proxy of ours. `X-Real-Ip` and `Forwarded` are not read: one way to say it is enough.
"""

from __future__ import annotations

from collections.abc import Iterable
from ipaddress import (
    IPv4Address,
    IPv4Network,
    IPv6Address,
    IPv6Network,
    ip_address,
    ip_network,
)

from tornado.httputil import HTTPHeaders

#: Bits before an address of IPv4 that is written as one of IPv6 (RFC 4291, section 2.5.5.2).
_MAPPED = 96


class Proxies:
    """The proxies that are believed: IP addresses and networks, separated by commas. Raises ValueError."""

    def __init__(self, named: str) -> None:
        self._networks = [_network(each.strip()) for each in named.split(",") if each.strip()]

    def trust(self, address: str) -> bool:
        """Whether `address` is one of them."""
        found = _parsed(address)
        return found is not None and any(found in network for network in self._networks)

    def client(self, peer: str, headers: HTTPHeaders) -> str:
        """The address of the client: `peer`, or whom the proxies say that they speak for."""
        said = ",".join(headers.get_list("X-Forwarded-For")).split(",")
        return self._behind(peer, reversed(said))

    def secure(self, peer: str, headers: HTTPHeaders) -> bool:
        """Whether the proxy at `peer` was reached over https; False if it is none of ours."""
        said = headers.get("X-Forwarded-Proto", "").rpartition(",")[2]
        return self.trust(peer) and said.strip().lower() == "https"

    def _behind(self, address: str, said: Iterable[str]) -> str:
        for each in said:
            found = _parsed(each.strip()) if self.trust(address) else None
            if found is None:
                break
            address = str(found)
        return address


def _network(text: str) -> IPv4Network | IPv6Network:
    """A network; one of IPv4 that is written as one of IPv6 is the same."""
    network = ip_network(text)
    mapped = getattr(network.network_address, "ipv4_mapped", None)
    if mapped is None or network.prefixlen < _MAPPED:
        return network
    return ip_network(f"{mapped}/{network.prefixlen - _MAPPED}")


def _parsed(text: str) -> IPv4Address | IPv6Address | None:
    """An address; one of IPv4 that is written as one of IPv6 is the same."""
    try:
        address = ip_address(text.partition("%")[0])
    except ValueError:
        return None
    return getattr(address, "ipv4_mapped", None) or address
