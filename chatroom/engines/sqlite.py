"""The embedded engine: one SQLite file, one writer thread with group commit, one reader thread.

A post is on the disk before it is acknowledged (`synchronous=FULL`: the log is flushed at each commit), so it survives
a killed process and a power cut.
"""

from __future__ import annotations

import sqlite3
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from pathlib import Path

from chatroom.deed import Act, AnyDeed, Item
from chatroom.engines import acting, attached, pace, retention, rows, volumes
from chatroom.engines.acting import Acted
from chatroom.engines.base import (
    NO_KEYS,
    Appended,
    Audited,
    Deliver,
    Door,
    Found,
    Keys,
    Member,
    Page,
    Tail,
    Wanted,
)
from chatroom.engines.sqlite_files import SqliteFiles
from chatroom.engines.sqlite_people import SqlitePeople
from chatroom.engines.sqlite_search import SqliteSearch
from chatroom.engines.store import Store
from chatroom.errors import ClientIdReused, NotFound, Unavailable
from chatroom.founding import OPEN, first
from chatroom.message import BODY_LIMIT, Draft, File, Message, Quoted
from chatroom.people import Person, Visitor

#: Microseconds since 1970 UTC.
Clock = Callable[[], int]
#: Seconds to take what was deleted out of the index at the end. What is left is taken out after the next start.
_LAST_TIDYING = 1.0

_FIND = f"SELECT {rows.COLUMNS} FROM messages WHERE author = ? AND room = ? AND client_id = ?"  # noqa: S608 - no value in it
_NAMES = "SELECT id, name FROM people WHERE id IN (SELECT person FROM members WHERE room = ?)"
_AUDITED = """
    SELECT id, at, author, author_name, deed FROM audit
    WHERE room = ? AND id < ? ORDER BY id DESC LIMIT ?
"""


class SqliteEngine:
    """Log and people in the file `path`. Raises StorageRefused if it cannot be served; the file is then as it was.

    `write_queue` bounds the requests that wait for the disk. `clock` gives the time of messages and sessions.
    """

    def __init__(self, path: Path, clock: Clock, write_queue: int = 1000) -> None:
        self._clock = clock
        self._deliver: Deliver = _nobody
        self._store = Store(path, write_queue, self._committed, volumes.step)
        self._people = SqlitePeople(self._store, clock)
        self._files = SqliteFiles(self._store, clock)
        self._search = SqliteSearch(self._store, clock)

    @property
    def people(self) -> SqlitePeople:
        """Who there is."""
        return self._people

    @property
    def files(self) -> SqliteFiles:
        """What belongs to messages."""
        return self._files

    @property
    def epoch(self) -> str:
        """Born with the file."""
        return self._store.epoch

    @property
    def failing(self) -> bool:
        """True from a write that failed until one that succeeds."""
        return self._store.failing

    def subscribe(self, deliver: Deliver) -> None:
        """Call `deliver` on the event loop with what is appended from now on."""
        self._deliver = deliver

    async def append(self, draft: Draft) -> Appended:
        """Put a draft into its room's log; on the disk and delivered when this returns."""
        return await self._store.write(lambda connection: self._append(connection, draft))

    async def act(
        self, room: str, deed: AnyDeed, visitor: Visitor, keys: Keys = NO_KEYS
    ) -> Sequence[Act]:
        """Do that to a room; returns what was done, nothing where it makes no difference."""

        def work(connection: sqlite3.Connection) -> Acted | None:
            who = acting.current(connection, visitor)
            return acting.act(connection, room, deed, who, self._clock(), keys)

        while (acted := await self._store.write(work)) is None:
            pass
        return acted.acts

    async def begin(self, room: str, founder: Person, others: Sequence[str]) -> bool:
        """Begin a conversation of `founder` and `others` (ids). False if there is one of that name."""

        def work(connection: sqlite3.Connection) -> Acted:
            return acting.begin(connection, room, founder, others, self._clock())

        return bool((await self._store.write(work, entries=len(others) + 1)).acts)

    async def tail(self, room: str, limit: int) -> Tail:
        """The order of a room and its newest items, at most `limit`, in log order."""

        def query(connection: sqlite3.Connection) -> Tail:
            order = acting.standing(connection, room).order
            return Tail(order, rows.between(connection, room, order.trimmed, sys.maxsize, limit))

        return await self._store.read(query)

    async def between(self, room: str, after: int, before: int, limit: int) -> Page:
        """The newest items, at most `limit`, with `after` < offset < `before`, in log order."""
        found = await self._store.read(lambda it: rows.between(it, room, after, before, limit + 1))
        return Page(found[-limit:], more=len(found) > limit)

    async def search(self, wanted: Wanted, visitor: Visitor) -> Found:
        """The newest messages that are looked for, in rooms that are open to `visitor`."""
        return await self._search.search(wanted, visitor)

    async def members(self, room: str) -> Sequence[Member]:
        """Who has a role in the room, in the order in which they got one."""

        def query(connection: sqlite3.Connection) -> Sequence[Member]:
            names = dict(connection.execute(_NAMES, (room,)).fetchall())
            roles = acting.standing(connection, room).order.roles
            return [Member(Person(it, names.get(it, "")), role) for it, role in roles.items()]

        return await self._store.read(query)

    async def door(self, room: str) -> Door:
        """What lets people into the room."""
        return await self._store.read(lambda it: acting.door(it, room))

    async def set_door(self, room: str, door: Door, visitor: Visitor) -> None:
        """Let in who knows other words from now on; None leaves as it was."""

        def work(connection: sqlite3.Connection) -> None:
            who = acting.current(connection, visitor)
            acting.let_set(connection, room, door, who, self._clock())
            acting.set_door(connection, room, door, who, self._clock())

        await self._store.write(work)

    async def audited(self, room: str, before: int, limit: int) -> Sequence[Audited]:
        """What was done to the room, the newest first, with ids below `before`."""
        found = await self._store.read(
            lambda it: it.execute(_AUDITED, (room, before, limit)).fetchall()
        )
        return [
            Audited(id_, at, Person(author, name), rows.decode_deed(deed))
            for id_, at, author, name, deed in found
        ]

    async def trim(self) -> None:
        """Let go of what rooms do not keep any longer, and of the last traces of what was deleted."""
        await retention.trim(self._store, self._clock())
        await self._files.sweep()
        await self._search.tidy()
        await self._store.flush()

    async def close(self) -> None:
        """Write what is waiting, then close the file and give up its lock."""
        with suppress(Unavailable):
            await self._search.tidy(_LAST_TIDYING)
        await self._store.close()

    def _append(self, connection: sqlite3.Connection, draft: Draft) -> Appended:
        at = self._clock()
        who = acting.visitor(connection, draft.author, draft.address)
        head, order = acting.standing(connection, draft.room)
        if head is None:
            order = first(draft.room, draft.author)
        if order is not OPEN:
            order.admit(who, at)  # before a repeat is told: what is not theirs is not there
        if earlier := _find(connection, draft):
            return _repeated(earlier, draft)
        if order is not OPEN:
            pace.let_speak(connection, draft.room, order, who, at)
        quoted, files = _quoted(connection, draft), attached.of(connection, draft)
        pace.note(connection, draft.room, order, who, at)  # from here on nothing is refused
        offset = acting.advance(connection, draft.room)
        message = _message(draft, offset, at, quoted, files)
        rows.insert_message(connection, message)
        attached.attach(connection, message)
        if head is None:
            acting.own(connection, draft.room, draft.author)
        return Appended(message, repeated=False)

    def _committed(self, results: Iterable[object]) -> None:
        new = [item for result in results for item in _items(result)]
        if new:
            self._deliver(new)


