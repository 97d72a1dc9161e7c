"""The short way of a post: what is said and stored is what the long way says and stores, once, and in order."""

# ruff: noqa: F811 - fixtures are imported

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from tornado.ioloop import IOLoop

from chatroom.app import Chatroom
from chatroom.chat import Posted
from chatroom.engines.sqlite import SqliteEngine
from chatroom.errors import (
    ChatroomError,
    ClientIdReused,
    Closing,
    NotSignedIn,
    StorageBusy,
    StorageFailing,
)
from chatroom.message import Draft
from chatroom.server import server
from chatroom.server.admission import ARGUMENTS_LIMIT
from chatroom.settings import Settings
from tests.conftest import Clock, until
from tests.handlers.test_message_storage import full_disk
from tests.server.chatting import (
    NEW,
    UPDATES,
    admitted,
    bearer,
    declined,  # noqa: F401
    disk_held_up,
    message,
    ours,  # noqa: F401
    saying,
    short,  # noqa: F401
    stock,  # noqa: F401
    stored,
    told,
    under_way,
    waiting,
)
from tests.server.hosting import Answer, Host, get, post

Logged = Callable[[str], None]

# What it says ---------------------------------------------------------------------------------------------------------


class Case(NamedTuple):
    """A form, the statuses of three such posts, and whether they go the short way; what is refused begins there."""

    form: bytes | str
    statuses: tuple[int, int, int] = (201, 201, 201)
    short: bool = True


def refused(form: bytes | str, status: int = 400) -> Case:
    return Case(form, (status,) * 3, short=False)


def long(form: bytes | str, status: int = 201) -> Case:
    return Case(form, (status,) * 3, short=False)


REPEATED = (201, 200, 200)


def _of_bytes(count: int) -> str:
    """A form of that size."""
    return "room=7&body=hello&x=".ljust(count, "x")


FORMS = {
    "a message": Case("room=7&body=hello"),
    "no room": Case("body=hello"),
    "a client_id": Case("room=7&body=hello&client_id=c1", REPEATED),
    "an empty client_id": Case("room=7&body=hello&client_id="),
    "a strange client_id": Case("room=7&body=hello&client_id=%21%22%26%3D+%25~", REPEATED),
    "unknown arguments": Case("x=y&room=7&z&body=hello&wait=0&cursor="),
    "escaped names": Case("%72oom=%37&b%6fdy=hello"),
    "nearly next and _xsrf": Case("room=7&body=hello&Next=%2F&next[]=x&xsrf=y&_XSRF=z"),
    "Chinese": Case("room=茶&body=你好，**世界**"),
    "Chinese, escaped": Case("room=%E8%8C%B6&body=%E4%BD%A0%E5%A5%BD"),
    "emoji and marks": Case("room=7&body=👨\u200d👩\u200d👧e\u0301\u202e<\ufeff>"),
    "control characters": Case(b"room=7&body=%01%1b[31m\x01\x7f%C2%85"),
    "plus": Case("room=7&body=+a+b%2Bc+"),
    "a broken escape": Case("room=7&body=100%&x=%"),
    "newlines": Case("room=7&body=%0Aa%0D%0Ab%0Dc%0A%0Ad%0A"),
    "newlines, not escaped": Case("room=7&body=a\r\nb\n\nc\r\n"),
    "what looks like a request": Case("room=7&body=GET / HTTP/1.1\r\nHost: x\r\n\r\n"),
    "Markdown": Case("room=7&body=**b** `c` > q%0A%0A- l%0A%0A```%0Ax%0A```%0Ahttps://e.test/?a=b"),
    "HTML": Case("room=7&body=<script>alert(1)</script>{0} {html} %s"),
    "equals signs": Case("room=7&body==a=b=&=&=x"),
    "a room in capitals": Case("room=TEA-Room&body=hello"),
    "the room twice": Case("room=a+b&room=7&body=hello"),
    "the body twice": Case("room=7&body=one&body=two"),
    "4,000 characters": Case("room=7&body=" + "x" * 4000),
    "1,000 Chinese ones": Case("room=7&body=" + "界" * 1000),
    "1,000 arguments": Case("room=7&body=hello" + "&x" * 998),
    "as long as it may be": Case(_of_bytes(ARGUMENTS_LIMIT)),
    "a byte longer": long(_of_bytes(ARGUMENTS_LIMIT + 1)),
    "9,999 bytes": long(_of_bytes(9_999)),
    "10,000 bytes": long(_of_bytes(10_000)),
    "4,000 Chinese ones": long("room=7&body=" + "界" * 4000),
    "1,001 arguments": refused("room=7&body=hello" + "&x" * 999),
    "next": long("room=7&body=hello&next=%2Froom%2F7", 303),
    "next, escaped": long("room=7&body=hello&n%65xt=/x", 303),
    "an empty next": refused("room=7&body=hello&next="),
    "next elsewhere": refused("room=7&body=hello&next=//evil.test/"),
    "_xsrf": long("room=7&body=hello&_xsrf=x"),
    "_xsrf, escaped and empty": long("room=7&body=hello&%5fxsr%66="),
    "nothing": refused(""),
    "nothing but &": refused("&"),
    "no body": refused("room=7"),
    "an empty body": refused("room=7&body="),
    "white space": refused("room=7&body=+%0A%09%E3%80%80"),
    "4,001 characters": refused("room=7&body=" + "x" * 4001),
    "a bad room": refused("room=a+b&body=hello"),
    "an empty room": refused("room=&body=hello"),
    "a long room": refused(f"room={'x' * 65}&body=hello"),
    "a bad client_id": refused("room=7&body=hello&client_id=%C3%A9"),
    "a long client_id": refused(f"room=7&body=hello&client_id={'x' * 65}"),
    "NUL": refused("room=7&body=a%00b"),
    "NUL, not escaped": refused(b"room=7&body=a\0b"),
    "not UTF-8": refused(b"room=7&body=hello%FF"),
    "not UTF-8, not escaped": refused(b"room=7&body=hello\xff"),
    "half a character": refused("room=7&body=%ED%A0%80"),
    "half a character, not escaped": refused(b"room=7&body=\xed\xa0\x80"),
    "semicolons": refused("room=7;body=hello"),
    "JSON in a form": refused('{"room": "7", "body": "hello"}'),
}


