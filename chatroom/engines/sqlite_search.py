"""Searching the log in the SQLite file, on a connection and in a thread of its own.

One question after the other, each for a second at most: whatever else is read does not wait for them.
"""

from __future__ import annotations

import sqlite3
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from typing import NamedTuple

from chatroom.engines import acting, rows, volumes
from chatroom.engines.base import Found, Wanted
from chatroom.engines.people import READINGS_LIMIT
from chatroom.engines.sqlite_people import ROOMS
from chatroom.engines.store import Store
from chatroom.engines.turns import Turns
from chatroom.errors import NotFound, NotSignedIn, SearchBusy, Unavailable
from chatroom.message import Message
from chatroom.people import Visitor
from chatroom.words import Phrase, words

#: Questions that wait for their turn; who asks one more is asked to come back.
_QUESTIONS = 50
#: Seconds that one may take.
_SECONDS = 1.0
#: Instructions of SQLite after which it is asked whether that is over: less than a millisecond.
_LOOK = 1000
#: Rows that are taken in before a question is answered. When there are more, it is answered without them.
_CATCH_UP = 8 * volumes.STEP

_FIND = f"""
    SELECT {rows.COLUMNS} FROM volume_{{id}} CROSS JOIN messages ON messages.number = volume_{{id}}.rowid
    WHERE volume_{{id}} MATCH ? AND volume_{{id}}.rowid >= ? AND volume_{{id}}.rowid < ?
    AND kind = 'message' AND body <> '' AND at >= ? AND at < ?
    AND NOT EXISTS (SELECT 1 FROM outdated WHERE outdated.number = messages.number)
    ORDER BY volume_{{id}}.rowid DESC
"""  # noqa: S608 - no value in it
_VOLUMES = "SELECT id FROM volumes WHERE id >= ? AND id <= ? ORDER BY id DESC"
_AT = "SELECT at FROM messages WHERE number >= ? ORDER BY number LIMIT 1"
_LAST = "SELECT coalesce(max(number), 0) FROM messages"
_NUMBER = """
    SELECT number FROM messages WHERE room = ? AND "offset" >= ? ORDER BY "offset" LIMIT 1
"""


class _Span(NamedTuple):
    """Numbers of rows: `low` <= number < `high`."""

    low: int
    high: int


