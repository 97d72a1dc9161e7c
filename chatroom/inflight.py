"""Which requests are being answered, so that a closing server can wait for them."""

from __future__ import annotations

import asyncio


class InFlight:
    """The requests between their head and the last byte of their reply."""

    def __init__(self) -> None:
        self._requests: set[object] = set()
        self._idle = asyncio.Event()
        self._idle.set()

    def begin(self, request: object) -> None:
        """A request has come in. Undone by `end`."""
        self._requests.add(request)
        self._idle.clear()

    def end(self, request: object) -> None:
        """Its reply has left, or can leave no more; that of a post on the short way has at least been written."""
        self._requests.discard(request)
        if not self._requests:
            self._idle.set()

    async def idle(self) -> None:
        """Return when no request is in flight."""
        await self._idle.wait()
