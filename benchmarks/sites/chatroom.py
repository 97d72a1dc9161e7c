"""This server: the real process, on a fresh folder, with its release settings but for the limits on one address."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from urllib.parse import quote_plus

from msgspec import Struct, json

from benchmarks.machine import on_core
from benchmarks.peer import connect
from benchmarks.reply import Reply, WrongReply
from benchmarks.request import BARE, Request, chromium, cookie, head
from benchmarks.sites.site import Site, Start, Update, Visitor
from chatroom.settings import DECLARED
from tests.server_process import ServerProcess

#: All readers here come from one address, and up to 15,000 of them at once. How often they may ask, `ServerProcess`
#: leaves to them.
ROOM_FOR_ALL = {
    "connections": 40_000,
    "polls": 40_000,
    "polls_per_person": 40_000,
    "polls_per_address": 40_000,
    "session_cache": 40_000,
}

POST = "/a/message/new"
POLL = "/a/message/updates"


class Message(Struct):
    """What is read of a message."""

    id: str
    room: str
    body: str


class Summary(Struct):
    """What is read of who is in a room."""

    version: str


class News(Struct):
    """What is read of an update; a gap or a reset would be a loss."""

    messages: list[Message]
    cursors: dict[str, str]
    presence: dict[str, Summary] = {}
    gaps: dict[str, object] = {}
    resets: list[str] = []


_message = json.Decoder(Message).decode
_news = json.Decoder(News).decode


class Chatroom(Site):
    """This server. Polls are forms of a room and a cursor."""

    async def visitors(self, count: int, room: str, *, browser: bool) -> list[Visitor]:
        if browser:
            cookies = await self.cookies(room, count)
            return [self._visitor(room, *self._browser(each)) for each in cookies]
        return [self._visitor(room, BARE, (*BARE, await self._bearer()))] * count

    def wording(self, text: str) -> bytes:
        return f"{quote_plus(text)}&client_id={text.partition(' ')[0]}".encode()

    def accepted(self, reply: Reply) -> bytes:
        return _message(reply.expect(201)).id.encode()

    def update(self, reply: Reply) -> Update:
        news = _news(reply.expect(200))
        if news.gaps or news.resets or len(news.cursors) != 1:
            raise WrongReply(f"not what was asked for: {reply}")
        (cursor,) = news.cursors.values()
        return Update(tuple(message.body for message in news.messages), cursor.encode())

    def page(self, room: str) -> str:
        return f"/room/{room}"

    def _visitor(self, room: str, polling: tuple[str, ...], posting: tuple[str, ...]) -> Visitor:
        return Visitor(
            Request(head("POST", POLL, self.port, *polling), f"room={room}&cursor="),
            Request(head("POST", POST, self.port, *posting), f"room={room}&body="),
        )

    def _browser(self, cookies: dict[str, str]) -> tuple[tuple[str, ...], tuple[str, ...]]:
        headers = chromium(f"X-XSRFToken: {cookies['_xsrf']}", cookie(cookies))
        return headers, headers

    async def _bearer(self) -> str:
        (peer,) = await connect(self.port, 1)
        session = Request(head("POST", "/a/session", self.port, *BARE)).ending(b"name=bot&token=1")
        token = (await peer.ask(session)).json(201)["token"]
        peer.close()
        return f"Authorization: Bearer {token}"


class Attended(Chatroom):
    """This server, where every poll asks who is there, too. All readers of a room are told the same versions."""

    def __init__(self, port: int, pid: int) -> None:
        super().__init__(port, pid)
        self._versions: dict[str, str] = {}

    def accepted(self, reply: Reply) -> bytes:
        return self._ending(_message(reply.expect(201)).room, super().accepted(reply))

    def update(self, reply: Reply) -> Update:
        (room,) = (news := _news(reply.expect(200))).cursors
        for name, summary in news.presence.items():
            self._versions[name] = summary.version
        texts, cursor = super().update(reply)
        return Update(texts, self._ending(room, cursor))

    def _ending(self, room: str, cursor: bytes) -> bytes:
        return b"%b&presence=%b" % (cursor, self._versions.get(room, "").encode())


@asynccontextmanager
async def serve(start: Start, kind: type[Chatroom] = Chatroom) -> AsyncIterator[Chatroom]:
    """Run this server."""
    declared = {setting.name for setting in DECLARED}
    asked = {**ROOM_FOR_ALL, **start.options}
    options = {name: value for name, value in asked.items() if name in declared}
    with on_core(start.core):
        server = await asyncio.to_thread(ServerProcess(start.folder, **options).__enter__)
    try:
        yield kind(server.port, server.pid)
    finally:
        server.close()


@asynccontextmanager
async def serve_attended(start: Start) -> AsyncIterator[Chatroom]:
    """Run this server, and ask who is there."""
    async with serve(start, Attended) as site:
        yield site


@asynccontextmanager
async def serve_on_tornado(start: Start) -> AsyncIterator[Chatroom]:
    """Run this server on Tornado's own HTTP server."""
    async with serve(start._replace(options={**start.options, "server": "tornado"})) as site:
        yield site
