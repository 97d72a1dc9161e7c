"""GET /room/ROOM/export.json and export.html: the whole room, for whoever it belongs to."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Awaitable, Callable
from typing import Any
from urllib.parse import urlsplit

import msgspec
import pytest

from chatroom.app import Chatroom
from chatroom.engines.base import Page
from chatroom.engines.sqlite import SqliteEngine
from chatroom.errors import Unavailable
from chatroom.people import Person
from chatroom.settings import Settings
from tests.api import Api
from tests.conftest import until
from tests.making import draft
from tests.server_process import UNLIMITED

NOT_ALLOWED = (403, "not_allowed", None)
TOO_MANY = (429, "too_many_requests", None)
#: Entries on a page here, so that few make several.
PAGE = 10
JSON, HTML = "/room/tea/export.json", "/room/tea/export.html"

Fill = Callable[..., Awaitable[list[Any]]]


@pytest.fixture(autouse=True)
def small_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("chatroom.export.PAGE", PAGE)


@pytest.mark.gen_test
async def test_the_owner_gets_every_entry_as_the_history_has_it(
    ann: Api, bob: Api, tea: str
) -> None:
    said = await bob.say("*hi*", tea)
    await bob.say("an answer", tea, reply=said["id"])
    await ann.do("react", tea, id=said["id"], emoji="👍", on="1")
    await bob.do("edit", tea, id=said["id"], body="*hi* again")
    gone = await bob.say("oh no", tea)
    await bob.do("delete", tea, id=gone["id"])
    await ann.do("", tea, title="Tea", topic="Green")
    reply = await ann.get(JSON)
    told = reply.json
    assert reply.status == 200
    assert told["entries"] == (await ann.history(tea, limit="200"))["messages"]
    assert (told["room"], told["title"], told["topic"]) == (tea, "Tea", "Green")
    assert told["members"] == [{"id": ann.id, "name": "Ann", "role": "owner"}]
    assert (await ann.since(told["cursor"], tea))["messages"] == []


@pytest.mark.gen_test
async def test_more_than_a_page_comes_whole_and_in_order(ann: Api, tea: str, fill: Fill) -> None:
    said = await fill(2 * PAGE + 7, tea)
    told = (await ann.get(JSON)).json
    assert told["entries"][-len(said) :] == said
    assert len(told["entries"]) == len(said) + 1
    page = (await ann.get(HTML)).text
    assert page.count("<article") == len(said) + 1
    assert page.rstrip().endswith("</html>")


@pytest.mark.gen_test
async def test_what_the_room_does_not_keep_is_not_in_it(
    ann: Api, tea: str, engine: SqliteEngine
) -> None:
    for body in ("one", "two", "three"):
        await ann.say(body, tea)
    await ann.do("", tea, keep_messages="2")
    await engine.trim()
    told = (await ann.get(JSON)).json
    assert [it["body"] for it in told["entries"] if it["kind"] == "message"] == ["two", "three"]
    assert told["after"] != told["cursor"]
    assert "hello" not in (await ann.get(HTML)).text


@pytest.mark.parametrize("path", [JSON, HTML])
@pytest.mark.gen_test
async def test_it_is_a_file_to_be_kept(ann: Api, tea: str, path: str) -> None:
    headers = (await ann.get(path)).response.headers
    suffix = path.rpartition(".")[2]
    assert headers["Content-Disposition"].startswith('attachment; filename="chatroom-tea-')
    assert f'.{suffix}";' in headers["Content-Disposition"]
    assert headers["Cache-Control"] == "no-store"
    assert headers["X-Content-Type-Options"] == "nosniff"


@pytest.mark.parametrize("path", [JSON, HTML])
@pytest.mark.gen_test
async def test_who_asks_only_for_the_head_gets_no_more(ann: Api, tea: str, path: str) -> None:
    reply = await ann.send("HEAD", path)
    assert (reply.status, reply.response.body) == (200, b"")
    assert "Content-Disposition" in reply.response.headers
    assert (await ann.get(path)).status == 200


@pytest.mark.gen_test
async def test_the_page_is_in_the_language_of_the_reader(ann: Api, tea: str) -> None:
    page = (await ann.get(HTML, {"Accept-Language": "zh-CN"})).text
    assert '<html lang="zh-CN">' in page
    assert "房主" in page


@pytest.mark.gen_test
async def test_only_the_owner_may_and_to_others_the_order_page_offers_nothing(
    ann: Api, bob: Api, root: Api, tea: str
) -> None:
    await ann.do("member", tea, person=bob.id, role="moderator")
    for path in (JSON, HTML):
        assert (await bob.get(path)).error == NOT_ALLOWED
        assert path not in (await bob.get("/room/tea/order")).text
        for may in (ann, root):
            assert (await may.get(path)).status == 200
            assert path in (await may.get("/room/tea/order")).text


@pytest.mark.gen_test
async def test_a_numbered_room_is_the_administrators(ann: Api, root: Api) -> None:
    await ann.say("hello")
    assert (await ann.get("/room/7/export.json")).error == NOT_ALLOWED
    assert (await root.get("/room/7/export.json")).status == 200


@pytest.mark.gen_test
async def test_a_conversation_of_two_is_that_of_both_and_nobody_elses(
    ann: Api, bob: Api, root: Api
) -> None:
    room = (await ann.post("/a/private", {"person": bob.id})).json["room"]
    await ann.say("between us", room)
    for may in (ann, bob):
        told = (await may.get(f"/room/{room}/export.json")).json
        assert told["direct"] is True
        assert told["entries"][-1]["body"] == "between us"
    assert (await root.get(f"/room/{room}/export.json")).error == (404, "not_found", "room")


@pytest.mark.gen_test
async def test_it_counts_as_a_post(
    ann: Api, tea: str, app: Chatroom, monkeypatch: pytest.MonkeyPatch
) -> None:
    counted: list[str] = []
    monkeypatch.setattr(
        app.parts.rates, "count_post", lambda person, _address: counted.append(person.key)
    )
    await ann.get(JSON)
    assert counted == [f"person {ann.id}"]


class Gate:
    """The engine's pages, let through one by one."""

    def __init__(self, engine: SqliteEngine, monkeypatch: pytest.MonkeyPatch) -> None:
        self.asked = 0
        self.open = asyncio.Event()
        self.wrong: Exception | None = None
        self._between = engine.between
        monkeypatch.setattr(engine, "between", self._pass)

    async def _pass(self, *args: Any) -> Page:
        self.asked += 1
        if self.asked > 1:
            await self.open.wait()
        if self.wrong:
            raise self.wrong
        return await self._between(*args)

    async def second(self) -> None:
        """Return when the second page is asked for."""
        await until(lambda: self.asked == 2)


