"""Every test builds its own world: a loop, a file, an engine, an application on a port that the system chooses.

Clocks, holds and chance are given to it. At the end of a test a task that is still running fails it, and so does a line
at WARNING or above that the test did not expect.
"""

from __future__ import annotations

import asyncio
import importlib.util
import logging
import os
from collections.abc import Awaitable, Callable, Iterator
from functools import cache
from pathlib import Path
from socket import socket

import msgspec
import pytest
from tornado.httpserver import HTTPServer
from tornado.ioloop import IOLoop

from chatroom.app import Chatroom, make_app
from chatroom.engines.sqlite import SqliteEngine
from chatroom.handlers.static import release_of
from chatroom.serve import make_server
from chatroom.settings import Settings
from tests.api import Api
from tests.laying import lay
from tests.loops import LOOPS, new_loop
from tests.server_process import UNLIMITED

if importlib.util.find_spec("hypothesis"):
    import hypothesis

    profile = hypothesis.settings.register_profile
    # The same examples every time, so that what has passed passes again; by night others.
    profile("default", deadline=None, stateful_step_count=50, derandomize=True, database=None)
    profile("nightly", deadline=None, max_examples=1000, stateful_step_count=200)
    hypothesis.settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "default"))
    collect_ignore = []
else:
    collect_ignore = [
        str(path)
        for path in Path(__file__).parent.rglob("test_*.py")
        if "\nfrom hypothesis" in path.read_text(encoding="utf-8")
    ]


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say loudly what was left out."""
    for path in collect_ignore:
        terminalreporter.write_line(f"LEFT OUT, hypothesis is missing: {path}", red=True)


#: Loop and server that are tested together, unless --every-pair asks for the others, too: the usual ones, and those
#: that are there where nothing could be compiled. What our server does with a loop is tested in tests/server, on both.
PAIRS = {("uvloop", "chatroom"), ("asyncio", "tornado")}


def pytest_addoption(parser: pytest.Parser) -> None:
    """--every-pair: twice as long."""
    parser.addoption("--every-pair", action="store_true", help="each server on each loop")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out the pairs that are not asked for."""
    if config.getoption("every_pair") or "uvloop" not in LOOPS:
        return
    left_out = [item for item in items if not _is_usual(item)]
    config.hook.pytest_deselected(items=left_out)
    items[:] = [item for item in items if _is_usual(item)]


def _is_usual(item: pytest.Item) -> bool:
    params = item.callspec.params if hasattr(item, "callspec") else {}
    pair = params.get("io_loop"), params.get("server_kind")
    return None in pair or pair in PAIRS


class Clock:
    """Microseconds since 1970 UTC, moved by hand."""

    def __init__(self) -> None:
        self.now = 1_700_000_000_000_000

    def __call__(self) -> int:
        return self.now

    def forward(self, days: float) -> None:
        self.now += int(days * 86_400_000_000)


class Monotonic:
    """Seconds, moved by hand."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def monotonic() -> Monotonic:
    return Monotonic()


class Rounds:
    """The looks into the rooms of an application, made by hand."""

    def __init__(self, app: Chatroom) -> None:
        self._attendance = app.chat.attendance
        self._attendance.clock = lambda: self.now
        self._attendance.every = 3600.0
        self.now = 0.0

    def look(self, seconds: float = 0) -> None:
        """Let so much time pass, and look."""
        self.now += seconds
        self._attendance.tick(self.now)


@pytest.fixture
def rounds(app: Chatroom) -> Rounds:
    return Rounds(app)


@pytest.fixture(params=LOOPS)
def io_loop(request: pytest.FixtureRequest) -> Iterator[IOLoop]:
    """A new loop of each kind; a task that a test leaves behind fails it."""
    loop = new_loop(request.param)
    asyncio.set_event_loop(loop)
    yield IOLoop(make_current=False, asyncio_loop=loop)
    leaked = loop.run_until_complete(_cancel_tasks())
    loop.run_until_complete(loop.shutdown_default_executor())
    asyncio.set_event_loop(None)
    loop.close()
    assert not leaked, f"tasks left behind: {leaked}"


@pytest.fixture(params=["chatroom", "tornado"])
def server_kind(request: pytest.FixtureRequest) -> str:
    """What is served is served by both servers."""
    return str(request.param)


@pytest.fixture
def settings() -> Settings:
    """A hold that no test waits for, and nobody who asks too often; tests that need another one override this."""
    return Settings(hold=60.0, hold_jitter=0.0, **UNLIMITED)


@pytest.fixture
def http_server(
    io_loop: IOLoop, _unused_port: tuple[socket, int], app: Chatroom, server_kind: str
) -> Iterator[HTTPServer]:
    """The application on a port that the system chose, as `run.py` would serve it."""
    settings = msgspec.structs.replace(app.chat.settings, server=server_kind)
    server = make_server(app, settings)
    server.add_socket(_unused_port[0])
    yield server
    server.stop()
    io_loop.run_sync(server.close_all_connections)


@pytest.fixture
def engine(io_loop: IOLoop, tmp_path: Path, clock: Clock) -> Iterator[SqliteEngine]:
    """One for which as much may wait as a test says at once."""
    engine = SqliteEngine(lay(tmp_path / "chatroom.db"), clock, write_queue=10_000)
    yield engine
    io_loop.run_sync(engine.close)


@pytest.fixture(scope="session", autouse=True)
def _static_files_are_read_once() -> Iterator[None]:
    """And not for each application: no test changes them."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("chatroom.app.release_of", cache(release_of))
        yield


@pytest.fixture
def app(settings: Settings, engine: SqliteEngine, clock: Clock, monotonic: Monotonic) -> Chatroom:
    """What pytest-tornado serves."""
    return make_app(settings, engine, clock, monotonic)


@pytest.fixture
def new_api(http_server: object, base_url: str) -> Iterator[Callable[[], Api]]:
    """Makes clients of the served application, each somebody else."""
    made: list[Api] = []

    def make() -> Api:
        made.append(Api(base_url))
        return made[-1]

    yield make
    for api in made:
        api.client.close()


@pytest.fixture
def api(new_api: Callable[[], Api]) -> Api:
    """A client of the served application."""
    return new_api()


@pytest.fixture
def held(app: Chatroom) -> Callable[..., Awaitable[None]]:
    """Returns when that many polls are held in a room."""

    async def wait(polls: int, room: str = "7") -> None:
        await until(lambda: app.chat.rooms.listening(room) == polls)

    return wait


async def until(condition: Callable[[], bool]) -> None:
    """Let the loop run until `condition` holds; the time limit of the test is the only other way out."""
    while not condition():
        await asyncio.sleep(0)


@pytest.fixture(autouse=True)
def logged(caplog: pytest.LogCaptureFixture) -> Iterator[Callable[[str], None]]:
    """Fails a test that logs what it did not announce: call the fixture with a part of each expected line."""
    expected: list[str] = []
    yield expected.append
    lines = [
        record.getMessage()
        for when in ("setup", "call")
        for record in caplog.get_records(when)
        if record.levelno >= logging.WARNING
    ]
    surprises = [line for line in lines if not any(part in line for part in expected)]
    assert not surprises, surprises


async def _cancel_tasks() -> list[str]:
    """Whatever still runs when a test is over: its names, after it has ended."""
    tasks = asyncio.all_tasks() - {asyncio.current_task()}
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    return [repr(task.get_coro()) for task in tasks]
