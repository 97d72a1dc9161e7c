"""The bounded message buffer: the warm tail of one room's log, and those who wait at its head.

The theory. Readers are cursors, and offsets are dense. So what a reader is owed is found by subtracting two numbers,
never by searching, and everybody who waits stands at the same place, the head: one append owes all of them the same
bytes.

Waiters are kept in a dict, which makes arriving and leaving O(1) and keeps the order of arrival. A
`tornado.locks.Condition` would keep waiters that have left until somebody speaks, and one future shared by all would be
cancelled for all when one of them leaves. Between `since` and `wait_for_messages` a caller must not await: an entry
that came in between would be told to nobody.

Waking is a step of its own. `new_messages` only sets those aside who wait, together with the offset at which they
stand; `wake` resolves some of them with whatever has come since. So a burst wakes each of them once, and thousands
are woken in slices between which others get their turn. Who arrives between the two steps stands at the new head and
joins nobody who is set aside: an update is owed to those who stand where it begins.

An act about a message brings it along as it is now, and so do all earlier ones about it that are held. So the message
is held apart from them, once: a crowd that reacts costs neither its copies nor their making.

A buffer begins cold: it does not know where its log stands. What is delivered meanwhile is kept, and `warm` joins it to
the tail that was read from the engine.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import islice
from typing import NamedTuple, Protocol

from chatroom.news import REPLY_BYTES, Entry, News
from chatroom.people import Person, Visitor

#: Bytes of entries in one buffer; only the engine has what is older. 400 ordinary messages, or 5 of the longest.
BUFFER_BYTES = 262_144
#: Encoded updates kept in one buffer: one for those who waited, one for those who come a moment late.
_UPDATES_KEPT = 2


class Update(NamedTuple):
    """The news of one room and its finished bytes, shared by all who are owed it."""

    news: News
    body: bytes


class Waiter(Protocol):
    """Somebody held until a room speaks: an `asyncio.Future` that knows whose it is, or whatever else behaves like one.

    Resolved at most once: with an Update, or with None when there is nothing to tell (any more).
    """

    def done(self) -> bool: ...

    def set_result(self, update: Update | None, /) -> None: ...

    def people(self) -> Iterable[Person]:
        """Who waits here; one who does without a session is nobody."""

    def dismiss(self, unwelcome: Callable[[Visitor], bool], /) -> None:
        """Let those of whom `unwelcome` is true wait no more, if this is not resolved."""


class _Woken(NamedTuple):
    """Those who stood at `after` when somebody spoke and have not been told yet."""

    after: int
    waiters: Iterator[Waiter]


class _Brought(NamedTuple):
    """A message that acts bring along, as it is now, and the offset of the last of those acts."""

    by: int
    message: bytes


class MessageBuffer:
    """The newest entries of `room`, at most `cache_size` and BUFFER_BYTES of them, and its waiters.

    Invariant: the entries held have the offsets head - n + 1 to head. Entries have to come in the order of their
    offsets, without holes; only `Rooms.deliver` brings them. A hole raises RuntimeError: the buffer is of no use then.
    """

    def __init__(
        self, room: str, cache_size: int, encode: Callable[[Iterable[News]], bytes]
    ) -> None:
        self.room = room
        self.cache_size = cache_size
        self.waiters: dict[Waiter, None] = {}
        self._encode = encode
        self._entries: list[Entry] = []
        self._brought: dict[int, _Brought] = {}  # once the buffer is warm, apart from the entries
        self._bytes = 0  # of both, once the buffer is warm
        self._head: int | None = None
        self._woken: deque[_Woken] = deque()
        self._updates: dict[int, Update] = {}

    @property
    def cold(self) -> bool:
        """True until `warm` was called: nothing may be asked of a cold buffer."""
        return self._head is None

    @property
    def head(self) -> int:
        """The offset of the log's last entry, 0 when there is none. Raises RuntimeError in a cold buffer."""
        if self._head is None:
            raise RuntimeError(f"{self.room} is cold")
        return self._head

    def warm(self, tail: Sequence[Entry]) -> None:
        """Begin with `tail`, the newest entries of the log. What was delivered since it was read goes behind it."""
        read_to = tail[-1].offset if tail else 0
        newer = [entry for entry in self._entries if entry.offset > read_to]
        self._hold([*tail, *newer])
        self._head = self._entries[-1].offset if self._entries else 0

    @property
    def waking(self) -> bool:
        """Whether `wake` has something to do."""
        return bool(self._woken)

    def new_messages(self, entries: Sequence[Entry]) -> None:
        """Take `entries`, the next of the log. Everybody who waits is to be woken by `wake`.

        Those that a tail brought already are passed over: it may have been read after they were stored and before
        they were delivered.
        """
        if self._head is not None:
            entries = entries[max(self._head + 1 - entries[0].offset, 0) :]
        if self._head is None:
            self._entries += entries
        elif entries:
            self._advance(self._head, entries)

    def wait_for_messages(self, waiter: Waiter) -> None:
        """Let `waiter`, who stands at the head, be woken by the next entries. Undone by `cancel_wait`."""
        self.waiters[waiter] = None

    def cancel_wait(self, waiter: Waiter) -> None:
        """Let `waiter` leave, if it is here. O(1)."""
        self.waiters.pop(waiter, None)

    def wake(self, limit: int) -> int:
        """Resolve at most `limit` of those who are to be woken, in the order of their arrival; returns how many.

        All who stood at the same place get the same update, or None where the buffer holds its beginning no more: then
        they have to ask again. Those who were resolved elsewhere meanwhile are passed over.
        """
        if not self._woken:
            return 0
        after, waiters = self._woken[0]
        update = self.update(after)
        count = 0
        for count, waiter in enumerate(islice(waiters, limit), 1):  # noqa: B007 - the count is what is asked for
            if not waiter.done():
                waiter.set_result(update)
        if count < limit:
            self._woken.popleft()
        return count

    def dismiss(self) -> None:
        """Resolve all waiters with None, also those who were to be woken."""
        waiters = [*(it for woken in self._woken for it in woken.waiters), *self.waiters]
        self._woken.clear()
        self.waiters = {}
        for waiter in waiters:
            if not waiter.done():
                waiter.set_result(None)

    def dismiss_some(self, unwelcome: Callable[[Visitor], bool]) -> None:
        """Let those wait no more of whom `unwelcome` is true, also where they were to be woken."""
        woken = [(after, list(waiters)) for after, waiters in self._woken]
        self._woken = deque(_Woken(after, iter(waiters)) for after, waiters in woken)
        for waiter in [*(it for _, waiters in woken for it in waiters), *self.waiters]:
            waiter.dismiss(unwelcome)

    def rewrite(self, change: Callable[[Entry], Entry]) -> None:
        """Put other bytes in the place of each entry: a text was deleted, or is another one in all that bring it."""
        self._hold([change(self._whole(entry)) for entry in self._entries])
        self._updates.clear()

    def amend(self, message: Entry) -> None:
        """Put the message as it is now in its place, if that is held; the act that says so was taken before."""
        place = message.offset - 1 - (self.head - len(self._entries))
        if place >= 0:
            self._bytes += len(message.own) - len(self._entries[place].own)
            self._entries[place] = message
            self._trim()
        self._updates.clear()

    def let_go(self, upto: int) -> None:
        """Hold nothing up to and including that offset any more."""
        self._hold([self._whole(entry) for entry in self._entries if entry.offset > upto])
        self._updates.clear()

    def update(self, after: int) -> Update | None:
        """What everybody is owed who stands at `after`, encoded once; None when the buffer does not hold all of it."""
        if found := self._updates.get(after):
            return found
        entries = self.since(after)
        if not entries:
            return None
        news = News(self.room, entries, self.head).fitting(REPLY_BYTES)
        if len(self._updates) == _UPDATES_KEPT:
            del self._updates[next(iter(self._updates))]
        made = self._updates[after] = Update(news, self._encode([news]))
        return made

    def since(self, after: int, until: int | None = None) -> Sequence[Entry] | None:
        """The entries `after` < offset <= `until` (the head when left out).

        None when some of them are older than the buffer: then only the engine knows them.
        """
        last_missing = self.head - len(self._entries)
        if after < last_missing:
            return None
        stop = self.head if until is None else until
        found = self._entries[after - last_missing : max(stop - last_missing, 0)]
        return [self._whole(entry) for entry in found] if self._brought else found

    def _advance(self, head: int, entries: Sequence[Entry]) -> None:
        if entries[0].offset != head + 1:
            raise RuntimeError(f"a hole in {self.room} behind {head}")
        self._head = entries[-1].offset
        self._updates.clear()
        self._add(entries)
        if self.waiters:
            self._woken.append(_Woken(head, iter(self.waiters)))
            self.waiters = {}

    def _hold(self, entries: Iterable[Entry]) -> None:
        """Hold nothing but `entries`."""
        self._entries, self._bytes = [], 0
        self._brought.clear()
        self._add(entries)

    def _add(self, entries: Iterable[Entry]) -> None:
        """Hold `entries`, too: what an act brings along, all earlier ones about the same message bring from now on."""
        for entry in entries:
            self._bytes += len(entry.own)
            if not entry.about:
                self._entries.append(entry)
                continue
            self._entries.append(entry._replace(message=b""))
            before = self._brought.get(entry.about)
            self._bytes += len(entry.message) - (len(before.message) if before else 0)
            self._brought[entry.about] = _Brought(entry.offset, entry.message)
        self._trim()

    def _whole(self, entry: Entry) -> Entry:
        """The entry with what it brings along."""
        if not entry.about:
            return entry
        return entry._replace(message=self._brought[entry.about].message)

    def _trim(self) -> None:
        """Let go of the oldest entries that are too many, or too many bytes; the last one stays."""
        most, gone = len(self._entries) - 1, 0
        while gone < most and (most - gone >= self.cache_size or self._bytes > BUFFER_BYTES):
            entry = self._entries[gone]
            self._bytes -= len(entry.own)
            if entry.about and self._brought[entry.about].by == entry.offset:
                self._bytes -= len(self._brought.pop(entry.about).message)
            gone += 1
        del self._entries[:gone]
