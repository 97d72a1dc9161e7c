"""The seam between the chat and what keeps it: one log per room, and the people.

Every engine passes the same contract tests (`tests/engines/contract.py`). It promises:

1. An appended message is durable before `append` returns, and has been delivered before that.
2. Offsets are dense from 1 in each room; `deliver` is called on the event loop, in the order of the offsets.
3. (room, author, client_id) is unique: appending it again returns the first message.
4. What fails was not taken, raises `Unavailable`, and does no harm to what comes after.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import NamedTuple, Protocol

from chatroom.message import Draft, Message
from chatroom.people import Person

#: How an engine hands new messages to the rooms.
Deliver = Callable[[Iterable[Message]], None]


class Appended(NamedTuple):
    """A message of the log; `repeated` when an earlier request had already put it there."""

    message: Message
    repeated: bool


class Page(NamedTuple):
    """Messages of a range in log order; `more` when older ones of the range were left out."""

    messages: Sequence[Message]
    more: bool


class Session(NamedTuple):
    """Whose session it is, and when it was last noted to be in use."""

    person: Person
    used_at: int


class Engine(Protocol):
    """Log and people. Times are microseconds since 1970 UTC, token hashes are opaque bytes.

    Every method but `subscribe` may raise `Unavailable`.
    """

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

        Raises ClientIdReused if its client_id stands for another text, NotSignedIn if its author is no more.
        """

    async def tail(self, room: str, limit: int) -> Sequence[Message]:
        """The newest messages of a room, at most `limit`, in log order."""

    async def between(self, room: str, after: int, before: int, limit: int) -> Page:
        """The newest messages, at most `limit`, with `after` < offset < `before`, in log order."""

    async def add_session(self, token: bytes, person: Person) -> None:
        """Remember a new person, and that whoever has `token` is that person."""

    async def session(self, token: bytes) -> Session | None:
        """The session of `token`, None when there is no such session (any more)."""

    async def end_session(self, token: bytes) -> None:
        """Forget the session of `token`, if there is one, and its owner if that leaves nothing behind."""

    async def touch(self, token: bytes) -> None:
        """Note that the session is in use."""

    async def rename(self, person: Person) -> None:
        """Give the person with that id that name, and note that their sessions are in use."""

    async def expire(self, before: int) -> None:
        """Forget the sessions that were last in use before that time, and people who leave nothing behind."""

    async def close(self) -> None:
        """Finish what was begun, then let go of everything. Nothing may be asked afterwards."""
