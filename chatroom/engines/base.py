"""The seam between the chat and what keeps it: one log per room, its order, the people, and the files.

What it has to know of people and of files stands in `people.py` and `files.py` beside this.

Every engine passes the same contract tests (`tests/engines/contract*.py`). It promises:

1. What is appended is durable before `append` or `act` returns, and has been delivered before that.
2. Offsets are dense from 1 in each room; `deliver` is called on the event loop, in the order of the offsets.
3. (room, author, client_id) is unique: appending it again returns the first message, as it is now.
4. What fails was not taken, raises `Unavailable`, and does no harm to what comes after.
5. The order of a room is the sum of its acts, and whatever it forbids is refused where nothing can come in between.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Sequence
from typing import NamedTuple, Protocol

from chatroom.deed import Act, AnyDeed, Item, Role
from chatroom.engines.files import Files
from chatroom.engines.people import People
from chatroom.message import Draft, Message
from chatroom.order import Order
from chatroom.people import Person, Visitor
from chatroom.words import Phrase

#: How an engine hands new items to the rooms.
Deliver = Callable[[Iterable[Item]], None]


class Appended(NamedTuple):
    """A message of the log; `repeated` when an earlier request had already put it there."""

    message: Message
    repeated: bool


class Tail(NamedTuple):
    """The order of a room and its newest items, in log order, both of one moment."""

    order: Order
    items: Sequence[Item]


class Page(NamedTuple):
    """Items of a range in log order; `more` when older ones of the range were left out."""

    items: Sequence[Item]
    more: bool


class Member(NamedTuple):
    """Somebody with a role in a room."""

    person: Person
    role: Role


class Door(NamedTuple):
    """What lets people into a room: the hash of a password, and that of the token of an invitation."""

    password: str | None
    invitation: bytes | None


class Keys(NamedTuple):
    """What belongs to a deed at the door of a room.

    `shown`: what has let somebody in who becomes a member, to be found there still. `new`: what lets people in from
    then on; None in it leaves as it was.
    """

    shown: Door | None = None
    new: Door | None = None


#: Most deeds have nothing to do with the door.
NO_KEYS = Keys()


class Audited(NamedTuple):
    """Something that was done to a room, as moderators read it; `id` grows with each."""

    id: int
    at: int
    author: Person
    deed: AnyDeed


class Place(NamedTuple):
    """Where an entry of the log is."""

    room: str
    offset: int


class Wanted(NamedTuple):
    """What somebody looks for: messages with all of those `phrases`, the newest `limit` of them.

    `room` None: in all rooms that `People.readings` tells. `author`: the id of whoever said it, or words of the name
    under which they did. `since` <= at < `until`, in microseconds since 1970 UTC. `before`: only what was said before
    that entry.
    """

    phrases: tuple[Phrase, ...]
    room: str | None = None
    author: str = ""
    since: int = 0
    until: int = sys.maxsize
    before: Place | None = None
    limit: int = 50


class Found(NamedTuple):
    """Messages, the newest first; `more` when there are older ones. Not `complete`: some texts are not indexed yet."""

    messages: Sequence[Message]
    more: bool
    complete: bool


class Engine(Protocol):
    """The log, and the order of its rooms. Every method but `subscribe` may raise `Unavailable`."""

    @property
    def people(self) -> People:
        """Who there is."""

    @property
    def files(self) -> Files:
        """What belongs to messages."""

    @property
    def epoch(self) -> str:
        """Which life of the log this is: 8 of [a-z0-9], never used again for another one."""

    @property
    def failing(self) -> bool:
        """True from a write that failed until one that succeeds."""

    def subscribe(self, deliver: Deliver) -> None:
        """Call `deliver` with what is appended from now on."""

    async def append(self, draft: Draft) -> Appended:
        """Put a draft into its room's log.

        Raises ClientIdReused if its client_id stands for another text, NotSignedIn if its author is no more, and what
        `Order.let_speak` does; NotFound also for a repeat by who may not come in any more.
        """

    async def act(
        self, room: str, deed: AnyDeed, visitor: Visitor, keys: Keys = NO_KEYS
    ) -> Sequence[Act]:
        """Do that to a room; returns what was done, nothing where it makes no difference.

        Raises what `Order.let_act` does, NotSignedIn, NotFound if what the deed is about is not there or what was
        shown lets nobody in any more.
        """

    async def begin(self, room: str, founder: Person, others: Sequence[str]) -> bool:
        """Begin a conversation of `founder` and `others` (ids). False if there is one of that name.

        Raises NotSignedIn if the founder is no more, NotFound if one of the others is.
        """

    async def tail(self, room: str, limit: int) -> Tail:
        """The order of a room and its newest items, at most `limit`, in log order."""

    async def between(self, room: str, after: int, before: int, limit: int) -> Page:
        """The newest items, at most `limit`, with `after` < offset < `before`, in log order."""

    async def search(self, wanted: Wanted, visitor: Visitor) -> Found:
        """The newest messages that are looked for, in rooms that are open to `visitor`.

        What has just been said is found, and what was deleted or changed is not, even where the index is not complete.
        Raises NotFound where the room is not open to them, or `before` is not in one of the rooms; NotSignedIn where
        nobody looks in the rooms of theirs; SearchBusy when it takes too long.
        """

    async def members(self, room: str) -> Sequence[Member]:
        """Who has a role in the room, in the order in which they got one."""

    async def door(self, room: str) -> Door:
        """What lets people into the room."""

    async def set_door(self, room: str, door: Door, visitor: Visitor) -> None:
        """Let in who knows other words from now on; None leaves as it was. Who is put out voids the invitation.

        Raises what `Order.let_act` does, NotFound if nothing was ever said or done there.
        """

    async def audited(self, room: str, before: int, limit: int) -> Sequence[Audited]:
        """What was done to the room, the newest first, with ids below `before`."""

    async def trim(self) -> None:
        """Let go of what rooms do not keep any longer, and of the last traces of what was deleted."""

    async def close(self) -> None:
        """Finish what was begun, then let go of everything. Nothing may be asked afterwards."""
