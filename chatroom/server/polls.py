"""The short way of a held poll: recognised, held and answered without Tornado.

The first poll of a client goes the long way. Tornado parses its head, the handler finds out whose session it is and
that no other site has forged it, and then lets the connection do the holding (`begin`). What was decided there rested
on the bytes of the head alone. So whoever sends the same head again is let through again, as long as the session may
be taken at its word: a browser repeats its head byte for byte, and nothing is parsed or decided a second time, and
nothing is decided in two places.

Only the arguments differ from poll to poll: the query of a GET, the form of a POST. They are read by the one parser,
and what they are owed is decided in one place. A thousand readers who stand at the same place send the same
arguments: where they stand is found once, and holds as long as nobody has spoken there.

Everything that is not plain (another body than a form, `Connection: close`, `Expect`, a short hold that wants an exact
clock, a room that is not in memory, an error) is left to the long way.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from time import time

from tornado.httputil import format_timestamp

from chatroom import arguments
from chatroom.chat import Chat
from chatroom.errors import Invalid
from chatroom.holds import Holds
from chatroom.poll import Poll
from chatroom.server.admission import ARGUMENTS_LIMIT, Admission, Key, key_and_length
from chatroom.server.connection import Connection
from chatroom.server.head import Head
from chatroom.server.place import Answers, Place
from chatroom.sessions import Known

#: Seconds below which a hold needs a timer of its own: the server looks at its deadlines once a second.
SHORT_HOLD = 5.0
#: Bytes of heads that are remembered besides those of open connections, the oldest leave first. A browser's has 1,000.
HEADS_BYTES = 8_388_608
#: Places that can be found again; all are forgotten when there are more. Who waits there is told all the same.
PLACES_KEPT = 4096

#: Rooms of a poll that others may well ask for in the same words; who watches more waits at a place of their own.
SHARED_ROOMS = 10

#: What stands in a query without being an error of syntax (RFC 3986).
_QUERY = re.compile(rb"[A-Za-z0-9\-._~!$&'()*+,;=:@/?%]*")


class Polls:
    """Holds polls for `chat`, within the limits of `holds`; `headers` go with every reply.

    `clock` is that of the sessions: microseconds since 1970 UTC.
    """

    def __init__(
        self, chat: Chat, holds: Holds, clock: Callable[[], int], headers: Mapping[str, str]
    ) -> None:
        self.chat = chat
        self.holds = holds
        self.answers = Answers(chat, holds, self._frame)
        self._clock = clock
        self._headers = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
        self._admissions: dict[Key, Admission] = {}
        self._heads_size = 0
        self._in_query: dict[bytes, Place] = {}
        self._in_body: dict[bytes, Place] = {}
        self.tick()

    def tick(self) -> None:
        """Called once a second: set the date of the replies, forget the places at which nobody may wait any more."""
        head = f"HTTP/1.1 200 OK\r\n{self._headers}Date: {format_timestamp(time())}\r\n"
        self._head = f"{head}Content-Length: ".encode("latin-1")
        self._last_head = f"{head}Connection: close\r\nContent-Length: ".encode("latin-1")
        self.answers.forget()
        self._in_query = _current(self._in_query)
        self._in_body = _current(self._in_body)

    def begin(
        self, connection: Connection, raw: bytes, head: Head, poll: Poll, known: Known | None
    ) -> bool:
        """Take `poll` over from the long way, and remember its head. False if it has to stay there."""
        person = None if known is None else self.holds.person(known.person.id)
        admission = Admission.of(raw, head, known, person)
        standing = self.chat.standing(poll)
        if admission is None or standing is None:
            return False
        if not self._answer(connection, Place(self.answers, standing), admission):
            return False
        self._remember(admission)
        connection.admission = admission
        return True

    def recognise(self, connection: Connection, head: bytes) -> int:
        """Bytes of the request that begins with `head` if such a one was let through before, else 0.

        If so, `again` may be asked for it.
        """
        key, length = key_and_length(head)
        admission = self._admissions.get(key)
        if admission is None or not head.startswith(admission.before):
            return 0
        connection.admission = admission
        return len(head) + length

    def again(self, connection: Connection, data: bytes) -> bool:
        """Answer or hold `data` if it is one whole poll like the one before. False: it has to go the long way."""
        admission = connection.admission
        if admission is None:
            return False
        told = admission.arguments(data)
        known = admission.known
        if told is None or (known is not None and self._clock() >= known.until):
            return False
        place = (self._in_body if admission.in_body else self._in_query).get(told)
        if place is None or not place.standing.current():
            place = self._find(told, in_body=admission.in_body)
        return place is not None and self._answer(connection, place, admission)

    def _remember(self, admission: Admission) -> None:
        self._forget(admission.key)
        self._admissions[admission.key] = admission
        self._heads_size += admission.size
        while self._heads_size > HEADS_BYTES:
            self._forget(next(iter(self._admissions)))

    def _forget(self, key: Key) -> None:
        old = self._admissions.pop(key, None)
        if old is not None:
            self._heads_size -= old.size

    def _find(self, told: bytes, *, in_body: bool) -> Place | None:
        """The place of those who ask with these arguments; None if that is for the long way to say."""
        if len(told) > ARGUMENTS_LIMIT or not (in_body or _QUERY.fullmatch(told)):
            return None
        try:
            asked = arguments.from_form(told)
            standing = self.chat.standing(Poll.parse(asked))
        except Invalid:
            return None
        if standing is None or "_xsrf" in asked:  # which Tornado would prefer to that in the head
            return None
        place = Place(self.answers, standing)
        if standing.nothing and len(standing.rooms) <= SHARED_ROOMS:
            self._keep(self._in_body if in_body else self._in_query, told, place)
        return place

    @staticmethod
    def _keep(places: dict[bytes, Place], told: bytes, place: Place) -> None:
        if len(places) >= PLACES_KEPT:
            places.clear()
        places[told] = place

    def _answer(self, connection: Connection, place: Place, admission: Admission) -> bool:
        standing = place.standing
        if self.chat.closing:
            return False
        if not standing.nothing:
            return self._reply(connection, self.chat.at_once(standing))
        seconds = self.chat.seconds(standing.wait)
        if seconds < SHORT_HOLD:
            return False
        if not self.holds.begin(admission.person, connection.address):
            return self._reply(connection, self.chat.not_now(standing))
        place.enter(connection, admission.person)
        connection.deadline = connection.server.now() + seconds
        return True

    def _reply(self, connection: Connection, body: bytes | None) -> bool:
        if body is not None:
            connection.reply(self.answers.shared(body))
        return body is not None

    def _frame(self, body: bytes, last: bool) -> bytes:  # noqa: FBT001 - see Answers
        head = self._last_head if last else self._head
        return head + b"%d\r\n\r\n" % len(body) + body


def _current(places: dict[bytes, Place]) -> dict[bytes, Place]:
    return {told: place for told, place in places.items() if place.standing.current()}
