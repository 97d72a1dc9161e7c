"""The seam between what is measured and how: a running server, its visitors, and how it is spoken to."""

from __future__ import annotations

import asyncio
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Mapping
from contextlib import AbstractAsyncContextManager
from pathlib import Path
from typing import ClassVar, NamedTuple

from benchmarks.peer import connect
from benchmarks.reply import Reply
from benchmarks.request import Request, get

#: Pages that are opened at a time.
AT_THE_DOOR = 20


class Visitor(NamedTuple):
    """What one client of one room sends: `poll` ends in a cursor, `post` in a text as the site words it."""

    poll: Request
    post: Request


class Update(NamedTuple):
    """What a held poll was answered with, in order, and how the next poll ends."""

    texts: tuple[str, ...]
    cursor: bytes


class Site(ABC):
    """A server that was just started and has heard nothing yet."""

    #: Whether it knows only one room, whatever is asked for.
    one_room: ClassVar[bool] = False

    def __init__(self, port: int, pid: int) -> None:
        self.port = port
        self.pid = pid

    @abstractmethod
    async def visitors(self, count: int, room: str, *, browser: bool) -> list[Visitor]:
        """So many clients of `room`: each a browser that has opened the page, or a program with few headers."""

    @abstractmethod
    def wording(self, text: str) -> bytes:
        """How a post of `text` ends. `text` begins with a number that no other text here begins with."""

    @abstractmethod
    def accepted(self, reply: Reply) -> bytes:
        """How a poll ends of who has everything up to the post so answered. Raises WrongReply."""

    @abstractmethod
    def update(self, reply: Reply) -> Update:
        """What an answered poll says. Raises WrongReply."""

    @abstractmethod
    def page(self, room: str) -> str:
        """Where a browser looks at the room."""

    async def say(self, visitor: Visitor, texts: Iterable[str]) -> bytes:
        """Post one text after the other; returns how the polls of those end who have the last one."""
        (peer,) = await connect(self.port, 1)
        cursor = b""
        for text in texts:
            cursor = self.accepted(await peer.ask(visitor.post.ending(self.wording(text))))
        peer.close()
        return cursor

    async def cookies(self, room: str, count: int) -> list[dict[str, str]]:
        """Open the page so many times, as new guests; returns what each was given."""
        peers = await connect(self.port, min(AT_THE_DOOR, count))
        request = get(self.page(room), self.port)
        given: list[dict[str, str]] = []
        while len(given) < count:
            some = peers[: count - len(given)]
            pages = await asyncio.gather(*(peer.ask(request) for peer in some))
            for page in pages:
                page.expect(200)
            given += [page.cookies for page in pages]
        for peer in peers:
            peer.close()
        return given


class Start(NamedTuple):
    """How a site is to be started: on which core, its data in `folder`; options are for this server only."""

    core: int | None
    folder: Path
    options: Mapping[str, object]


#: Runs a site; the context ends it.
Serve = Callable[[Start], AbstractAsyncContextManager[Site]]
