"""Who is told what: each reader everything once, whatever ends or leaves while others are told."""

from __future__ import annotations

import asyncio
from math import inf

import pytest

from chatroom.app import Chatroom
from chatroom.server import place as places
from tests.api import bodies
from tests.conftest import until
from tests.server.chatting import bearer, told
from tests.server.hosting import Host, get
from tests.server.polling import Say, admitted, poll


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


@pytest.mark.gen_test
async def test_a_session_that_ends_ends_its_holds_and_no_other(
    app: Chatroom, ours: Host, say: Say
) -> None:
    mine, other = poll("room=7", await bearer(app)), poll("room=7", await bearer(app))
    clients = [await admitted(ours, app, say, request) for request in (mine, mine, other)]
    for client, request in zip(clients, (mine, mine, other), strict=True):
        client.send(request)
    await until(lambda: app.holds.held == 3)
    assert await app.sessions.end(mine.partition(b"Bearer ")[2].partition(b"\r")[0].decode())
    assert app.holds.held == 1
    for client in clients[:2]:
        assert told(await client.answer())["messages"] == []
        assert (await client.ask(mine)).status == 401
    await say("news")
    assert bodies(told(await clients[2].answer())) == ["news"]
