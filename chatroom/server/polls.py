"""The short way of a poll: held and answered without Tornado.

Only the arguments differ from poll to poll: the query of a GET, the form of a POST. They are read by the one parser,
and what they are owed is decided in one place. A thousand readers who stand at the same place send the same
arguments: where they stand is found once, and holds as long as nobody has spoken there.

Everything that is not plain (a short hold that wants an exact clock, a room that is not in memory, an error) is left
to the long way.
"""

from __future__ import annotations

import re

from chatroom import arguments
from chatroom.chat import Chat
from chatroom.errors import Invalid
from chatroom.holds import Holds
from chatroom.marks import Marks
from chatroom.poll import Poll
from chatroom.server.admission import ARGUMENTS_LIMIT, Admission
from chatroom.server.connection import Connection
from chatroom.server.frame import Frame
from chatroom.server.place import Answers, Place
from chatroom.sessions import Known
from chatroom.standing import Standing

#: Seconds below which a hold needs a timer of its own: the server looks at its deadlines once a second.
SHORT_HOLD = 5.0
#: Places that can be found again; all are forgotten when there are more. Who waits there is told all the same.
PLACES_KEPT = 4096

#: Rooms of a poll that others may well ask for in the same words; who watches more waits at a place of their own.
SHARED_ROOMS = 10

#: The last argument of a poll whose reader wants to know of changes of what is theirs: it differs from one to another.
_ME = b"&me="

#: What stands in a query without being an error of syntax (RFC 3986).
_QUERY = re.compile(rb"[A-Za-z0-9\-._~!$&'()*+,;=:@/?%]*")


class Polls:
    """Holds polls for `chat`, within the limits of `holds`; `marks` says what their readers want to know besides."""

    def __init__(self, chat: Chat, holds: Holds, marks: Marks, frame: Frame) -> None:
        self.chat = chat
        self.holds = holds
        self.marks = marks
        self.answers = Answers(chat, holds, marks, frame)
        self._in_query: dict[bytes, Place] = {}
        self._in_body: dict[bytes, Place] = {}

    def tick(self) -> None:
        """Called once a second: forget the places at which nobody may wait any more."""
        self._in_query = _current(self._in_query)
        self._in_body = _current(self._in_body)

    def begin(self, connection: Connection, admission: Admission, poll: Poll) -> bool:
        """Take `poll` over from the long way. False if it has to stay there."""
        standing = self.chat.standing(poll)
        marked = None if poll.me is None else admission.known
        if standing is None or (marked and poll.me != self.marks.version(marked.person.id)):
            return False
        return self._answer(connection, Place(self.answers, standing), admission, marked)

    def take(self, connection: Connection, admission: Admission, told: bytes) -> bool:
        """Answer or hold the poll with those arguments. False: it has to go the long way."""
        places = self._in_body if admission.in_body else self._in_query
        place, marked = places.get(told), None
        if place is None and _ME in told:
            told, _, me = told.rpartition(_ME)
            place, marked = places.get(told), admission.known
            if marked is None or me != self.marks.version(marked.person.id).encode():
                return False
        if place is None or not place.standing.current():
            place = self._find(told, in_body=admission.in_body)
        return place is not None and self._answer(connection, place, admission, marked)

    def _find(self, told: bytes, *, in_body: bool) -> Place | None:
        """The place of those who ask with these arguments; None if that is for the long way to say."""
        if len(told) > ARGUMENTS_LIMIT or not (in_body or _QUERY.fullmatch(told)):
            return None
        try:
            asked = arguments.from_form(told)
            standing = self.chat.standing(Poll.parse(asked))
        except Invalid:
            return None
        if standing is None or "me" in asked:  # not the last one
            return None
        if "_xsrf" in asked:  # which Tornado would prefer to that in the head
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

    def _answer(
        self, connection: Connection, place: Place, admission: Admission, marked: Known | None
    ) -> bool:
        """Answer the poll, or let it wait at `place`; `marked` wants to know of changes of what is theirs."""
        standing = place.standing
        if self.chat.closing or not self._open_to(connection, admission, standing):
            return False
        if not standing.nothing:
            return self._reply(connection, admission, standing, self.chat.at_once(standing))
        seconds = self.chat.seconds(standing.wait)
        if seconds < SHORT_HOLD:
            return False
        if not self.holds.begin(admission.person, connection.address):
            return self._reply(connection, admission, standing, self.chat.not_now(standing))
        place.enter(connection, admission.person)
        if marked is not None:
            place.mark(connection, marked.person.id)
        connection.deadline = connection.server.now() + seconds
        return True

    def _open_to(self, connection: Connection, admission: Admission, standing: Standing) -> bool:
        if not standing.guarded:
            return True
        return self.chat.open_to(standing, admission.visitor(connection.address))

    def _reply(
        self, connection: Connection, admission: Admission, standing: Standing, body: bytes | None
    ) -> bool:
        """Answer at once. Who wants to know who is here has to be noted: no round finds them waiting."""
        if body is None:
            return False
        connection.reply(self.answers.frame.shared(body))
        if standing.watched:
            self.chat.attendance.note(admission.known, standing.watched)
        return True


def _current(places: dict[bytes, Place]) -> dict[bytes, Place]:
    """Those where others will join: nobody comes back with an old version of who is here."""
    return {
        told: place
        for told, place in places.items()
        if place.standing.current() and not place.standing.presence()
    }
