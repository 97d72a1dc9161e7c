"""A small application that uses what handlers may use of a connection."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from pathlib import Path

from tornado.iostream import StreamClosedError
from tornado.web import (
    Application,
    RequestHandler,
    StaticFileHandler,
    stream_request_body,
)


class Echo(RequestHandler):
    """Says what it was asked with."""

    def get(self) -> None:
        self.write({"method": self.request.method, "body": self.request.body.decode()})

    post = head = put = delete = patch = options = get


class Gate(RequestHandler):
    """Answers when it is opened; `left` says whether its client went away before."""

    waiting = 0
    left = 0
    opened: asyncio.Event

    async def get(self) -> None:
        kind = type(self)
        kind.waiting += 1
        await kind.opened.wait()
        self.write("open")

    def on_connection_close(self) -> None:
        type(self).left += 1

    def on_finish(self) -> None:
        type(self).waiting -= 1


class Pieces(RequestHandler):
    """Streams its reply in so many pieces of a kilobyte."""

    async def get(self, count: str) -> None:
        with suppress(StreamClosedError):  # who has left misses the rest
            for number in range(int(count)):
                self.write(b"%04d" % (number % 10_000) + b"x" * 1020)
                await self.flush()


class Empty(RequestHandler):
    """Has nothing to say."""

    def get(self, status: str) -> None:
        self.set_status(int(status))


@stream_request_body
class Upload(RequestHandler):
    """Counts what comes; turns away at once what is called so."""

    def prepare(self) -> None:
        self.counted = 0
        if self.request.path.endswith("refused"):
            self.set_status(403)
            self.finish()

    async def data_received(self, chunk: bytes) -> None:
        await asyncio.sleep(0)
        self.counted += len(chunk)

    def post(self, _: str) -> None:
        self.write({"counted": self.counted})


def application(folder: Path) -> Application:
    """All of them, and the files in `folder`. Each application has a gate of its own, which is shut."""
    gate = type("Gate", (Gate,), {"opened": asyncio.Event()})
    return Application(
        [
            ("/", Echo),
            ("/gate", gate),
            (r"/pieces/(\d+)", Pieces),
            (r"/empty/(\d+)", Empty),
            (r"/upload/(\w+)", Upload),
            (r"/files/(.*)", StaticFileHandler, {"path": folder}),
        ],
        gate=gate,
    )
