"""What people do to rooms and to each other, apart from HTTP: deeds, and conversations between people.

Nothing is decided here. Whether somebody may do it the engine asks of the room's order, where nothing can come in
between; what is asked before that of the order in memory spares work, or finds out what is meant.
"""

from __future__ import annotations

import secrets
from base64 import b32encode
from collections.abc import Iterable, Sequence
from enum import StrEnum
from hashlib import sha256
from typing import NamedTuple

from chatroom.chat import Chat
from chatroom.deed import (
    FOR_EVER,
    TITLE_LIMIT,
    Access,
    Act,
    AnyDeed,
    Bar,
    Change,
    Membership,
    line_from,
)
from chatroom.engines.base import NO_KEYS, Audited, Keys
from chatroom.errors import NotSignedIn, PeopleInvalid
from chatroom.founding import DIRECT_PREFIX, PRIVATE_PREFIX
from chatroom.order import Order
from chatroom.people import Person, Visitor
from chatroom.sessions import Sessions

#: Minutes for which somebody who was kicked out of an open room stays out.
KICK_MINUTES = 10
#: Minutes for which somebody may be told to stay out or to be silent: ten years. 0 is for ever.
MINUTES_LIMIT = 5_256_000
#: People with whom a conversation may be begun at once.
PEOPLE_AT_ONCE = 100

#: Bytes of chance in the name of a conversation.
_NAME_BYTES = 16
_MINUTE = 60_000_000  # microseconds


class Judging(StrEnum):
    """What may be done about somebody in a room."""

    KICK = "kick"
    BAN = "ban"
    MUTE = "mute"
    LIFT = "lift"


class Verdict(NamedTuple):
    """`judging` of `person` for so many `minutes` (0: for ever), with `address` also of whoever comes from theirs."""

    person: Person
    judging: Judging
    minutes: int = 0
    address: bool = False


class Judged(NamedTuple):
    """What was done; `address` whether it holds for the address, too."""

    acts: Sequence[Act]
    address: bool


class Talk(NamedTuple):
    """The room of a conversation; `new` if there was none of these two before."""

    room: str
    new: bool


class Audit(NamedTuple):
    """What was done to a room, the newest first; `more` if there is older."""

    acts: Sequence[Audited]
    more: bool


class Conduct:
    """Deeds in the rooms of `chat`. Every method raises what `Engine.act` does."""

    def __init__(self, chat: Chat, sessions: Sessions) -> None:
        self._chat = chat
        self._engine = chat.engine
        self._sessions = sessions

    async def act(
        self, room: str, deed: AnyDeed, visitor: Visitor, keys: Keys = NO_KEYS
    ) -> Sequence[Act]:
        """Do that; nothing is returned where it makes no difference."""
        return await self._engine.act(room, deed, visitor, keys)

    async def leave(self, room: str, visitor: Visitor) -> Sequence[Act]:
        """Let `visitor` be a member no longer."""
        if visitor.person is None:
            raise NotSignedIn
        return await self.act(room, Membership(visitor.person, None), visitor)

    async def judge(self, room: str, verdict: Verdict, visitor: Visitor) -> Judged:
        """Keep somebody out or silent, or no longer."""
        order, _ = await self._chat.order(room, visitor)
        order.let_act(visitor, Bar(person=verdict.person, until=0), self._chat.clock())
        address = self._address(verdict)
        acts: list[Act] = []
        for deed in self._deeds(order, verdict, address):
            acts += await self.act(room, deed, visitor)
        told = any(isinstance(it.deed, Bar) and it.deed.address for it in acts)
        return Judged(acts, told)

    async def talk(self, people: Iterable[str], title: str, visitor: Visitor) -> Talk:
        """The conversation of `visitor` with those `people` (ids); two of them have only one, which has no title.

        Raises NotSignedIn, PeopleInvalid, RoomTextInvalid, and NotFound if one of them is no more.
        """
        founder = visitor.person
        if founder is None:
            raise NotSignedIn
        others = [it for it in dict.fromkeys(people) if it != founder.id]
        if not 0 < len(others) <= PEOPLE_AT_ONCE:
            raise PeopleInvalid("person", limit=PEOPLE_AT_ONCE)
        title = line_from(title, TITLE_LIMIT, "title")
        direct = len(others) == 1
        room = _direct(founder.id, others[0]) if direct else _group()
        new = await self._engine.begin(room, founder, others)
        if title and not direct:
            await self.act(room, Change(title=title), visitor)
        return Talk(room, new)

    async def audit(self, room: str, before: int, limit: int, visitor: Visitor) -> Audit:
        """The newest `limit` of what was done to the room, with numbers below `before`."""
        order, _ = await self._chat.order(room, visitor)
        order.let_oversee(visitor, self._chat.clock())
        found = await self._engine.audited(room, before, limit + 1)
        return Audit(found[:limit], more=len(found) > limit)

    def _address(self, verdict: Verdict) -> str:
        if not verdict.address or verdict.judging not in (Judging.KICK, Judging.BAN):
            return ""
        return self._sessions.address_of(verdict.person.id)

    def _deeds(self, order: Order, verdict: Verdict, address: str) -> Sequence[AnyDeed]:
        """What it takes to carry that out."""
        person = verdict.person
        match verdict.judging:
            case Judging.KICK if order.access == Access.PRIVATE:
                return [Membership(person, None)]
            case Judging.KICK:
                return [Bar(person=person, until=self._until(KICK_MINUTES), address=address)]
            case Judging.BAN:
                return [Bar(person=person, until=self._until(verdict.minutes), address=address)]
            case Judging.MUTE:
                return [Bar(person=person, until=self._until(verdict.minutes), mute=True)]
            case Judging.LIFT:
                holding = {False: order.bars, True: order.mutes}
                mutes = [it for it, people in holding.items() if person.id in people]
                return [Bar(person=person, until=0, mute=it) for it in mutes]

    def _until(self, minutes: int) -> int:
        return self._chat.clock() + minutes * _MINUTE if minutes else FOR_EVER


def _direct(one: str, other: str) -> str:
    """The room of these two: the same whoever begins, and nobody's who does not know both. 64 characters."""
    digest = sha256("\n".join(sorted((one, other))).encode()).digest()
    return DIRECT_PREFIX + b32encode(digest).decode().rstrip("=").lower()


def _group() -> str:
    return PRIVATE_PREFIX + secrets.token_hex(_NAME_BYTES)
