"""Posts are stored and answered once and in order, however they come and whoever else posts."""

from __future__ import annotations

from typing import Any

import pytest

from chatroom.app import Chatroom
from tests.conftest import until
from tests.server.chatting import UPDATES, admitted, bearer, message, saying, stored, told
from tests.server.hosting import Host, get, post


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
    log = [(it.author.name, it.body) for it in (await app.chat.engine.tail("7", 200)).items]
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
