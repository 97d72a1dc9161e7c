"""The sending half of a connection: what leaves at once, and what becomes of that which does not.

Only what the socket does not take is queued by the transport, and because its limit is as low as it can be,
`pause_writing` says so: then `write_timeout` runs. Beyond `max_unsent` a reader who does not read is cut off. It has
lost nothing, it comes back with its cursor.
"""

from __future__ import annotations

import asyncio
from asyncio import Future
from collections.abc import Callable
from math import inf
from typing import TYPE_CHECKING

from tornado.iostream import StreamClosedError

if TYPE_CHECKING:
    from chatroom.server.server import Server


class Sender(asyncio.Protocol):
    """Sends to a client of `server`. `write_by` is when the client must have taken it, on the loop's clock."""

    __slots__ = ("_unsent", "lost", "server", "transport", "write_by")

    transport: asyncio.Transport

    def __init__(self, server: Server) -> None:
        self.server = server
        self.lost = False
        self.write_by = inf
        #: To be called when all has left; None: it has.
        self._unsent: list[Callable[[], None]] | None = None

    def pause_writing(self) -> None:
        """The socket does not take all there is to send."""
        self._unsent = []
        self.write_by = self.server.now() + self.server.limits.write_timeout

    def resume_writing(self) -> None:
        """Everything has left, or will never leave."""
        callbacks, self._unsent = self._unsent or (), None
        self.write_by = inf
        for callback in callbacks:
            callback()

    @property
    def unsent(self) -> bool:
        """Whether the client has not taken yet what it was sent."""
        return self._unsent is not None

    def send(self, data: bytes) -> Future[None]:
        """Send `data`. The future is done when it has left, and raises StreamClosedError if it never will."""
        sent: Future[None] = asyncio.get_running_loop().create_future()
        if not self.lost:
            self.transport.write(data)
        if self._unsent is None:
            self._has_left(sent)
        else:
            self._unsent.append(lambda: self._has_left(sent))
        return sent

    def call_when_sent(self, callback: Callable[[], None]) -> None:
        """Call `callback` when nothing is left to send."""
        if self._unsent is None:
            callback()
        else:
            self._unsent.append(callback)

    # ----------------------------------------------------------------------------------------------------------------

    def _has_left(self, sent: Future[None]) -> None:
        if sent.done():
            return
        if self.lost:
            sent.set_exception(StreamClosedError())
            sent.exception()  # whoever does not wait for it need not hear of it
        else:
            sent.set_result(None)
