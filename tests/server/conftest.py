"""Servers for the tests: ours in front of small applications, and the choice between ours and Tornado's own."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from tornado.httpserver import HTTPServer
from tornado.ioloop import IOLoop
from tornado.web import Application, RequestHandler

from chatroom.server.server import Server
from tests.proof.command import SERVERS
from tests.server.hosting import SWEEP, Host, Serve


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