@pytest.mark.gen_test
@pytest.mark.parametrize("name", FORMS)
async def test_it_says_what_tornado_says(  # noqa: PLR0913, PLR0917 - what it needs are fixtures
    app: Chatroom, ours: Host, stock: Host, short: list[bytes], declined: list[bytes], name: str
) -> None:
    case = FORMS[name]
    answers = []
    for host in (stock, ours):
        me = await bearer(app)
        client = await admitted(host, me)
        answers.append([await client.ask(saying(case.form, me)) for _ in range(3)])
    for by_stock, by_us in zip(*answers, strict=True):
        assert _impersonal(by_us) == _impersonal(by_stock)
        assert re.fullmatch(r"\w{3}, \d\d \w{3} \d{4} \d\d:\d\d:\d\d GMT", by_us.headers["Date"])
    assert tuple(it.status for it in answers[1]) == case.statuses
    assert short == [saying(case.form, me)] * (3 if case.short else 0)
    assert declined == []


def _impersonal(answer: Answer) -> Any:
    """An answer without what differs between two people who say the same one after the other."""
    status, headers, body = answer.timeless
    if status in (200, 201):
        said = message(answer)
        for personal in (said["id"], said["author"]["id"]):
            body = body.replace(personal.encode(), b"-")
    return status, headers, body


@pytest.mark.gen_test
async def test_a_client_id_that_stands_for_another_text_is_a_conflict(
    app: Chatroom, ours: Host, stock: Host, short: list[bytes], declined: list[bytes]
) -> None:
    one, two = (f"room=7&body={body}&client_id=c1" for body in ("one", "two"))
    answers = []
    for host in (stock, ours):
        me = await bearer(app)
        client = await admitted(host, me)
        answers.append([await client.ask(saying(form, me)) for form in (one, two, one)])
    assert [it.status for it in answers[1]] == [201, 409, 200]
    assert [_impersonal(it) for it in answers[1]] == [_impersonal(it) for it in answers[0]]
    assert message(answers[1][0]) == message(answers[1][2])
    assert short == [saying(form, me) for form in (one, two, one)]
    assert declined == [saying(two, me)]
    assert await stored(app) == ["one", "one"]


