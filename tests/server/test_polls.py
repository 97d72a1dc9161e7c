"""The short way of a held poll: what it says is what the long way says, and whoever may not take it does not."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from math import inf
from typing import Any

import msgspec
import pytest
from tornado.httpserver import HTTPServer

from chatroom.app import Chatroom
from chatroom.chat import end_hold
from chatroom.serve import make_server
from chatroom.server import admission, polls
from chatroom.server import place as places
from chatroom.settings import Settings
from tests.api import bodies
from tests.conftest import Clock, until
from tests.making import said
from tests.server.hosting import SWEEP, Answer, Client, Host, get, post

PATH = "/a/message/updates"
HERE = "Sec-Fetch-Site: same-origin"
Say = Callable[..., Awaitable[str]]
HostOf = Callable[[HTTPServer], Host]


@pytest.fixture
def settings() -> Settings:
    return Settings(
        hold=60.0,
        hold_jitter=0.0,
        polls=6,
        polls_per_person=3,
        polls_per_address=5,
        log_level="error",
    )


@pytest.fixture
def ours(host: HostOf, app: Chatroom) -> Host:
    """The chat behind our server, which looks at its deadlines often."""
    server = make_server(app, app.chat.settings)
    server.sweep = SWEEP  # type: ignore[attr-defined]
    return host(server)


@pytest.fixture
def stock(host: HostOf, app: Chatroom) -> Host:
    """The same chat behind Tornado's own server."""
    return host(make_server(app, msgspec.structs.replace(app.chat.settings, server="tornado")))


@pytest.fixture
def say(app: Chatroom) -> Say:
    """Says something, without HTTP; returns its id."""

    async def say(body: str = "hello", room: str = "7") -> str:
        _, person = await app.sessions.open("Ann")
        posted = await app.chat.post(said(person, room, body))
        return str(msgspec.json.decode(posted.entry.json)["id"])

    return say


@pytest.fixture
def short(monkeypatch: pytest.MonkeyPatch, ours: Host) -> Iterator[list[bytes]]:
    """The requests that were answered or held the short way."""
    taken: list[bytes] = []
    again = ours.server.again

    def watched(connection: Any, data: bytes) -> bool:
        done = bool(again(connection, data))
        if done:
            taken.append(data)
        return done

    ours.server.again = watched
    yield taken
    ours.server.again = again


def poll(query: str, *fields: str) -> bytes:
    return get(f"{PATH}?{query}", "Cookie: a=b", *fields)


def form(text: str, *fields: str) -> bytes:
    return post(PATH, text.encode(), *fields)


def told(answer: Answer) -> Any:
    assert answer.status == 200, answer
    return msgspec.json.decode(answer.body)


async def admitted(host: Host, app: Chatroom, say: Say, request: bytes) -> Client:
    """A client whose `request` was held and answered, so that its head is known."""
    client = await host.connect()
    client.send(request)
    await until(lambda: _parked(app))
    await say("to admit")
    told(await client.answer())
    return client


# What it says ---------------------------------------------------------------------------------------------------------

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
        ours, app, lambda _: _woken(app), make(text if held else _as_long(text, make))
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
        await until(lambda: _parked(app))
        await _woken(app)
    return await client.answer()


def _parked(app: Chatroom) -> bool:
    return any(it.buffer.waiters for it in app.chat.rooms._rooms.values())


async def _woken(app: Chatroom) -> str:
    """End all holds."""
    for room in list(app.chat.rooms._rooms.values()):
        for waiter in list(room.buffer.waiters):
            if isinstance(waiter, places.Place):
                for connection in list(waiter._connections):
                    connection.expire(inf)
            else:
                end_hold(waiter)
    return ""


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
        get(PATH, "Transfer-Encoding: chunked", method="POST")[:-2]
        + b"Content-Type: application/x-www-form-urlencoded\r\n\r\n6\r\nroom=7\r\n0\r\n\r\n",
        get(PATH + "?room=7", "Content-Length: 0", method="POST"),
        get(PATH + "?room=7", method="HEAD"),
        get(PATH + "?room=7", "Content-Length: 1") + b"x",
    ],
)
async def test_what_is_unusual_takes_the_long_way_and_is_answered_alike(
    app: Chatroom, ours: Host, stock: Host, short: list[bytes], unusual: bytes
) -> None:
    answers = []
    for host in (ours, stock):
        client = await host.connect()
        client.send(unusual)
        await until(lambda client=client: _parked(app) or _has_answer(client))
        await _woken(app)
        if b"100-continue" in unusual:
            assert (await client.answer()).status == 100
        answers.append(await client.answer(head_only=unusual.startswith(b"HEAD")))
    assert answers[0].timeless == answers[1].timeless
    assert short == []


