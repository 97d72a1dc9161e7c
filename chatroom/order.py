"""The order of a room: who may come in, who may speak, who may say what is done.

It is the sum of the room's acts: `Order.after` adds one more. Nothing else changes it, so everybody who has read the
same log, on disk or in memory, knows the same order.

Power is one number. Administrators have it everywhere but in private rooms, which are nobody's but their members';
owners and moderators where they were appointed. Nobody acts against somebody who has as much power.

A room that is not yours does not exist: whatever is asked of it is not found.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from enum import IntEnum

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
from chatroom.errors import (
    ChatroomError,
    Muted,
    NotAllowed,
    NotFound,
    NotSignedIn,
    OwnerStays,
    RoomFull,
    RoomReadOnly,
    SlowMode,
)
from chatroom.people import Person, Visitor

#: With this begin the names of conversations between people. They are made on purpose, never by talking.
PRIVATE_PREFIX = "private-"
#: And those of two people: nobody else ever comes in.
DIRECT_PREFIX = "private-two-"
#: Members of one room, and likewise people kept out of it.
PEOPLE_LIMIT = 1000
#: A time that never comes: microseconds since 1970 UTC, and the last that JavaScript counts exactly.
FOR_EVER = 2**53 - 1

_SECOND = 1_000_000  # microseconds


class Power(IntEnum):
    """What somebody may do in a room; each may do what those before may."""

    OUTSIDE = 0
    READER = 1
    MEMBER = 2
    MODERATOR = 3
    OWNER = 4
    ADMINISTRATOR = 5


_POWER = {
    Role.MEMBER: Power.MEMBER,
    Role.MODERATOR: Power.MODERATOR,
    Role.OWNER: Power.OWNER,
}


class Order(Struct, frozen=True, omit_defaults=True, kw_only=True):
    """How a room is run. All up to the offset `trimmed` is gone.

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

    def power(self, visitor: Visitor, at: int) -> Power:
        """What `visitor` may do here at that time."""
        person = visitor.person
        role = self.roles.get(person.id) if person else None
        if visitor.administrator and self.access != Access.PRIVATE:
            return Power.ADMINISTRATOR
        if self._kept_out(visitor, at):
            return Power.OUTSIDE
        power = _POWER[role] if role else Power.READER
        if self.closed:
            return power if power >= Power.MODERATOR else Power.OUTSIDE
        return power if role or self.access == Access.OPEN else Power.OUTSIDE

    def open_to(self, visitor: Visitor, at: int) -> bool:
        """Whether `visitor` may come in."""
        return not self.guarded or self.power(visitor, at) > Power.OUTSIDE

    def admit(self, visitor: Visitor, at: int) -> Power:
        """What `visitor` may do here. Raises NotFound where that is nothing."""
        power = self.power(visitor, at)
        if power == Power.OUTSIDE:
            raise NotFound("room")
        return power

    def let_speak(self, visitor: Visitor, at: int, spoke_at: int = 0) -> None:
        """Return if `visitor`, whose last message here was at `spoke_at`, may say something.

        Raises NotFound, Muted, RoomReadOnly, SlowMode.
        """
        power = self.admit(visitor, at)
        if power < Power.ADMINISTRATOR and self.muted(visitor, at):
            raise Muted
        if power >= Power.MODERATOR:
            return
        if self.read_only:
            raise RoomReadOnly
        waited = at - spoke_at  # below 0 where the clock was set back: it keeps nobody silent
        if 0 <= waited < self.slow * _SECOND:
            raise SlowMode(-((waited - self.slow * _SECOND) // _SECOND))

    def muted(self, visitor: Visitor, at: int) -> bool:
        """Whether `visitor` was told not to speak here for a while."""
        return bool(visitor.person and self.mutes.get(visitor.person.id, 0) > at)

    def let_act(self, visitor: Visitor, deed: AnyDeed, at: int, author: str | None = None) -> None:
        """Return if `visitor` may do that; `author` is whose message it is about.

        Raises NotFound where the visitor may not come in, NotSignedIn, NotAllowed, OwnerStays, RoomFull, and for an
        edit or a reaction what `let_speak` does: whoever may not speak does not get round it.
        """
        power = self.admit(visitor, at)
        if visitor.person is None:
            raise NotSignedIn
        if isinstance(deed, Edit | Reaction):
            self.let_speak(visitor, at)
        if power < self._needed(visitor.person, deed, author):
            raise NotAllowed
        if isinstance(deed, Edit) and author != visitor.person.id:
            raise NotAllowed  # nobody puts words into the mouth of somebody else
        if isinstance(deed, Bar | Membership):
            self._let_judge(visitor.person, power, deed, at)
        if isinstance(deed, Change) and deed.access == Access.PRIVATE and not self._owned:
            raise NotAllowed  # nobody could come in any more, and nobody undo it

    def lets(self, visitor: Visitor, deed: AnyDeed, at: int, author: str | None = None) -> bool:
        """Whether `visitor` may do that: what a page offers."""
        try:
            self.let_act(visitor, deed, at, author)
        except ChatroomError:
            return False
        return True

    def let_oversee(self, visitor: Visitor, at: int) -> None:
        """Return if `visitor` may read who has done what here. Raises NotFound, NotAllowed."""
        if self.admit(visitor, at) < Power.MODERATOR:
            raise NotAllowed

    def let_export(self, visitor: Visitor, at: int) -> None:
        """Return if `visitor` may take away all that was said here; of two, both may. Raises NotFound, NotAllowed."""
        if self.admit(visitor, at) < (Power.MEMBER if self.direct else Power.OWNER):
            raise NotAllowed

    def let_invite(self, visitor: Visitor, at: int) -> None:
        """Return if `visitor` may let people in who are not known yet. Raises what `let_act` does."""
        self.let_act(visitor, Membership(_SOMEBODY, Role.MEMBER), at)

    def let_join(self, visitor: Visitor, at: int, *, invited: bool) -> None:
        """Return if `visitor`, who has shown what lets people in, may become a member.

        From an address that is barred an invitation lets in, which may be meant for them; a password does not.
        Raises NotFound for who would be kept out all the same, NotSignedIn, RoomFull.
        """
        if visitor.person is None:
            raise NotSignedIn
        if self.direct or (not invited and self._kept_out(visitor, at)):
            raise NotFound("room")
        role = self.roles.get(visitor.person.id, Role.MEMBER)
        joined = replace(self, roles={**self.roles, visitor.person.id: role})
        joined.admit(visitor, at)
        self.let_in(visitor.person)

    def let_in(self, person: Person) -> None:
        """Return if one more may become a member. Raises RoomFull."""
        if person.id not in self.roles and len(self.roles) >= PEOPLE_LIMIT:
            raise RoomFull(limit=PEOPLE_LIMIT)

    def after(self, act: Act) -> Order:
        """The order when that was done, too."""
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
        """Whether the deed would make any difference to the order."""
        match deed:
            case Change() as change:
                return any(getattr(self, name) != value for name, value in change.given.items())
            case Membership(person, role):
                return self.roles.get(person.id) != role
            case Bar(until=0) as lifted:
                return lifted.person.id in (self.mutes if lifted.mute else self.bars)
            case _:
                return True

    @property
    def _owned(self) -> bool:
        return Role.OWNER in self.roles.values()

    def _kept_out(self, visitor: Visitor, at: int) -> bool:
        person = visitor.person.id if visitor.person else ""
        if self.bars.get(person, 0) > at:
            return True
        if person in self.roles:
            return False
        return any(self.bars.get(it, 0) > at for it in self.addresses.get(visitor.address, ()))

    def _needed(self, person: Person, deed: AnyDeed, author: str | None) -> Power:
        """The power that it takes."""
        match deed:
            case Deletion() | Edit() | Reaction():
                free = author == person.id or isinstance(deed, Reaction)
                return Power.READER if free else Power.MODERATOR
            case Change() as change:
                owners = change.given.keys() & set(Change.OWNERS)
                return Power.OWNER if owners else Power.MODERATOR
            case Membership(other, None) if other.id == person.id:
                return Power.MEMBER
            case Membership(other, Role.MEMBER) if other.id not in self.roles:
                return Power.MEMBER if self.access == Access.PRIVATE else Power.MODERATOR
            case Membership(_, role) if role is not None:
                return Power.OWNER
            case _:
                return Power.MODERATOR

    def _let_judge(self, judge: Person, power: Power, deed: Bar | Membership, at: int) -> None:
        """Nobody acts against somebody who has as much power, nor changes who talks in a conversation of two."""
        role = self.roles.get(deed.person.id)
        if self.direct:
            raise NotAllowed
        if deed.person.id == judge.id:
            if role == Role.OWNER:
                raise OwnerStays
            if isinstance(deed, Bar):
                raise NotAllowed
        elif role and _POWER[role] >= power:
            raise NotAllowed
        if isinstance(deed, Membership) and deed.role:
            self.let_in(deed.person)
            if self.bars.get(deed.person.id, 0) > at and power < Power.MODERATOR:
                raise NotAllowed  # whoever gets a role is kept out no longer
        if isinstance(deed, Bar) and deed.until:
            barred = _current(self.bars, at).keys() | _current(self.mutes, at).keys()
            if len(barred - {deed.person.id}) >= PEOPLE_LIMIT:
                raise RoomFull(limit=PEOPLE_LIMIT)

    def _roles(self, person: str, role: Role | None) -> dict[str, Role]:
        roles = {id_: it for id_, it in self.roles.items() if role or id_ != person}
        if role == Role.OWNER:
            roles = {id_: min(it, Role.MODERATOR) for id_, it in roles.items()}
        return roles | {person: role} if role else roles

    def _barred(self, bar: Bar, at: int) -> Order:
        """With one bar more or less; those that are over by `at` are forgotten."""
        person = {bar.person.id: bar.until}
        if bar.mute:
            return replace(self, mutes=_current({**self.mutes, **person}, at))
        bars = _current({**self.bars, **person}, at)
        addresses = dict(self.addresses)
        if bar.address:
            addresses[bar.address] = [*addresses.get(bar.address, ()), bar.person.id]
        return replace(self, bars=bars, addresses=_held_by(addresses, bars))


#: How a room is run that nobody has given an order.
OPEN = Order()
#: Conversations between people before anybody is in them.
_PRIVATE = Order(access=Access.PRIVATE)
_DIRECT = Order(access=Access.PRIVATE, direct=True)


#: Whoever it may be.
_SOMEBODY = Person("", "")


def is_conversation(room: str) -> bool:
    """Whether the room is a conversation between people: it never opens to others."""
    return room.startswith(PRIVATE_PREFIX)


def numbered(room: str) -> bool:
    """Whether the room is called by a number; it belongs to the administrators then."""
    return room.isdecimal()


def first(room: str, person: Person) -> Order:
    """The order of a room in which `person` says the first thing: a named one is theirs. Raises NotFound."""
    if is_conversation(room):
        raise NotFound("room")
    return OPEN if numbered(room) else Order(roles={person.id: Role.OWNER})


def unwritten(room: str) -> Order:
    """The order of a room in whose log nothing stands yet."""
    if room.startswith(DIRECT_PREFIX):
        return _DIRECT
    return _PRIVATE if is_conversation(room) else OPEN


def _held_by(
    addresses: Mapping[str, Sequence[str]], bars: Mapping[str, int]
) -> dict[str, Sequence[str]]:
    """The addresses of those who are kept out."""
    held = {it: sorted(bars.keys() & set(people)) for it, people in addresses.items()}
    return {it: people for it, people in held.items() if people}


def _current(until: Mapping[str, int], at: int) -> dict[str, int]:
    return {key: time for key, time in until.items() if time > at}
