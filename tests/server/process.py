"""A server in its own process, and somebody who talks to it: what the tests of held polls need."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import Any

from tests.proof.hostile import check_end, sign_in
from tests.proof.http1 import Connection
from tests.proof.throng import listening
from tests.server_process import ServerProcess


class Talk:
    """Speaks in room 7 of `server`, and watches how many listen."""

    def __init__(self, server: ServerProcess) -> None:
        self.port = server.port
        self.token = ""
        self._connection = Connection(server.port)

    async def say(self, body: str = "hello") -> str:
        """Post a message; returns its id."""
        form = [("room", "7"), ("body", body)]
        reply = await self._connection.post("/a/message/new", form, token=self.token)
        assert reply.status == 201, reply
        return str(reply.json()["id"])

    async def held(self, polls: int) -> None:
        """Return when that many polls are held."""
        async with asyncio.timeout(10):
            while await listening(self._connection) != polls:
                pass

    async def poll(self, connection: Connection, *more: tuple[str, str], token: str = "") -> Any:
        """An update of room 7, decoded."""
        form = [("room", "7"), *more]
        reply = await connection.post("/a/message/updates", form, token=token)
        assert reply.status == 200, reply
        return reply.json()

    def close(self) -> None:
        """Close the connection."""
        self._connection.close()


@contextmanager
def running(data: Path, server_name: str, **settings: object) -> Iterator[ServerProcess]:
    """A server with these settings, which has nothing to complain of at the end."""
    with ServerProcess(data, server=server_name, log_level="warning", **settings) as server:
        yield server
        assert not list(check_end(server))


@asynccontextmanager
async def talking(server: ServerProcess) -> AsyncIterator[Talk]:
    """Somebody with a session."""
    talk = Talk(server)
    talk.token = await sign_in(server.port)
    yield talk
    talk.close()
