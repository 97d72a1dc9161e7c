"""The short way of a held poll: what it says is what the long way says, and what is unusual does not take it."""

from __future__ import annotations

from typing import Any

import pytest

from chatroom.app import Chatroom
from chatroom.settings import Settings
from tests.api import bodies
from tests.conftest import until
from tests.server.chatting import UPDATES, told
from tests.server.hosting import Answer, Client, Host, get
from tests.server.polling import FEW_POLLS, Say, admitted, form, parked, poll, woken

#: Arguments, with {e} for the epoch, and whether they are held in rooms 7 and 8, of which 7 has 3 messages and 8 none.
ARGUMENTS = {
    "new": ("room=7", True),
    "no room at all": ("wait=20", True),
    "an empty cursor": ("room=7&cursor=", True),
    "at the head": ("room=7&cursor={e}-3", True),
    "behind": ("room=7&cursor={e}-1", False),
    "from the beginning": ("room=7&cursor={e}-0", False),
    "another epoch": ("room=7&cursor=aaaaaaaa-3", False),
    "ahead of the head": ("room=7&cursor={e}-4", False),
    "an empty room": ("room=8&cursor={e}-0", True),
    "two rooms": ("room=7&cursor={e}-3&room=8&cursor={e}-0", True),
    "two rooms, one new": ("room=7&cursor={e}-3&room=8&cursor=", True),
    "two rooms, both new": ("room=7&room=8", True),
    "two rooms, one behind": ("room=7&cursor={e}-2&room=8&cursor={e}-0", False),
    "two rooms, one reset": ("room=8&cursor={e}-9&room=7&cursor={e}-3", False),
    "a cold room": ("room=never&wait=0", False),
    "no wait": ("room=7&wait=0", False),
    "a short wait": ("room=7&wait=0.01", False),
    "a long wait": ("room=7&wait=20", True),
    "unknown arguments": ("room=7&x=y&z", True),
    "escaped": ("%72oom=%37&wait=%32%30", True),
    "plus": ("room=7+&wait=0", False),
    "another script": ("room=%E8%8C%B6&wait=0", False),
    "twice the room": ("room=7&room=7", False),
    "a malformed cursor": ("room=7&cursor=x", False),
    "a malformed room": ("room=%00", False),
    "a malformed wait": ("room=7&wait=-1", False),
    "not UTF-8": ("room=%FF", False),
    "cursors and rooms in other numbers": ("room=7&cursor={e}-3&cursor={e}-3", False),
    "semicolons": ("room=7;wait=0", False),
    "nothing": ("&", True),
}


@pytest.fixture
def settings() -> Settings:
    return FEW_POLLS


@pytest.mark.gen_test
@pytest.mark.parametrize("make", [poll, form])
@pytest.mark.parametrize("name", ARGUMENTS)
async def test_it_says_what_tornado_says(  # noqa: PLR0913, PLR0917 - what it needs are fixtures
    app: Chatroom, ours: Host, stock: Host, say: Say, short: list[bytes], make: Any, name: str
) -> None:
    for number in range(3):
        last = await say(f"no. {number}")
    await say("in the default room", "1")
    text, held = ARGUMENTS[name]
    text = text.format(e=last.partition("-")[0])
    answers = [
        [await _asked(app, await host.connect(), make(text), held=held)] for host in (stock, ours)
    ]
    # Now its head is known: once more, and with other arguments before it.
    client = await admitted(
        ours, app, lambda _: woken(app), make(text if held else _as_long(text, make))
    )
    begun = len(short)
    for _ in range(2):
        answers[1].append(await _asked(app, client, make(text), held=held))
    answers[0] *= 3
    assert [it.timeless for it in answers[1]] == [it.timeless for it in answers[0]]
    if held:
        assert len(short) == begun + 2


async def _asked(app: Chatroom, client: Client, request: bytes, *, held: bool) -> Answer:
    """The answer to `request`; if it is held, nobody speaks, and its hold ends."""
    client.send(request)
    if held:
        await until(lambda: parked(app))
        await woken(app)
    return await client.answer()


def _as_long(text: str, make: Any) -> str:
    """Arguments that are held, in a form of the same length."""
    if make is poll or len(text) < len("room=7&"):
        return "room=7"
    return "room=7&" + "x" * (len(text) - len("room=7&"))


@pytest.mark.gen_test
@pytest.mark.parametrize("make", [poll, form])
@pytest.mark.parametrize(
    "text", ["room=7", "room=7&cursor={}", "room=7&cursor={}&room=8&cursor={}"]
)
async def test_news_are_what_tornado_says(  # noqa: PLR0913, PLR0917 - what it needs are fixtures
    app: Chatroom, ours: Host, stock: Host, say: Say, short: list[bytes], make: Any, text: str
) -> None:
    one, other = await ours.connect(), await stock.connect()
    last = {"7": await say(), "8": await say("hello", "8")}
    for turn in range(3):
        request = make(text.format(last["7"], last["8"]))
        one.send(request)
        other.send(request)
        await until(lambda: app.chat.rooms.listening("7") == 2)
        last["7"] = await say(f"turn {turn}")
        said = await one.answer()
        assert said.timeless == (await other.answer()).timeless
        assert bodies(told(said)) == [f"turn {turn}"]
    assert len(short) == 2


@pytest.mark.gen_test
@pytest.mark.parametrize(
    "unusual",
    [
        poll("room=7&wait=20", "Connection: close"),
        poll("room=7&wait=20").replace(b"HTTP/1.1", b"HTTP/1.0"),
        form("room=7&wait=20", "Expect: 100-continue"),
        form("room=7&_xsrf=x"),
        form('{"room":"7"}').replace(b"x-www-form-urlencoded", b"json"),
        poll("room=7", "Upgrade: websocket"),
        poll("room=7", "Range: bytes=0-1"),
        poll("room=7#x"),
        get(UPDATES, "Transfer-Encoding: chunked", method="POST")[:-2]
        + b"Content-Type: application/x-www-form-urlencoded\r\n\r\n6\r\nroom=7\r\n0\r\n\r\n",
        get(UPDATES + "?room=7", "Content-Length: 0", method="POST"),
        get(UPDATES + "?room=7", method="HEAD"),
        get(UPDATES + "?room=7", "Content-Length: 1") + b"x",
    ],
)
async def test_what_is_unusual_takes_the_long_way_and_is_answered_alike(
    app: Chatroom, ours: Host, stock: Host, short: list[bytes], unusual: bytes
) -> None:
    answers = []
    for host in (ours, stock):
        client = await host.connect()
        client.send(unusual)
        await until(lambda client=client: parked(app) or _has_answer(client))
        await woken(app)
        if b"100-continue" in unusual:
            assert (await client.answer()).status == 100
        answers.append(await client.answer(head_only=unusual.startswith(b"HEAD")))
    assert answers[0].timeless == answers[1].timeless
    assert short == []


def _has_answer(client: Client) -> bool:
    return len(client.reader._buffer) > 30  # type: ignore[attr-defined]
