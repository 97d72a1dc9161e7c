"""A bad network of our own: an HTTP proxy that loses, delays, doubles, reorders and cuts, from a seed.

It acts on whole requests and whole replies, because those are what a client must cope with: a request that
never arrived, one that was done though no reply came back, one that was done twice, one that was overtaken.
The n-th request to arrive has the same fate in every run with the same seed; which request is the n-th is
up to the scheduler. A fault is counted when it has happened, not when it was drawn.
"""

from __future__ import annotations

import asyncio
import random
from collections import Counter
from types import TracebackType
from typing import NamedTuple, Self

from tests.proof.http1 import READ_LIMIT, Connection, ConnectionLost, read_whole

# A request that waits to be overtaken goes on alone after this: nobody else may be talking.
OVERTAKEN_SECONDS = 0.5

# Above the longest hold of a poll.
UPSTREAM_SECONDS = 60.0


class Odds(NamedTuple):
    """The probability of each fault, 0 to 1; they are drawn independently for every request."""

    drop_request: float = 0.02
    drop_reply: float = 0.02
    delay: float = 0.04
    duplicate: float = 0.04
    reorder: float = 0.03
    cut: float = 0.02


class Fate(NamedTuple):
    """What will happen to one request: the faults drawn for it, and how hard they hit."""

    faults: frozenset[str]
    pause: float  # of the longest pause, for `delay` and for the copy of `duplicate`
    cut_at: float  # of the reply's length
    copy_answers: bool  # for `duplicate`: the copy's reply is the one returned

    @classmethod
    def draw(cls, odds: Odds, chance: random.Random) -> Fate:
        """Draw the next fate; takes the same amount of randomness whatever comes out."""
        drawn = {name: chance.random() < odd for name, odd in odds._asdict().items()}
        faults = frozenset(name for name, hit in drawn.items() if hit)
        return cls(faults, chance.random(), chance.random(), chance.random() < 0.5)


class FaultProxy:
    """Listens on a port chosen by the system and passes requests on to `upstream_port` of this machine.

    `counts` says how often each fault has happened, how many `requests` arrived, and how many found the
    server `unreachable` (refused, or gone before the whole reply): their client is disconnected. At most
    `longest_pause` seconds are put in by one delay. Use it with `async with`.
    """

    def __init__(
        self, upstream_port: int, odds: Odds, seed: int, *, longest_pause: float = 0.1
    ) -> None:
        self.counts: Counter[str] = Counter()
        self.port = 0
        self._upstream_port = upstream_port
        self._odds = odds
        self._chance = random.Random(seed)
        self._longest_pause = longest_pause
        self._clients: set[asyncio.Task[None]] = set()
        self._held_back: dict[int, asyncio.Future[None]] = {}

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(
            self._admit, "127.0.0.1", 0, limit=READ_LIMIT, backlog=1024
        )
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._server.close()
        for task in self._clients:
            task.cancel()
        await asyncio.gather(*self._clients, return_exceptions=True)
        await self._server.wait_closed()

    def _admit(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.create_task(self._serve(reader, writer))
        self._clients.add(task)
        task.add_done_callback(self._clients.discard)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        upstream = Connection(self._upstream_port)
        try:
            while await self._pass_on(await read_whole(reader), writer, upstream):
                await writer.drain()
        except ConnectionLost:
            self.counts["unreachable"] += 1
        except (OSError, EOFError):
            pass  # the client left, as it may at any time
        finally:
            upstream.close()
            writer.close()

    async def _pass_on(
        self, request: bytes, writer: asyncio.StreamWriter, upstream: Connection
    ) -> bool:
        """Do with one request what fate wants; False when its client is to be disconnected."""
        self.counts["requests"] += 1
        number = self.counts["requests"]
        fate = Fate.draw(self._odds, self._chance)
        if "delay" in fate.faults:
            self.counts["delay"] += 1
            await asyncio.sleep(fate.pause * self._longest_pause)
        if "reorder" in fate.faults:
            await self._hold_back(number)
        if "drop_request" in fate.faults:
            self.counts["drop_request"] += 1
            return False
        reply = await self._forward(request, upstream, fate)
        self._release_before(number)
        return self._answer(reply, writer, fate)

    async def _hold_back(self, number: int) -> None:
        overtaken = asyncio.get_running_loop().create_future()
        self._held_back[number] = overtaken
        try:
            async with asyncio.timeout(OVERTAKEN_SECONDS):
                await overtaken
            self.counts["reorder"] += 1
        except TimeoutError:
            pass  # nobody came by: the order is what it was
        finally:
            del self._held_back[number]

    async def _forward(self, request: bytes, upstream: Connection, fate: Fate) -> bytes:
        if "duplicate" not in fate.faults:
            return await upstream.exchange(request, UPSTREAM_SECONDS)
        replies = await asyncio.gather(
            upstream.exchange(request, UPSTREAM_SECONDS),
            self._send_copy(request, fate),
            return_exceptions=True,
        )
        self.counts["duplicate"] += all(isinstance(reply, bytes) for reply in replies)
        answer = replies[fate.copy_answers]
        if isinstance(answer, BaseException):
            raise answer
        return answer

    async def _send_copy(self, request: bytes, fate: Fate) -> bytes:
        await asyncio.sleep(fate.pause * self._longest_pause)
        second = Connection(self._upstream_port)
        try:
            return await second.exchange(request, UPSTREAM_SECONDS)
        finally:
            second.close()

    def _release_before(self, number: int) -> None:
        for held, overtaken in self._held_back.items():
            if held < number and not overtaken.done():
                overtaken.set_result(None)

    def _answer(self, reply: bytes, writer: asyncio.StreamWriter, fate: Fate) -> bool:
        if "drop_reply" in fate.faults:
            self.counts["drop_reply"] += 1
            return False
        if "cut" in fate.faults:
            self.counts["cut"] += 1
            writer.write(reply[: 1 + int(fate.cut_at * (len(reply) - 1))])
            return False
        writer.write(reply)
        return True
