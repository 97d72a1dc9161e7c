"""A connection that can do without a handler, as those of `chatroom.server` can."""

from __future__ import annotations

from typing import Protocol, runtime_checkable

from tornado.httputil import HTTPServerRequest

from chatroom.poll import Poll
from chatroom.sessions import Known


@runtime_checkable
class Shortcut(Protocol):
    """Takes requests with the same head as one that a handler has let through."""

    def hold(self, poll: Poll, known: Known | None) -> bool:
        """Hold and answer `poll` of `known`, and each one that comes with this head, on whatever connection.

        False if this one cannot be held.
        """

    def admit(self, known: Known) -> None:
        """Take each post of `known` that comes with this head, on whatever connection."""


def shortcut(request: HTTPServerRequest) -> Shortcut | None:
    """The connection of `request`, if others with the same head may be let through without a handler.

    Not if something else than the head has let this one through: Tornado takes the proof that a request is not forged
    from the arguments, too.
    """
    connection = request.connection
    if isinstance(connection, Shortcut) and "_xsrf" not in request.arguments:
        return connection
    return None