@pytest.fixture
def gate(engine: SqliteEngine, monkeypatch: pytest.MonkeyPatch) -> Gate:
    return Gate(engine, monkeypatch)


async def cut_off(api: Api, path: str, happens: Callable[[], Awaitable[object]]) -> bytes:
    """What comes of an export within which that happens; the connection ends without an end of the reply."""
    async with api.connected() as (reader, writer):
        head = (
            f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer {api.token}\r\n\r\n"
        )
        writer.write(head.encode())
        await happens()
        try:
            received = await reader.read()
        except ConnectionResetError:
            received = b""
    return received


@pytest.mark.gen_test
async def test_one_person_takes_one_room_at_a_time(
    ann: Api, root: Api, tea: str, fill: Fill, gate: Gate
) -> None:
    await fill(2 * PAGE, tea)
    first = asyncio.ensure_future(ann.get(JSON))
    await gate.second()
    second = await ann.get(HTML)
    assert second.error == TOO_MANY
    assert second.response.headers["Retry-After"] == "10"
    gate.open.set()
    assert (await first).status == (await root.get(HTML)).status == 200
    assert (await ann.get(HTML)).status == 200


@pytest.mark.gen_test
async def test_whoever_owns_it_no_longer_gets_no_more(
    ann: Api, root: Api, tea: str, fill: Fill, gate: Gate
) -> None:
    await fill(3 * PAGE, tea)

    async def deposed() -> None:
        await gate.second()
        await root.do("member", tea, person=root.id, role="owner")
        gate.open.set()

    received = await cut_off(ann, JSON, deposed)
    assert not received.endswith((b"0\r\n\r\n", b"]}\n"))
    assert gate.asked == 2
    assert (await root.get(JSON)).status == 200