def _has_answer(client: Client) -> bool:
    return len(client.reader._buffer) > 30  # type: ignore[attr-defined]


# How it comes ---------------------------------------------------------------------------------------------------------


@pytest.mark.gen_test(timeout=30)
@pytest.mark.parametrize("make", [poll, form])
async def test_a_poll_is_the_same_however_it_is_split(
    app: Chatroom, ours: Host, say: Say, short: list[bytes], make: Any
) -> None:
    request = make("room=7&wait=20")
    client = await admitted(ours, app, say, request)
    (connection,) = ours.connections
    for cut in range(1, len(request)):
        client.send(request[:cut])
        await until(lambda cut=cut: len(connection._pending) == cut)
        client.send(request[cut:])
        await until(lambda: app.holds.held == 1)
        await say("split")
        assert bodies(told(await client.answer())) == ["split"]
    assert len(short) == len(request) - 1


@pytest.mark.gen_test
@pytest.mark.parametrize("make", [poll, form])
async def test_two_polls_in_one_packet_are_two(
    app: Chatroom, ours: Host, say: Say, short: list[bytes], make: Any
) -> None:
    request = make("room=7&wait=20")
    client = await admitted(ours, app, say, request)
    for cut in (0, 1, 10, len(request) - 1):
        client.send(request + request[:cut])
        await until(lambda: app.holds.held == 1)
        await say("one")
        assert bodies(told(await client.answer())) == ["one"]
        client.send(request[cut:])
        await until(lambda: app.holds.held == 1)
        await say("two")
        assert bodies(told(await client.answer())) == ["two"]
    client.send(request * 2)
    for word in ("one", "two"):
        await until(lambda: app.holds.held == 1)
        await say(word)
        assert bodies(told(await client.answer())) == [word]
    assert len(short) == 10


@pytest.mark.gen_test
async def test_a_poll_and_something_else_in_one_packet_are_both_answered(
    app: Chatroom, ours: Host, say: Say
) -> None:
    request = poll("room=7")
    client = await admitted(ours, app, say, request)
    client.send(request + get("/healthz") + request)
    for _ in "12":
        await until(lambda: app.holds.held == 1)
        await say("news")
        assert bodies(told(await client.answer())) == ["news"]
        if _ == "1":
            assert (await client.answer()).status == 200


# Who may take it ------------------------------------------------------------------------------------------------------


async def bearer(app: Chatroom) -> str:
    token, _ = await app.sessions.open("Ann")
    return f"Authorization: Bearer {token}"


@pytest.mark.gen_test
@pytest.mark.parametrize("how", ["expired", "a day later", "long unused", "forgotten in the cache"])
async def test_a_session_is_asked_for_again_when_it_may_have_ended(  # noqa: PLR0913, PLR0917 - fixtures
    app: Chatroom, ours: Host, say: Say, short: list[bytes], clock: Clock, how: str
) -> None:
    request = poll("room=7", await bearer(app))
    client = await admitted(ours, app, say, request)
    if how in ("expired", "long unused"):
        clock.forward(days=91)
    if how == "expired":
        await app.sessions.expire()
    if how == "a day later":
        clock.forward(days=1.1)
    ours.server._tick()
    if how == "forgotten in the cache":
        for key in list(app.sessions._known):
            app.sessions._forget(key)
    client.send(request)
    if how in ("expired", "long unused"):
        assert (await client.answer()).status == 401
    else:
        await until(lambda: app.holds.held == 1)
        await say("still here")
        assert bodies(told(await client.answer())) == ["still here"]
    assert short == []


@pytest.mark.gen_test
async def test_a_session_that_is_used_again_is_taken_at_its_word_again(
    app: Chatroom, ours: Host, say: Say, short: list[bytes], clock: Clock
) -> None:
    request = poll("room=7", await bearer(app))
    client = await admitted(ours, app, say, request)
    clock.forward(days=1.1)
    ours.server._tick()
    for _ in range(3):
        client.send(request)
        await until(lambda: app.holds.held == 1)
        await say("news")
        told(await client.answer())
    assert len(short) == 2


