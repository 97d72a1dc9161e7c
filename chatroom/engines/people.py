"""The people's side of the seam: whose sessions there are, who can sign in, and where somebody has read."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple, Protocol

from chatroom.order import Order
from chatroom.people import Person

#: Unread messages are counted up to here: who has missed more has missed many.
UNREAD_LIMIT = 100
#: And they are looked for among so many of the newest entries of a room.
UNREAD_SCAN = 1000
#: Rooms of somebody that are told, those in which something was said last.
READINGS_LIMIT = 100
#: People whom one person may ignore.
IGNORED_LIMIT = 1000
#: Sessions that are listed besides those for programs; who signs in once a second has many.
LISTED_LIMIT = 100


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
        """The sessions of somebody, those used last first: all for programs, and LISTED_LIMIT others."""

    async def session_called(self, person: str, id_: str) -> bytes | None:
        """The token of that session of somebody, None if none of theirs has that id."""

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
