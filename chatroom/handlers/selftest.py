"""GET /selftest: what lies between a browser and the server, measured from the browser; and the replies for that.

A proxy that keeps replies back, cuts held requests or passes on another `Host` breaks the chat in ways that look like
anything else. Nothing here is kept, and nobody needs a session for it.
"""

from __future__ import annotations

import asyncio
from contextlib import suppress

import msgspec
from tornado.iostream import StreamClosedError

from chatroom.handlers.base import Handler
from chatroom.handlers.replying import JSON_HEADERS
from chatroom.parts import Parts
from chatroom.poll import Poll
from chatroom.wire import timestamp

#: Seconds after which at the latest a held reply notices that nobody waits for it any more.
_LOOK = 0.5


class SelftestPage(Handler):
    """The page that measures."""

    def get(self) -> None:
        """The page; the measuring is done by its script."""
        self.render("selftest.html", hold=self.chat.settings.hold)

    head = get


class DelayHandler(Handler):
    """Replies later, as a held poll does, or in two parts."""

    def initialize(self, parts: Parts) -> None:
        """Nobody has left yet."""
        super().initialize(parts)
        self._left = False

    async def get(self) -> None:
        """The time, after `wait` seconds, at most those of a hold. Raises NumberInvalid.

        With `begun` a first byte comes at once, and one more after half the time: proxies that keep replies back let
        what comes with the head pass.
        """
        wait = min(Poll.parse(self.arguments).wait or 0.0, self.chat.settings.hold)
        for name, value in JSON_HEADERS.items():
            self.set_header(name, value)
        held = True
        if "begun" in self.arguments:
            await self._begin()
            wait /= 2
            held = await self._hold(wait)
            await self._begin()
        held = await self._hold(wait) and held
        self.finish(msgspec.json.encode({"at": timestamp(self.chat.clock()), "held": held}))

    def post(self) -> None:
        """204 for what a browser may send from a page of this site."""
        self.set_status(204)

    def on_connection_close(self) -> None:
        """The client has left."""
        self._left = True

    async def _begin(self) -> None:
        """Send what is no part of the JSON. A client that has left is noticed elsewhere."""
        self.write(b" ")
        with suppress(StreamClosedError):
            await self.flush()

    async def _hold(self, seconds: float) -> bool:
        """Wait, unless too many are waiting; False if it was not that long."""
        if not self.holds.begin(None, self.client):
            return False
        try:
            return await self._pass(seconds)
        finally:
            self.holds.end(None, self.client)

    async def _pass(self, seconds: float) -> bool:
        loop = asyncio.get_running_loop()
        until = loop.time() + seconds
        while (left := until - loop.time()) > 0:
            if self._left or self.chat.closing:
                return False
            await asyncio.sleep(min(left, _LOOK))
        return True
