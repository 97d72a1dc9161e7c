"""What lets people into a room who are not known there yet: its password, and its invitation.

Of either only a hash is kept. Whoever tries cannot tell a room that is not there from one without a door, and neither
from a wrong word: the answer is the same, and so is the work.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from hashlib import sha256
from hmac import compare_digest

from chatroom.buckets import Buckets
from chatroom.chat import Chat
from chatroom.conduct import Conduct
from chatroom.deed import Access, Act, Change, Membership, Role
from chatroom.engines.base import NO_KEYS, Door, Keys
from chatroom.errors import NotAllowed, NotFound, NotSignedIn, TooMany, Unavailable
from chatroom.founding import is_conversation
from chatroom.order import Order
from chatroom.passwords import Passwords, password_from
from chatroom.people import Visitor

#: Wrong words for one room from one address: at once, and then a second.
ROOM_TRIES = 10
ROOM_TRIES_RATE = 10 / 180
#: Wrong words for all rooms together from one address: at once, and then a second.
ADDRESS_TRIES = 100
ADDRESS_TRIES_RATE = 100 / 180

#: Bytes of chance in an invitation.
_TOKEN_BYTES = 24


class Tries:
    """Counts wrong words. `monotonic` gives seconds and never goes back."""

    def __init__(self, monotonic: Callable[[], float]) -> None:
        self._in_room = Buckets(ROOM_TRIES_RATE, ROOM_TRIES, monotonic)
        self._anywhere = Buckets(ADDRESS_TRIES_RATE, ADDRESS_TRIES, monotonic)

    @contextmanager
    def one(self, room: str, address: str) -> Iterator[None]:
        """One try, which costs nothing if nothing is raised within, nor if that is Unavailable. Raises TooMany."""
        place = f"{room} {address}"
        wait = self._anywhere.take(address)
        if not wait and (wait := self._in_room.take(place)):
            self._anywhere.give_back(address)
        if wait:
            raise TooMany(wait)
        try:
            yield
        except Unavailable:  # neither right nor wrong
            self._forgive(place, address)
            raise
        self._forgive(place, address)

    def _forgive(self, place: str, address: str) -> None:
        self._in_room.give_back(place)
        self._anywhere.give_back(address)


class Doors:
    """The doors of the rooms of `chat`."""

    def __init__(self, chat: Chat, conduct: Conduct, passwords: Passwords, tries: Tries) -> None:
        self._chat = chat
        self._engine = chat.engine
        self._conduct = conduct
        self._passwords = passwords
        self._tries = tries

    async def change(
        self, room: str, change: Change, password: str, visitor: Visitor
    ) -> Sequence[Act]:
        """Run the room in another way; with a `password` it is one that asks for it.

        Whoever is a member stays one. Raises what `Engine.act` and `password_from` do.
        """
        if password and change.access is None:
            change = Change(**change.given | {"access": Access.PASSWORD})  # type: ignore[arg-type]
        order, _ = await self._chat.order(room, visitor)
        order.let_act(visitor, change, self._chat.clock())
        if change.access is not None and is_conversation(room):
            raise NotAllowed
        hash_ = await self._hash(room, change, password)
        keys = NO_KEYS if hash_ is None else Keys(new=Door(hash_, None))
        return await self._conduct.act(room, change, visitor, keys)

    async def invite(self, room: str, visitor: Visitor) -> str:
        """A token that lets everybody in who knows it; the one before lets nobody in any more."""
        order, _ = await self._chat.order(room, visitor)
        order.let_invite(visitor, self._chat.clock())
        token = secrets.token_urlsafe(_TOKEN_BYTES)
        await self._engine.set_door(room, Door(None, _hash(token)), visitor)
        return token

    async def invited(self, room: str, token: str, visitor: Visitor) -> Order:
        """The order of the room to which `token` invites.

        Raises NotFound, also for who would be kept out all the same; TooMany, RoomFull.
        """
        with self._tries.one(room, visitor.address):
            door = await self._engine.door(room)
            order = (await self._engine.tail(room, 1)).order
            if not _invites(door, token):
                raise NotFound("room")
            if visitor.person is not None:
                order.let_join(visitor, self._chat.clock(), invited=True)
            return order

    async def join(self, room: str, token: str, password: str, visitor: Visitor) -> Sequence[Act]:
        """Become a member by the token of an invitation or, where that is empty, by a password.

        Raises NotFound, whatever is wrong; NotSignedIn, TooMany, RoomFull.
        """
        if visitor.person is None:
            raise NotSignedIn
        with self._tries.one(room, visitor.address):
            door = await self._engine.door(room)
            order = (await self._engine.tail(room, 1)).order
            asks = door.password if order.access == Access.PASSWORD else None
            right = _invites(door, token) if token else await self._passwords.verify(asks, password)
            if not right:
                raise NotFound("room")
        deed = Membership(visitor.person, Role.MEMBER)
        shown = Door(None, door.invitation) if token else Door(asks, None)
        return await self._conduct.act(room, deed, visitor, Keys(shown=shown))

    async def _hash(self, room: str, change: Change, password: str) -> str | None:
        """What to keep of a new password; None where the room keeps the one that it has, or asks for none."""
        if change.access != Access.PASSWORD:
            return None
        if not password and (await self._engine.door(room)).password is not None:
            return None
        return await self._passwords.hash(password_from(password))


def _invites(door: Door, token: str) -> bool:
    return compare_digest(door.invitation or bytes(32), _hash(token))


def _hash(token: str) -> bytes:
    return sha256(token.encode("utf-8", "surrogatepass")).digest()
