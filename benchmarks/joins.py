"""Many people who come into a small room within a second: what each costs, and how often everybody is told of it.

They have opened the page before, so what is measured are their polls: the first one of each, and those that follow a
reply that nobody has asked for. Nobody says anything until they are all there.
"""

from __future__ import annotations

import time
from collections.abc import Sequence

from benchmarks.crowd import Crowd
from benchmarks.figures import Figure
from benchmarks.machine import Meter, quiet
from benchmarks.room import Room
from benchmarks.sayings import BEGINNING
from benchmarks.sites.site import Site, Visitor

ROOM = "1"
#: Seconds in which all come.
WITHIN = 1.0
#: People who are there before.
BEFORE = 20


async def joins(site: Site, *, people: int, seconds: float) -> list[Figure]:
    """Let `people` join those who are there, and watch them for so long."""
    visitors = await site.visitors(BEFORE + people + 1, ROOM, browser=True)
    first, there, others = visitors[0], visitors[1 : BEFORE + 1], visitors[BEFORE + 1 :]
    cursor = await site.say(first, BEGINNING)
    with Crowd(site) as crowd:
        room = Room(site, ROOM, cursor)
        await crowd.read(room, there)
        _watch(crowd, time.perf_counter() + seconds)
        await quiet(site.pid)
        room.forget()
        meter = Meter(site.pid)
        _arrive(crowd, room, others)
        _watch(crowd, time.perf_counter() + seconds)
        usage = meter.read()
        replies = sum(len(news.arrived) for news in room.heard)
        crowd.speaker(first).say(room, "1 to all who are there", time.perf_counter())
        crowd.until(lambda: room.owed <= 0)
        crowd.check()
    return [
        Figure("server CPU per person who joins", usage.server / people * 1e6, "us"),
        Figure("replies before anybody speaks", replies, ""),
        Figure("load generator busy", usage.busy, "%"),
        Figure("taken by other programs", usage.disturbed, "%"),
    ]


def _arrive(crowd: Crowd, room: Room, visitors: Sequence[Visitor]) -> None:
    began = time.perf_counter()
    for number, visitor in enumerate(visitors, 1):
        crowd.enter(room, visitor)
        _watch(crowd, began + WITHIN * number / len(visitors))


def _watch(crowd: Crowd, until: float) -> None:
    while (left := until - time.perf_counter()) > 0:
        crowd.turn(left)
