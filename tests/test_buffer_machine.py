"""A buffer, whatever is said, done and forgotten in its room: against a list that keeps each entry whole.

It holds the end of that list, as much as it may; acts bring along what the last of them brings; and it knows its bytes.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from chatroom.buffer import BUFFER_BYTES, MessageBuffer
from chatroom.news import Entry

EIGHTH = BUFFER_BYTES // 8
texts = st.integers(0, 4).map(lambda eighths: b"t" * (eighths * EIGHTH + 1))
backs = st.integers(0, 9)


class BufferMachine(RuleBasedStateMachine):
    """Entries come, are told otherwise, and go."""

    @initialize(size=st.integers(1, 6))
    def begin(self, size: int) -> None:
        self.buffer = MessageBuffer("7", size, lambda _: b"")
        self.whole: list[Entry] = []
        self.messages: list[int] = []  # their offsets
        self.head = 0
        self.cold: list[Entry] = []  # delivered, and no tail has been read yet

    @rule(text=texts)
    def say(self, text: bytes) -> None:
        self.messages.append(self.head + 1)
        self._come(Entry(self.head + 1, text))

    @precondition(lambda self: self.messages)
    @rule(text=texts, back=backs)
    def act(self, text: bytes, back: int) -> None:
        about = self.messages[-1 - back % len(self.messages)]
        self._come(Entry(self.head + 1, b"{}", about, text))

    @precondition(lambda self: self.buffer.cold)
    @rule(back=backs)
    def warm(self, back: int) -> None:
        """The tail was read so many entries ago: what it brings along is older, too."""
        read_to = max(self.head - back, 0)
        self.buffer.warm(self._as_of(read_to)[-self.buffer.cache_size :])
        for entry in self.cold:
            if entry.offset > read_to:
                self._amend(entry)

    @precondition(lambda self: self.messages and not self.buffer.cold)
    @rule(text=texts, back=backs)
    def delete(self, text: bytes, back: int) -> None:
        target = self.messages[-1 - back % len(self.messages)]
        self._rewrite(lambda it: _changed(it, target, text))

    @precondition(lambda self: not self.buffer.cold)
    @rule(back=backs)
    def trim(self, back: int) -> None:
        """Messages up to there are gone, and what acts bring along of them."""
        upto = self.head - back
        self.messages = [it for it in self.messages if it > upto]
        self.buffer.let_go(upto)
        self.whole = [it for it in self.whole if it.offset > upto]
        self._rewrite(lambda it: Entry(it.offset, it.json) if 0 < it.about <= upto else it)

    @invariant()
    def holds_the_end_of_it(self) -> None:
        if self.buffer.cold:
            return
        count = len(self.buffer._entries)
        held = list(self.buffer.since(self.head - count) or [])
        assert self.buffer.head == self.head
        assert held == self.whole[len(self.whole) - count :]
        taken = bytes_of(held)
        assert self.buffer._bytes == taken
        assert count <= 1 or (count <= self.buffer.cache_size and taken <= BUFFER_BYTES)
        assert self.buffer._brought.keys() == {it.about for it in held} - {0}

    def _come(self, entry: Entry) -> None:
        self.head = entry.offset
        self.whole = [*(_changed(it, entry.about, entry.message) for it in self.whole), entry]
        self.buffer.new_messages([entry])
        if self.buffer.cold:
            self.cold.append(entry)
        else:
            self._amend(entry)

    def _amend(self, entry: Entry) -> None:
        if entry.about:
            self.buffer.amend(Entry(entry.about, entry.message))

    def _as_of(self, head: int) -> list[Entry]:
        """The entries as they were told when that was the last of them."""
        told: list[Entry] = []
        for entry in self.cold[:head]:
            told = [*(_changed(it, entry.about, entry.message) for it in told), entry]
        return told

    def _rewrite(self, change: Callable[[Entry], Entry]) -> None:
        self.buffer.rewrite(change)
        self.whole = [change(it) for it in self.whole]


def _changed(entry: Entry, target: int, text: bytes) -> Entry:
    """The entry when the message at `target` says something else."""
    if not target or target not in (entry.offset, entry.about):
        return entry
    return Entry(target, text) if entry.offset == target else entry._replace(message=text)


def bytes_of(held: Sequence[Entry]) -> int:
    """What it takes to hold them, each message that acts bring along once."""
    brought = {it.about: len(it.message) for it in held}
    return sum(len(it.own) for it in held) + sum(brought.values())


TestBuffer = BufferMachine.TestCase
TestBuffer.settings = settings(stateful_step_count=30)
