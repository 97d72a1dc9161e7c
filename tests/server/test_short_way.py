"""The short way: who may take it, what waits behind it, and that nothing is lost when either side leaves."""

# ruff: noqa: F811 - fixtures are imported

from __future__ import annotations

import asyncio
import socket
from collections.abc import Callable

import pytest

from chatroom.app import Chatroom
from chatroom.engines.sqlite import SqliteEngine
from chatroom.serve import close
from chatroom.server import admission
from chatroom.settings import Settings
from tests.conftest import Clock, until
from tests.handlers.test_message_storage import full_disk
from tests.server.chatting import (
    NEW,
    UPDATES,
    Browser,
    admitted,
    bearer,
    days_pass,
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
from tests.server.hosting import Client, Host, get, post

Logged = Callable[[str], None]
HELLO = "room=7&body=hello"


def asking(form: str, *fields: str) -> bytes:
    """A poll of that form."""
    return post(UPDATES, form.encode(), *fields)


async def held(host: Host, app: Chatroom, request: bytes) -> Client:
    """A client whose poll is held."""
    client = await host.connect()
    before = app.holds.held
    client.send(request)
    await until(lambda: app.holds.held == before + 1)
    return client


def known(host: Host) -> int:
    """How many heads are known."""
    return len(host.server.short_way.admissions._by_key)


# Who may take it ------------------------------------------------------------------------------------------------------


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
@pytest.mark.parametrize("how", ["expired", "a day later", "long unused", "forgotten in the cache"])
async def test_a_session_is_asked_for_again_when_it_may_have_ended(  # noqa: PLR0913, PLR0917 - fixtures
    app: Chatroom, ours: Host, stock: Host, short: list[bytes], clock: Clock, how: str
) -> None:
    me = await bearer(app)
    client = await admitted(ours, me)
    if how in ("expired", "long unused"):
        days_pass(ours, clock, 91)
    if how == "expired":
        await app.sessions.expire()
    if how == "a day later":
        days_pass(ours, clock, 1.1)
    if how == "forgotten in the cache":
        for key in list(app.sessions._known):
            app.sessions._forget(key)
    answer = await client.ask(saying(HELLO, me))
    assert short == []
    if how in ("expired", "long unused"):
        assert answer.status == 401
        assert answer.timeless == (await (await stock.connect()).ask(saying(HELLO, me))).timeless
        assert await stored(app) == []
    else:
        message(answer)
        message(await client.ask(saying(HELLO, me)))
        assert len(short) == 1


@pytest.mark.gen_test
async def test_a_session_that_ends_while_a_post_is_under_way_lets_no_later_one_through(
    app: Chatroom, ours: Host, engine: SqliteEngine, short: list[bytes], clock: Clock
) -> None:
    me = await bearer(app)
    client, late = await admitted(ours, me), await ours.connect()
    async with disk_held_up(engine):
        client.send(saying(HELLO, me) * 2)
        late.send(saying(HELLO, me, "X: a head that is not known yet"))
        await waiting(engine, 2)
        days_pass(ours, clock, 91)
        expiry = asyncio.create_task(app.sessions.expire())
    await expiry
    assert [(await client.answer()).status for _ in range(2)] == [201, 401]
    message(await late.answer())
    assert (await late.ask(saying(HELLO, me, "X: a head that is not known yet"))).status == 401
    assert len(short) == 1
    assert await stored(app) == ["hello"] * 2


@pytest.mark.gen_test
async def test_whoever_is_renamed_says_the_next_thing_under_the_new_name(
    app: Chatroom, ours: Host, short: list[bytes]
) -> None:
    me = await bearer(app)
    client, other = await admitted(ours, me), await ours.connect()
    assert message(await client.ask(saying(HELLO, me)))["author"]["name"] == "Ann"
    assert (await other.ask(post("/a/session", b"name=Anna", me))).status == 201
    said = [message(await client.ask(saying(HELLO, me))) for _ in range(3)]
    assert [it["author"]["name"] for it in said] == ["Anna"] * 3
    assert len(short) == 3
    assert [it.author.name for it in await app.chat.engine.tail("7", 9)] == ["Ann"] + ["Anna"] * 3


@pytest.mark.gen_test
async def test_a_guest_who_has_proved_it_once_is_known_by_cookies_and_proof(
    app: Chatroom, ours: Host, stock: Host, short: list[bytes]
) -> None:
    me = await Browser.at(ours)
    fields = [
        "Connection: keep-alive",
        me.proof,
        "Origin: http://localhost",
        "Sec-Fetch-Site: same-origin",
        "Accept: */*",
        "Accept-Encoding: gzip, deflate",
        "Accept-Language: de,en;q=0.5",
        me.cookie,
    ]
    client, other = [await admitted(host, *fields) for host in (ours, stock)]
    answers = [await it.ask(saying(HELLO + "&client_id=c", *fields)) for it in (other, client)]
    assert [it.status for it in answers] == [201, 200]
    assert answers[0].headers.get_list("Set-Cookie") == answers[1].headers.get_list("Set-Cookie")
    assert answers[0].timeless[1:] == answers[1].timeless[1:]
    assert len(short) == 1


@pytest.mark.gen_test
async def test_a_forged_form_is_refused_whoever_was_let_through(
    app: Chatroom, ours: Host, stock: Host, short: list[bytes]
) -> None:
    me = await Browser.at(ours)
    client, other = [await admitted(host, me.cookie, me.proof) for host in (ours, stock)]
    forged = [
        [me.cookie],
        [me.cookie, "X-XSRFToken: x"],
        [me.cookie, me.proof.replace("|", "|0", 1)],
        [me.cookie, me.proof, "Sec-Fetch-Site: cross-site"],
        [me.cookie, me.proof, "Sec-Fetch-Site: same-site"],
        [me.cookie, me.proof, "Origin: http://evil.test"],
        [me.cookie, me.proof, "Origin: https://localhost.evil.test"],
        [me.cookie, me.proof, "Origin: null"],
        [me.cookie, "Origin: null", me.proof],
        [me.proof],
    ]
    for fields in forged:
        request = saying(HELLO, *fields)
        refused = (await other.ask(request)).timeless
        assert refused[0] == (401 if fields == [me.proof] else 403)
        for where in (client, await ours.connect()):
            assert (await where.ask(request)).timeless == refused
    assert short == []
    assert known(ours) == 1
    message(await client.ask(saying(HELLO, me.cookie, me.proof)))
    assert len(short) == 1
    assert await stored(app) == ["hello"]


@pytest.mark.gen_test
@pytest.mark.parametrize("name", ["_xsrf", "%5fxsrf"])
async def test_a_form_that_brings_its_own_proof_lets_nobody_else_through(
    app: Chatroom, ours: Host, short: list[bytes], name: str
) -> None:
    me = await Browser.at(ours)
    form = f"{HELLO}&{name}={me.xsrf.replace('|', '%7C')}"
    client = await ours.connect()
    for _ in range(2):
        message(await client.ask(saying(form, me.cookie)))
    for forged in (HELLO.ljust(len(form), "&"), HELLO):
        assert (await client.ask(saying(forged, me.cookie))).status == 403
    assert short == []
    assert known(ours) == 0
    assert await stored(app) == ["hello"] * 2


@pytest.mark.gen_test
async def test_a_form_that_brings_a_wrong_proof_is_refused_although_its_head_is_known(
    app: Chatroom, ours: Host, short: list[bytes]
) -> None:
    me = await Browser.at(ours)
    client = await admitted(ours, me.cookie, me.proof)
    request = saying(f"{HELLO}&_xsrf=x", me.cookie, me.proof)
    assert (await client.ask(request)).status == 403
    assert short == []
    assert await stored(app) == []


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
async def test_what_let_a_poll_through_lets_no_post_through(
    app: Chatroom, ours: Host, short: list[bytes]
) -> None:
    me = await bearer(app)
    client = await held(ours, app, asking("room=7&wait=20", me))
    nobody = await held(ours, app, asking("room=7&wait=20"))
    message(await (await ours.connect()).ask(saying(HELLO, me)))
    for each in (client, nobody):
        told(await each.answer())
    assert (await nobody.ask(saying(HELLO))).status == 401
    assert (await nobody.ask(get(f"{NEW}?{HELLO}"))).status == 405
    assert short == []
    other = await bearer(app, "Bob")
    watching = await held(ours, app, asking("room=8&wait=20", other))
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
    for request in (asking("room=7&wait=0", me), get(f"{UPDATES}?room=7&wait=0", me)):
        assert told(await client.ask(request))["messages"] == []
    assert (await client.ask(post("/a/session", b"name=Anna", me))).status == 201
    assert len(short) == 1


@pytest.mark.gen_test
async def test_polls_and_posts_of_one_head_each_take_the_short_way_on_one_connection(
    app: Chatroom, ours: Host, short: list[bytes]
) -> None:
    me = await bearer(app)
    client = await held(ours, app, asking("room=7&wait=20", me))
    cursor = message(await (await ours.connect()).ask(saying(HELLO, me)))["id"]
    told(await client.answer())
    for turn in range(10):
        behind = asking(f"room=7&cursor={cursor}", me)
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


class TestOneSessionInMemory:
    """Where a session leaves memory as soon as another one is asked for."""

    @pytest.fixture
    def settings(self) -> Settings:
        return Settings(hold=60.0, hold_jitter=0.0, session_cache=1)

    @pytest.mark.gen_test
    async def test_each_is_who_they_are(
        self, app: Chatroom, ours: Host, short: list[bytes]
    ) -> None:
        me, other = await bearer(app), await bearer(app, "Bob")
        client = await ours.connect()
        for _ in range(3):
            for header, name in ((me, "Ann"), (other, "Bob")):
                for _ in range(2):
                    said = message(await client.ask(saying(HELLO, header)))
                    assert said["author"]["name"] == name
        assert len(short) == 6


# What waits behind it -------------------------------------------------------------------------------------------------


@pytest.mark.gen_test
async def test_what_comes_behind_a_post_waits_until_that_is_answered(
    app: Chatroom, ours: Host, engine: SqliteEngine, short: list[bytes]
) -> None:
    me = await bearer(app)
    client = await admitted(ours, me)
    (connection,) = ours.connections
    poll = get(f"{UPDATES}?room=7&wait=0")
    async with disk_held_up(engine):
        client.send(saying(HELLO, me))
        await waiting(engine, 1)
        client.send(get("/healthz") + poll)
        client.send(saying("room=7&body=behind", me)[:-3])
        await until(lambda: connection._pending.endswith(b"beh"))
        assert client.reader._buffer == b""  # type: ignore[attr-defined]
    said = message(await client.answer())
    assert (await client.answer()).body.startswith(b'{"status":"ok"')
    assert told(await client.answer())["cursors"] == {"7": said["id"]}
    client.send(b"ind" + poll)
    said = message(await client.answer())
    assert (said["body"], said["id"].partition("-")[2]) == ("behind", "2")
    assert told(await client.answer())["cursors"] == {"7": said["id"]}
    assert len(short) == 2


@pytest.mark.gen_test
@pytest.mark.parametrize(
    "bad", [b"nonsense\r\n\r\n", b"GET / HTTP/1.1\n\n", get("/", "Content-Length: x")]
)
async def test_malformed_bytes_behind_a_post_are_refused_when_that_is_answered(
    app: Chatroom, ours: Host, engine: SqliteEngine, bad: bytes
) -> None:
    me = await bearer(app)
    client = await admitted(ours, me)
    (connection,) = ours.connections
    async with disk_held_up(engine):
        client.send(saying(HELLO, me) + bad)
        await waiting(engine, 1)
        assert connection._pending == bad
    message(await client.answer())
    assert (await client.end()).startswith(b"HTTP/1.1 400 ")
    assert await stored(app) == ["hello"]


@pytest.mark.gen_test
async def test_half_a_head_behind_a_post_has_the_time_of_a_head(
    app: Chatroom, ours: Host, engine: SqliteEngine
) -> None:
    me = await bearer(app)
    client = await admitted(ours, me)
    (connection,) = ours.connections
    async with disk_held_up(engine):
        client.send(saying(HELLO, me) + b"GET /healthz HT")
        await waiting(engine, 1)
    message(await client.answer())
    await until(lambda: connection.deadline <= ours.server.now() + 10)
    ours.later(11)
    assert await client.end() == b""


@pytest.mark.gen_test(timeout=30)
async def test_a_connection_is_read_on_when_the_posts_that_waited_on_it_are_answered(
    app: Chatroom, ours: Host, engine: SqliteEngine, short: list[bytes]
) -> None:
    ours.server.limits = ours.server.limits._replace(pipeline=1024)
    me = await bearer(app)
    client = await admitted(ours, me)
    async with disk_held_up(engine):
        client.send(saying(HELLO, me))
        await waiting(engine, 1)
        client.send(saying(HELLO, me) * 50)
        await until(lambda: len(ours.connections[0]._pending) > 1024)
    for _ in range(51):
        message(await client.answer())
    assert await stored(app) == ["hello"] * 51
    assert len(short) == 51


@pytest.mark.gen_test(timeout=30)
@pytest.mark.parametrize("way", ["long", "short"])
async def test_who_reads_late_is_told_of_each_post(
    app: Chatroom, ours: Host, engine: SqliteEngine, short: list[bytes], way: str
) -> None:
    """Who does not read has no more posts taken until they do: unlike what a poll says, this is not said again."""
    me = await bearer(app)
    (await admitted(ours, me)).reset()
    await until(lambda: not ours.connections)
    client = await ours.connect(read_buffer=4096)
    await until(lambda: bool(ours.connections))
    (connection,) = ours.connections
    sock = connection.transport.get_extra_info("socket")
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 4096)
    client.reader._transport.pause_reading()  # type: ignore[attr-defined]
    form = "room=7&body=" + "x" * 3900 + "&y" * (100 if way == "long" else 0)
    client.send(saying(form, me) * 100)
    await until(lambda: connection._unsent is not None)
    for _ in range(100):
        await engine._writer.write(lambda _: None)  # with what waits for the disk, a post at a time
        for _ in range(10):
            await asyncio.sleep(0)
    client.reader._transport.resume_reading()  # type: ignore[attr-defined]
    offsets = [message(await client.answer())["id"].partition("-")[2] for _ in range(100)]
    assert offsets == [str(offset) for offset in range(1, 101)]
    assert bool(short) == (way == "short")


