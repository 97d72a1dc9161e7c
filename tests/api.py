"""A client as a program author would write it, for the tests: forms out, JSON in, a token, no cookies unless given."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, NamedTuple
from urllib.parse import quote, urlencode, urlsplit

import msgspec
from tornado.httpclient import AsyncHTTPClient, HTTPResponse

Fields = dict[str, Any] | list[tuple[str, Any]]
#: What a connection of one's own is: bytes in and bytes out.
Streams = tuple[asyncio.StreamReader, asyncio.StreamWriter]


class Reply(NamedTuple):
    """Status, decoded JSON (None if the reply is none), and the response itself."""

    status: int
    json: Any
    response: HTTPResponse

    @property
    def error(self) -> tuple[int, str, str | None]:
        """Status, code and field of a refusal; a message for people has to be there too."""
        told = self.json["error"]
        assert told.keys() <= {"code", "message", "field"}
        assert told["message"]
        return self.status, told["code"], told.get("field")

    @property
    def text(self) -> str:
        """The body of a page."""
        return self.response.body.decode()


def offset(message: Any) -> int:
    """Where a message (or a cursor) stands in its room."""
    id_ = message if isinstance(message, str) else message["id"]
    return int(id_.partition("-")[2])


def bodies(update: Any) -> list[str]:
    """What the messages of an update or a history say."""
    return [message["body"] for message in update["messages"]]


class Api:
    """Calls the application at `base`; once `token` is set, as its owner."""

    def __init__(self, base: str) -> None:
        # A number needs no resolving, and no try at ::1, where the tests do not listen.
        self.base = base.replace("//localhost:", "//127.0.0.1:")
        self.token: str | None = None
        self.id = ""
        self.client = AsyncHTTPClient(force_instance=True, max_clients=200)

    async def sign_in(self, name: str = "Ann") -> str:
        """Become a new person; returns the person's id."""
        reply = await self.post("/a/session", {"name": name, "token": "1"})
        self.token, self.id = reply.json["token"], str(reply.json["id"])
        return self.id

    async def say(self, body: str, room: str = "7", **more: str) -> Any:
        """Post a message and return it."""
        reply = await self.post("/a/message/new", {"room": room, "body": body} | more)
        assert reply.status in (200, 201), reply
        return reply.json

    async def do(self, what: str, room: str = "tea", **fields: Any) -> Reply:
        """Do something to a room: `what` is the end of the path, "" the room itself."""
        path = f"/a/room/{quote(room, safe='')}/{what}".rstrip("/")
        return await self.post(path, fields)

    async def run(self, room: str = "tea", **fields: Any) -> Any:
        """Run the room in another way, and return how it is run then."""
        reply = await self.do("", room, **fields)
        assert reply.status == 200, reply
        return await self.room(room)

    async def room(self, room: str = "tea") -> Any:
        """How a room is run."""
        reply = await self.get(f"/a/room/{quote(room, safe='')}")
        assert reply.status == 200, reply
        return reply.json

    async def updates(self, fields: Fields, **more: Any) -> Any:
        """Ask for updates and return them."""
        reply = await self.post("/a/message/updates", fields, **more)
        assert reply.status == 200, reply
        return reply.json

    async def since(self, cursor: str, room: str = "7") -> Any:
        """What a reader at `cursor` is told at once."""
        return await self.updates({"room": room, "cursor": cursor, "wait": "0"})

    async def history(self, room: str = "7", **wanted: str) -> Any:
        """A range of the room's log."""
        reply = await self.get(f"/a/room/{quote(room)}/messages?{urlencode(wanted)}")
        assert reply.status == 200, reply
        return reply.json

    async def between(
        self, after: str, before: str, room: str = "7", limit: int = 200
    ) -> list[Any]:
        """All messages strictly between two ids, read backwards in steps of `limit` as a page fills a gap."""
        found: list[Any] = []
        more = True
        while more:
            page = await self.history(room, after=after, before=before, limit=str(limit))
            found[:0] = page["messages"]
            more = page["more"]
            before = found[0]["id"] if more else before
        return found

    async def standing(self, room: str = "7") -> str:
        """The cursor of a reader who comes in just now."""
        return str((await self.updates({"room": room, "wait": "0"}))["cursors"][room])

    async def get(self, path: str, headers: dict[str, str] | None = None) -> Reply:
        """GET a path of the site."""
        return await self.send("GET", path, None, headers)

    async def post(self, path: str, fields: Fields, headers: dict[str, str] | None = None) -> Reply:
        """POST a form."""
        return await self.send("POST", path, urlencode(fields, doseq=True).encode(), headers)

    async def post_json(self, path: str, body: bytes) -> Reply:
        """POST bytes as JSON."""
        return await self.send("POST", path, body, {"Content-Type": "application/json"})

    async def send(
        self,
        method: str,
        path: str,
        body: bytes | None = None,
        headers: dict[str, str] | None = None,
    ) -> Reply:
        """Any request; redirects are not followed, statuses not judged."""
        response = await self.client.fetch(
            self.base + path,
            method=method,
            body=body,
            headers=self._headers() | (headers or {}),
            follow_redirects=False,
            raise_error=False,
            allow_nonstandard_methods=True,
            request_timeout=60,
        )
        if response.code == 599:
            raise response.error or AssertionError
        return Reply(response.code, _json(response), response)

    @asynccontextmanager
    async def connected(self) -> AsyncIterator[Streams]:
        """A connection of one's own, to be cut at will."""
        where = urlsplit(self.base)
        reader, writer = await asyncio.open_connection(where.hostname, where.port)
        try:
            yield reader, writer
        finally:
            writer.close()

    def _headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.token}"} if self.token else {}


def _json(response: HTTPResponse) -> Any:
    kind = response.headers.get("Content-Type", "")
    return (
        msgspec.json.decode(response.body)
        if kind.startswith("application/json") and response.body
        else None
    )