def _nobody(items: Iterable[Item]) -> None:
    """Nobody has subscribed yet."""


def _items(result: object) -> Iterator[Item]:
    """What is new in the log by that."""
    if isinstance(result, Acted):
        yield from result.acts
    elif isinstance(result, Appended) and not result.repeated:
        yield result.message


def _find(connection: sqlite3.Connection, draft: Draft) -> Message | None:
    if draft.client_id is None:
        return None
    row = connection.execute(_FIND, (draft.author.id, draft.room, draft.client_id)).fetchone()
    found = rows.item(row) if row else None
    return found if isinstance(found, Message) else None


def _quoted(connection: sqlite3.Connection, draft: Draft) -> Quoted | None:
    """What the draft answers. Raises NotFound if that is gone."""
    if draft.reply is None:
        return None
    found = rows.message_at(connection, draft.room, draft.reply)
    if found is None or not found.body:
        raise NotFound("reply")
    return Quoted(found.offset, found.author)


def _message(
    draft: Draft, offset: int, at: int, reply: Quoted | None, files: tuple[File, ...]
) -> Message:
    """What becomes of the draft. Files alone are called by their names: a message without a body was deleted."""
    return Message(
        room=draft.room,
        offset=offset,
        author=draft.author,
        body=draft.body or ", ".join(file.name for file in files)[:BODY_LIMIT],
        html=draft.html,
        at=at,
        client_id=draft.client_id,
        reply=reply,
        files=files,
    )


def _repeated(earlier: Message, draft: Draft) -> Appended:
    """The answer to a post that was taken before; its text may have been deleted since."""
    same = (draft.body or earlier.body) == earlier.body or earlier.edited_at is not None
    if earlier.body and not (same and draft.files == tuple(it.id for it in earlier.files)):
        raise ClientIdReused("client_id")
    return Appended(earlier, repeated=True)