# When a client leaves -------------------------------------------------------------------------------------------------


@pytest.mark.gen_test
@pytest.mark.parametrize("how", ["reset", "end"])
async def test_what_a_client_said_before_it_left_is_stored_once(
    app: Chatroom, ours: Host, engine: SqliteEngine, short: list[bytes], how: str
) -> None:
    me = await bearer(app)
    client = await admitted(ours, me)
    async with disk_held_up(engine):
        client.send(saying(HELLO, me) + saying("room=7&body=behind", me))
        await waiting(engine, 1)
        if how == "reset":
            client.reset()
        else:
            client.writer.write_eof()
        await until(lambda: not ours.connections)
        assert under_way(app) == 1
    await app.inflight.idle()
    assert await stored(app) == ["hello"]
    assert len(short) == 1


@pytest.mark.gen_test
@pytest.mark.parametrize("again_at_once", [True, False])
async def test_who_leaves_and_says_it_again_is_answered_with_what_was_stored(
    app: Chatroom, ours: Host, engine: SqliteEngine, short: list[bytes], again_at_once: bool
) -> None:
    me = await bearer(app)
    request = saying(f"{HELLO}&client_id=c1", me)
    client = await admitted(ours, me)
    async with disk_held_up(engine):
        client.send(request)
        await waiting(engine, 1)
        client.reset()
        await until(lambda: not ours.connections)
        client = await ours.connect()
        if again_at_once:
            client.send(request)
            await waiting(engine, 2)
    if not again_at_once:
        await app.inflight.idle()
        client.send(request)
    answer = await client.answer()
    (kept,) = await app.chat.engine.tail("7", 9)
    assert answer.status == 200
    assert message(answer)["id"] == f"{engine.epoch}-{kept.offset}"
    assert short == [request] * 2


