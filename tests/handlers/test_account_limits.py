"""Guessing passwords (S12, S13): nothing is told of who there is, few guesses are let through, the owner comes in."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from tornado.ioloop import IOLoop

from chatroom.app import Chatroom, make_app
from chatroom.engines.sqlite import SqliteEngine
from chatroom.settings import Settings
from tests.api import Api, Reply
from tests.conftest import Clock
from tests.handlers.browsing import OTHER, SECRET, Browser

SIGN_IN = "/a/account/sign-in"
MINUTE = 1 / 24 / 60  # days
Headers = dict[str, str]


@pytest.fixture
def settings() -> Settings:
    """The tests come through a proxy that is believed."""
    return Settings(proxies="127.0.0.1", log_level="error")


@pytest.fixture
def app(settings: Settings, engine: SqliteEngine, clock: Clock) -> Chatroom:
    """One whose limits have the clock of the test."""
    return make_app(settings, engine, clock, lambda: clock.now / 1_000_000)


@pytest.fixture
def ann(io_loop: IOLoop, api: Api) -> Browser:
    """Somebody with an account, claimed from somewhere that no test uses again."""
    browser = Browser(api)
    io_loop.run_sync(browser.claim)
    return browser


def whence(number: int) -> Headers:
    """Somewhere: a /64 of its own."""
    return {"X-Forwarded-For": f"2001:db8:0:{number:x}::1"}


async def guess(api: Api, headers: Headers, name: str = "Ann", password: str = OTHER) -> Reply:
    """Try a password without a cookie."""
    return await api.post(SIGN_IN, {"name": name, "password": password, "token": "1"}, headers)


async def attack(
    clock: Clock, seconds: int, once: Callable[[int], Headers], api: Api, name: str = "Ann"
) -> int:
    """How many guesses come through in so many seconds, three a second."""
    through = 0
    for number in range(3 * seconds):
        reply = await guess(api, once(number), name.format(number))
        assert reply.status in (401, 429)
        through += reply.status == 401
        clock.now += 333_333
    return through


@pytest.mark.gen_test
async def test_whatever_is_wrong_is_answered_alike(ann: Browser, api: Api, app: Chatroom) -> None:
    eve = Browser(api)
    barred = (await eve.claim("Eve"))["id"]
    await app.chat.engine.people.bar(barred, barred=True)
    await app.sessions.open("Guest")
    tried = [("Ann", OTHER), ("Ann", ""), ("Nobody", SECRET), ("Guest", SECRET)]
    tried += [("Eve", SECRET), ("Eve", OTHER), ("Ann", "x" * 1001)]
    for accept in ("application/json", "text/html"):
        replies = [
            await guess(api, whence(number) | {"Accept": accept}, *fields)
            for number, fields in enumerate(tried)
        ]
        assert {it.status for it in replies} == {401}
        bodies = {
            it.text.replace(name, "NAME") for it, (name, _) in zip(replies, tried, strict=True)
        }
        assert len(bodies) == 1
        kept = [{name for name in it.response.headers if name != "Date"} for it in replies]
        assert all(names == kept[0] for names in kept)
    assert replies[0].error if replies[0].json else "wrong" in replies[0].text


@pytest.mark.gen_test
async def test_the_refusal_of_too_many_tries_says_nothing_of_who_there_is(
    ann: Browser, api: Api
) -> None:
    replies = []
    for number, name in enumerate(("Ann", "Nobody")):
        for _ in range(4):
            reply = await guess(api, whence(number), name)
        replies.append(reply)
    assert [it.error for it in replies] == [(429, "too_many_requests", None)] * 2
    assert [it.response.headers["Retry-After"] for it in replies] == ["1", "1"]
    assert replies[0].text == replies[1].text


@pytest.mark.gen_test(timeout=30)
async def test_one_address_gets_ten_guesses_at_an_account_in_three_minutes(
    ann: Browser, api: Api, clock: Clock
) -> None:
    assert await attack(clock, 180, lambda _: whence(1), api) == 10
    assert await attack(clock, 180, lambda _: whence(1), api) <= 3


@pytest.mark.gen_test(timeout=30)
@pytest.mark.parametrize(
    "forged",
    [
        lambda number: {"X-Real-Ip": f"198.51.100.{number % 250}"},
        lambda number: {"Forwarded": f"for=198.51.100.{number % 250}"},
        lambda number: {"X-Forwarded-For": f"198.51.100.{number % 250}, 203.0.113.9"},
        lambda number: {"X-Forwarded-For": f"2001:db8:0:1::{number:x}"},
        lambda number: {"Cookie": f"session={number}", "Authorization": f"Bearer {number}"},
    ],
)
async def test_saying_that_one_comes_from_elsewhere_changes_nothing(
    ann: Browser, api: Api, clock: Clock, forged: Callable[[int], Headers]
) -> None:
    assert await attack(clock, 60, forged, api) <= 9


@pytest.mark.gen_test(timeout=30)
async def test_one_address_cannot_go_through_all_names(
    ann: Browser, api: Api, clock: Clock
) -> None:
    assert await attack(clock, 60, lambda _: whence(1), api, "name {}") <= 41


@pytest.mark.gen_test(timeout=30)
async def test_the_owner_comes_in_while_many_addresses_attack(
    ann: Browser, api: Api, clock: Clock
) -> None:
    home, elsewhere = {"X-Forwarded-For": "192.0.2.7"}, {"X-Forwarded-For": "192.0.2.8"}
    assert (await guess(api, home, password=SECRET)).status == 200
    assert await attack(clock, 60, whence, api) <= 27
    refused = await guess(api, elsewhere, password=SECRET)
    assert refused.status == 429
    assert (await guess(api, home, password=SECRET)).status == 200
    wait = int(refused.response.headers["Retry-After"])
    assert wait <= 10
    clock.now += wait * 1_000_000
    assert (await guess(api, elsewhere, password=SECRET)).status == 200


@pytest.mark.gen_test
@pytest.mark.parametrize("path", ["/a/account/password", "/a/account/delete"])
async def test_a_stolen_session_does_not_find_the_password(
    ann: Browser, api: Api, clock: Clock, path: str
) -> None:
    fields = {"old": OTHER, "password": OTHER, "messages": "delete"}
    statuses = [(await ann.post(path, **fields)).status for _ in range(5)]
    assert statuses == [403, 403, 403, 429, 429]
    right = await ann.post(path, **(fields | {"old": SECRET, "password": SECRET}))
    assert right.status == 429
    assert int(right.response.headers["Retry-After"]) == 1
    clock.now += 1_000_000
    assert (await ann.post(path, **(fields | {"old": SECRET, "password": SECRET}))).status == 204


@pytest.mark.gen_test
async def test_a_limit_that_was_reached_is_over_when_it_says(
    ann: Browser, api: Api, clock: Clock
) -> None:
    for _ in range(12):
        while (refused := await guess(api, whence(1))).status == 401:
            pass
        clock.now += int(refused.response.headers["Retry-After"]) * 1_000_000
    assert (await guess(api, whence(1), password=SECRET)).status == 200
    clock.forward(20 * MINUTE)
