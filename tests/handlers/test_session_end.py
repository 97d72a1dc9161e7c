"""POST /a/session/end: who ends a session is nobody at once, also where a poll is held."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from chatroom.app import Chatroom
from tests.api import Api, Reply

END = "/a/session/end"
UPDATES = "/a/message/updates"
Held = Callable[..., Awaitable[None]]
Fill = Callable[[int], Awaitable[list[Any]]]


async def program(api: Api) -> dict[str, str]:
    """The header of a new one."""
    token = (await api.post("/a/session", {"name": "bot", "token": "1"})).json["token"]
    return {"Authorization": f"Bearer {token}"}


@pytest.mark.gen_test
async def test_a_program_that_ends_its_session_is_nobody(api: Api, app: Chatroom) -> None:
    me, other = await program(api), await program(api)
    said = {"room": "7", "body": "hello"}
    assert (await api.post("/a/message/new", said, me)).status == 201
    reply = await api.post(END, {}, me)
    assert (reply.status, reply.response.body) == (204, b"")
    for path in (END, "/a/message/new", UPDATES):
        assert (await api.post(path, said, me)).error[:2] == (401, "not_signed_in")
    assert (await api.post("/a/message/new", said, other)).status == 201
    await app.inflight.idle()


@pytest.mark.gen_test
async def test_a_browser_forgets_it_and_goes_where_it_wants(api: Api) -> None:
    page = await api.get("/room/7")
    pairs = [it.partition(";")[0] for it in page.response.headers.get_list("Set-Cookie")]
    xsrf = page.response.body.decode().partition('name="_xsrf" value="')[2].partition('"')[0]
    cookies = {"Cookie": "; ".join(pairs)}
    reply = await api.post(END, {"next": "/room/7", "_xsrf": xsrf}, cookies)
    assert (reply.status, reply.response.headers["Location"]) == (303, "/room/7")
    (forgotten,) = reply.response.headers.get_list("Set-Cookie")
    assert forgotten.startswith('session=""; expires=')
    said = {"room": "7", "body": "hello", "_xsrf": xsrf}
    assert (await api.post("/a/message/new", said, cookies)).status == 401


@pytest.mark.gen_test
async def test_a_program_leaves_the_cookie_of_a_browser_alone(api: Api) -> None:
    reply = await api.post(END, {}, await program(api) | {"Cookie": "session=another"})
    assert reply.status == 204
    assert "Set-Cookie" not in reply.response.headers


@pytest.mark.gen_test
async def test_a_session_that_ends_before_its_poll_is_held_is_not_held_for(
    api: Api, app: Chatroom, monkeypatch: pytest.MonkeyPatch
) -> None:
    me = await program(api)
    tail = app.chat.engine.tail

    async def slow(room: str, limit: int) -> Any:
        await app.sessions.end(me["Authorization"].removeprefix("Bearer "))
        return await tail(room, limit)

    monkeypatch.setattr(app.chat.engine, "tail", slow)
    assert (await api.get(f"{UPDATES}?room=cold", me)).status == 401
    assert app.holds.held == 0


@pytest.mark.gen_test
async def test_whoever_has_none_cannot_end_it_and_nobody_ends_that_of_another_site(
    api: Api, ann: Api
) -> None:
    assert (await api.post(END, {})).error[:2] == (401, "not_signed_in")
    assert (await ann.post(END, {"next": "//evil.test"})).status == 400
    assert (await ann.post(END, {}, {"Sec-Fetch-Site": "cross-site"})).status == 403
    assert (await ann.say("still here"))["body"] == "still here"


@pytest.mark.gen_test
@pytest.mark.parametrize("times", [1, 2])
async def test_a_poll_that_is_held_for_it_ends_and_others_do_not(
    api: Api, app: Chatroom, held: Held, fill: Fill, times: int
) -> None:
    me, other = await program(api), await program(api)

    async def poll(who: dict[str, str]) -> Reply:
        return await api.get(f"{UPDATES}?room=7", {"Connection": "keep-alive"} | who)

    for _ in range(times - 1):
        polls = [asyncio.create_task(poll(who)) for who in (me, other)]
        await held(2)
        await fill(1)
        await asyncio.gather(*polls)
    mine, others = (asyncio.create_task(poll(who)) for who in (me, other))
    await held(2)
    await api.post(END, {}, me)
    assert (await mine).json["messages"] == []
    await held(1)
    assert (await poll(me)).status == 401
    assert not others.done()
    app.chat.close()
    await others
    assert len(app.sessions.watchers) <= 1  # our server is one for all
