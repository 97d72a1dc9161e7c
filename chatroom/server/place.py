"""Those who wait at the same place of the log, and how they are told what comes: all the same bytes, in slices.

Readers who ask the same are owed the same. So to the rooms they are one waiter, however many they are, and their answer
is framed once. Written it has to be to each of them, at once but for one thing: it takes its time. So no more than
WAKE_SLICE replies are written in one turn of the loop, whatever has come to an end: the hold of a thousand readers of
one room, or of one in each of a thousand rooms.
"""

from __future__ import annotations

from asyncio import get_running_loop
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from itertools import islice

from chatroom.buffer import Update
from chatroom.chat import Chat
from chatroom.holds import Holder, Holds
from chatroom.marks import Marks
from chatroom.people import Person, Visitor
from chatroom.rooms import WAKE_SLICE
from chatroom.server.connection import Connection
from chatroom.server.frame import Frame
from chatroom.standing import Standing


class Place:
    """Where those wait who stand at `standing`: one waiter of the rooms for all of them.

    One may enter as long as the standing is current. Resolved once; who has not been answered by then is in the queue
    of `answers`, and is passed over if it has left meanwhile.
    """

    __slots__ = ("_answers", "_connections", "_marked", "_resolved", "standing")

    def __init__(self, answers: Answers, standing: Standing) -> None:
        self.standing = standing
        self._answers = answers
        self._connections: dict[Connection, Holder | None] = {}
        self._marked: dict[Connection, str] = {}
        self._resolved = False

    def enter(self, connection: Connection, person: Holder | None) -> None:
        """Let the poll of `connection` wait. Undone by `leave`."""
        chat, standing = self._answers.chat, self.standing
        if not self._connections:
            chat.park(self, standing)
        chat.rooms.listen(standing.rooms, 1)
        self._connections[connection] = person
        connection.held = self

    def mark(self, connection: Connection, owner: str) -> None:
        """The poll of `connection`, which has just entered, also ends when something of its owner's own changes."""
        self._marked[connection] = owner
        self._answers.marks.hold(owner, connection, self._changed)

    def leave(self, connection: Connection) -> None:
        """The client waits no more."""
        connection.held = None
        if self._resolved:
            return
        if connection in self._marked:
            self._answers.marks.leave(self._marked.pop(connection), connection)
        chat, standing = self._answers.chat, self.standing
        self._answers.holds.end(self._connections.pop(connection), connection.address)
        chat.rooms.listen(standing.rooms, -1)
        if not self._connections:
            chat.leave(self, standing)

    def end(self, connection: Connection) -> None:
        """The hold is over. Who is about to be told something is told that."""
        if not self._resolved:
            self.leave(connection)
            connection.reply(self._answers.framed(self.standing, None))

    def dismiss(self, unwelcome: Callable[[Visitor], bool]) -> None:
        """End the holds of those of whom that is true: they are told nothing of what comes from now on."""
        if self._resolved:
            return
        gone = [it for it in self._connections if unwelcome(_visitor(it))]
        outside = Place(self._answers, self.standing)
        outside._resolved = True
        for connection in gone:
            self.leave(connection)
            connection.held = outside
        if gone:
            self._answers.add(outside, gone, None)

    def done(self) -> bool:
        """Whether somebody has spoken."""
        return self._resolved

    def people(self) -> Iterator[Person]:
        """Who waits here; one who does without a session is nobody."""
        here = list(self._connections)  # some may come and go before all have been looked at
        for connection in here:
            admission = connection.admission
            if admission is not None and admission.known is not None:
                yield admission.known.person

    def set_result(self, update: Update | None) -> None:
        """Answer everybody with `update`, or with nothing (None)."""
        chat, standing = self._answers.chat, self.standing
        self._resolved = True
        standing.end()
        chat.leave(self, standing)
        chat.rooms.listen(standing.rooms, -len(self._connections))
        for connection, person in self._connections.items():
            self._answers.holds.end(person, connection.address)
        for connection, owner in self._marked.items():
            self._answers.marks.leave(owner, connection)
        self._answers.add(self, self._connections, update)

    def _changed(self, connection: Connection) -> None:
        """Tell the owner of what is held on `connection` which version is the newest."""
        owner = self._marked[connection]
        self.leave(connection)
        connection.reply(self._answers.marked(self.standing, owner))


def _visitor(connection: Connection) -> Visitor:
    """Whose poll it is that is held."""
    address = connection.address
    return connection.admission.visitor(address) if connection.admission else Visitor(None)


class Answers:
    """What is still to be written: places, and who waits there for which update."""

    def __init__(self, chat: Chat, holds: Holds, marks: Marks, frame: Frame) -> None:
        self.chat = chat
        self.holds = holds
        self.marks = marks
        self.frame = frame
        self._queue: deque[tuple[Place, Iterator[Connection], Update | None]] = deque()
        self._left = WAKE_SLICE  # replies that may be written in this turn

    def __bool__(self) -> bool:
        return bool(self._queue)

    def add(self, place: Place, connections: Iterable[Connection], update: Update | None) -> None:
        """Answer those `connections` that are still held at `place`, as far as possible in this turn of the loop."""
        self._queue.append((place, iter(connections), update))
        self._write()

    def framed(self, standing: Standing, update: Update | None) -> bytes:
        """The reply to all who stand at `standing`. Those who are told the same are sent the same object."""
        return self.frame.shared(self.chat.told(standing, update))

    def marked(self, standing: Standing, person: str) -> bytes:
        """The reply to one reader of all who stand at `standing`: the newest version of what is theirs."""
        body = self.chat.told(standing, None)
        return self.frame.reply(self.chat.rooms.wire.marked(body, self.marks.version(person)))

    def _write(self) -> None:
        if self._left == WAKE_SLICE:
            get_running_loop().call_soon(self._next_turn)
        while self._queue and self._left > 0:
            place, connections, update = self._queue[0]
            slice_ = list(islice(connections, self._left))
            if len(slice_) < self._left:
                self._queue.popleft()
            self._left -= len(slice_) or 1
            self._write_to([it for it in slice_ if it.held is place], place.standing, update)

    def _next_turn(self) -> None:
        self._left = WAKE_SLICE
        if self._queue:
            self._write()

    def _write_to(
        self, connections: list[Connection], standing: Standing, update: Update | None
    ) -> None:
        if self.chat.closing:  # each is asked to return at another moment
            for connection in connections:
                body = self.chat.told(standing, update)
                connection.reply(self.frame.reply(body, last=True), last=True)
        elif connections:
            data = self.framed(standing, update)
            for connection in connections:
                connection.reply(data)
