"""What is measured, of whom, and how thoroughly."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import partial

from benchmarks.fanout import fanout
from benchmarks.figures import Figure
from benchmarks.held import held
from benchmarks.joins import joins
from benchmarks.posts import posts
from benchmarks.reads import reads
from benchmarks.rooms import PEOPLE, ROOMS, rooms
from benchmarks.sites.site import Site

OURS = frozenset({"chatroom", "presence", "tornado"})
WITH_NCHAN = OURS | {"nchan"}
WITH_DEMO = OURS | {"demo"}
ALL = WITH_NCHAN | WITH_DEMO

#: Nobody's poll ends while idleness is measured.
LONG_HOLD = {"hold": 120.0, "hold_jitter": 3.0}


@dataclass(frozen=True)
class Question:
    """One thing to find out of each of `sites`, every time of a site that was just started with `options`.

    Costs are compared with those of the site `reference`.
    """

    group: str
    title: str
    measure: Callable[[Site], Awaitable[list[Figure]]]
    sites: frozenset[str] = ALL
    options: Mapping[str, object] = field(default_factory=dict)
    reference: str = "demo"


@dataclass(frozen=True)
class Plan:
    """How thorough to be: numbers of polls; CPU seconds of a fan-out, so that a tick is little; seconds of the rest."""

    polls: tuple[int, ...] = (100, 1000, 5000)
    woken: int = 15_000
    held: int = 10_000
    joining: int = 1000
    posters: tuple[int, ...] = (1, 20, 100)
    cpu: float = 2.0
    seconds: float = 4.0
    idle: float = 10.0

    def questions(self) -> Iterator[Question]:
        """All of them."""
        yield from self._fanouts()
        every = partial(fanout, polls=self.woken, browser=True, cpu=self.cpu)
        yield Question("wake", f"all of {self.woken:,} held polls woken", every, WITH_NCHAN)
        idle = partial(held, polls=self.held, seconds=self.idle)
        yield Question("held", f"{self.held:,} held polls, all quiet", idle, options=LONG_HOLD)
        coming = partial(joins, people=self.joining, seconds=self.idle)
        title = f"{self.joining:,} join a room within a second"
        yield Question("joins", title, coming, OURS, LONG_HOLD)
        for count in self.posters:
            measure = partial(posts, posters=count, seconds=self.seconds)
            yield Question("posts", f"posts, {count} at a time", measure, WITH_DEMO)
        town = partial(rooms, seconds=self.seconds)
        yield Question(
            "rooms", f"{ROOMS} rooms of {PEOPLE}, all posting (demo: 1 room)", town, reference=""
        )
        catching_up = partial(reads, readers=10, seconds=self.seconds)
        yield Question("reads", "catch-up of 200, and pages", catching_up, WITH_DEMO)

    def _fanouts(self) -> Iterator[Question]:
        for headers in ("bare", "browser"):
            for polls in self.polls:
                measure = partial(fanout, polls=polls, browser=headers == "browser", cpu=self.cpu)
                yield Question("fanout", f"{polls:,} held polls, {headers} headers", measure)


QUICK = Plan(
    polls=(1000,), woken=5000, held=2000, joining=200, posters=(20,), cpu=0.4, seconds=1.5, idle=3.0
)

GROUPS = ("fanout", "wake", "held", "joins", "posts", "rooms", "reads")
