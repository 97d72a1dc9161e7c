"""What a page offers to do about somebody in a room: what the visitor may, as the room's order has it."""

from __future__ import annotations

from typing import NamedTuple

from chatroom.deed import Bar, Change, Deletion, Edit, Membership, Reaction, Role
from chatroom.errors import ChatroomError
from chatroom.order import Order
from chatroom.people import Person, Visitor


class Offer(NamedTuple):
    """`roles` that `person` could be given by name, and whether they could be kept out or silent; `role` is theirs."""

    person: Person
    role: str
    roles: tuple[str, ...]
    judge: bool

    def __bool__(self) -> bool:
        return bool(self.roles or self.judge)


class May(NamedTuple):
    """What `visitor` may do at the time `at` (microseconds since 1970 UTC)."""

    order: Order
    visitor: Visitor
    at: int

    def offer(self, person: Person) -> Offer:
        """About somebody."""
        role = self.order.roles.get(person.id)
        wanted = [it for it in (*reversed(Role), None) if it != role]
        roles = [it for it in wanted if self._lets(Membership(person, it))]
        myself = self.visitor.person is not None and person.id == self.visitor.person.id
        judge = not myself and self._lets(Bar(person=person, until=self.at))
        return Offer(person, _name(role), tuple(map(_name, roles)) if not myself else (), judge)

    @property
    def change(self) -> bool:
        """Of the room, what is a moderator's."""
        return self._lets(Change(title=""))

    @property
    def own(self) -> bool:
        """Of the room, everything."""
        return self._lets(Change(closed=False))

    @property
    def leave(self) -> bool:
        """Be a member no longer."""
        person = self.visitor.person
        return person is not None and self._lets(Membership(person, None))

    @property
    def invite(self) -> bool:
        """Hand out an invitation."""
        try:
            self.order.let_invite(self.visitor, self.at)
        except ChatroomError:
            return False
        return True

    @property
    def oversee(self) -> bool:
        """Read who has done what."""
        try:
            self.order.let_oversee(self.visitor, self.at)
        except ChatroomError:
            return False
        return True

    @property
    def export(self) -> bool:
        """Take away all that was said here."""
        try:
            self.order.let_export(self.visitor, self.at)
        except ChatroomError:
            return False
        return True

    def delete(self, offset: int, author: str) -> bool:
        """Delete the message of that author."""
        return self.order.lets(self.visitor, Deletion(offset), self.at, author)

    def edit(self, offset: int, author: str) -> bool:
        """Say that message of that author in other words."""
        return self.order.lets(self.visitor, Edit(offset), self.at, author)

    def react(self, offset: int) -> bool:
        """Put an emoji under that message, or answer it."""
        return self.order.lets(self.visitor, Reaction(offset, "", on=True), self.at)

    def _lets(self, deed: Membership | Bar | Change) -> bool:
        return self.order.lets(self.visitor, deed, self.at)


def _name(role: Role | None) -> str:
    return role.name.lower() if role else "none"
