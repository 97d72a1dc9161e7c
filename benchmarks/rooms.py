"""Many rooms in which everybody posts, at a rate that does not wait for the server: how much it carries.

The rate goes up step by step until the server is too slow. A step that fails is taken again, because on a shared
machine others may have failed it. Where many messages come in one room, a reader gets several in one reply, which
is cheaper: the figure of one room is not that of many.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import count, cycle
from random import Random
from time import perf_counter
from typing import NamedTuple

from benchmarks.crowd import Crowd
from benchmarks.figures import Figure, median, quantile
from benchmarks.line import Speaker
from benchmarks.machine import Meter, Usage
from benchmarks.room import Room
from benchmarks.sayings import BEGINNING, sayings
from benchmarks.sites.site import Site

ROOMS = 50
PEOPLE = 20
#: Milliseconds in which 99 of 100 deliveries are to arrive, from when the post was due.
SOON = 50.0
#: A step has failed when it fails so often while others take less than CALM percent of a core ...
TRIES = 2
CALM = 15.0
#: ... or so often anyway.
MOST_TRIES = 8


class Step(NamedTuple):
    """What came of one rate: `due` and `done` are deliveries per second, latencies milliseconds.

    `together` is how many messages came in one reply.
    """

    due: float
    done: float
    together: float
    middle: float
    late: float
    usage: Usage

    @property
    def carried(self) -> bool:
        """Whether the server kept up."""
        return self.late < SOON


class Town:
    """Rooms full of people. Each of them polls, and posts on a second connection."""

    def __init__(self, site: Site, crowd: Crowd) -> None:
        self._site = site
        self._crowd = crowd
        self._texts = sayings()
        self._chance = Random(1)
        self._people: list[tuple[Room, Speaker]] = []

    async def settle(self, name: str) -> None:
        """A new room with its people."""
        visitors = await self._site.visitors(PEOPLE, name, browser=True)
        cursor = await self._site.say(visitors[0], BEGINNING)
        room = Room(self._site, name, cursor)
        await self._crowd.read(room, visitors)
        self._people += [(room, self._crowd.speaker(visitor)) for visitor in visitors]
        self._chance.shuffle(self._people)

    def step(self, due: float, seconds: float) -> Step:
        """Post for so long that `due` deliveries are due each second, and wait until all are there."""
        for room in self._crowd.rooms:
            room.forget()
        meter = Meter(self._site.pid)
        self._talk(due / PEOPLE, seconds)
        self._crowd.until(self._settled)
        usage = meter.read()
        replies = sum(room.replies for room in self._crowd.rooms)
        waited = [each * 1000 for room in self._crowd.rooms for each in room.latencies()]
        done = len(waited) / usage.seconds
        together = len(waited) / replies
        return Step(due, done, together, median(waited), quantile(waited, 0.99), usage)

    def _talk(self, rate: float, seconds: float) -> None:
        people = cycle(self._people)
        due = now = perf_counter()
        end = now + seconds
        while now < end:
            while due <= now:
                room, speaker = next(people)
                speaker.say(room, next(self._texts), due)
                due += self._chance.expovariate(rate)
            self._crowd.turn(min(due, end) - now)
            now = perf_counter()

    def _settled(self) -> bool:
        return all(room.owed <= 0 for room in self._crowd.rooms) and all(
            speaker.silent for _, speaker in self._people
        )


async def rooms(site: Site, *, seconds: float) -> list[Figure]:
    """The highest rate at which 99 of 100 deliveries arrive soon; each rate is kept up for so many seconds."""
    with Crowd(site) as crowd:
        town = Town(site, crowd)
        for number in range(1 if site.one_room else ROOMS):
            await town.settle(str(number + 1))
        steps = _climb(town, seconds)
        crowd.check()
    return _figures(steps)


def _climb(town: Town, seconds: float) -> list[Step]:
    steps: list[Step] = []
    for due in _rates():
        steps.append(_try(town, due, seconds))
        if not steps[-1].carried:
            break
    return steps


def _rates() -> Iterator[int]:
    yield from (1000, 2000, 5000)
    yield from count(10_000, 5000)


def _try(town: Town, due: float, seconds: float) -> Step:
    calm = 0
    for _ in range(MOST_TRIES):
        step = town.step(due, seconds)
        calm += step.usage.disturbed < CALM
        if step.carried or calm == TRIES:
            break
    return step


def _figures(steps: list[Step]) -> list[Figure]:
    best = next((step for step in reversed(steps) if step.carried), steps[0])
    found = [
        Figure(f"deliveries per second, 99 % in {SOON:g} ms", best.done, "1/s").timed(best.usage),
        Figure("posts per second", best.done / PEOPLE, "1/s").timed(best.usage),
        Figure("latency, median", best.middle, "ms"),
        Figure("latency, 99 %", best.late, "ms"),
        Figure("messages in one reply", best.together, ""),
        Figure("server CPU per delivery, posts included", _each(best), "us"),
        Figure("load generator busy", best.usage.busy, "%"),
        Figure("taken by other programs", best.usage.disturbed, "%"),
    ]
    for step in steps:
        name = f"99 % when {step.due:,.0f}/s are due"
        found.append(Figure(name, step.late, "ms").timed(step.usage))
    return found


def _each(step: Step) -> float:
    return step.usage.server / (step.done * step.usage.seconds) * 1e6