#: Posts that are like no other; {me} is who says it.
UNUSUAL = {
    "the end": saying("room=7&body=x", "Connection: close"),
    "HTTP/1.0": saying("room=7&body=x").replace(b"HTTP/1.1", b"HTTP/1.0"),
    "Expect": saying("room=7&body=x", "Expect: 100-continue"),
    "JSON": saying('{"room":"7","body":"x"}').replace(b"x-www-form-urlencoded", b"json"),
    "multipart": saying("room=7&body=x").replace(b"x-www-form-urlencoded", b"x; boundary=y"),
    "no type": saying("room=7&body=x").replace(b"Content-Type", b"X"),
    "a query": post(f"{NEW}?room=7", b"room=7&body=x"),
    "an empty query": post(f"{NEW}?", b"room=7&body=x"),
    "a proof in the query": post(f"{NEW}?_xsrf=x", b"room=7&body=x"),
    "Upgrade": saying("room=7&body=x", "Upgrade: websocket"),
    "a range": saying("room=7&body=x", "Range: bytes=0-1"),
    "GET": get(f"{NEW}?room=7&body=x"),
    "HEAD": get(f"{NEW}?room=7&body=x", method="HEAD"),
    "PUT": saying("room=7&body=x").replace(b"POST", b"PUT"),
    "chunks": get(
        NEW,
        "Content-Type: application/x-www-form-urlencoded",
        "Transfer-Encoding: chunked",
        method="POST",
    )
    + b"d\r\nroom=7&body=x\r\n0\r\n\r\n",
    "leading zeros": saying("room=7&body=x").replace(b"Length: 1", b"Length: 01"),
    "capitals": saying("room=7&body=x").replace(b"Content-Length", b"CONTENT-LENGTH"),
    "a long head": saying("room=7&body=x", "X: " + "y" * 4096),
}


@pytest.mark.gen_test
@pytest.mark.parametrize("name", UNUSUAL)
async def test_what_is_unusual_takes_the_long_way_and_is_answered_alike(
    app: Chatroom, ours: Host, stock: Host, short: list[bytes], name: str
) -> None:
    answers = []
    for host in (stock, ours):
        me = await bearer(app)
        request = UNUSUAL[name].replace(b"\r\n", f"\r\n{me}\r\n".encode(), 1)
        for _ in range(2):
            client = await host.connect()
            client.send(request)
            if name == "Expect":
                assert (await client.answer()).status == 100
            answers.append(_impersonal(await client.answer(head_only=name == "HEAD")))
    assert answers[:2] == answers[2:]
    assert short == []
    assert not ours.server.short_way.admissions._by_key


# What is stored -------------------------------------------------------------------------------------------------------


@pytest.mark.gen_test
async def test_many_posts_in_one_packet_are_stored_and_answered_once_and_in_order(
    app: Chatroom, ours: Host, short: list[bytes]
) -> None:
    me = await bearer(app)
    client = await admitted(ours, me)
    bodies = [f"no. {number}" for number in range(20)]
    posts = [saying(f"room=7&body={body}", me) for body in bodies]
    client.send(b"".join(posts))
    said = [message(await client.answer()) for _ in bodies]
    assert [it["body"] for it in said] == await stored(app) == bodies
    assert [it["id"].partition("-")[2] for it in said] == [str(it) for it in range(1, 21)]
    assert short == posts


@pytest.mark.gen_test(timeout=30)
async def test_a_post_is_the_same_however_it_is_split(
    app: Chatroom, ours: Host, short: list[bytes]
) -> None:
    me = await bearer(app)
    client = await admitted(ours, me)
    (connection,) = ours.connections
    request = saying("room=7&body=split%0D%0A%0D%0Aor+not", me)
    cuts = range(1, len(request), 3)
    for cut in cuts:
        client.send(request[:cut])
        await until(lambda cut=cut: len(connection._pending) == cut)
        client.send(request[cut:])
        assert message(await client.answer())["body"] == "split\n\nor not"
    assert await stored(app) == ["split\n\nor not"] * len(cuts)
    assert short == [request] * len(cuts)


