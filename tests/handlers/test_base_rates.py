"""How often one address may ask, whatever it is that it asks for; the proxy that speaks for it is believed, or not."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from chatroom.app import Chatroom
from chatroom.settings import Settings
from tests.api import Api, Reply
from tests.conftest import Monotonic
from tests.server_process import UNLIMITED

HISTORY = "/a/room/7/messages"
UPDATES = "/a/message/updates"
NEW = "/a/message/new"
TOO_MANY = (429, "too_many_requests", None)

Held = Callable[..., Awaitable[None]]
Fill = Callable[..., Awaitable[list[Any]]]


@pytest.fixture(params=["127.0.0.1"])
def proxies(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def settings(proxies: str) -> Settings:
    """An address may ask three times at once, and then every four seconds; the tests come through a proxy."""
    slow = {"requests_per_address": 0.25, "requests_per_address_burst": 3}
    return Settings(hold=60.0, hold_jitter=0.0, proxies=proxies, **UNLIMITED | slow)


def by(address: str) -> dict[str, str]:
    """The header of a proxy that speaks for `address`."""
    return {"X-Forwarded-For": address}


async def exhausted(api: Api, address: str = "198.51.100.1") -> None:
    """Ask until it is too much."""
    for _ in range(3):
        assert (await api.get(HISTORY, by(address))).status == 200


async def asked(api: Api, address: str = "198.51.100.1", **headers: str) -> Reply:
    """One more request."""
    return await api.get(HISTORY, by(address) | headers)


@pytest.mark.gen_test
async def test_who_asks_too_often_is_told_when_to_ask_again_and_is_answered_then(
    api: Api, monotonic: Monotonic
) -> None:
    await exhausted(api)
    monotonic.now += 0.5
    reply = await asked(api)
    assert reply.error == TOO_MANY
    assert reply.response.headers["Retry-After"] == "4"
    assert reply.response.headers["Cache-Control"] == "no-store"
    monotonic.now += 3.0
    assert (await asked(api)).response.headers["Retry-After"] == "1"
    monotonic.now += 0.5
    assert (await asked(api)).status == 200
    assert (await asked(api)).status == 429


@pytest.mark.gen_test
async def test_it_is_told_in_the_language_of_the_reader_and_to_a_browser_on_a_page(
    api: Api,
) -> None:
    await exhausted(api)
    english, chinese = [
        (await asked(api, **{"Accept-Language": it})).json["error"] for it in ("en", "zh")
    ]
    assert "Try again in 4 s." in english["message"]
    assert "4 秒" in chinese["message"]
    page = await asked(api, Accept="text/html")
    assert (page.status, page.response.headers["Retry-After"]) == (429, "4")
    assert "Try again in 4 s." in page.text


@pytest.mark.gen_test
async def test_whatever_asks_the_chat_is_counted_together(ann: Api) -> None:
    me = by("198.51.100.1")
    asks: list[Callable[[], Awaitable[Reply]]] = [
        lambda: ann.get("/", me),
        lambda: ann.get("/room?room=7", me),
        lambda: ann.get("/room/7", me),
        lambda: ann.get(HISTORY, me),
        lambda: ann.get(f"{UPDATES}?wait=0", me),
        lambda: ann.post("/a/session", {"name": "Ann"}, me),
        lambda: ann.post("/a/session", {}, me),
        lambda: ann.post(NEW, {"body": "hello"}, me),
        lambda: ann.post("/a/session/end", {}, me),
    ]
    statuses = [(await ask()).status for ask in asks[:3]]
    assert statuses == [200, 303, 200]
    assert {(await ask()).status for ask in asks} == {429}
    assert (await ann.say("still here"))["author"]["name"] == "Ann"


@pytest.mark.gen_test
async def test_health_static_files_and_what_is_not_there_are_answered_to_everybody(
    api: Api, app: Chatroom
) -> None:
    await exhausted(api)
    me, file = by("198.51.100.1"), f"/static/{app.settings['release']}/favicon.svg"
    for path, status in (("/healthz", 200), ("/readyz", 200), (file, 200), ("/nowhere", 404)):
        for _ in range(5):
            assert (await api.get(path, me)).status == status, path
    assert (await asked(api)).status == 429


@pytest.mark.gen_test
async def test_others_at_other_addresses_are_not_made_to_wait(api: Api) -> None:
    await exhausted(api)
    assert (await asked(api)).status == 429
    assert (await asked(api, "198.51.100.2")).status == 200


@pytest.mark.gen_test
async def test_a_network_of_64_bits_is_one_address(api: Api) -> None:
    for last in ("1", "2:3:4:5", "ffff:ffff:ffff:ffff"):
        assert (await asked(api, f"2001:db8:0:7:{last}".replace(":1", "::1"))).status == 200
    assert (await asked(api, "2001:db8:0:7::99")).status == 429
    assert (await asked(api, "2001:db8:0:8::1")).status == 200


@pytest.mark.gen_test
@pytest.mark.parametrize("proxies", ["", "192.0.2.1"], indirect=True)
async def test_of_who_is_no_proxy_of_ours_no_header_changes_for_whom_it_is_counted(
    api: Api,
) -> None:
    for number in range(3):
        assert (await asked(api, f"198.51.100.{number}")).status == 200
    for header in ("X-Forwarded-For", "X-Real-Ip", "Forwarded", "Client-Ip"):
        assert (await api.get(HISTORY, {header: "198.51.100.9"})).status == 429
    assert (await api.get(HISTORY, {"Cookie": "session=another"})).status == 429
    assert (await api.get(HISTORY, {"Authorization": "Bearer another"})).status == 429


@pytest.mark.gen_test
async def test_behind_a_proxy_nobody_can_put_an_address_in_front_of_their_own(api: Api) -> None:
    for number in range(3):
        assert (await asked(api, f"203.0.113.{number}, 198.51.100.1")).status == 200
    assert (await asked(api, "203.0.113.9, 198.51.100.1")).status == 429


@pytest.mark.gen_test
async def test_a_poll_is_counted_unless_somebody_has_spoken_while_its_handler_held_it(
    api: Api, held: Held, fill: Fill
) -> None:
    async def poll(**fields: str) -> Reply:
        unusual = by("198.51.100.1") | {"Connection": "close"}  # or our connection would hold it
        return await api.post(UPDATES, {"room": "7"} | fields, unusual)

    for _ in range(5):
        told = asyncio.create_task(poll())
        await held(1)
        await fill(1)
        assert len((await told).json["messages"]) == 1
    for fields in ({"wait": "0"}, {"wait": "0.01"}, {"cursor": "aaaaaaaa-0"}):
        assert (await poll(**fields)).status == 200
    assert (await poll()).error == TOO_MANY


@pytest.mark.gen_test
async def test_a_poll_whose_client_leaves_is_counted(api: Api, held: Held) -> None:
    head = f"GET {UPDATES}?room=7 HTTP/1.0\r\nHost: x\r\nX-Forwarded-For: 198.51.100.1\r\n\r\n"
    for _ in range(3):
        async with api.connected() as (_, writer):
            writer.write(head.encode())
            await held(1)
        await held(0)
    assert (await asked(api)).status == 429
