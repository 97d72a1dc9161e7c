"""Places: one waiter for many, told in slices."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import pytest
from tornado.httpserver import HTTPServer

from chatroom.app import Chatroom
from chatroom.deed import FOR_EVER, Bar, Change
from chatroom.people import Visitor
from chatroom.serve import make_server
from chatroom.server import place
from chatroom.server.place import Place
from chatroom.settings import Settings
from tests.conftest import until
from tests.making import said
from tests.server.hosting import Client, Host, get

ROOMS = "789"


@pytest.fixture
def ours(app: Chatroom, settings: Settings, host: Callable[[HTTPServer], Host]) -> Host:
    return host(make_server(app, settings))


async def waiting(ours: Host, app: Chatroom, room: str, count: int) -> list[Client]:
    """So many who have been there before and wait at the head of a room."""
    clients = [await ours.connect() for _ in range(count)]
    for ask in ("&wait=0", "&cursor=" + f"{app.chat.engine.epoch}-{app_head(app, room)}"):
        for number, client in enumerate(clients, 1):
            client.send(get(f"/a/message/updates?room={room}{ask}"))
            if "wait" in ask:
                await client.answer()
            else:
                await until(lambda number=number: app.chat.rooms.listening(room) == number)
    return clients


def app_head(app: Chatroom, room: str) -> int:
    """Where a room's log ends; 0 where it is not in memory."""
    (found,) = app.chat.rooms.warm([room]) or [None]
    return found.buffer.head if found else 0


async def say(app: Chatroom, *rooms: str) -> None:
    _, ann = await app.sessions.open("Ann")
    await asyncio.gather(*[app.chat.post(said(ann, room, "hello")) for room in rooms])


@pytest.mark.gen_test
async def test_all_who_ask_the_same_are_one_waiter(ours: Host, app: Chatroom) -> None:
    first = await waiting(ours, app, "7", 1)
    await say(app, "7")
    await first[0].answer()
    clients = await waiting(ours, app, "7", 5)
    (room,) = app.chat.rooms.warm(["7"]) or []
    assert [type(it) for it in room.buffer.waiters] == [Place] * len(room.buffer.waiters)
    assert len(room.buffer.waiters) < room.listening == app.holds.held == 5
    await say(app, "7")
    replies = {(await client.answer()).body for client in clients}
    assert len(replies) == 1
    assert (app.holds.held, room.listening) == (0, 0)


