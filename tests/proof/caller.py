"""Calls that insist: the same request again until it has been answered, with growing pauses.

This is what makes a post safe to repeat and a poll safe to lose: a client never needs to know what became
of a request whose reply did not come.
"""

from __future__ import annotations

import asyncio
import random
from collections import Counter
from urllib.parse import urlencode

from tests.proof.http1 import Connection, ConnectionLost, Fields, Reply

# Above the hold of the servers that the proofs start.
POLL_SECONDS = 20.0


class Broken(AssertionError):
    """The server answered what the protocol does not allow here."""


class Backoff:
    """Growing pauses with jitter between attempts: 10 ms at first, at most half a second."""

    def __init__(self, chance: random.Random) -> None:
        self._chance = chance
        self._longest = 0.01

    async def pause(self) -> None:
        """Wait before the next attempt."""
        await asyncio.sleep(self._longest * self._chance.uniform(0.5, 1.0))
        self._longest = min(self._longest * 2, 0.5)


class Caller:
    """A connection that repeats each request until a reply other than 503 has come.

    `counts` is shared by all callers of a run: `retries`, `503`, `gaps`, `pauses`, ...
    """

    def __init__(self, port: int, chance: random.Random, counts: Counter[str]) -> None:
        self.counts = counts
        self.token = ""
        self._chance = chance
        self._connection = Connection(port)

    async def get(self, path: str, query: Fields = ()) -> Reply:
        """GET until it is answered."""
        return await self._insist("GET", f"{path}?{urlencode(list(query))}", ())

    async def post(self, path: str, form: Fields) -> Reply:
        """POST until it is answered."""
        return await self._insist("POST", path, form)

    def close(self) -> None:
        """Close the connection."""
        self._connection.close()

    async def _insist(self, method: str, path: str, form: Fields) -> Reply:
        backoff = Backoff(self._chance)
        while True:
            try:
                reply = await self._attempt(method, path, form)
            except ConnectionLost:
                self.counts["retries"] += 1
            else:
                if reply.status != 503:
                    return reply
                self._expect_retry_after(reply)
            await backoff.pause()

    async def _attempt(self, method: str, path: str, form: Fields) -> Reply:
        connection, token = self._connection, self.token
        if method == "GET":
            return await connection.get(path, token=token, timeout=POLL_SECONDS)
        return await connection.post(path, form, token=token, timeout=POLL_SECONDS)

    def _expect_retry_after(self, reply: Reply) -> None:
        self.counts["503"] += 1
        expect("retry-after" in reply.headers, "503 without Retry-After", reply)


def expect(holds: object, what: str, evidence: object) -> None:
    """Raise Broken with the evidence unless `holds` is true."""
    if not holds:
        raise Broken(f"{what}: {evidence}")
