"""People who are already there, and a site that can be started again."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest
from tornado.ioloop import IOLoop

from chatroom.app import Chatroom
from chatroom.people import Person
from chatroom.settings import Settings
from tests.api import Api, offset
from tests.handlers.site import Site
from tests.laying import lay
from tests.making import said


@pytest.fixture
def ann(io_loop: IOLoop, new_api: Callable[[], Api]) -> Api:
    """Somebody with a session."""
    api = new_api()
    io_loop.run_sync(api.sign_in)
    return api


@pytest.fixture
def bob(io_loop: IOLoop, new_api: Callable[[], Api]) -> Api:
    """Somebody else."""
    api = new_api()
    io_loop.run_sync(lambda: api.sign_in("Bob"))
    return api


@pytest.fixture
def cleo(io_loop: IOLoop, new_api: Callable[[], Api]) -> Api:
    """A third one."""
    api = new_api()
    io_loop.run_sync(lambda: api.sign_in("Cleo"))
    return api


@pytest.fixture
def root(io_loop: IOLoop, new_api: Callable[[], Api], app: Chatroom) -> Api:
    """An administrator."""
    api = new_api()

    async def appoint() -> None:
        id_ = await api.sign_in("Root")
        await app.chat.engine.people.claim(Person(id_, "Root"), "root", "no hash")
        await app.chat.engine.people.appoint(id_, administrator=True)
        app.sessions.refresh(id_)

    io_loop.run_sync(appoint)
    return api


@pytest.fixture
def tea(io_loop: IOLoop, ann: Api) -> str:
    """A named room: it is Ann's, who has spoken there first."""
    io_loop.run_sync(lambda: ann.say("hello", "tea"))
    return "tea"


@pytest.fixture
def fill(app: Chatroom) -> Callable[..., Awaitable[list[Any]]]:
    """Says that many things in a room, at once and without HTTP; returns the messages in log order."""

    async def say_many(count: int, room: str = "7", body: str = "no. {}") -> list[Any]:
        _, filler = await app.sessions.open("Filler")
        bodies = map(body.format, range(count))
        says = [app.chat.post(said(filler, room, text)) for text in bodies]
        posted = await asyncio.gather(*says)
        return sorted((msgspec.json.decode(it.entry.json) for it in posted), key=offset)

    return say_many


@pytest.fixture
def site(
    io_loop: IOLoop,
    settings: Settings,
    server_kind: str,
    tmp_path: Path,
    clock: Callable[[], int],
) -> Iterator[Site]:
    """A site on a file of its own, started."""

    async def start() -> None:
        site.start()

    settings = msgspec.structs.replace(settings, server=server_kind)
    site = Site(settings, lay(tmp_path / "site.db"), clock)
    io_loop.run_sync(start)
    yield site
    io_loop.run_sync(site.close)