@pytest.mark.gen_test(timeout=30)
async def test_two_posts_and_a_poll_may_be_cut_anywhere(
    app: Chatroom, ours: Host, short: list[bytes]
) -> None:
    me = await bearer(app)
    client = await admitted(ours, me)
    (connection,) = ours.connections
    parts = [saying("body=one", me), post(UPDATES, b"wait=0", me), saying("body=two", me)]
    whole = b"".join(parts)
    cuts = range(1, len(whole), 7)
    for cut in cuts:
        client.send(whole[:cut])
        await until(lambda cut=cut: _arrived(connection, whole[:cut], parts))
        client.send(whole[cut:])
        assert message(await client.answer())["body"] == "one"
        assert told(await client.answer())["messages"] == []
        assert message(await client.answer())["body"] == "two"
    assert await stored(app, "1") == ["one", "two"] * len(cuts)
    assert short.count(parts[0]) == short.count(parts[2]) == len(cuts)


def _arrived(connection: Any, data: bytes, parts: list[bytes]) -> bool:
    """Whether the server has seen `data`, which is cut out of `parts`, and has taken up what is complete."""
    rests = [data]
    for part in parts:
        rests.append(rests[-1].removeprefix(part))
    return connection._pending == rests[-1] and connection.held is None


@pytest.mark.gen_test(timeout=30)
async def test_posts_of_a_crowd_are_each_stored_once_and_delivered_in_one_order(
    app: Chatroom, ours: Host, short: list[bytes]
) -> None:
    people = [await bearer(app, f"no. {number}") for number in range(20)]
    clients = [await admitted(ours, me) for me in people]
    reader = await ours.connect()
    cursor = told(await reader.ask(get(f"{UPDATES}?room=7&wait=0")))["cursors"]["7"]
    for turn in range(5):
        for me, client in zip(people, clients, strict=True):
            client.send(saying(f"room=7&body={turn}&client_id={turn}", me))
    said = [message(await client.answer()) for client in clients for _ in range(5)]
    assert len({it["id"] for it in said}) == len(said) == len(short) == 100
    log = [(it.author.name, it.body) for it in await app.chat.engine.tail("7", 200)]
    heard = told(await reader.ask(get(f"{UPDATES}?room=7&cursor={cursor}")))["messages"]
    assert [(it["author"]["name"], it["body"]) for it in heard] == log
    assert sorted(heard, key=lambda it: it["id"]) == sorted(said, key=lambda it: it["id"])
    for number in range(20):
        assert [body for name, body in log if name == f"no. {number}"] == list("01234")


@pytest.mark.gen_test
async def test_twenty_posts_at_once_with_one_client_id_are_one_message(
    app: Chatroom, ours: Host, short: list[bytes]
) -> None:
    me = await bearer(app)
    clients = [await admitted(ours, me)] + [await ours.connect() for _ in range(19)]
    for client in clients:
        client.send(saying("room=7&body=hello&client_id=c1", me))
    answers = [await client.answer() for client in clients]
    assert sorted(it.status for it in answers) == [200] * 19 + [201]
    assert len({it.body for it in answers}) == 1
    assert await stored(app) == ["hello"]
    assert len(short) == 20


@pytest.mark.gen_test
async def test_a_post_that_goes_the_short_way_wakes_who_waits(app: Chatroom, ours: Host) -> None:
    me = await bearer(app)
    client, reader = await admitted(ours, me), await ours.connect()
    reader.send(get(f"{UPDATES}?room=7"))
    await until(lambda: app.chat.rooms.listening("7") == 1)
    said = message(await client.ask(saying("room=7&body=hello", me)))
    assert told(await reader.answer()) == {"messages": [said], "cursors": {"7": said["id"]}}


# When it cannot be stored ---------------------------------------------------------------------------------------------