class SqliteSearch:
    """Looks for messages in `store`. `clock` gives microseconds since 1970 UTC, `monotonic` seconds."""

    def __init__(
        self,
        store: Store,
        clock: Callable[[], int],
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._store = store
        self._clock = clock
        self._monotonic = monotonic
        self._turns: Turns[tuple[Wanted, Visitor], Found] = Turns()
        self._asked = 0

    async def search(self, wanted: Wanted, visitor: Visitor) -> Found:
        """The newest messages that `visitor` looks for. Raises what `Engine.search` does."""
        if self._asked >= _QUESTIONS:
            raise SearchBusy
        self._asked += 1
        try:
            return await self._turns.ask((wanted, visitor), lambda: self._answer(wanted, visitor))
        finally:
            self._asked -= 1

    async def tidy(self, seconds: float = sys.maxsize) -> None:
        """Leave no trace of what is gone in the index, as far as `seconds` allow. Raises Unavailable."""
        until = self._monotonic() + seconds
        for work in (volumes.let_go, volumes.tidy):
            while self._monotonic() < until and await self._store.write(work):
                pass

    async def _answer(self, wanted: Wanted, visitor: Visitor) -> Found:
        with suppress(Unavailable):  # what is there already can be found in any case
            await self._catch_up()
        return await self._store.search(lambda it: self._found(it, wanted, visitor))

    async def _catch_up(self) -> None:
        behind = await self._store.search(volumes.behind)
        if 0 < behind <= _CATCH_UP:
            for _ in range(2 + behind // volumes.STEP):
                if not await self._store.write(volumes.step):
                    return

    def _found(self, connection: sqlite3.Connection, wanted: Wanted, visitor: Visitor) -> Found:
        until = self._monotonic() + _SECONDS
        connection.set_progress_handler(lambda: self._monotonic() > until, _LOOK)
        try:
            return self._newest(connection, wanted, visitor, until)
        except sqlite3.OperationalError:
            if self._monotonic() > until:
                raise SearchBusy from None
            raise
        finally:
            connection.set_progress_handler(None, 0)

    def _newest(
        self, connection: sqlite3.Connection, wanted: Wanted, visitor: Visitor, until: float
    ) -> Found:
        now = self._clock()
        who = acting.current(connection, visitor)
        rooms = _rooms(connection, wanted.room, who, now)
        complete = not volumes.behind(connection)
        messages: list[Message] = []
        for message in _matching(connection, wanted, rooms):
            if message is None or message.offset <= rooms[message.room]:
                if self._monotonic() > until:
                    raise SearchBusy
                continue
            if len(messages) == wanted.limit:
                return Found(messages, more=True, complete=complete)
            messages.append(message)
        return Found(messages, more=False, complete=complete)


def _rooms(
    connection: sqlite3.Connection, room: str | None, who: Visitor, now: int
) -> dict[str, int]:
    """The rooms to look in that are open to `who`, each with the offset up to which it is trimmed.

    Raises NotFound if that one is not, NotSignedIn if it is to be those of nobody.
    """
    if room is not None:
        order = acting.standing(connection, room).order
        order.admit(who, now)
        return {room: order.trimmed}
    if who.person is None:
        raise NotSignedIn
    names = [name for name, *_ in connection.execute(ROOMS, (who.person.id, READINGS_LIMIT))]
    orders = {name: acting.standing(connection, name).order for name in names}
    return {name: it.trimmed for name, it in orders.items() if it.open_to(who, now)}


def _matching(
    connection: sqlite3.Connection, wanted: Wanted, rooms: dict[str, int]
) -> Iterator[Message | None]:
    """What is found, the newest first, and None behind each volume."""
    span = _span(connection, wanted, rooms)
    if not rooms or span.low >= span.high:
        return
    asked = (expression(wanted.phrases, rooms, wanted.author), *span, wanted.since, wanted.until)
    places = (span.low // volumes.VOLUME, span.high // volumes.VOLUME)
    for (id_,) in connection.execute(_VOLUMES, places).fetchall():
        for row in connection.execute(_FIND.format(id=id_), asked):
            found = rows.item(row)
            if isinstance(found, Message) and found.room in rooms:
                yield found
        yield None


def expression(phrases: Iterable[Phrase], rooms: Iterable[str], author: str) -> str:
    """What FTS5 is asked. Nothing in it was typed by anybody but letters, digits and signs on them."""
    parts = [f"said : {_quoted(phrase)}" for phrase in phrases]
    parts.append(f"place : ({' OR '.join(_quoted([volumes.token(it)]) for it in rooms)})")
    if author:
        names = [[volumes.token(author)], *filter(None, [words(author)])]
        parts.append(f"speaker : ({' OR '.join(map(_quoted, names))})")
    return " AND ".join(parts)


def _quoted(phrase: Iterable[str]) -> str:
    return f'"{" ".join(phrase)}"'


def _span(connection: sqlite3.Connection, wanted: Wanted, rooms: dict[str, int]) -> _Span:
    """The rows that come into question. Raises NotFound if it is to be those before one of another room."""
    (last,) = connection.execute(_LAST).fetchone()
    high = last + 1
    if wanted.before is not None:
        if wanted.before.room not in rooms:
            raise NotFound("before")
        row = connection.execute(_NUMBER, wanted.before).fetchone()
        high = row[0] if row else high
    return _Span(
        _since(connection, wanted.since, last), min(high, _since(connection, wanted.until, last))
    )


def _since(connection: sqlite3.Connection, time: int, last: int) -> int:
    """The first number at or after that time, by bisection: an entry is hardly ever older than those before it."""
    low, high = 0, last + 1
    while low < high:
        middle = (low + high) // 2
        row = connection.execute(_AT, (middle,)).fetchone()
        if row is not None and row[0] < time:
            low = middle + 1
        else:
            high = middle
    return low
