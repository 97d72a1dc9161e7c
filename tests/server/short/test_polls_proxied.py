"""Polls that come through a proxy: counted for whom it speaks, and for itself where it is not known."""

from __future__ import annotations

import pytest

from chatroom.app import Chatroom
from chatroom.settings import Settings
from tests.conftest import until
from tests.server.chatting import told
from tests.server.hosting import Client, Host
from tests.server.polling import FEW_POLLS, Say, admitted, poll

LIMIT = FEW_POLLS.polls_per_address


@pytest.fixture(params=["127.0.0.1", ""])
def settings(request: pytest.FixtureRequest) -> Settings:
    """With the proxy named, and not."""
    named = {name: getattr(FEW_POLLS, name) for name in FEW_POLLS.__struct_fields__}
    return Settings(**named | {"proxies": request.param, "polls": 100})


def through_proxy(number: int, query: str = "room=7") -> bytes:
    return poll(query, f"X-Forwarded-For: 6.6.6.6, 198.51.100.{number}")


async def hold(host: Host, app: Chatroom, request: bytes) -> Client:
    """A client that is held."""
    held, client = app.holds.held, await host.connect()
    client.send(request)
    await until(lambda: app.holds.held == held + 1)
    return client


@pytest.mark.gen_test
@pytest.mark.parametrize("known", [False, True])
async def test_clients_of_a_named_proxy_are_counted_one_by_one(
    app: Chatroom, ours: Host, say: Say, settings: Settings, *, known: bool
) -> None:
    if known:
        for number in (1, 2):
            await admitted(ours, app, say, through_proxy(number))
    for _ in range(LIMIT):
        await hold(ours, app, through_proxy(1))
    extra = await ours.connect()
    assert "retry_in" in told(await extra.ask(through_proxy(1)))
    if settings.proxies:
        await hold(ours, app, through_proxy(2))
    else:
        assert "retry_in" in told(await extra.ask(through_proxy(2)))


@pytest.mark.gen_test
async def test_one_connection_of_a_proxy_speaks_for_many(
    app: Chatroom, ours: Host, say: Say, settings: Settings
) -> None:
    client = await ours.connect()
    for turn in range(3):
        for number in (1, 2, 3):
            client.send(through_proxy(number))
            await until(lambda: app.holds.held == 1)
            (connection,) = ours.connections
            spoken_for = app.holds.address(f"198.51.100.{number}")
            assert spoken_for.held == bool(settings.proxies)
            assert connection.address.held == 1
            await say(f"{turn}")
            told(await client.answer())
            assert (spoken_for.held, app.holds.held) == (0, 0)


@pytest.mark.gen_test
async def test_a_head_is_known_only_where_it_came_from(
    app: Chatroom, ours: Host, say: Say, short: list[bytes]
) -> None:
    client = await admitted(ours, app, say, through_proxy(1))
    (connection,) = ours.connections
    connection.proxy = None if connection.proxy else "127.0.0.1"
    connection.admission = None
    client.send(through_proxy(1))
    await until(lambda: app.holds.held == 1)
    assert short == []


@pytest.mark.gen_test
async def test_a_client_is_not_counted_for_the_one_before_on_the_same_connection(
    app: Chatroom, ours: Host, say: Say, settings: Settings
) -> None:
    client = await admitted(ours, app, say, through_proxy(1))
    told(await client.ask(through_proxy(2, "room=7&wait=0.01")))
    client.send(through_proxy(1))
    await until(lambda: app.holds.held == 1)
    counted = [app.holds.address(f"198.51.100.{number}").held for number in (1, 2)]
    assert counted == ([1, 0] if settings.proxies else [0, 0])
