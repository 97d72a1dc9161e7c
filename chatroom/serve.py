"""From settings to a process that listens, and from a signal back to an orderly end.

The end, within ten seconds: accept nobody new; answer every held poll at once with a `retry_in` that is spread; let the
posts that are under way be stored and answered; close the file.
"""

from __future__ import annotations

import asyncio
import gc
import logging
import resource
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from socket import socket

from tornado.httpserver import HTTPServer
from tornado.netutil import bind_sockets

from chatroom.app import Chatroom, make_app, now
from chatroom.engines.base import Engine
from chatroom.engines.sqlite import SqliteEngine
from chatroom.errors import StorageRefused, Unavailable
from chatroom.handlers.message import SHORT_HEADERS
from chatroom.server.server import BACKLOG, Limits, Server
from chatroom.server.short_way import ShortWay
from chatroom.sessions import Sessions
from chatroom.settings import Settings

#: Open files that are not connections.
_OWN_FILES = 64
#: Seconds that requests in flight get to finish.
_GRACE = 4.0
#: Seconds that replies get to leave when no request is in flight any more.
_LAST_BYTES = 3.0
#: Seconds that the engine gets to write what waits and to close its file.
_LAST_WRITE = 2.0
#: A body up to this many times the limit is read to be refused politely; beyond it the connection is closed.
_POLITE = 4
_DAY = 86_400  # seconds
_HOUR = 3_600  # seconds
_MINUTE = 60  # seconds

_log = logging.getLogger(__name__)


def run(settings: Settings) -> int:
    """Serve until SIGTERM or SIGINT. Returns the exit code: 1 if the server could not start."""
    logging.basicConfig(
        level=settings.log_level.upper(), format="%(asctime)s %(levelname)s %(name)s: %(message)s"
    )
    # What a client sends may be a secret; at INFO this logger repeats malformed headers.
    logging.getLogger("tornado.general").setLevel(logging.WARNING)
    logging.getLogger("markdown_it").setLevel(
        logging.WARNING
    )  # at DEBUG it tells every rule it tries
    try:
        engine = SqliteEngine(Path(settings.data) / "chatroom.db", now, settings.write_queue)
        sockets = _listen(settings)
    except (StorageRefused, OSError) as error:
        sys.stderr.write(f"chatroom: {error}\n")
        return 1
    app = make_app(settings, engine)
    _settle_memory()
    _raise_file_limit()
    with asyncio.Runner(loop_factory=_loop_factory()) as runner:
        runner.run(_serve(app, sockets))
    return 0


def _listen(settings: Settings) -> list[socket]:
    """Sockets on the port and address of `settings`. Raises OSError that names both."""
    try:
        return bind_sockets(settings.port, settings.address or None, backlog=BACKLOG)
    except (OSError, UnicodeError) as error:  # the latter for what cannot be a name of a host
        where = f"{settings.address or 'every address'}, port {settings.port}"
        raise OSError(f"cannot listen on {where}: {error}") from error


def _settle_memory() -> None:
    """Keep the collector from walking over what never goes away, and over held polls again and again.

    Without this, taking a poll costs the more the more polls are held: see docs/design.md.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 50)


def _raise_file_limit() -> None:
    """Each reader is an open file; the usual soft limit of 1,024 is meant for programs that use select()."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))


async def _serve(app: Chatroom, sockets: list[socket]) -> None:
    settings = app.chat.settings
    asked = _asked_to_end()
    server = make_server(app, settings)
    server.add_sockets(sockets)
    expiry = asyncio.create_task(_expire_daily(app.sessions))
    trimming = asyncio.create_task(_trim_hourly(app.chat.engine))
    sweeping = asyncio.create_task(_sweep_files(app.chat.engine))
    port = sockets[0].getsockname()[1]
    said = [f"Chatroom on http://localhost:{port}, data in {settings.data}/"]
    if (token := await app.accounts.offer_first()) is not None:
        said.append(f"First administrator: http://localhost:{port}/first/{token}")
    _say("\n".join(said))
    await asked.wait()
    expiry.cancel()
    trimming.cancel()
    sweeping.cancel()
    await close(app, server)


def _say(text: str) -> None:
    """Write it to standard output. Whether that is closed, on a full disk or in another encoding: people are served."""
    try:
        print(text, flush=True)  # noqa: T201 - what whoever starts the program waits for
    except (OSError, UnicodeError) as error:
        _log.warning("standard output does not take what is said at the start: %s", error)


def make_server(app: Chatroom, settings: Settings) -> HTTPServer:
    """The HTTP server that `settings` ask for."""
    common = {
        "max_body_size": _POLITE * settings.max_body,
        "max_header_size": settings.max_header,
        "idle_connection_timeout": settings.idle_timeout,
        "body_timeout": settings.body_timeout,
    }
    if settings.server == "tornado":
        return HTTPServer(app, **common)
    limits = Limits(
        min(settings.connections, _files() - _OWN_FILES),
        settings.header_timeout,
        settings.write_timeout,
        settings.pipeline,
        settings.max_unsent,
    )
    return Server(app, short_way=ShortWay(app.parts, SHORT_HEADERS), limits=limits, **common)


def _files() -> int:
    """How many files may be open; without a connection to spare, accepting would fail again and again."""
    return resource.getrlimit(resource.RLIMIT_NOFILE)[0]


async def close(app: Chatroom, server: HTTPServer) -> None:
    """End in order: nobody new, every held poll answered, every post stored, then the file."""
    server.stop()
    app.chat.close()
    try:
        await asyncio.wait_for(app.inflight.idle(), _GRACE)
    except TimeoutError:
        _log.warning("requests were cut off: they took longer than %s s to finish", _GRACE)
    await app.accounts.close()
    try:
        await asyncio.wait_for(server.close_all_connections(), _LAST_BYTES)
    except TimeoutError:
        _log.warning("connections were cut off: they took longer than %s s to close", _LAST_BYTES)
    try:
        await asyncio.wait_for(app.chat.engine.close(), _LAST_WRITE)
    except TimeoutError:
        _log.warning(
            "the disk did not take what was waiting within %s s; nobody was told that it did",
            _LAST_WRITE,
        )


async def _expire_daily(sessions: Sessions) -> None:
    """End forgotten sessions, now and every day."""
    while True:
        try:
            await sessions.expire()
        except Unavailable:
            _log.warning("forgotten sessions could not be ended")
        await asyncio.sleep(_DAY)


async def _trim_hourly(engine: Engine) -> None:
    """Let go of what is not kept any longer, now and every hour."""
    while True:
        try:
            await engine.trim()
        except Unavailable:
            _log.warning("what is not kept any longer could not be let go of")
        await asyncio.sleep(_HOUR)


async def _sweep_files(engine: Engine) -> None:
    """Let go of files that are gone, now and every minute."""
    while True:
        try:
            await engine.files.sweep()
        except Unavailable:
            _log.warning("files that are gone could not be let go of")
        await asyncio.sleep(_MINUTE)


def _asked_to_end() -> asyncio.Event:
    """Set when the process is asked to end."""
    asked = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, asked.set)
    return asked


def _loop_factory() -> Callable[[], asyncio.AbstractEventLoop] | None:
    """The loop of uvloop where that is installed, else asyncio's own."""
    try:
        import uvloop  # noqa: PLC0415 - optional
    except ImportError:
        return None
    return uvloop.new_event_loop
