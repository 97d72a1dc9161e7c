"""Closing: whoever waits is answered at once and asked to come back, and posts under way are finished."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

import pytest

from chatroom.app import Chatroom
from tests.api import Api, Reply, bodies
from tests.conftest import until

UPDATES = "/a/message/updates"
Held = Callable[..., Awaitable[None]]
Logged = Callable[[str], None]


def asked_to_return(reply: Reply, app: Chatroom) -> bool:
    """Whether the reply names a pause within the spread."""
    pause: float = reply.json["retry_in"]
    return 1 <= pause <= 1 + app.chat.settings.retry_spread


@pytest.mark.gen_test
async def test_held_polls_are_answered_at_once_when_the_server_closes(
    ann: Api, app: Chatroom, held: Held
) -> None:
    message = await ann.say("old", "8")
    fields = [("room", "7"), ("room", "8"), ("cursor", ""), ("cursor", message["id"])]
    polls = [asyncio.create_task(ann.post(UPDATES, fields)) for _ in range(20)]
    await held(20)
    app.chat.close()
    replies = await asyncio.gather(*polls)
    assert all(reply.status == 200 and asked_to_return(reply, app) for reply in replies)
    assert len({reply.json["retry_in"] for reply in replies}) > 1
    cursors = {"7": f"{message['id'][:8]}-0", "8": message["id"]}
    assert all(reply.json["cursors"] == cursors for reply in replies)
    assert all(reply.json["messages"] == [] for reply in replies)


@pytest.mark.gen_test
async def test_held_polls_are_told_that_the_connection_ends(
    api: Api, app: Chatroom, held: Held
) -> None:
    poll = asyncio.create_task(api.get(f"{UPDATES}?room=7", {"Connection": "keep-alive"}))
    await held(1)
    app.chat.close()
    assert (await poll).response.headers["Connection"] == "close"


@pytest.mark.gen_test
async def test_a_poll_that_comes_while_the_server_closes_is_not_held(
    ann: Api, app: Chatroom
) -> None:
    first = await ann.say("first")
    app.chat.close()
    late = await ann.get(f"{UPDATES}?room=7", {"Connection": "keep-alive"})
    assert asked_to_return(late, app)
    assert late.response.headers["Connection"] == "close"
    behind = await ann.get(f"{UPDATES}?room=7&cursor={first['id'][:8]}-0")
    assert bodies(behind.json) == ["first"]


@pytest.mark.gen_test
async def test_a_closing_server_lives_but_is_not_ready(
    api: Api, app: Chatroom, logged: Logged
) -> None:
    logged("503 GET /readyz")
    assert (await api.get("/readyz")).json == {"status": "ready"}
    app.chat.close()
    reply = await api.get("/readyz")
    assert reply.status == 503
    assert int(reply.response.headers["Retry-After"]) >= 1
    assert (await api.get("/healthz")).status == 200


@pytest.mark.gen_test
async def test_a_post_that_is_under_way_is_taken(ann: Api, app: Chatroom) -> None:
    post = asyncio.create_task(ann.say("last words"))
    await until(lambda: bool(app.inflight._requests))
    app.chat.close()
    await post
    await app.inflight.idle()
    assert bodies(await ann.history()) == ["last words"]


@pytest.mark.gen_test
async def test_a_held_poll_is_in_flight_until_it_is_answered(
    api: Api, app: Chatroom, held: Held
) -> None:
    poll = asyncio.create_task(api.updates({"room": "7"}))
    await held(1)
    idle = asyncio.create_task(app.inflight.idle())
    await asyncio.sleep(0)
    assert not idle.done()
    app.chat.close()
    await idle
    await poll


@pytest.mark.gen_test
async def test_what_is_refused_is_not_left_in_flight(ann: Api, app: Chatroom) -> None:
    big = b"x" * (app.chat.settings.max_body + 1)
    await ann.send("POST", "/a/message/new", big)
    await ann.send("PUT", "/a/message/new", b"")
    await ann.post("/a/message/new", {"body": ""})
    await ann.send("HEAD", "/healthz")
    await app.inflight.idle()
