"""A poll that a handler holds: somebody who waits in rooms, until one of them speaks or the hold ends."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence

from chatroom.buffer import Update
from chatroom.people import Person, Visitor
from chatroom.sessions import Known


class HeldPoll(asyncio.Future[Update | None]):
    """A poll that a handler holds; `known` is whose it is, None while that is nobody's, and `address` from where."""

    known: Known | None = None
    address = ""

    @property
    def visitor(self) -> Visitor:
        """Whoever asks."""
        return self.known.at(self.address) if self.known else Visitor(None, self.address)

    def people(self) -> Sequence[Person]:
        """Who is held."""
        return () if self.known is None else (self.known.person,)

    def dismiss(self, unwelcome: Callable[[Visitor], bool]) -> None:
        """Wait no more if that is true of the visitor: the next poll is decided anew."""
        if not self.done() and unwelcome(self.visitor):
            self.set_result(None)


def end_hold(waiter: HeldPoll) -> None:
    """Let a poll be answered now, with nothing, unless a room has spoken first."""
    if not waiter.done():
        waiter.set_result(None)
