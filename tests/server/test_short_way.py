"""The short way: what opens it, for polls and for posts, and to whom it stays closed."""

from __future__ import annotations

import pytest

from chatroom.app import Chatroom
from chatroom.engines.sqlite import SqliteEngine
from chatroom.server import admission
from tests.conftest import until
from tests.handlers.test_message_storage import full_disk
from tests.server.chatting import (
    HELLO,
    NEW,
    UPDATES,
    Browser,
    Logged,
    admitted,
    bearer,
    known,
    message,
    saying,
    stored,
    told,
    under_way,
)
from tests.server.hosting import Client, Host, get, post
from tests.server.polling import form


async def held(host: Host, app: Chatroom, request: bytes) -> Client:
    """A client whose poll is held."""
    client = await host.connect()
    before = app.holds.held
    client.send(request)
    await until(lambda: app.holds.held == before + 1)
    return client


@pytest.mark.gen_test
async def test_a_post_opens_the_short_way_for_those_with_the_same_head(
    app: Chatroom, ours: Host, short: list[bytes]
) -> None:
    me, other = await bearer(app), await bearer(app, "Bob")
    client = await admitted(ours, me)
    assert short == []
    for where in (client, await ours.connect()):
        for body in ("one", "a somewhat longer one"):
            assert message(await where.ask(saying(f"room=7&body={body}", me)))
    assert len(short) == 4
    assert message(await client.ask(saying(HELLO, other)))["author"]["name"] == "Bob"
    assert len(short) == 4
    assert message(await client.ask(saying(HELLO, other)))["author"]["name"] == "Bob"
    assert message(await client.ask(saying(HELLO, me)))["author"]["name"] == "Ann"
    assert len(short) == 6


@pytest.mark.gen_test
async def test_what_let_a_poll_through_lets_no_post_through(
    app: Chatroom, ours: Host, short: list[bytes]
) -> None:
    me = await bearer(app)
    client = await held(ours, app, form("room=7&wait=20", me))
    nobody = await held(ours, app, form("room=7&wait=20"))
    message(await (await ours.connect()).ask(saying(HELLO, me)))
    for each in (client, nobody):
        told(await each.answer())
    assert (await nobody.ask(saying(HELLO))).status == 401
    assert (await nobody.ask(get(f"{NEW}?{HELLO}"))).status == 405
    assert short == []
    other = await bearer(app, "Bob")
    watching = await held(ours, app, form("room=8&wait=20", other))
    assert (await client.ask(saying("room=8&body=hello", me))).status == 201
    assert len(short) == 1
    told(await watching.answer())
    assert message(await watching.ask(saying(HELLO, other)))["author"]["name"] == "Bob"
    assert len(short) == 1


@pytest.mark.gen_test
async def test_what_let_a_post_through_lets_no_poll_through(
    app: Chatroom, ours: Host, short: list[bytes]
) -> None:
    me = await bearer(app)
    client = await admitted(ours, me)
    message(await client.ask(saying(HELLO, me)))
    assert len(short) == 1
    for request in (form("room=7&wait=0", me), get(f"{UPDATES}?room=7&wait=0", me)):
        assert told(await client.ask(request))["messages"] == []
    assert (await client.ask(post("/a/session", b"name=Anna", me))).status == 201
    assert len(short) == 1


@pytest.mark.gen_test
async def test_polls_and_posts_of_one_head_each_take_the_short_way_on_one_connection(
    app: Chatroom, ours: Host, short: list[bytes]
) -> None:
    me = await bearer(app)
    client = await held(ours, app, form("room=7&wait=20", me))
    cursor = message(await (await ours.connect()).ask(saying(HELLO, me)))["id"]
    told(await client.answer())
    for turn in range(10):
        behind = form(f"room=7&cursor={cursor}", me)
        client.send(saying(f"room=7&body={turn}", me) + behind)
        said = message(await client.answer())
        assert told(await client.answer()) == {"messages": [said], "cursors": {"7": said["id"]}}
        cursor = said["id"]
    assert len(short) == 20
    assert await stored(app) == ["hello", *map(str, range(10))]


@pytest.mark.gen_test
async def test_nobody_is_refused_and_never_let_through(
    app: Chatroom, ours: Host, stock: Host, short: list[bytes]
) -> None:
    for fields in ([], ["Authorization: Bearer never-given"], ["Authorization: Basic YTpi"]):
        request = saying(HELLO, *fields)
        refused = (await (await stock.connect()).ask(request)).timeless
        assert refused[0] == 401
        client = await ours.connect()
        for _ in range(3):
            assert (await client.ask(request)).timeless == refused
    assert short == []
    assert known(ours) == 0


@pytest.mark.gen_test
async def test_a_post_that_was_refused_lets_nobody_through(
    app: Chatroom, ours: Host, short: list[bytes], logged: Logged, engine: SqliteEngine
) -> None:
    logged("writes failed")
    logged("503 POST")
    me, guest = await bearer(app), await Browser.at(ours)
    await admitted(ours, me)
    message(await (await ours.connect()).ask(saying(f"{HELLO}&client_id=c1", me)))
    assert (known(ours), len(short)) == (1, 1)
    client = await ours.connect()
    for number, (status, request) in enumerate(
        [
            (400, saying("room=7&body=", me, "X: 1")),
            (400, saying("room=7&body=x&next=//x", me, "X: 2")),
            (401, saying(HELLO, "X: 3")),
            (403, saying(HELLO, guest.cookie, "X: 4")),
            (409, saying("room=7&body=other&client_id=c1", me, "X: 5")),
            (413, saying("x" * 70_000, me, "X: 6")),
        ]
    ):
        assert (await client.ask(request)).status == status, number
    async with full_disk(engine):
        assert (await client.ask(saying("body=" + "x" * 4000, me, "X: 7"))).status == 503
    assert (known(ours), len(short)) == (1, 1)
    for number in range(1, 8):
        fields = [me, f"X: {number}"]
        message(await client.ask(saying(HELLO, *fields)))
    assert (known(ours), len(short)) == (8, 1)


@pytest.mark.gen_test
async def test_a_head_that_differs_in_one_byte_is_another_head(
    app: Chatroom, ours: Host, short: list[bytes]
) -> None:
    me = await bearer(app)
    await admitted(ours, me)
    (connection,) = ours.connections
    request = saying(HELLO, me)
    head = request.removesuffix(HELLO.encode())
    digits = range(head.index(b"Length: ") + 8, head.index(b"Length: ") + 10)
    for place in range(len(head)):
        before, byte, after = head[:place], head[place], head[place + 1 :]
        for other in (bytes([byte ^ 0x20]), bytes([byte ^ 1]), b"", bytes([byte, byte])):
            changed = before + other + after
            assert not ours.server.again(connection, changed + HELLO.encode()), changed
            assert not ours.server.recognise(connection, changed) or place in digits, changed
    assert short == []
    assert under_way(app) == 0


@pytest.mark.gen_test
async def test_only_so_many_heads_are_remembered_and_who_is_forgotten_is_let_through_anew(
    app: Chatroom, ours: Host, short: list[bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    me = await bearer(app)
    monkeypatch.setattr(admission, "HEADS_BYTES", 3 * len(saying("", me, "X: 1")))
    for _ in range(2):
        for number in range(6):
            (await admitted(ours, me, f"X: {number}")).reset()
            assert known(ours) <= 3
    assert short == []