@pytest.mark.gen_test
async def test_who_leaves_before_the_disk_fails_is_told_nothing_and_nothing_is_stored(
    app: Chatroom, ours: Host, engine: SqliteEngine, declined: list[bytes], logged: Logged
) -> None:
    logged("writes failed")
    me = await bearer(app)
    client = await admitted(ours, me)
    async with full_disk(engine):
        async with disk_held_up(engine):
            client.send(saying("room=7&body=" + "x" * 4000, me))
            await waiting(engine, 1)
            client.reset()
            await until(lambda: not ours.connections)
        await app.inflight.idle()
    assert await stored(app) == []
    assert declined == []


@pytest.mark.gen_test
async def test_half_a_post_is_no_post(app: Chatroom, ours: Host, short: list[bytes]) -> None:
    me = await bearer(app)
    client = await admitted(ours, me)
    (connection,) = ours.connections
    client.send(saying(HELLO, me)[:-1])
    await until(lambda: bool(connection._pending))
    client.writer.write_eof()
    await until(lambda: not ours.connections)
    late = await ours.connect()
    late.send(saying(HELLO, me)[:-1])
    await until(lambda: any(it._pending for it in ours.connections))
    ours.later(app.chat.settings.body_timeout + 1)
    assert await late.end() == b""
    assert await stored(app) == short == []