@pytest.mark.gen_test
async def test_a_forged_form_is_refused_whoever_was_let_through(
    app: Chatroom, ours: Host, say: Say, short: list[bytes]
) -> None:
    page = await (await ours.connect()).ask(get("/room/7"))
    cookies = [it.partition(";")[0] for it in page.headers.get_list("Set-Cookie")]
    xsrf = page.text.partition('name="_xsrf" value="')[2].partition('"')[0]
    cookie = "Cookie: " + "; ".join(cookies)
    good = form("room=7", cookie, f"X-XSRFToken: {xsrf}")
    other = xsrf.replace("|", "|0", 1)
    client = await admitted(ours, app, say, good)
    forged = [
        form("room=7", cookie),
        form("room=7", cookie, "X-XSRFToken: x"),
        form("room=7", cookie, f"X-XSRFToken: {other}"),
        form("room=7", cookie, f"X-XSRFToken: {xsrf}", "Sec-Fetch-Site: cross-site"),
        form("room=7", cookie, f"X-XSRFToken: {xsrf}", "Origin: http://evil.test"),
        form("room=7", cookie, "Origin: null", f"X-XSRFToken: {xsrf}"),
    ]
    for request in forged:
        for where in (client, await ours.connect()):
            assert (await where.ask(request)).status == 403, request
    assert short == []
    client.send(good)
    await until(lambda: app.holds.held == 1)
    assert short == [good]


@pytest.mark.gen_test
async def test_a_form_that_brings_its_own_proof_lets_nobody_else_through(
    app: Chatroom, ours: Host, say: Say, short: list[bytes]
) -> None:
    page = await (await ours.connect()).ask(get("/room/7"))
    cookies = [it.partition(";")[0] for it in page.headers.get_list("Set-Cookie")]
    xsrf = page.text.partition('name="_xsrf" value="')[2].partition('"')[0]
    cookie = "Cookie: " + "; ".join(cookies)
    for name in ("_xsrf", "%5fxsrf"):
        text = f"room=7&{name}={xsrf.replace('|', '%7C')}"
        client = await admitted(ours, app, say, form(text, cookie))
        assert (await client.ask(form("room=7".ljust(len(text), "&"), cookie))).status == 403
        assert short == []


@pytest.mark.gen_test(timeout=60)
@pytest.mark.parametrize("make", [poll, form])
async def test_a_head_that_differs_in_one_byte_is_another_head(
    app: Chatroom, ours: Host, say: Say, short: list[bytes], make: Any
) -> None:
    request = make("room=7")
    await admitted(ours, app, say, request)
    start = request.index(b"room=7") + 6 if make is poll else 0
    end = len(request) if make is poll else request.index(b"\r\n\r\n") + 4
    connection = ours.connections[0]
    for place in range(start, end):
        for byte in (request[place] ^ 0x20, request[place] ^ 1):
            other = request[:place] + bytes([byte]) + request[place + 1 :]
            assert not ours.server.again(connection, other)
    assert short == []


@pytest.mark.gen_test
async def test_a_head_is_known_on_every_connection(
    app: Chatroom, ours: Host, say: Say, short: list[bytes]
) -> None:
    for request in (poll("room=7"), form("room=7")):
        await admitted(ours, app, say, request)
        short.clear()
        client = await ours.connect()
        client.send(request)
        await until(lambda: app.holds.held == 1)
        assert short == [request]
        client.reset()
        await until(lambda: app.holds.held == 0)


