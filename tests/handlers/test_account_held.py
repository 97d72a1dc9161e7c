"""Whatever ends a session ends the polls that are held for it, at once and on both servers (S9)."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

import pytest
from tornado.ioloop import IOLoop

from chatroom.app import Chatroom
from tests.api import Api, Reply
from tests.handlers.browsing import OTHER, SECRET, Browser

UPDATES = "/a/message/updates?room=7"
Held = Callable[..., Awaitable[None]]
End = Callable[[Browser, Chatroom], Awaitable[object]]


async def log_out(ann: Browser, app: Chatroom) -> None:
    await Browser.post(ann, "/a/session/end")


async def revoke(ann: Browser, app: Chatroom) -> None:
    (mine,) = (await ann.me())["sessions"]
    await ann.post("/a/session/revoke", id=mine["id"])


async def sign_in(ann: Browser, app: Chatroom) -> None:
    await ann.sign_in()


async def change(ann: Browser, app: Chatroom) -> None:
    await ann.post("/a/account/password", old=SECRET, password=OTHER)


async def change_elsewhere(ann: Browser, app: Chatroom) -> None:
    other = Browser(ann.api)
    await other.open("/sign-in")
    await other.sign_in()
    await change(other, app)


async def delete(ann: Browser, app: Chatroom) -> None:
    await ann.post("/a/account/delete", password=SECRET, messages="keep")


async def bar(ann: Browser, app: Chatroom) -> None:
    chief = Browser(ann.api)
    me = await chief.claim("Chief")
    await app.chat.engine.people.appoint(me["id"], administrator=True)
    app.sessions.refresh(me["id"])
    id_ = (await ann.me())["id"]
    assert (await chief.post(f"/a/person/{id_}/bar", on="1")).status == 204


@pytest.fixture
def ann(io_loop: IOLoop, api: Api) -> Browser:
    """Somebody with an account, at a browser."""
    browser = Browser(api)
    io_loop.run_sync(browser.claim)
    return browser


@pytest.mark.gen_test
@pytest.mark.parametrize("times", [1, 2])
@pytest.mark.parametrize("end", [log_out, revoke, sign_in, change, change_elsewhere, delete, bar])
async def test_a_poll_of_a_session_that_ends_ends_with_it(
    ann: Browser, app: Chatroom, held: Held, end: End, times: int
) -> None:
    """The second poll of a client is held on the short way where there is one."""
    before = {"Cookie": f"session={ann.session}", "Connection": "keep-alive"}

    async def poll() -> Reply:
        return await ann.api.get(UPDATES, before)

    for _ in range(times - 1):
        first = asyncio.create_task(poll())
        await held(1)
        await ann.post("/a/message/new", room="7", body="hello")
        await first
    mine, other = asyncio.create_task(poll()), asyncio.create_task(ann.api.get(UPDATES))
    await held(2)
    await end(ann, app)
    ended = await mine
    assert ended.json["messages"] == []
    await held(1)
    assert (await ann.api.get("/a/session", before)).status == 401
    assert not other.done()
    app.chat.close()
    await other


@pytest.mark.gen_test
async def test_a_poll_of_a_guest_who_claims_a_name_ends(
    api: Api, app: Chatroom, held: Held
) -> None:
    guest = Browser(api)
    await guest.open()
    before = {"Cookie": f"session={guest.session}"}
    poll = asyncio.create_task(api.get(UPDATES, before))
    await held(1)
    await guest.post("/a/account", name="Ann", password=SECRET)
    assert (await poll).json["messages"] == []
    assert (await api.get("/a/session", before)).status == 401
