"""The people of a chaos run: each speaks in some rooms with two voices and watches several in one poll.

Most of them follow closely. Every third one sleeps until many messages have gone by, so that what it missed
is more than a reply may hold and it has to fill the gap from the history.
"""

from __future__ import annotations

import asyncio
import random
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from tests.proof.caller import Caller, expect
from tests.proof.client import Reader, Writer
from tests.proof.plan import Plan

# Rooms are numbers and words of any script, all in their canonical form.
ROOM_NAMES = ("1", "7", "lobby", "部屋", "übung", "комната", "42", "a-b_c")

BODIES = (
    "hello",
    "**bold** <b>&amp;",
    "多言語 🎉 مرحبا",
    "two\nlines",
    "`code` " + "long " * 200 + "end",
)

# Of its rooms a person watches this many in one poll, and speaks in this many.
ROOMS_WATCHED = 3
ROOMS_SPOKEN_IN = 2

# After this share of acknowledged posts a person posts the same once more, as a form sent twice does.
REPEATED = 0.02


class Post(NamedTuple):
    """What somebody is going to say."""

    room: str
    client_id: str
    body: str


class Progress:
    """Counts the posts that were acknowledged; anybody may wait for a number of them."""

    def __init__(self) -> None:
        self.count = 0
        self._changed = asyncio.Condition()

    async def advance(self) -> None:
        """One more."""
        self.count += 1
        async with self._changed:
            self._changed.notify_all()

    async def reached(self, count: int) -> None:
        """Return when that many have been acknowledged."""
        async with self._changed:
            await self._changed.wait_for(lambda: self.count >= count)


class Client:
    """Person `number` of the crowd of `plan`, talking to `port`; counts what happens to it in `counts`."""

    def __init__(self, number: int, plan: Plan, port: int, counts: Counter[str]) -> None:
        self.number = number
        self.chance = random.Random(f"{plan.seed}:{number}")
        rooms = ROOM_NAMES[: plan.rooms]
        self.voices = [Writer(Caller(port, self.chance, counts)) for _ in range(2)]
        watched = self.chance.sample(rooms, min(ROOMS_WATCHED, plan.rooms))
        self.reader = Reader(Caller(port, self.chance, counts), watched)
        spoken_in = self.chance.sample(rooms, min(ROOMS_SPOKEN_IN, plan.rooms))
        self._posts = self._think_of(plan.share(number), spoken_in)

    async def arrive(self) -> None:
        """Sign in and take the cursors of the beginning; both voices are the same person."""
        first, second = self.voices
        second.caller.token = await first.sign_in(f"person {self.number}")
        await self.reader.begin()

    async def speak(self, voice: Writer, progress: Progress) -> None:
        """Say with `voice` what has not been said by the other one, until nothing is left."""
        for post in self._posts:
            await voice.post(*post)
            if self.chance.random() < REPEATED:
                await voice.post(*post)
            await progress.advance()

    async def watch(self, progress: Progress, total: int) -> None:
        """Follow until all has been said: closely, or waking up after half or all of it."""
        if self.number % 3 == 2:
            nap = total // (1 + self.number % 2)
            for point in range(nap, total + 1, nap):
                await progress.reached(point)
                await self.reader.poll(wait=0)
        while progress.count < total:
            await self.reader.poll()

    async def finish(self, heads: Mapping[str, int]) -> None:
        """Read up to the heads of the rooms; after that there is nothing more."""
        await self.reader.follow({room: heads[room] for room in self.reader.logs})
        surplus = await self.reader.poll(wait=0)
        expect(surplus == 0, "more than was acknowledged", surplus)

    def leave(self) -> None:
        """Close all connections."""
        for caller in (self.reader.caller, *(voice.caller for voice in self.voices)):
            caller.close()

    def _think_of(self, posts: int, rooms: Sequence[str]) -> Iterator[Post]:
        for number in range(posts):
            client_id = f"{self.number}.{number}"
            body = f"{client_id} {self.chance.choice(BODIES)}"
            yield Post(self.chance.choice(rooms), client_id, body)
