"""Polls that come in pieces, packed together or packed with something else: each is one poll."""

from __future__ import annotations

from typing import Any

import pytest

from chatroom.app import Chatroom
from tests.api import bodies
from tests.conftest import until
from tests.server.chatting import told
from tests.server.hosting import Host, get
from tests.server.polling import Say, admitted, form, poll


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
