"""Posts on the short way are counted as those on the long one, each once, and who is refused is told by Tornado."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import NamedTuple

import msgspec
import pytest

from chatroom.app import Chatroom
from chatroom.engines.sqlite import SqliteEngine
from chatroom.settings import Settings
from tests.conftest import Monotonic
from tests.handlers.test_message_storage import full_disk
from tests.server.chatting import HELLO, Logged, admitted, bearer, message, saying, stored
from tests.server.hosting import Client, Host
from tests.server_process import UNLIMITED

#: Posts of a person at once; an address has two more.
BURST = 5


@pytest.fixture(params=["127.0.0.1", ""])
def settings(request: pytest.FixtureRequest) -> Settings:
    """A person may post every other second in the long run, an address every ten; with the proxy named, and not."""
    slow = {
        "posts_per_person": 0.5,
        "posts_per_person_burst": BURST,
        "posts_per_address": 0.1,
        "posts_per_address_burst": BURST + 2,
    }
    return Settings(hold=60.0, hold_jitter=0.0, proxies=request.param, **UNLIMITED | slow)


async def statuses(client: Client, request: bytes, count: int) -> list[int]:
    """What becomes of that many such posts."""
    return [(await client.ask(request)).status for _ in range(count)]


@pytest.mark.gen_test
async def test_who_posts_too_much_is_told_as_tornado_tells_it_and_is_taken_after_the_wait(  # noqa: PLR0913, PLR0917 - fixtures
    app: Chatroom,
    ours: Host,
    stock: Host,
    short: list[bytes],
    declined: list[bytes],
    monotonic: Monotonic,
) -> None:
    me = await bearer(app)
    client = await admitted(ours, me)
    request = saying(HELLO, me)
    assert await statuses(client, request, BURST - 1) == [201] * (BURST - 1)
    assert short == [request] * (BURST - 1)
    for elsewhere in (client, await ours.connect()):
        refused = await elsewhere.ask(request)
        assert (refused.status, refused.headers["Retry-After"]) == (429, "2")
        assert msgspec.json.decode(refused.body)["error"]["code"] == "too_many_requests"
    by_stock = await (await stock.connect()).ask(request)
    assert by_stock.timeless == refused.timeless
    other = await bearer(app, "Bob")
    assert (await client.ask(saying(HELLO, other))).status == 201
    monotonic.now += 2.0
    assert message(await client.ask(saying("room=7&body=later", me)))["body"] == "later"
    assert len(short) == BURST
    assert declined == []
    assert await stored(app) == ["hello"] * BURST + ["later"]


@pytest.mark.gen_test
async def test_what_is_refused_is_not_rendered(
    app: Chatroom, ours: Host, monkeypatch: pytest.MonkeyPatch
) -> None:
    me = await bearer(app)
    client = await admitted(ours, me)
    rendered: list[str] = []

    def render(body: str) -> str:
        rendered.append(body)
        return body

    monkeypatch.setattr("chatroom.drafting.render", render)
    assert await statuses(client, saying(HELLO, me), 2 * BURST) == [201] * 4 + [429] * 6
    assert rendered == ["hello"] * 4


class Case(NamedTuple):
    """A post, what becomes of the first, and of each later one; and the lines that the log has of it."""

    form: str
    first: int
    later: int
    log: tuple[str, ...] = ()


CASES = {
    "a message": Case(HELLO, 201, 201),
    "a repeat": Case("room=before&body=to+admit&client_id=c1", 201, 200),
    "no message": Case("room=7&body=", 400, 400),
    "a room that is none": Case("room=a+b&body=hello", 400, 400),
    "a form of a page": Case("room=7&body=hello&next=/", 303, 303),
    "a proof": Case("room=7&body=hello&_xsrf=x", 201, 201),
    "a long one": Case("room=7&body=" + "界" * 1400, 201, 201),
    "a full disk": Case(
        "room=7&body=" + "x" * 4000, 503, 503, ("writes failed", "503 POST /a/message/new")
    ),
}


@asynccontextmanager
async def disk(engine: SqliteEngine, case: Case) -> AsyncIterator[None]:
    """The disk that the case wants."""
    if case.first == 503:
        async with full_disk(engine):
            yield
    else:
        yield


@pytest.mark.gen_test
@pytest.mark.parametrize("name", CASES)
async def test_a_post_is_counted_once_whatever_becomes_of_it(
    app: Chatroom, ours: Host, engine: SqliteEngine, logged: Logged, name: str
) -> None:
    case = CASES[name]
    for line in case.log:
        logged(line)
    me = await bearer(app)
    client = await admitted(ours, me)
    async with disk(engine, case):
        became = await statuses(client, saying(case.form, me), BURST + 1)
    assert became == [case.first] + [case.later] * (BURST - 2) + [429] * 2
    assert (await client.ask(saying(HELLO, await bearer(app)))).status == 201


@pytest.mark.gen_test
async def test_a_conflict_is_counted_once(app: Chatroom, ours: Host, declined: list[bytes]) -> None:
    me = await bearer(app)
    client = await admitted(ours, me)
    one, two = (saying(f"room=7&body={body}&client_id=c1", me) for body in ("one", "two"))
    assert await statuses(client, one, 1) == [201]
    assert await statuses(client, two, BURST - 1) == [409] * (BURST - 2) + [429]
    assert declined == [two] * (BURST - 2)


@pytest.mark.gen_test
async def test_people_at_one_address_are_counted_together(
    app: Chatroom, ours: Host, short: list[bytes], monotonic: Monotonic
) -> None:
    ann, bob = await bearer(app), await bearer(app, "Bob")
    clients = [(await admitted(ours, it), saying(HELLO, it)) for it in (ann, bob)]
    for _ in range(2):
        for client, request in clients:
            assert (await client.ask(request)).status == 201
    (client, request), (other, the_others) = clients
    assert await statuses(client, request, 2) == [201, 429]
    refused = await other.ask(the_others)
    assert (refused.status, refused.headers["Retry-After"]) == (429, "10")
    monotonic.now += 10.0
    assert await statuses(other, the_others, 2) == [201, 429]
    assert len(short) == 6


@pytest.mark.gen_test
async def test_clients_of_a_named_proxy_are_counted_one_by_one_on_one_connection_too(
    app: Chatroom, ours: Host, short: list[bytes], settings: Settings
) -> None:
    client = await ours.connect()
    said = 0
    for _ in range(3):
        for number in range(4):
            me = await bearer(app)
            forwarded = f"X-Forwarded-For: 6.6.6.{said}, 198.51.100.{number}"
            became = await statuses(client, saying(HELLO, me, forwarded), 2)
            allowed = settings.proxies or said < BURST + 2
            said += became.count(201)
            assert became[0] == (201 if allowed else 429)
    assert said == (24 if settings.proxies else BURST + 2)
    assert len(short) == (12 if settings.proxies else 3)


@pytest.mark.gen_test
async def test_a_client_of_a_named_proxy_that_posts_too_much_stops_nobody_else(
    app: Chatroom, ours: Host, settings: Settings
) -> None:
    client = await ours.connect()

    async def hello(number: int) -> int:
        request = saying(HELLO, await bearer(app), f"X-Forwarded-For: 198.51.100.{number}")
        return (await client.ask(request)).status

    assert [await hello(1) for _ in range(BURST + 3)] == [201] * (BURST + 2) + [429]
    assert await hello(2) == (201 if settings.proxies else 429)