@pytest.mark.gen_test
async def test_only_so_many_heads_and_places_are_remembered(
    app: Chatroom, ours: Host, say: Say, short: list[bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    requests = [poll(f"room=7&x={number}", f"X: {number}") for number in range(6)]
    monkeypatch.setattr(admission, "HEADS_BYTES", 3 * len(requests[0]))
    monkeypatch.setattr(polls, "PLACES_KEPT", 3)
    known = ours.server.short_way.admissions
    for request in requests * 2:
        (await admitted(ours, app, say, request)).reset()
        assert len(known._by_key) <= 3
        assert len(ours.server.short_way.polls._in_query) <= 3
    assert known._bytes == sum(it.size for it in known._by_key.values())


# How many may take it -------------------------------------------------------------------------------------------------


@pytest.mark.gen_test
async def test_one_poll_too_many_is_answered_at_once_and_asked_to_return(
    app: Chatroom, ours: Host, stock: Host, say: Say
) -> None:
    token = await bearer(app)
    last = await say()
    for fields, limit in (([token], 3), ([], 5)):
        request = poll(f"room=7&cursor={last}", *fields)
        clients = [await ours.connect() for _ in range(limit)]
        for number, client in enumerate(clients, 1):
            client.send(request)
            await until(lambda number=number: app.holds.held == number)
        for host in (ours, stock):
            extra = await host.connect()
            for _ in range(2):
                update = told(await extra.ask(request))
                assert update.pop("retry_in") >= 1
                assert update == {"messages": [], "cursors": {"7": last}}
        clients.pop().reset()
        await until(lambda limit=limit: app.holds.held == limit - 1)
        extra.send(request)
        await until(lambda limit=limit: app.holds.held == limit)
        last = await say("all")
        for client in [*clients, extra]:
            assert bodies(told(await client.answer())) == ["all"]
        assert app.holds.held == 0
        assert app.chat.rooms.listening("7") == 0


@pytest.mark.gen_test
async def test_a_poll_is_counted_until_it_ends_however_that_is(
    app: Chatroom, ours: Host, say: Say
) -> None:
    request = poll("room=7", await bearer(app))
    client = await admitted(ours, app, say, request)
    (connection,) = ours.connections
    holders = [connection.admission.person, connection.address]
    for end in (say, lambda: _woken(app), lambda: _hold_over(ours)):
        client.send(request)
        await until(lambda: app.holds.held == 1)
        assert [it.held for it in holders] == [1, 1]
        await end()
        told(await client.answer())
        assert [app.holds.held, *(it.held for it in holders)] == [0, 0, 0]
    client.send(request)
    await until(lambda: app.holds.held == 1)
    client.reset()
    await until(lambda: app.holds.held == 0)
    assert [it.held for it in holders] == [0, 0]


async def _hold_over(host: Host) -> None:
    host.later(61)


@pytest.mark.gen_test
async def test_a_hold_ends_with_nothing(app: Chatroom, ours: Host, say: Say) -> None:
    request = poll("room=7")
    client = await admitted(ours, app, say, request)
    last = await say()
    client.send(request)
    await until(lambda: app.holds.held == 1)
    ours.later(58)
    assert app.holds.held == 1
    ours.later(3)
    assert told(await client.answer()) == {"messages": [], "cursors": {"7": last}}


# Who is told what -----------------------------------------------------------------------------------------------------


@pytest.mark.gen_test
async def test_a_poll_of_two_rooms_is_answered_once(
    app: Chatroom, ours: Host, say: Say, short: list[bytes]
) -> None:
    at = {room: await say("before", room) for room in "78"}

    def both() -> bytes:
        return poll(f"room=7&cursor={at['7']}&room=8&cursor={at['8']}")

    client = await ours.connect()
    heard: list[str] = []
    for turn in range(20):
        client.send(both())
        await until(lambda: app.holds.held == 1)
        await asyncio.gather(say(f"7 {turn}", "7"), say(f"8 {turn}", "8"))
        while len(heard) < 2 * (turn + 1):
            update = told(await client.answer())
            heard += bodies(update)
            at |= update["cursors"]
            if len(heard) < 2 * (turn + 1):
                client.send(both())
    assert sorted(heard) == sorted(f"{room} {turn}" for room in "78" for turn in range(20))
    assert [it for it in heard if it[0] == "7"] == [f"7 {turn}" for turn in range(20)]
    assert app.holds.held == 0
    assert short


@pytest.mark.gen_test
@pytest.mark.parametrize("slice_", [1, 2])
async def test_a_hold_that_ends_while_others_are_told_is_answered_once(
    app: Chatroom, ours: Host, say: Say, monkeypatch: pytest.MonkeyPatch, slice_: int
) -> None:
    monkeypatch.setattr(places, "WAKE_SLICE", slice_)
    monkeypatch.setattr(app.chat.rooms, "_wake_slice", 1)
    at = {room: await say("before", room) for room in "78"}
    request = poll(f"room=7&cursor={at['7']}&room=8&cursor={at['8']}")
    clients = [await ours.connect() for _ in range(5)]
    for number, client in enumerate(clients, 1):
        client.send(request)
        await until(lambda number=number: app.holds.held == number)
    spoken = asyncio.gather(say("news", "7"), say("news", "8"))
    await until(lambda: app.holds.held < 5)
    for connection in ours.connections:
        if connection.held:
            connection.expire(inf)
    await spoken
    await until(lambda: app.holds.held == 0)
    for client in clients:
        first = told(await client.answer())
        seen = at | first["cursors"]
        client.send(poll(f"room=7&cursor={seen['7']}&room=8&cursor={seen['8']}"))
        heard = bodies(first)
        while len(heard) < 2:
            second = told(await client.answer())
            heard += bodies(second)
            seen |= second["cursors"]
            if len(heard) < 2:
                client.send(poll(f"room=7&cursor={seen['7']}&room=8&cursor={seen['8']}"))
        assert heard == ["news", "news"]
        assert client.reader._buffer == b""  # type: ignore[attr-defined]


@pytest.mark.gen_test
@pytest.mark.parametrize("told_before", [0, 1, 3])
async def test_who_leaves_while_others_are_told_is_counted_down_once(
    app: Chatroom, ours: Host, say: Say, monkeypatch: pytest.MonkeyPatch, told_before: int
) -> None:
    monkeypatch.setattr(places, "WAKE_SLICE", 1)
    last = await say()
    clients = [await ours.connect() for _ in range(5)]
    for number, client in enumerate(clients, 1):
        client.send(poll(f"room=7&cursor={last}"))
        await until(lambda number=number: app.holds.held == number)
    spoken = asyncio.create_task(say("news"))
    await until(lambda: app.holds.held <= 5 - told_before)
    for client in clients[2:]:
        client.reset()
    await spoken
    await until(lambda: len(ours.connections) == 2)
    await until(lambda: app.holds.held == 0)
    for client in clients[:2]:
        assert bodies(told(await client.answer())) == ["news"]
    client = await ours.connect()
    client.send(poll("room=7"))
    await until(lambda: app.holds.held == 1)
    assert app.chat.rooms.listening("7") == 1


@pytest.mark.gen_test
async def test_a_closing_chat_answers_everybody_for_the_last_time(
    app: Chatroom, ours: Host, say: Say
) -> None:
    last = await say()
    clients = [await ours.connect() for _ in range(5)]
    for number, client in enumerate(clients, 1):
        client.send(poll(f"room=7&cursor={last}"))
        await until(lambda number=number: app.holds.held == number)
    ours.server.stop()
    app.chat.close()
    for client in clients:
        answer = await client.answer()
        assert told(answer)["retry_in"] >= 1
        assert answer.headers["Connection"] == "close"
        assert await client.end() == b""
    assert app.holds.held == 0


@pytest.mark.gen_test
async def test_a_connection_is_read_on_when_the_polls_that_waited_on_it_are_answered(
    app: Chatroom, ours: Host, say: Say
) -> None:
    ours.server.limits = ours.server.limits._replace(pipeline=1024)
    request = poll("room=7")
    client = await admitted(ours, app, say, request)
    epoch = (await say()).partition("-")[0]
    behind = poll(f"room=7&cursor={epoch}-0")
    client.send(request)
    await until(lambda: app.holds.held == 1)
    client.send(behind * 20)
    await until(lambda: len(ours.connections[0]._pending) > 1024)
    await say()
    for _ in range(21):
        told(await client.answer())
    assert told(await client.ask(behind))["messages"]


@pytest.mark.gen_test
async def test_what_a_form_may_hold_is_not_taken_for_a_query(
    app: Chatroom, ours: Host, say: Say
) -> None:
    request = poll("room=7&x=1")
    client = await admitted(ours, app, say, request)
    two = request * 2
    begin, end = request.index(b"?") + 1, request.index(b" HTTP") - len(request)
    sly = form(two[begin:end].decode())
    stranger = await admitted(ours, app, say, sly)
    stranger.send(sly)
    await until(lambda: app.holds.held == 1)
    client.send(two)
    await until(lambda: app.holds.held == 2)
    for word in ("one", "two"):
        await say(word)
        assert bodies(told(await client.answer())) == [word]
        if word == "one":
            await until(lambda: app.holds.held == 1)


@pytest.mark.gen_test
async def test_who_does_not_read_polls_has_no_more_time_for_asking_something_else(
    app: Chatroom, ours: Host, say: Say, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = await admitted(ours, app, say, poll("room=7"))
    (connection,) = ours.connections
    connection.pause_writing()  # as the transport does when the socket takes no more
    deadline = connection.write_by
    client.send(get("/readyz"))
    await until(lambda: connection._exchange is not None)
    for _ in range(10):
        await asyncio.sleep(0)
    assert connection.write_by <= deadline
