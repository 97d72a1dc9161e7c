"""How many polls may be held: in total, for one person, and for one address.

Each held poll is a connection and some memory, and a few hundred clients of one person could take them all. Whoever
comes beyond a limit is not turned away: the poll is answered at once and asked to return later.
"""

from __future__ import annotations

from ipaddress import IPv6Address, IPv6Network
from weakref import WeakValueDictionary


class Holder:
    """A person or an address, and how many polls are held for it. `key` is different for each."""

    __slots__ = ("__weakref__", "held", "key")

    def __init__(self, key: str) -> None:
        self.key = key
        self.held = 0


#: Whoever has no address, as the other end of a Unix socket that nobody counts.
NOBODY = Holder("nobody")


class Holds:
    """Counts held polls. The limits are numbers of polls; a holder is forgotten when nobody refers to it."""

    def __init__(self, total: int, per_person: int, per_address: int) -> None:
        self.total = total
        self.per_person = per_person
        self.per_address = per_address
        self.held = 0
        self._holders: WeakValueDictionary[str, Holder] = WeakValueDictionary()

    def person(self, id_: str) -> Holder:
        """The person with this id."""
        return self._holder(f"person {id_}")

    def address(self, ip: str) -> Holder:
        """The client at `ip`; in IPv6 its network of 64 bits, in which one client may have as many as it likes."""
        return self._holder(f"address {_network(ip) if ':' in ip else ip}")

    def begin(self, person: Holder | None, address: Holder) -> bool:
        """Hold one more poll, of `person` (None: of nobody) at `address`. False if that is one too many."""
        if self.held >= self.total or address.held >= self.per_address:
            return False
        if person is not None:
            if person.held >= self.per_person:
                return False
            person.held += 1
        address.held += 1
        self.held += 1
        return True

    def end(self, person: Holder | None, address: Holder) -> None:
        """Undo `begin`."""
        if person is not None:
            person.held -= 1
        address.held -= 1
        self.held -= 1

    def _holder(self, key: str) -> Holder:
        holder = self._holders.get(key)
        if holder is None:
            holder = self._holders[key] = Holder(key)
        return holder


def _network(ip: str) -> str:
    address = IPv6Address(ip.partition("%")[0])
    if address.ipv4_mapped is not None:
        return str(address.ipv4_mapped)
    return str(IPv6Network((int(address), 64), strict=False))