@pytest.mark.gen_test
async def test_whose_session_ends_gets_no_more(ann: Api, tea: str, fill: Fill, gate: Gate) -> None:
    await fill(3 * PAGE, tea)

    async def ended() -> None:
        await gate.second()
        await ann.post("/a/session/end", {})
        gate.open.set()

    received = await cut_off(ann, JSON, ended)
    assert not received.endswith((b"0\r\n\r\n", b"]}\n"))
    assert gate.asked == 2


@pytest.mark.gen_test
async def test_a_failure_of_the_storage_cuts_it_short(
    ann: Api, tea: str, fill: Fill, gate: Gate
) -> None:
    await fill(3 * PAGE, tea)

    async def failed() -> None:
        await gate.second()
        gate.wrong = Unavailable()
        gate.open.set()

    received = await cut_off(ann, JSON, failed)
    assert not received.endswith((b"0\r\n\r\n", b"]}\n"))
    gate.wrong = None
    assert (await ann.get(JSON)).status == 200


@pytest.mark.gen_test
async def test_a_server_that_closes_does_not_wait_for_it(
    ann: Api, tea: str, fill: Fill, gate: Gate, app: Chatroom
) -> None:
    await fill(3 * PAGE, tea)

    async def closing() -> None:
        await gate.second()
        app.chat.close()
        gate.open.set()

    received = await cut_off(ann, JSON, closing)
    assert not received.endswith((b"0\r\n\r\n", b"]}\n"))
    await app.inflight.idle()


@pytest.mark.gen_test
async def test_who_leaves_may_come_again(
    ann: Api, tea: str, fill: Fill, gate: Gate, app: Chatroom
) -> None:
    await fill(3 * PAGE, tea)
    async with ann.connected() as (_, writer):
        head = (
            f"GET {JSON} HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer {ann.token}\r\n\r\n"
        )
        writer.write(head.encode())
        await gate.second()
    gate.open.set()
    await app.inflight.idle()
    assert (await ann.get(JSON)).status == 200


class TestSlowly:
    """A reader who does not read."""

    @pytest.fixture
    def settings(self) -> Settings:
        return Settings(hold=60.0, hold_jitter=0.0, **UNLIMITED | {"write_timeout": 0.3})

    @pytest.mark.gen_test(timeout=20)
    async def test_no_more_is_read_than_is_taken_and_who_takes_nothing_is_cut_off(
        self, ann: Api, tea: str, gate: Gate, app: Chatroom
    ) -> None:
        author = Person(ann.id, "Ann")
        long = [draft(room=tea, author=author, html="<p>long</p>" * 2000) for _ in range(1000)]
        await asyncio.gather(*map(app.chat.post, long))
        gate.open.set()
        where = urlsplit(ann.base)
        sock = socket.socket()
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        sock.setblocking(False)  # noqa: FBT003 - its only argument
        loop = asyncio.get_running_loop()
        await loop.sock_connect(sock, (where.hostname, where.port))
        head = (
            f"GET {JSON} HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer {ann.token}\r\n\r\n"
        )
        await loop.sock_sendall(sock, head.encode())
        await until(lambda: gate.asked > 0)
        await app.inflight.idle()
        sock.close()
        assert 0 < gate.asked < 1000 // PAGE
        assert (await ann.send("HEAD", JSON)).status == 200


@pytest.mark.gen_test
async def test_json_is_valid_whatever_was_said(ann: Api, tea: str) -> None:
    for body in ('"},{', "\u2028</script>", "\\", "\x7f\x01"):
        await ann.say(body, tea)
    body = (await ann.get(JSON)).response.body
    assert len(msgspec.json.decode(body)["entries"]) == 5
