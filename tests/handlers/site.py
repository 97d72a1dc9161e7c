"""A served application that a test can stop and start again on the same file."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from tornado.httpserver import HTTPServer
from tornado.testing import bind_unused_port

from chatroom.app import Chatroom, make_app
from chatroom.engines.sqlite import SqliteEngine
from chatroom.serve import make_server
from chatroom.settings import Settings
from tests.api import Api


class Site:
    """The chat over the file `path`, on a port that the system chooses anew at each start."""

    app: Chatroom
    base: str

    def __init__(self, settings: Settings, path: Path, clock: Callable[[], int]) -> None:
        self.settings = settings
        self._path = path
        self._clock = clock
        self._server: HTTPServer | None = None
        self._clients: list[Api] = []

    def start(self) -> None:
        """Open the file and listen; to be called where a loop runs."""
        engine = SqliteEngine(self._path, self._clock, self.settings.write_queue)
        self.app = make_app(self.settings, engine, self._clock)
        self._server = make_server(self.app, self.settings)
        sock, port = bind_unused_port()
        self._server.add_socket(sock)
        self.base = f"http://127.0.0.1:{port}"
        for client in self._clients:
            client.base = self.base

    async def stop(self) -> None:
        """Answer who waits, let go of the file. Nothing happens if it is stopped already."""
        server, self._server = self._server, None
        if server is not None:
            server.stop()
            self.app.chat.close()
            await self.app.inflight.idle()
            await server.close_all_connections()
            await self.app.chat.engine.close()

    async def restart(self) -> None:
        """Stop and start: another application, the same file."""
        await self.stop()
        self.start()

    async def close(self) -> None:
        """Stop, and end the clients."""
        await self.stop()
        for client in self._clients:
            client.client.close()

    def api(self) -> Api:
        """A client that finds the site again after a restart."""
        self._clients.append(Api(self.base))
        return self._clients[-1]

    def files(self) -> list[Path]:
        """The files in which it keeps everything."""
        return sorted(self._path.parent.glob(f"{self._path.stem}.*"))
