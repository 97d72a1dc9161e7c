"""One message to everybody who waits, again and again: what each delivery costs, and how long the last one waits.

A delivery is a held poll that is answered and the next poll that is taken; the post is divided among them. A message
is posted as soon as everybody has the last one and polls again, so the server is never idle and its rate is what it
can do.

The room is a thousand messages old. In a younger one, the cursor gets longer with the 10th, 100th and 1000th message,
and with it the Content-Length of every reader: a block of headers that nobody has sent before. Among few rounds
that would be more than it is in life.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from itertools import islice

from benchmarks.crowd import Crowd
from benchmarks.figures import Figure, median, quantile
from benchmarks.line import Speaker
from benchmarks.machine import Meter, Usage, quiet, rss_kib
from benchmarks.room import Room
from benchmarks.sayings import sayings
from benchmarks.sites.site import Site

ROOM = "1"
#: Messages in the room before anybody polls.
AGE = 1000
#: Polls whose memory can be told from what a process takes anyway.
MANY = 1000
#: Rounds that are not counted: caches fill, memory is allocated.
WARM = 3
#: Rounds at least, however much CPU each takes.
ROUNDS = 5


class Audience:
    """A room full of held polls, and one who speaks to them."""

    def __init__(self, crowd: Crowd, room: Room, speaker: Speaker, texts: Iterator[str]) -> None:
        self.taken: list[float] = []
        self._crowd = crowd
        self._room = room
        self._speaker = speaker
        self._texts = texts

    def rounds(self, count: int) -> None:
        """So many messages, each when everybody has the one before. `taken`: seconds until the last one had it."""
        for _ in range(count):
            said = time.perf_counter()
            self._speaker.say(self._room, next(self._texts), said)
            self._crowd.until(self._settled)
            self.taken.append(self._room.news.arrived[-1] - said)

    def forget(self) -> None:
        """Count from here on."""
        self.taken.clear()
        self._room.forget()

    def _settled(self) -> bool:
        return self._room.owed <= 0 and self._speaker.silent


async def fanout(site: Site, *, polls: int, browser: bool, cpu: float) -> list[Figure]:
    """Hold `polls` polls and wake them until the server has used so many seconds of CPU."""
    first, *others = await site.visitors(polls + 1, ROOM, browser=browser)
    texts = sayings()
    cursor = await site.say(first, islice(texts, AGE))
    await quiet(site.pid)
    before = rss_kib(site.pid)
    with Crowd(site) as crowd:
        room = Room(site, ROOM, cursor)
        await crowd.read(room, others)
        await quiet(site.pid)
        held = (rss_kib(site.pid) - before) / polls if polls >= MANY else None
        audience = Audience(crowd, room, crowd.speaker(first), texts)
        usage = _measure(site, audience, cpu)
        latencies = room.latencies()
        crowd.check()
    return _figures(usage, latencies, audience.taken, held)


def _measure(site: Site, audience: Audience, cpu: float) -> Usage:
    audience.rounds(WARM)
    audience.forget()
    meter = Meter(site.pid)
    while len(audience.taken) < ROUNDS or meter.read().server < cpu:
        audience.rounds(1)
    return meter.read()


def _figures(
    usage: Usage, latencies: list[float], taken: list[float], held: float | None
) -> list[Figure]:
    done = len(latencies)
    waited = [latency * 1000 for latency in latencies]
    return [
        Figure("server CPU per delivery", usage.server / done * 1e6, "us"),
        Figure("deliveries per second", done / usage.seconds, "1/s").timed(usage),
        Figure("latency, median", median(waited), "ms").timed(usage),
        Figure("latency, 99 %", quantile(waited, 0.99), "ms").timed(usage),
        Figure("the last one has it, median", median(taken) * 1000, "ms").timed(usage),
        Figure("the last one has it, worst", max(taken) * 1000, "ms").timed(usage),
        *([] if held is None else [Figure("memory per held poll", held, "KiB")]),
        Figure("messages", len(taken), ""),
        Figure("load generator busy", usage.busy, "%"),
        Figure("taken by other programs", usage.disturbed, "%"),
    ]
