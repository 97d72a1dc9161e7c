"""One message to everybody who waits: how long until the last one has it, and what it costs the server."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from typing import Any, NamedTuple

from benchmarks.figures import Figure, median
from benchmarks.machine import quiet
from benchmarks.peer import Peer, Reply, WrongReply
from benchmarks.site import Site, poll, say

ROOM = "fanout"


class Round(NamedTuple):
    """Seconds from sending the post until the last reader had the message; CPU seconds of the server."""

    taken: float
    delivering: float
    parking: float


class Audience:
    """Readers that all hold a poll at `cursor`, and one who speaks to them."""

    def __init__(self, site: Site, poster: Peer, readers: Sequence[Peer], cursor: str) -> None:
        self.cursor = cursor
        self._site = site
        self._poster = poster
        self._readers = readers
        self._replies: list[asyncio.Future[Reply]] = []

    async def park(self) -> float:
        """Let everybody poll and return when all are held, with the server's CPU seconds so far."""
        self._replies = [reader.ask(poll(ROOM, self.cursor)) for reader in self._readers]
        return await quiet(self._site.pid)

    async def tell(self, request: bytes, cpu_before: float) -> Round:
        """Post, wait until each reader has exactly this message, and let everybody poll again."""
        early = sum(reply.done() for reply in self._replies)
        started = time.perf_counter()
        posted = self._poster.ask(request)
        replies = await asyncio.gather(*self._replies)
        taken = max(reader.arrived for reader in self._readers) - started
        message = (await posted).json(201)
        delivered = await quiet(self._site.pid)
        _check(replies, message, early)
        self.cursor = message["id"]
        return Round(taken, delivered - cpu_before, await self.park() - delivered)

    def leave(self) -> None:
        """Close all connections. Raises WrongReply when somebody got more than was said."""
        surplus = sum(reply.done() for reply in self._replies)
        for peer in (self._poster, *self._readers):
            peer.close()
        if surplus:
            raise WrongReply(f"{surplus} polls were answered after the last message")


async def fanout(site: Site, polls: int, rounds: int) -> list[Figure]:
    """Hold `polls` polls, post one message, check that each got it once; `rounds` times."""
    (header,) = await site.sign_in(1)
    (cursor,) = await site.fill(ROOM, 1)
    poster, *readers = await site.connect(1 + polls)
    audience = Audience(site, poster, readers, cursor)
    cpu = await audience.park()
    measured = []
    for number in range(rounds):
        text = f"to everybody, {number}"
        measured.append(await audience.tell(say(ROOM, text, f"round {number}", header), cpu))
        cpu = await quiet(site.pid)
    audience.leave()
    return _figures(polls, measured)


def _check(replies: Sequence[Reply], message: dict[str, Any], early: int) -> None:
    """Each poll was held and has exactly this message; the next poll would show it if it came twice."""
    if early:
        raise WrongReply(f"{early} polls were answered before anybody spoke")
    expected = {"messages": [message], "cursors": {ROOM: message["id"]}}
    right: set[bytes] = set()  # most replies are the same bytes: decoded once
    for reply in replies:
        if reply.body not in right and reply.json(200) != expected:
            raise WrongReply(f"{reply.body!r} for {expected}")
        right.add(reply.body)


def _figures(polls: int, measured: Sequence[Round]) -> list[Figure]:
    deliveries = polls * len(measured)
    taken = [each.taken * 1000 for each in measured]
    delivering = sum(each.delivering for each in measured) / deliveries * 1e6
    parking = sum(each.parking for each in measured) / deliveries * 1e6
    return [
        Figure(f"last of {polls:,} held polls has the message, median", median(taken), "ms"),
        Figure(f"last of {polls:,} held polls has the message, worst", max(taken), "ms"),
        Figure("server CPU to answer one held poll", delivering, "us"),
        Figure("server CPU to take one poll and hold it", parking, "us"),
        Figure("server CPU per delivery, both together", delivering + parking, "us"),
    ]