# When the server closes -----------------------------------------------------------------------------------------------


@pytest.mark.gen_test
async def test_posts_that_are_under_way_when_the_chat_closes_are_answered_for_the_last_time(
    app: Chatroom, ours: Host, engine: SqliteEngine, short: list[bytes]
) -> None:
    me = await bearer(app)
    forms = ["room=7&body=old&client_id=c1", *[HELLO] * 4]
    message(await (await admitted(ours, me)).ask(saying(forms[0], me)))
    clients = [await ours.connect() for _ in forms]
    async with disk_held_up(engine):
        for number, (client, form) in enumerate(zip(clients, forms, strict=True), 1):
            client.send(saying(form, me))
            await waiting(engine, number)
            client.send(saying("room=7&body=behind", me))
        await until(lambda: all(it._pending for it in ours.connections if it.held))
        idle = asyncio.create_task(app.inflight.idle())
        ours.server.stop()
        app.chat.close()
        await asyncio.sleep(0)
        assert not idle.done()
    for client, status in zip(clients, [200, 201, 201, 201, 201], strict=True):
        answer = await client.answer()
        assert answer.status == status
        assert answer.headers["Connection"] == "close"
        assert await client.end() == b""
    await idle
    assert await stored(app) == ["old", *["hello"] * 4]
    assert len(short) == 6


