"""The statutes of a room: all that its acts have laid down, and what the next one makes of them.

They are the sum of the room's acts: `after` adds one more. Nothing else changes them, so everybody who has read the
same log, on disk or in memory, knows the same. What follows from them, and for whom, is the order (`chatroom.order`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Self

from msgspec import Struct
from msgspec.structs import replace

from chatroom.deed import (
    Access,
    Act,
    AnyDeed,
    Bar,
    Change,
    Deletion,
    Edit,
    Erasure,
    Membership,
    Opening,
    Reaction,
    Role,
    Trim,
)


class Statutes(Struct, frozen=True, omit_defaults=True, kw_only=True):
    """What has been laid down in a room. All up to the offset `trimmed` is gone.

    `bars` and `mutes` hold until when (microseconds since 1970 UTC); from `addresses` nobody without a role comes in
    for as long as the person with that id may not. `direct`: a conversation of two people.
    """

    title: str = ""
    topic: str = ""
    access: Access = Access.OPEN
    direct: bool = False
    slow: int = 0
    read_only: bool = False
    closed: bool = False
    keep_days: int = 0
    keep_messages: int = 0
    trimmed: int = 0
    roles: Mapping[str, Role] = {}
    bars: Mapping[str, int] = {}
    mutes: Mapping[str, int] = {}
    addresses: Mapping[str, Sequence[str]] = {}

    @property
    def guarded(self) -> bool:
        """Whether there may be somebody who may not come in."""
        return bool(self.access != Access.OPEN or self.closed or self.bars)

    @property
    def listed(self) -> bool:
        """Whether everybody may know of the room."""
        return self.access == Access.OPEN and not self.closed

    @property
    def door(self) -> tuple[object, ...]:
        """All that says who may come in. While it is the same, nobody is put out."""
        return self.access, self.closed, self.bars, self.addresses, self.roles

    def judged(self, at: int) -> set[str]:
        """The ids of those who may not come in, or not speak, at that time."""
        return _current(self.bars, at).keys() | _current(self.mutes, at).keys()

    def after(self, act: Act) -> Self:
        """The same when that was done, too."""
        match act.deed:
            case Change() as change:
                return replace(self, **change.given)
            case Membership(person, None):
                return replace(self, roles=self._roles(person.id, None))
            case Membership(person, role):
                bars = {it: until for it, until in self.bars.items() if it != person.id}
                roles, addresses = self._roles(person.id, role), _held_by(self.addresses, bars)
                return replace(self, roles=roles, bars=bars, addresses=addresses)
            case Bar() as bar:
                return self._barred(bar, act.at)
            case Trim(upto):
                return replace(self, trimmed=max(self.trimmed, upto))
            case Deletion() | Edit() | Reaction() | Erasure() | Opening():
                return self

    def without_repeats(self, deed: AnyDeed) -> AnyDeed:
        """The deed without what is so already: the fields of a form that nobody has touched."""
        if not isinstance(deed, Change):
            return deed
        return Change(**{it: to for it, to in deed.given.items() if getattr(self, it) != to})  # type: ignore[arg-type]

    def changed_by(self, deed: AnyDeed) -> bool:
        """Whether the deed would make any difference to them."""
        match deed:
            case Change() as change:
                return any(getattr(self, name) != value for name, value in change.given.items())
            case Membership(person, role):
                return self.roles.get(person.id) != role
            case Bar(until=0) as lifted:
                return lifted.person.id in (self.mutes if lifted.mute else self.bars)
            case _:
                return True

    def _roles(self, person: str, role: Role | None) -> dict[str, Role]:
        roles = {id_: it for id_, it in self.roles.items() if role or id_ != person}
        if role == Role.OWNER:
            roles = {id_: min(it, Role.MODERATOR) for id_, it in roles.items()}
        return roles | {person: role} if role else roles

    def _barred(self, bar: Bar, at: int) -> Self:
        """With one bar more or less; those that are over by `at` are forgotten."""
        person = {bar.person.id: bar.until}
        if bar.mute:
            return replace(self, mutes=_current({**self.mutes, **person}, at))
        bars = _current({**self.bars, **person}, at)
        addresses = dict(self.addresses)
        if bar.address:
            addresses[bar.address] = [*addresses.get(bar.address, ()), bar.person.id]
        return replace(self, bars=bars, addresses=_held_by(addresses, bars))


def _held_by(
    addresses: Mapping[str, Sequence[str]], bars: Mapping[str, int]
) -> dict[str, Sequence[str]]:
    """The addresses of those who are kept out."""
    held = {it: sorted(bars.keys() & set(people)) for it, people in addresses.items()}
    return {it: people for it, people in held.items() if people}


def _current(until: Mapping[str, int], at: int) -> dict[str, int]:
    return {key: time for key, time in until.items() if time > at}
