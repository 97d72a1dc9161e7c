"""The short way of polls and posts: recognised and answered without Tornado.

The first request of a client goes the long way. Tornado parses its head, the handler finds out whose session it is and
that no other site has forged it, and then lets the connection answer (`hold`, `admit`). What was decided there rested
on the bytes of the head alone. So whoever sends the same head again is let through again, as long as the session may
be taken at its word: a browser repeats its head byte for byte, and nothing is parsed or decided a second time, and
nothing is decided in two places.

Everything that is not plain (another body than a form, `Connection: close`, `Expect`) is left to the long way.
"""

from __future__ import annotations

from collections.abc import Mapping

from chatroom.holds import Holder
from chatroom.parts import Parts
from chatroom.poll import Poll
from chatroom.server.admission import Admission, Admissions
from chatroom.server.connection import Connection
from chatroom.server.frame import Frame
from chatroom.server.head import Head
from chatroom.server.polls import Polls
from chatroom.server.posts import Posts
from chatroom.sessions import Known


class ShortWay:
    """Polls and posts without Tornado. `headers` go with every reply."""

    def __init__(self, parts: Parts, headers: Mapping[str, str]) -> None:
        self.holds = parts.holds
        self.proxies = parts.proxies
        self.sessions = parts.sessions
        self.admissions = Admissions(parts.sessions.clock)
        self.frame = Frame(headers)
        self.polls = Polls(parts.chat, parts.holds, parts.marks, self.frame)
        self.posts = Posts(parts.chat, parts.inflight, parts.rates, self.frame)

    def tick(self) -> None:
        """Called once a second."""
        self.admissions.tick()
        self.frame.tick()
        self.polls.tick()

    def hold(
        self, connection: Connection, raw: bytes, head: Head, poll: Poll, known: Known | None
    ) -> bool:
        """Take `poll` over from the long way, and all with the same head. False if this one has to stay there."""
        person = None if known is None else self.holds.person(known.person.id)
        client = self._client(connection, head)
        admission = Admission.of(raw, head, self.polls, known, person, client, connection.proxy)
        connection.address = client or connection.address
        if admission is None or not self.polls.begin(connection, admission, poll):
            connection.admission = None  # it was somebody else's
            return False
        self.admissions.add(connection, admission)
        return True

    def admit(self, connection: Connection, raw: bytes, head: Head, known: Known) -> None:
        """Take all posts with the head of this one, which the long way answers."""
        person, client = self.holds.person(known.person.id), self._client(connection, head)
        admission = Admission.of(raw, head, self.posts, known, person, client, connection.proxy)
        if admission is not None:
            self.admissions.add(connection, admission)

    def meet(self, connection: Connection, peer: str) -> None:
        """Note who is at the other end of a new connection."""
        connection.address = self.holds.address(peer)
        connection.proxy = peer if self.proxies.trust(peer) else None

    def _client(self, connection: Connection, head: Head) -> Holder | None:
        """For whom the proxy at the other end speaks; None if there is none."""
        if connection.proxy is None:
            return None
        return self.holds.address(self.proxies.client(connection.proxy, head.headers))
