"""Which server the tests get, and which loop: both are replaced for the whole process."""

from __future__ import annotations

import asyncio

from tornado.httpserver import HTTPServer

SERVERS = ("chatroom", "tornado")
LOOPS = ("asyncio", "uvloop")


def use_server(name: str) -> None:
    """Let `HTTPServer(...)` make an instance of the server called `name`."""
    if name == "chatroom":
        from chatroom.server.server import Server  # noqa: PLC0415 - only when it is asked for

        HTTPServer.configure(Server)
        assert HTTPServer.configured_class() is Server


def use_loop(name: str) -> None:
    """Let Tornado run on the loop called `name`. Raises ImportError where it is not installed."""
    if name == "uvloop":
        import uvloop  # noqa: PLC0415 - optional

        asyncio.new_event_loop = uvloop.new_event_loop
