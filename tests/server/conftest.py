"""Servers for the tests: ours in front of small applications, the chat behind ours and behind Tornado's own."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from typing import Any

import msgspec
import pytest
from tornado.httpserver import HTTPServer
from tornado.ioloop import IOLoop
from tornado.web import Application, RequestHandler

from chatroom.app import Chatroom
from chatroom.serve import make_server
from chatroom.server.connection import Connection
from chatroom.server.server import Server
from tests.making import said
from tests.proof.command import SERVERS
from tests.server.hosting import SWEEP, Host, Serve
from tests.server.polling import Say


@pytest.fixture(params=SERVERS)
def server_name(request: pytest.FixtureRequest) -> str:
    """As the setting `server` has it."""
    return str(request.param)


@pytest.fixture
def host(io_loop: IOLoop) -> Iterator[Callable[[HTTPServer], Host]]:
    """Lets a server listen."""
    hosts: list[Host] = []

    def start(server: HTTPServer) -> Host:
        hosts.append(Host(server))
        return hosts[-1]

    yield start
    for it in hosts:
        io_loop.run_sync(it.close)


@pytest.fixture
def serve(host: Callable[[HTTPServer], Host]) -> Serve:
    """Serves one handler at every path on a connection of ours; options are those of the server."""

    def start(handler: type[RequestHandler], **options: Any) -> Host:
        options.setdefault("sweep", SWEEP)
        return host(Server(Application([(".*", handler)]), **options))

    return start


@pytest.fixture
def ours(host: Callable[[HTTPServer], Host], app: Chatroom) -> Host:
    """The chat behind our server, which looks at its deadlines often."""
    server = make_server(app, app.chat.settings)
    server.sweep = SWEEP  # type: ignore[attr-defined]
    return host(server)


@pytest.fixture
def stock(host: Callable[[HTTPServer], Host], app: Chatroom) -> Host:
    """The same chat behind Tornado's own server."""
    return host(make_server(app, msgspec.structs.replace(app.chat.settings, server="tornado")))


@pytest.fixture
def say(app: Chatroom) -> Say:
    """Says something, without HTTP; returns its id."""

    async def say(body: str = "hello", room: str = "7") -> str:
        _, person = await app.sessions.open("Ann")
        posted = await app.chat.post(said(person, room, body))
        return str(msgspec.json.decode(posted.entry.json)["id"])

    return say


@pytest.fixture
def short(ours: Host, monkeypatch: pytest.MonkeyPatch) -> list[bytes]:
    """The requests that were taken the short way."""
    taken: list[bytes] = []
    again = ours.server.again

    def watched(connection: Any, data: bytes) -> bool:
        done = bool(again(connection, data))
        if done:
            taken.append(data)
        return done

    monkeypatch.setattr(ours.server, "again", watched)
    return taken


@pytest.fixture
def declined(monkeypatch: pytest.MonkeyPatch) -> list[bytes]:
    """The requests that were taken the short way and had to be left to the long one."""
    left: list[bytes] = []
    decline = Connection.decline

    def watched(connection: Connection, request: bytes) -> asyncio.Future[None]:
        left.append(request)
        return decline(connection, request)

    monkeypatch.setattr(Connection, "decline", watched)
    return left
