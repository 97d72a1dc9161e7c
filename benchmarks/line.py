"""One raw connection of the load generator: `Reader` holds polls, `Speaker` posts."""

from __future__ import annotations

import os
import socket
from abc import ABC, abstractmethod
from collections import deque
from time import perf_counter

from benchmarks.reply import Reply, WrongReply
from benchmarks.room import Room
from benchmarks.sites.site import Site, Visitor

#: Bytes read at once; a longer reply is read in parts.
CHUNK = 16_384


class Line(ABC):
    """A connection, and what has come of a reply that is not whole yet."""

    def __init__(self, port: int) -> None:
        self._socket = socket.create_connection(("127.0.0.1", port))
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._socket.settimeout(0)
        self.fd = self._socket.fileno()
        self._received = b""

    @abstractmethod
    def readable(self) -> None:
        """Take what has come. Raises WrongReply for what should not have come."""

    def close(self) -> None:
        """Close the connection."""
        self._socket.close()

    def _wait(self, received: bytes) -> None:
        """Keep a part of a reply until the rest comes. Raises WrongReply at the end of the connection."""
        if received == self._received:
            raise WrongReply(f"cut off after {received!r}")
        self._received = received


class Reader(Line):
    """Holds one poll, hears what comes, and polls again at once."""

    def __init__(self, site: Site, visitor: Visitor, room: Room) -> None:
        super().__init__(site.port)
        self._poll = visitor.poll
        self._room = room
        self._place = room.enter()
        os.write(self.fd, visitor.poll.ending(room.cursor))

    def readable(self) -> None:
        """Hear what has come: this is what the load generator does all day."""
        received = self._received + os.read(self.fd, CHUNK)
        now = perf_counter()
        room, place = self._room, self._place
        if received != room.latest and not room.recognise(received, place.position):
            self._wait(received)
            return
        self._received = b""
        news = room.news
        if news.first == place.position:
            place.position = news.end
        else:
            room.log.hear(news.texts, place)
        news.arrived.append(now)
        room.deliveries += news.count
        cursor = news.cursor
        os.write(self.fd, self._poll[len(cursor)] + cursor)


class Speaker(Line):
    """Posts one text after the other; what comes too fast waits for the acknowledgement of the one before."""

    def __init__(self, site: Site, visitor: Visitor) -> None:
        super().__init__(site.port)
        self._site = site
        self._post = visitor.post
        self._unsaid: deque[bytes] = deque()
        self.silent = True

    def say(self, room: Room, text: str, due: float) -> None:
        """Post `text`, which was due at this `time.perf_counter`."""
        room.said[text] = due
        self._unsaid.append(self._post.ending(self._site.wording(text)))
        if self.silent:
            self._next()

    def readable(self) -> None:
        """Take an acknowledgement, and go on."""
        received = self._received + os.read(self.fd, CHUNK)
        reply = Reply.complete(received)
        if reply is None:
            self._wait(received)
            return
        self._received = b""
        self._site.accepted(reply)
        self._next()

    def _next(self) -> None:
        self.silent = not self._unsaid
        if self._unsaid:
            os.write(self.fd, self._unsaid.popleft())
