"""The order of a room: who may come in, who may speak, who may say what is done.

It follows from the room's statutes, which are the sum of its acts. So everybody who has read the same log, on disk or
in memory, knows the same order.

Power is one number. Administrators have it everywhere but in private rooms, which are nobody's but their members';
owners and moderators where they were appointed. Nobody acts against somebody who has as much power.

A room that is not yours does not exist: whatever is asked of it is not found.
"""

from __future__ import annotations

from enum import IntEnum

from msgspec.structs import replace

from chatroom.deed import (
    Access,
    AnyDeed,
    Bar,
    Change,
    Deletion,
    Edit,
    Membership,
    Reaction,
    Role,
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
from chatroom.statutes import Statutes

#: Members of one room, and likewise people kept out of it.
PEOPLE_LIMIT = 1000

_SECOND = 1_000_000  # microseconds
#: Whoever it may be.
_SOMEBODY = Person("", "")


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


class Order(Statutes, frozen=True):
    """How a room is run, and who may do what there."""

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
            others = self.judged(at) - {deed.person.id}
            if len(others) >= PEOPLE_LIMIT:
                raise RoomFull(limit=PEOPLE_LIMIT)
