"""A small world, put back into its first state before each test."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest
from tornado.ioloop import IOLoop

from chatroom.settings import Settings
from tests.authorisation.world import Cast, World, build
from tests.conftest import Clock
from tests.handlers.site import Site


@pytest.fixture(scope="session")
def original(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Cast]:
    """The world as a file."""
    path = tmp_path_factory.mktemp("world") / "original.db"
    return path, asyncio.run(build(path, Clock()))


@pytest.fixture
def world(  # noqa: PLR0913, PLR0917 - fixtures
    io_loop: IOLoop,
    original: tuple[Path, Cast],
    settings: Settings,
    server_kind: str,
    tmp_path: Path,
    clock: Clock,
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[World]:
    """A world in which nothing has been asked yet."""

    async def start() -> None:
        world.start()

    io_loop.asyncio_loop.set_debug(False)  # type: ignore[attr-defined]  # half of the time of thousands of requests
    monkeypatch.setattr("chatroom.doors.ROOM_TRIES", 1000)
    monkeypatch.setattr("chatroom.tries.FREE_TRIES", 1000)
    path = tmp_path / "site.db"
    site = Site(msgspec.structs.replace(settings, server=server_kind), path, clock)
    world = World(*original, site, path)
    io_loop.run_sync(start)
    yield world
    io_loop.run_sync(site.close)