@pytest.mark.gen_test
async def test_replies_of_many_rooms_are_sliced_together(
    ours: Host, app: Chatroom, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(place, "WAKE_SLICE", 4)
    clients = [it for room in ROOMS for it in await waiting(ours, app, room, 3)]
    answers = ours.server.short_way.polls.answers
    turns: list[int] = []
    write = answers._write

    def counted() -> None:
        before = sum(it.held is None for it in ours.connections)
        write()
        turns.append(sum(it.held is None for it in ours.connections) - before)

    monkeypatch.setattr(answers, "_write", counted)
    await say(app, *ROOMS)
    for client in clients:
        await client.answer()
    assert sum(turns) == len(clients)
    assert max(turns) <= 4


@pytest.mark.gen_test
async def test_who_leaves_before_its_slice_comes_is_passed_over(
    ours: Host, app: Chatroom, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(place, "WAKE_SLICE", 1)
    clients = await waiting(ours, app, "7", 4)
    said: Any = asyncio.create_task(say(app, "7"))
    await until(lambda: app.holds.held == 0)
    for connection in ours.connections[2:]:
        connection.abort()
    await said
    told = [await client.end() if client.reader.at_eof() else b"" for client in clients]
    assert len(told) == 4
    await until(lambda: not ours.server.short_way.polls.answers)
    assert (app.holds.held, app.chat.rooms.listening("7")) == (0, 0)


@pytest.mark.gen_test
async def test_of_many_at_one_place_those_who_are_kept_out_are_answered_at_once_with_nothing(
    ours: Host, app: Chatroom
) -> None:
    ann_token, ann = await app.sessions.open("Ann")
    bob_token, bob = await app.sessions.open("Bob")
    await app.chat.post(said(ann, "tea", "hello"))
    clients = [await ours.connect() for _ in range(4)]
    asked = f"/a/message/updates?room=tea&cursor={app.chat.engine.epoch}-"
    tokens = [ann_token, bob_token, ann_token, bob_token]
    for wait in (0, 60):
        for client, token in zip(clients, tokens, strict=True):
            client.send(
                get(f"{asked}{int(wait > 0)}&wait={wait}", f"Authorization: Bearer {token}")
            )
            if not wait:
                await client.answer()
    await until(lambda: app.chat.rooms.listening("tea") == 4)
    (room,) = app.chat.rooms.warm(["tea"]) or []
    assert [type(it) for it in room.buffer.waiters] == [Place]
    bar = app.chat.engine.act("tea", Bar(person=bob, until=FOR_EVER), Visitor(ann))
    await asyncio.gather(bar, app.chat.post(said(ann, "tea", "secret")))
    replies = [await client.answer() for client in clients]
    assert [b'"messages":[]' in it.body for it in replies] == [False, True, False, True]
    assert not any(b"secret" in it.body for it in replies[1::2])
    assert (app.holds.held, room.listening) == (0, 0)
    for client, token in zip(clients[1::2], tokens[1::2], strict=True):
        client.send(get(f"{asked}1&wait=60", f"Authorization: Bearer {token}"))
        assert (await client.answer()).status == 404


@pytest.mark.gen_test
async def test_many_who_are_put_out_are_answered_in_slices_and_told_nothing_of_what_follows(
    ours: Host, app: Chatroom, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(place, "WAKE_SLICE", 2)
    _, ann = await app.sessions.open("Ann")
    await app.chat.post(said(ann, "tea", "hello"))
    await app.chat.outlook("tea", Visitor(ann))  # in memory from now on
    clients = await waiting(ours, app, "tea", 7)
    answers = ours.server.short_way.polls.answers
    turns: list[int] = []
    next_turn = answers._next_turn

    def counted() -> None:
        turns.append(sum(it.held is not None for it in ours.connections))
        next_turn()

    monkeypatch.setattr(answers, "_next_turn", counted)
    monkeypatch.setattr(answers, "_left", 2)
    (room,) = app.chat.rooms.warm(["tea"]) or []
    closed = app.chat.engine.act("tea", Change(closed=True), Visitor(ann))
    await asyncio.gather(closed, app.chat.post(said(ann, "tea", "secret")))
    assert (app.holds.held, room.listening, list(room.buffer.waiters)) == (0, 0, [])
    replies = [await client.answer() for client in clients]
    assert all(b'"messages":[]' in it.body for it in replies)
    await until(lambda: turns[-1:] == [0] and not answers)
    assert turns[:4] == [5, 3, 1, 0]


@pytest.mark.gen_test
async def test_who_is_put_out_and_leaves_before_its_slice_comes_is_passed_over(
    ours: Host, app: Chatroom, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(place, "WAKE_SLICE", 1)
    _, ann = await app.sessions.open("Ann")
    await app.chat.post(said(ann, "tea", "hello"))
    await app.chat.outlook("tea", Visitor(ann))  # in memory from now on
    await waiting(ours, app, "tea", 3)
    monkeypatch.setattr(ours.server.short_way.polls.answers, "_left", 1)
    closed = asyncio.create_task(
        app.chat.engine.act("tea", Change(closed=True), Visitor(ann))  # type: ignore[arg-type]
    )
    await until(lambda: app.holds.held == 0)
    late = [it for it in ours.connections if it.held]
    assert len(late) == 2
    for connection in late:
        connection.expire(connection.deadline + 1)
        connection.abort()
    await closed
    await until(lambda: not ours.server.short_way.polls.answers)
    assert (app.holds.held, app.chat.rooms.listening("tea")) == (0, 0)