@pytest.mark.gen_test
@pytest.mark.parametrize("fields", [[], ["Accept: text/html", "Accept-Language: de"]])
async def test_a_disk_that_is_full_is_told_as_tornado_tells_it_and_gone_on_from(  # noqa: PLR0913, PLR0917 - fixtures
    app: Chatroom,
    ours: Host,
    stock: Host,
    engine: SqliteEngine,
    short: list[bytes],
    declined: list[bytes],
    logged: Logged,
    fields: list[str],
) -> None:
    logged("writes failed")
    logged("503 POST /a/message/new")
    me = await bearer(app)
    request = saying("room=7&client_id=c1&body=" + "x" * 4000, me, *fields)
    client, other = [await admitted(host, me, *fields) for host in (ours, stock)]
    async with full_disk(engine):
        answer = await client.ask(request)
        assert answer.timeless == (await other.ask(request)).timeless
        assert answer.status == 503
        assert int(answer.headers["Retry-After"]) >= 1
        assert await stored(app) == []
        assert under_way(app) == 0
        again = await client.ask(request)
        assert again.timeless == answer.timeless
    assert short == declined == [request] * 2
    assert message(await client.ask(request))["id"].endswith("-1")
    assert short == [request] * 3
    assert await stored(app) == ["x" * 4000]


class TestAQueueOfOne:
    """Where one post may wait for the disk, while the disk is busy."""

    @pytest.fixture
    def engine(self, io_loop: IOLoop, tmp_path: Path, clock: Clock) -> Iterator[SqliteEngine]:
        engine = SqliteEngine(tmp_path / "chatroom.db", clock, write_queue=1)
        yield engine
        io_loop.run_sync(engine.close)

    @pytest.mark.gen_test
    async def test_one_post_waits_and_the_next_is_refused_at_once(  # noqa: PLR0913, PLR0917 - fixtures
        self,
        app: Chatroom,
        ours: Host,
        stock: Host,
        engine: SqliteEngine,
        short: list[bytes],
        declined: list[bytes],
        logged: Logged,
    ) -> None:
        logged("503 POST /a/message/new")
        me = await bearer(app)
        first, other = [await admitted(host, me) for host in (ours, stock)]
        second = await ours.connect()
        waits, busy = saying("room=7&body=waits", me), saying("room=7&body=too+much", me)
        async with disk_held_up(engine):
            first.send(waits)
            await waiting(engine, 1)
            answer = await second.ask(busy)
            assert answer.timeless == (await other.ask(busy)).timeless
            assert answer.status == 503
            assert int(answer.headers["Retry-After"]) >= 1
        message(await first.answer())
        assert declined == [busy]
        message(await second.ask(busy))
        assert short == [waits, busy, busy]
        assert await stored(app) == ["waits", "too much"]


@pytest.mark.gen_test
@pytest.mark.parametrize(
    "error",
    [StorageFailing(), StorageBusy(), Closing(), NotSignedIn(), ClientIdReused("client_id")],
    ids=lambda error: error.code,
)
async def test_whatever_the_chat_refuses_is_told_as_tornado_tells_it(  # noqa: PLR0913, PLR0917 - fixtures
    app: Chatroom,
    ours: Host,
    stock: Host,
    short: list[bytes],
    logged: Logged,
    monkeypatch: pytest.MonkeyPatch,
    error: ChatroomError,
) -> None:
    logged("503 POST /a/message/new")
    me = await bearer(app)
    request, behind = saying("room=7&body=hello", me), saying("room=7&body=behind", me)
    client, other = [await admitted(host, me) for host in (ours, stock)]
    post = app.chat.post
    asked = []

    async def refuse(draft: Draft) -> Posted:
        asked.append(draft.body)
        if draft.body == "hello":
            raise error
        return await post(draft)

    monkeypatch.setattr(app.chat, "post", refuse)
    client.send(request + behind)  # which waits for the long way of the first
    answer = await client.answer()
    assert answer.status == error.status
    assert message(await client.answer())["body"] == "behind"
    assert asked == ["hello", "hello", "behind"]
    assert answer.timeless == (await other.ask(request)).timeless
    assert short == [request, behind]
    assert await stored(app) == ["behind"]


