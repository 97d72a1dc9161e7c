"""Any Tornado application on either server, for the length of a test, with or without TLS."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, NamedTuple

from tornado.httpserver import HTTPServer
from tornado.testing import AsyncHTTPSTestCase, bind_unused_port

from tests.proof.raw import Streams


class Place(NamedTuple):
    """Where something is served."""

    port: int
    tls: ssl.SSLContext | None

    @property
    def address(self) -> str:
        """Host and port."""
        return f"127.0.0.1:{self.port}"

    @asynccontextmanager
    async def connected(self) -> AsyncIterator[Streams]:
        """A connection of one's own, to be cut at will."""
        streams = await asyncio.open_connection("127.0.0.1", self.port, ssl=self.tls)
        try:
            yield streams
        finally:
            streams[1].transport.abort()


@asynccontextmanager
async def served(
    app: Any, server_name: str, *, tls: bool = False, **options: Any
) -> AsyncIterator[Place]:
    """Serve `app`; `options` are those of the server. The certificate is the one of Tornado's tests."""
    if tls:
        options["ssl_options"] = AsyncHTTPSTestCase.default_ssl_options()
    server = server_class(server_name)(app, **options)
    sock, port = bind_unused_port()
    server.add_socket(sock)
    try:
        yield Place(port, _trusting() if tls else None)
    finally:
        server.stop()
        await server.close_all_connections()


def server_class(name: str) -> type[HTTPServer]:
    """The server that the setting `server` calls so."""
    if name == "tornado":
        return HTTPServer
    from chatroom.server.server import Server  # noqa: PLC0415 - Tornado's own needs none of it

    return Server


def _trusting() -> ssl.SSLContext:
    context = ssl.create_default_context()
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context
