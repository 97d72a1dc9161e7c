"""The seam between the chat and what keeps it: one log per room, its order, and the people.

Every engine passes the same contract tests (`tests/engines/contract*.py`). It promises:

1. What is appended is durable before `append` or `act` returns, and has been delivered before that.
2. Offsets are dense from 1 in each room; `deliver` is called on the event loop, in the order of the offsets.
3. (room, author, client_id) is unique: appending it again returns the first message, as it is now.
4. What fails was not taken, raises `Unavailable`, and does no harm to what comes after.
5. The order of a room is the sum of its acts, and whatever it forbids is refused where nothing can come in between.
"""

from __future__ import annotations

import sys
from collections.abc import AsyncIterator, Callable, Iterable, Sequence
from enum import IntEnum
from typing import NamedTuple, Protocol

from chatroom.deed import Act, AnyDeed, Item, Role
from chatroom.message import Draft, File, Message
from chatroom.order import Order
from chatroom.people import Person, Visitor
from chatroom.words import Phrase

#: How an engine hands new items to the rooms.
Deliver = Callable[[Iterable[Item]], None]

#: Unread messages are counted up to here: who has missed more has missed many.
UNREAD_LIMIT = 100
#: And they are looked for among so many of the newest entries of a room.
UNREAD_SCAN = 1000
#: Rooms of somebody that are told, those in which something was said last.
READINGS_LIMIT = 100
#: People whom one person may ignore.
IGNORED_LIMIT = 1000
#: Bytes in each chunk of a file but the last one.
CHUNK = 65_536
#: Microseconds for which a file waits for its message.
FILE_WAITS = 3600 * 1_000_000


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


class Session(NamedTuple):
    """Whose session it is, and when it was last noted to be in use."""

    person: Person
    used_at: int
    administrator: bool = False
    account: bool = False


class Listed(NamedTuple):
    """A session as its owner sees it; `name` is that of a program's token, None for a browser."""

    id: str
    name: str | None
    created_at: int
    used_at: int
    token: bytes


class Account(NamedTuple):
    """Somebody who can sign in. `password` is the hash of theirs."""

    person: Person
    password: str
    administrator: bool
    barred: bool


class Renewal(NamedTuple):
    """A session that goes on under another token."""

    old: bytes
    new: bytes


class Reading(NamedTuple):
    """A room of somebody's, and where they stand in it. `members` names some of a private one.

    `unread` counts what others have said and they have not read, `mentioned` what of it speaks to them: up to
    UNREAD_LIMIT, among the newest UNREAD_SCAN entries. Those whom they ignore have said nothing.
    """

    room: str
    order: Order
    members: Sequence[Person]
    head: int
    read: int
    unread: int
    mentioned: int


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


