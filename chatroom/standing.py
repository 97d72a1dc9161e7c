"""Where the readers of a poll stand, at one moment: what is owed to them, and whether that still holds.

Nobody is looked at here but the rooms: readers who ask the same stand at the same place, however many they are.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from chatroom.attendance import Watch
from chatroom.cursor import Owed
from chatroom.news import REPLY_BYTES, News
from chatroom.poll import Poll
from chatroom.room import Room
from chatroom.wire import Wire

#: Bytes of summaries in one reply, beyond which no other is added; the longest has 10,000. They come on top of
#: REPLY_BYTES, and a slow reader can still take it all.
PRESENCE_BYTES = 16_384
#: A head that no room has.
_NOWHERE = -1


class Reader(NamedTuple):
    """A room of a poll and what its reader is owed there; `new` when the poll named no cursor."""

    room: Room
    debt: Owed
    new: bool


class Standing:
    """A poll seen at one moment: where its readers stand in their rooms. The same for all who ask the same.

    `nothing` is owed: they may wait in `rooms`. `plain` if what one of the rooms says to all is the whole answer to
    them, but for news of who is in the rooms of `watched`: these are no reason to answer, and go along. `guarded`: each
    reader has to be admitted.
    """

    __slots__ = ("_heads", "guarded", "nothing", "plain", "readers", "rooms", "wait", "watched")

    def __init__(self, poll: Poll, rooms: Sequence[Room]) -> None:
        self.wait = poll.wait
        self.rooms = rooms
        self.readers = [
            Reader(room, room.owed(ask.cursor), ask.cursor is None)
            for room, ask in zip(rooms, poll.asks, strict=True)
        ]
        self.nothing = all(reader.debt.nothing for reader in self.readers)
        self.plain = not any(reader.new for reader in self.readers)
        self.guarded = any(room.order.guarded for room in rooms)
        self.watched = [
            Watch(room, ask.presence)
            for room, ask in zip(rooms, poll.asks, strict=True)
            if ask.presence is not None
        ]
        self._heads = [(reader.room, reader.debt.head) for reader in self.readers]

    def current(self) -> bool:
        """Whether nobody has spoken since, all rooms are still in memory, and one may join who stands here."""
        for room, head in self._heads:  # noqa: SIM110 - a generator costs more than the loop
            if room.gone or room.buffer.head != head:
                return False
        return True

    def end(self) -> None:
        """Let nobody join: who stands here has been answered, though perhaps nobody has spoken."""
        self._heads = [(room, _NOWHERE) for room, _ in self._heads]

    def news(self) -> list[News]:
        """What the readers are owed and the buffers of their rooms hold, as far as it fits into one reply."""
        news: list[News] = []
        budget = REPLY_BYTES
        for room, debt, _ in self.readers:
            if budget > 0 and not debt.nothing and (told := room.news(debt)):
                news.append(told.fitting(budget))
                budget -= news[-1].size
        return news

    def presence(self) -> dict[str, bytes] | None:
        """By room, the summaries that the readers do not have yet, as far as they fit; the others come next time."""
        if not self.watched:
            return None
        found, budget = {}, PRESENCE_BYTES
        for watch in self.watched:
            if budget > 0 and (news := watch.news):
                found[watch.room.name] = news.json
                budget -= len(news.json)
        return found

    def answer(self, wire: Wire, news: Sequence[News]) -> bytes:
        """The `news`, where those readers stand who did not say it themselves, and who is here."""
        stands = {it.room.name: it.debt.head for it in self.readers if it.new}
        return wire.update(news, stands, presence=self.presence())

    def nothing_new(self, wire: Wire, retry_in: float | None) -> bytes:
        """Where the readers stand, and who is here; `retry_in` is the pause in seconds that is asked for."""
        stands = {reader.room.name: reader.debt.head for reader in self.readers}
        return wire.update((), stands, retry_in, self.presence())
