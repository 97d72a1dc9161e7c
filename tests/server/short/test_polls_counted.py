"""How many polls are held: each is counted until it ends, and one too many is asked to return."""

from __future__ import annotations

import pytest

from chatroom.app import Chatroom
from tests.api import bodies
from tests.conftest import until
from tests.server.chatting import bearer, told
from tests.server.hosting import Host
from tests.server.polling import Say, admitted, poll, woken


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
    for end in (say, lambda: woken(app), lambda: _hold_over(ours)):
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
