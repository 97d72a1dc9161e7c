"""A room in memory: its order, its buffer, and what a reader in it is owed.

It is the sum of what is delivered to it. Who may not be there any more waits no longer, and its entries say what is so
now: what was deleted or changed is gone from all of them.
"""

from __future__ import annotations

from collections.abc import Sequence

from chatroom.buffer import MessageBuffer, Update
from chatroom.cursor import Cursor, Owed, owed
from chatroom.deed import (
    Act,
    Deletion,
    Edit,
    Erasure,
    Item,
    Reaction,
    Trim,
)
from chatroom.founding import first, unwritten
from chatroom.news import Entry, News
from chatroom.order import Order
from chatroom.people import Visitor
from chatroom.presence import Presence
from chatroom.wire import Wire


class Room:
    """A named room: its order, its buffer, and what a reader in it is owed."""

    def __init__(self, name: str, cache_size: int, wire: Wire) -> None:
        self.name = name
        self.order = unwritten(name)
        self.visitors = 0
        self.listening = 0
        self.gone = False  # out of memory: nothing is delivered here any more
        self.presence: Presence | None = None  # while somebody wants to know who is here
        self.buffer = MessageBuffer(name, cache_size, wire.update)
        self._wire = wire
        self._missed: list[tuple[Item, Entry]] = []  # delivered while the room was cold

    def warm(self, order: Order, tail: Sequence[Item]) -> None:
        """Begin with the order and the newest items of the log, both of one moment."""
        self.order = order
        self.buffer.warm(self._wire.entries(tail))
        head = tail[-1].offset if tail else 0
        missed, self._missed = self._missed, []
        for item, entry in missed:
            if item.offset > head:
                self._take(item, entry)

    def deliver(self, items: Sequence[Item]) -> None:
        """Take `items`, the next of the log. Who may not be here any more waits no longer."""
        cold = self.buffer.cold
        head = 0 if cold else self.buffer.head
        entries = self._wire.entries(items)
        new = [it for it in zip(items, entries, strict=True) if it[0].offset > head]
        self.buffer.new_messages(entries)
        if cold:
            self._missed += new
            return
        before = self.order
        for item, entry in new:
            self._take(item, entry)
        if self.order is not before and self.order.guarded and self.order.door != before.door:
            self._put_out(items[-1].at)

    def owed(self, cursor: Cursor | None) -> Owed:
        """What a reader at `cursor` (None: from now on) is owed at this moment."""
        return owed(cursor, self._wire.epoch, self.buffer.head, trimmed=self.order.trimmed)

    def news(self, debt: Owed) -> News | None:
        """The entries of `debt`; None when they are older than the buffer and have to come from the engine."""
        entries = self.buffer.since(debt.after, debt.head)
        if entries is None:
            return None
        return News(self.name, entries, debt.head, debt.gap_after, debt.reset)

    def update(self, debt: Owed) -> Update | None:
        """The update for `debt`, shared by all who are owed the same; None where a plain one does not say it all."""
        if debt.nothing or debt.gap_after is not None or debt.reset:
            return None
        return self.buffer.update(debt.after)

    @property
    def busy(self) -> bool:
        """Whether anybody needs the room in memory."""
        return bool(self.visitors or self.buffer.waiters or self.buffer.waking)

    def _put_out(self, at: int) -> None:
        """Let nobody wait or be present who may not come in at that time."""
        order = self.order
        gone: set[str] = set()  # also those of whom presence does not know from where they come

        def unwelcome(visitor: Visitor) -> bool:
            if order.open_to(visitor, at):
                return False
            if visitor.person:
                gone.add(visitor.person.id)
            return True

        def left(visitor: Visitor) -> bool:
            return unwelcome(visitor) or (visitor.person is not None and visitor.person.id in gone)

        self.buffer.dismiss_some(unwelcome)
        if self.presence is not None:
            self.presence.leave(left)

    def _take(self, item: Item, entry: Entry) -> None:
        """Let the room be as it is after `item`, which is told as `entry`."""
        if isinstance(item, Act):
            self._amend(item, entry)
            self.order = self.order.after(item)
        elif item.offset == 1:
            self.order = first(self.name, item.author)

    def _amend(self, act: Act, entry: Entry) -> None:
        """Let the entries before `act` say what they say from now on."""
        wire = self._wire
        match act.deed:
            case Deletion(target):
                self.buffer.rewrite(lambda it: _without(wire, it, target))
            case Edit() | Reaction() if entry.about:
                self.buffer.amend(Entry(entry.about, entry.message))
            case Erasure(person):
                self.buffer.rewrite(
                    lambda it: wire.erased(it, person) if it.offset < act.offset else it
                )
            case Trim(upto):
                self.buffer.let_go(upto)
                self.buffer.rewrite(lambda it: wire.without(it) if 0 < it.about <= upto else it)
            case _:
                pass


def _without(wire: Wire, entry: Entry, target: int) -> Entry:
    """The entry without the text of the message at offset `target`."""
    if entry.offset == target:
        return wire.blank(entry)
    return wire.forgetful(entry) if entry.about == target else entry
