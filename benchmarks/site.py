"""A running server to measure, and what every benchmark needs of it: people, messages, a cursor."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple

from benchmarks.machine import on_core
from benchmarks.peer import Peer, WrongReply, connect, post
from tests.server_process import ServerProcess


class Site(NamedTuple):
    """A server that was just started, on a folder of its own."""

    port: int
    pid: int

    async def connect(self, count: int) -> list[Peer]:
        """Open so many connections."""
        return await connect(self.port, count)

    async def sign_in(self, count: int) -> list[str]:
        """So many people; returns the header that each of them sends."""
        (peer,) = await self.connect(1)
        headers = []
        for number in range(count):
            form = [("name", f"person {number}"), ("token", "1")]
            session = (await peer.ask(post("/a/session", form))).json(201)
            headers.append(f"Authorization: Bearer {session['token']}")
        peer.close()
        return headers

    async def fill(self, room: str, count: int) -> list[str]:
        """Say so many things in a room in which nobody has spoken; returns their ids."""
        (header,) = await self.sign_in(1)
        (peer,) = await self.connect(1)
        ids = []
        for number in range(count):
            request = say(room, f"message {number}", f"fill {number}", header)
            ids.append(str((await peer.ask(request)).json(201)["id"]))
        peer.close()
        check_dense(ids)
        return ids


@asynccontextmanager
async def site(folder: Path | None, core: int | None) -> AsyncIterator[Site]:
    """Start a server with its release settings on `core`, its data in a fresh folder under `folder`."""
    with TemporaryDirectory(dir=folder) as data:
        with on_core(core):
            server = await asyncio.to_thread(ServerProcess(Path(data)).__enter__)
        try:
            yield Site(server.port, server.pid)
        finally:
            server.close()


def say(room: str, body: str, client_id: str, header: str) -> bytes:
    """A finished post of one message."""
    form = [("room", room), ("body", body), ("client_id", client_id)]
    return post("/a/message/new", form, header)


def poll(room: str, cursor: str, *extra: tuple[str, str]) -> bytes:
    """A finished poll of one room."""
    return post("/a/message/updates", [("room", room), ("cursor", cursor), *extra])


def check_dense(ids: Sequence[str]) -> None:
    """Raises WrongReply unless these ids are the offsets 1 to n of one epoch, each once, in any order."""
    epochs = {id_.partition("-")[0] for id_ in ids}
    offsets = sorted(int(id_.partition("-")[2]) for id_ in ids)
    if len(epochs) != 1 or offsets != list(range(1, len(ids) + 1)):
        raise WrongReply(f"{len(ids)} posts, but offsets up to {offsets[-1:]} of {epochs}")
