"""Files over HTTP, as a program sends and fetches them."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

from chatroom.app import Chatroom
from chatroom.engines.files import Allowance, Part
from chatroom.message import File
from tests.api import Api, Reply


async def send(
    api: Api, data: bytes, name: str = "notes.txt", room: str = "7", **headers: str
) -> Reply:
    """Send a file to a room."""
    path = f"/a/room/{quote(room)}/file?name={quote(name, safe='')}"
    headers = {it.replace("_", "-"): value for it, value in headers.items()}
    return await api.send("POST", path, data, {"Content-Type": "text/plain"} | headers)


async def sent(api: Api, data: bytes, name: str = "notes.txt", room: str = "7") -> Any:
    """The file that was taken."""
    reply = await send(api, data, name, room)
    assert reply.status == 201, reply
    return reply.json


async def shared(
    api: Api, data: bytes, name: str = "notes.txt", room: str = "7"
) -> tuple[Any, Any]:
    """A file and its message."""
    file = await sent(api, data, name, room)
    return file, await api.say("", room, file=file["id"])


async def fetch(api: Api, file: Any, more: str = "", room: str = "7", **headers: str) -> Reply:
    return await api.get(f"/room/{quote(room)}/file/{file['id']}{more}", headers)


async def put(app: Chatroom, api: Api, chunk: bytes, count: int) -> str:
    """A file of so many chunks, without HTTP; returns its id."""
    files = app.chat.engine.files
    size = len(chunk) * count
    id_ = await files.begin(api.id, size, Allowance(size, size))
    for number in range(count):
        await files.write(id_, Part.SENT, number, chunk)
    await files.keep(File(id_, "a", "text/plain", size), api.id, "7")
    return id_


def head(api: Api, *fields: str, room: str = "7") -> bytes:
    """The head of a file that is sent."""
    lines = (
        f"POST /a/room/{room}/file?name=a.txt HTTP/1.1",
        "Host: 127.0.0.1",
        f"Authorization: Bearer {api.token}",
        *fields,
    )
    return "\r\n".join([*lines, "", ""]).encode()


async def rows(app: Chatroom) -> tuple[int, ...]:
    """How many uploads, files and chunks are kept."""
    count = "SELECT (SELECT count(*) FROM uploads), (SELECT count(*) FROM files), (SELECT count(*) FROM chunks)"
    store = app.chat.engine._store  # type: ignore[attr-defined]
    found: tuple[int, ...] = await store.read(lambda it: it.execute(count).fetchone())
    return found