class People(Protocol):
    """Who there is. Times are microseconds since 1970 UTC, token hashes are opaque bytes.

    Every method may raise `Unavailable`. `key` is that of a name (`chatroom.lookalikes`).
    """

    async def add_session(
        self, token: bytes, person: Person, key: str, name: str | None = None
    ) -> None:
        """Remember that whoever has `token` is `person`, who may be new; `name` is that of a program's token.

        Raises NameTaken if the name belongs to somebody else.
        """

    async def session(self, token: bytes) -> Session | None:
        """The session of `token`, None when there is no such session (any more)."""

    async def sessions(self, person: str) -> Sequence[Listed]:
        """All sessions of somebody, those used last first."""

    async def end_session(self, token: bytes) -> None:
        """Forget the session of `token`, if there is one, and its owner if that leaves nothing behind."""

    async def end_sessions(self, person: str, but: bytes | None = None) -> Sequence[bytes]:
        """Forget all sessions of somebody but one; returns their tokens."""

    async def touch(self, token: bytes) -> None:
        """Note that the session is in use."""

    async def expire(self, before: int) -> None:
        """Forget the sessions that were last in use before that time, and people who leave nothing behind."""

    async def person(self, id_: str) -> Person | None:
        """Who that is, None if they are no more."""

    async def rename(self, person: Person, key: str) -> None:
        """Give the person with that id that name, and note that their sessions are in use. Raises NameTaken."""

    async def sign_in(self, token: bytes, account: Account, instead: bytes | None = None) -> None:
        """Remember that whoever has `token` is the owner of `account`, and forget the session `instead`.

        Raises SignInFailed if the account is not any more what it was, or is barred.
        """

    async def add_token(self, token: bytes, session: bytes, name: str, limit: int) -> str:
        """Remember a program's token of the owner of `session`; returns the id by which they name it.

        Raises NotSignedIn if there is no such session any more, TooManyTokens if they have `limit` of them.
        """

    async def claim(
        self, person: Person, key: str, password: str, renewal: Renewal | None = None
    ) -> None:
        """Make a guest's name theirs for good: nobody else may bear it or one with that key.

        Raises NameTaken, AccountExists, and NotSignedIn if they or the session are no more.
        """

    async def account(self, key: str) -> Account | None:
        """The account whose name has that key."""

    async def rehash(self, account: Account, password: str) -> None:
        """Keep another hash of the same password, unless it has been changed meanwhile."""

    async def set_password(
        self, account: Account, password: str, renewal: Renewal
    ) -> Sequence[bytes]:
        """Keep the hash of another password, and of all their sessions only the one that is renewed.

        Returns the tokens that are not valid any more. Raises PasswordWrong if the account is not any more what it
        was, NotSignedIn if there is no such session.
        """

    async def has_administrator(self) -> bool:
        """Whether there is one."""

    async def appoint(self, person: str, *, administrator: bool) -> None:
        """Make an account an administrator, or none any more. Raises NotFound if it is no account, or barred."""

    async def bar(self, person: str, *, barred: bool) -> Sequence[bytes]:
        """Keep somebody out of the whole chat, or no longer; returns the tokens of the sessions that this has ended.

        Raises NotFound, and NotAllowed for an administrator.
        """

    async def forget(self, person: Person, *, erase: bool) -> Sequence[bytes]:
        """Delete somebody and their roles; `erase`: also the texts of all their messages. Returns as `bar` does."""

    async def ignore(self, person: str, target: str, *, ignored: bool) -> None:
        """Note that somebody does not want to hear somebody else, or does again. Raises NotFound, TooManyIgnored."""

    async def ignored(self, person: str) -> Sequence[Person]:
        """Whom somebody does not want to hear."""

    async def read(self, person: str, room: str, offset: int) -> bool:
        """Note up to where somebody has read a room, at most to its head. False if they had read further already."""

    async def readings(self, person: Person, handle: str) -> Sequence[Reading]:
        """The rooms that somebody has read in or is a member of: READINGS_LIMIT of them, those that spoke last first.

        `handle` is what stands behind the @ for them.
        """


class Part(IntEnum):
    """What is kept of a file: as it was sent, or the picture made of that, and a smaller one of large ones."""

    SENT = 0
    PICTURE = 1
    THUMBNAIL = 2


class Allowance(NamedTuple):
    """Bytes that the files of one person may have together, and those of all."""

    person: int
    total: int


class Kept(NamedTuple):
    """A file, who has sent it, and where to. `offset` is that of its message, None while it waits for one.

    `thumbnail` is the size in bytes of a smaller picture, 0 if there is none.
    """

    file: File
    person: str
    room: str
    offset: int | None
    thumbnail: int


class Files(Protocol):
    """What belongs to messages. Every method may raise `Unavailable`.

    A file comes in between `begin` and `keep` or `drop`; `write` gives it parts, in chunks of CHUNK bytes, the last one
    of a part may be shorter. Then it waits FILE_WAITS for its message, and stays as long as that does. A file that is
    gone is found no more at once; its bytes go with the next `sweep`.
    """

    async def begin(self, person: str, size: int, allowance: Allowance) -> str:
        """Let a file of somebody's come in that has at most `size` bytes; returns its id, which nobody can guess.

        Raises QuotaReached, FilesFull.
        """

    async def write(self, id_: str, part: Part, number: int, chunk: bytes) -> None:
        """Add a chunk, of which there are `number` before. Raises NotFound if the file is not on its way in."""

    async def keep(self, file: File, person: str, room: str) -> None:
        """The file is whole; of a picture nothing stays as it was sent. Raises NotFound as `write` does."""

    async def drop(self, id_: str) -> None:
        """What was on its way in is not wanted any more."""

    async def find(self, id_: str) -> Kept | None:
        """The file with that id; None if there is none (any more) or not all of it."""

    def read(self, id_: str, *, thumbnail: bool = False, start: int = 0) -> AsyncIterator[bytes]:
        """The bytes of a file from `start` on, as they are served, in chunks; they end early if it goes meanwhile."""

    async def sweep(self) -> bool:
        """Let go of the bytes of files that are gone, or were never whole. False if there were none."""


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