@pytest.mark.gen_test
async def test_a_post_that_comes_while_the_chat_closes_is_answered_as_tornado_answers_it(
    app: Chatroom, ours: Host, stock: Host, short: list[bytes]
) -> None:
    me = await bearer(app)
    clients = [await admitted(host, me) for host in (stock, ours)]
    app.chat.close()
    answers = [await client.ask(saying(f"{HELLO}&client_id=c1", me)) for client in clients]
    assert [it.status for it in answers] == [201, 200]
    assert answers[0].timeless[1:] == answers[1].timeless[1:]
    assert answers[1].headers["Connection"] == "close"
    await app.inflight.idle()
    assert await stored(app) == ["hello"]
    assert short == []


@pytest.mark.gen_test
async def test_a_server_that_ends_answers_the_posts_that_are_under_way(
    app: Chatroom, ours: Host, engine: SqliteEngine, short: list[bytes]
) -> None:
    me = await bearer(app)
    client, gone = await admitted(ours, me), await ours.connect()
    async with disk_held_up(engine):
        for number, each in enumerate((client, gone), 1):
            each.send(saying(HELLO, me))
            await waiting(engine, number)
        gone.reset()
        ending = asyncio.create_task(close(app, ours.server))
        await until(lambda: app.chat.closing)
    answer = await client.answer()
    assert answer.status == 201
    assert answer.headers["Connection"] == "close"
    await ending
    assert len(short) == 2


@pytest.mark.gen_test
@pytest.mark.parametrize("way", ["long", "short"])
async def test_a_post_that_fails_while_the_server_ends_is_told_so(
    app: Chatroom, ours: Host, engine: SqliteEngine, logged: Logged, way: str
) -> None:
    logged("writes failed")
    logged("503 POST /a/message/new")
    me = await bearer(app)
    client = await (admitted(ours, me) if way == "short" else ours.connect())
    async with full_disk(engine):
        async with disk_held_up(engine):
            client.send(saying("room=7&body=" + "x" * 4000, me))
            await waiting(engine, 1)
            ours.server.stop()
            app.chat.close()
            idle = asyncio.create_task(app.inflight.idle())
        await idle
        await ours.server.close_all_connections()
    answer = await client.answer()
    assert answer.status == 503
    assert answer.headers["Connection"] == "close"


@pytest.mark.gen_test
async def test_all_connections_end_when_what_is_under_way_is_stored(
    app: Chatroom, ours: Host, engine: SqliteEngine, short: list[bytes]
) -> None:
    me = await bearer(app)
    client = await admitted(ours, me)
    async with disk_held_up(engine):
        client.send(saying(HELLO, me) + saying("room=7&body=behind", me))
        await waiting(engine, 1)
        ending = asyncio.create_task(ours.server.close_all_connections())
        await until(lambda: not ours.connections)
        assert await client.end() == b""
        assert not ending.done()
    await ending
    assert under_way(app) == 0
    assert await stored(app) == ["hello"]
    assert len(short) == 1
