"""People who post in the chat, and what a test sees of it from outside and inside."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import msgspec

from chatroom.app import Chatroom
from chatroom.engines.sqlite import SqliteEngine
from tests.conftest import Clock, until
from tests.handlers.test_message_storage import busy_disk
from tests.server.hosting import Answer, Client, Host, get, post

NEW = "/a/message/new"
UPDATES = "/a/message/updates"
HELLO = "room=7&body=hello"

#: Announces a line of the log.
Logged = Callable[[str], None]


def saying(form: bytes | str, *fields: str) -> bytes:
    """A post of that form."""
    return post(NEW, form.encode() if isinstance(form, str) else form, *fields)


async def bearer(app: Chatroom, name: str = "Ann") -> str:
    """The header of a program that is somebody new."""
    token, _ = await app.sessions.open(name)
    return f"Authorization: Bearer {token}"


async def admitted(host: Host, *fields: str) -> Client:
    """A client whose first post was taken, so that its head is known."""
    client = await host.connect()
    said = await client.ask(saying("room=before&body=to+admit", *fields))
    assert said.status == 201, said
    return client


class Browser:
    """A guest's cookies, and the proof that a form is not forged."""

    def __init__(self, page: Answer) -> None:
        cookies = [it.partition(";")[0] for it in page.headers.get_list("Set-Cookie")]
        self.cookie = "Cookie: " + "; ".join(cookies)
        self.xsrf = page.text.partition('name="_xsrf" value="')[2].partition('"')[0]
        self.proof = f"X-XSRFToken: {self.xsrf}"

    @classmethod
    async def at(cls, host: Host) -> Browser:
        """A browser that has opened a room."""
        return cls(await (await host.connect()).ask(get("/room/7")))


def message(answer: Answer) -> Any:
    """The message of a post that was taken."""
    assert answer.status in (200, 201), answer
    return msgspec.json.decode(answer.body)


def told(answer: Answer) -> Any:
    """The update of a poll."""
    assert answer.status == 200, answer
    return msgspec.json.decode(answer.body)


async def stored(app: Chatroom, room: str = "7") -> list[str]:
    """What the log of a room holds."""
    return [it.body for it in (await app.chat.engine.tail(room, 10_000)).items]


@asynccontextmanager
async def disk_held_up(engine: SqliteEngine) -> AsyncIterator[None]:
    """While it lasts, no post is stored."""
    async with busy_disk(engine) as disk:
        yield
    await disk


async def waiting(engine: SqliteEngine, posts: int) -> None:
    """Return when so many posts wait for the disk."""
    await until(lambda: engine._store._writer._queue.qsize() == posts)


def days_pass(host: Host, clock: Clock, days: float) -> None:
    """Let time pass by the clock of the sessions, and the server look at it."""
    clock.forward(days)
    host.later(0)


def under_way(app: Chatroom) -> int:
    """Requests in flight."""
    return len(app.inflight._requests)


def known(host: Host) -> int:
    """How many heads are known."""
    return len(host.server.short_way.admissions._by_key)