@pytest.mark.gen_test
async def test_a_post_that_was_refused_once_may_be_taken_on_the_long_way_and_is_stored_once(
    app: Chatroom, ours: Host, declined: list[bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    me = await bearer(app)
    request = saying("room=7&body=hello", me)
    client = await admitted(ours, me)
    post = app.chat.post

    async def refuse_once(_: Draft) -> Posted:
        monkeypatch.setattr(app.chat, "post", post)
        raise StorageBusy

    monkeypatch.setattr(app.chat, "post", refuse_once)
    assert message(await client.ask(request))["body"] == "hello"
    assert declined == [request]
    assert await stored(app) == ["hello"]


@pytest.mark.gen_test
async def test_a_crowd_of_posts_that_are_refused_is_answered_by_tornado_in_turn(
    app: Chatroom, ours: Host, logged: Logged, monkeypatch: pytest.MonkeyPatch
) -> None:
    logged("503 POST /a/message/new")
    monkeypatch.setattr(server, "BEGIN_SLICE", 2)
    me = await bearer(app)
    request = saying("room=7&body=hello", me)
    await admitted(ours, me)
    clients = [await ours.connect() for _ in range(10)]
    monkeypatch.setattr(app.chat, "post", _busy)
    for client in clients:
        client.send(request + get("/healthz"))
    for client in clients:
        assert (await client.answer()).status == 503
        assert (await client.answer()).status == 200
    assert under_way(app) == 0


async def _busy(_: Draft) -> Posted:
    raise StorageBusy


@pytest.mark.gen_test
@pytest.mark.parametrize("when", ["before", "behind"])
async def test_a_fault_of_ours_is_noted_and_keeps_nobody_waiting(  # noqa: PLR0913, PLR0917 - fixtures
    app: Chatroom,
    ours: Host,
    logged: Logged,
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
    when: str,
) -> None:
    logged("")
    me = await bearer(app)
    client = await admitted(ours, me)
    broken: list[object] = []

    def fault(*_: object) -> None:
        broken.append(1)
        raise RuntimeError

    monkeypatch.setattr(
        *{"before": (app.chat.engine, "append"), "behind": (app.chat.rooms, "entry")}[when], fault
    )
    client.send(saying("room=7&body=hello", me))
    await until(lambda: bool(broken))
    tasks = [it.task for it in ours.connections if it.task]
    await asyncio.gather(*tasks, return_exceptions=True)
    await until(lambda: under_way(app) == 0)
    assert not any(it.held for it in ours.connections), "it waits for ever"
    assert (await client.reader.read(12)) in (b"HTTP/1.1 500", b"")
    assert any(it.exc_info for it in caplog.records)
    assert await stored(app) == ["hello"] * (when == "behind")


@pytest.mark.gen_test
async def test_a_post_waits_for_the_disk_as_long_as_that_takes_and_then_its_connection_is_idle(
    app: Chatroom, ours: Host, engine: SqliteEngine, short: list[bytes]
) -> None:
    me = await bearer(app)
    client = await admitted(ours, me)
    async with disk_held_up(engine):
        client.send(saying("room=7&body=hello", me))
        await waiting(engine, 1)
        ours.later(3600)
        assert len(ours.connections) == 1
    assert message(await client.answer())["body"] == "hello"
    assert len(short) == 1
    ours.later(app.chat.settings.idle_timeout)
    assert len(ours.connections) == 1
    ours.later(2)
    assert await client.end() == b""


# How much it may be ---------------------------------------------------------------------------------------------------


class TestSmallBodies:
    """Where less is taken than a message may be long."""

    @pytest.fixture
    def settings(self) -> Settings:
        return Settings(hold=60.0, hold_jitter=0.0, max_body=1024)

    @pytest.mark.gen_test
    @pytest.mark.parametrize("size", [1024, 1025, 4096, 4097])
    async def test_a_form_that_is_too_large_is_refused_as_tornado_refuses_it(
        self, app: Chatroom, ours: Host, stock: Host, short: list[bytes], size: int
    ) -> None:
        me = await bearer(app)
        request = saying(_of_bytes(size), me)
        answers = []
        for host in (stock, ours):
            client = await admitted(host, me)
            answers.append(await client.ask(request))
        assert _impersonal(answers[0]) == _impersonal(answers[1])
        assert answers[1].status == {1024: 201, 1025: 413, 4096: 413, 4097: 400}[size]
        assert short == ([request] if size <= 1024 else [])
        assert len(await stored(app)) == 2 * (size <= 1024)
