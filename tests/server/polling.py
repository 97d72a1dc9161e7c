"""People who poll the chat, what they ask, and how their holds end."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from math import inf

from chatroom.app import Chatroom
from chatroom.held import end_hold
from chatroom.server.place import Place
from chatroom.settings import Settings
from tests.conftest import until
from tests.server.chatting import UPDATES, told
from tests.server.hosting import Client, Host, get, post
from tests.server_process import UNLIMITED

FEW_POLLS = Settings(
    hold=60.0,
    hold_jitter=0.0,
    polls=6,
    polls_per_person=3,
    polls_per_address=5,
    log_level="error",
    **UNLIMITED,
)

#: Says something, without HTTP; returns its id.
Say = Callable[..., Awaitable[str]]


def poll(query: str, *fields: str) -> bytes:
    """A poll of that query."""
    return get(f"{UPDATES}?{query}", "Cookie: a=b", *fields)


def form(text: str, *fields: str) -> bytes:
    """A poll of that form."""
    return post(UPDATES, text.encode(), *fields)


async def admitted(host: Host, app: Chatroom, say: Say, request: bytes) -> Client:
    """A client whose `request` was held and answered, so that its head is known."""
    client = await host.connect()
    client.send(request)
    await until(lambda: parked(app))
    await say("to admit")
    told(await client.answer())
    return client


def parked(app: Chatroom) -> bool:
    """Whether a poll is held."""
    return any(it.buffer.waiters for it in app.chat.rooms._rooms.values())


async def woken(app: Chatroom) -> str:
    """End all holds."""
    for room in list(app.chat.rooms._rooms.values()):
        for waiter in list(room.buffer.waiters):
            if isinstance(waiter, Place):
                for connection in list(waiter._connections):
                    connection.expire(inf)
            else:
                end_hold(waiter)
    return ""
