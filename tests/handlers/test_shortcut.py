"""When a handler lets a connection do without it: for what was let through, and by its head alone."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import pytest
from tornado.http1connection import HTTP1Connection
from tornado.httputil import HTTPHeaders, HTTPServerRequest, RequestStartLine

from chatroom.app import Chatroom
from chatroom.engines.sqlite import SqliteEngine
from chatroom.handlers.shortcut import Shortcut, shortcut
from chatroom.poll import Poll
from chatroom.server.exchange import Exchange
from chatroom.sessions import Known
from tests.api import Api, bodies
from tests.handlers.test_message_storage import full_disk

NEW = "/a/message/new"
UPDATES = "/a/message/updates"
HELLO = {"room": "7", "body": "hello"}
Logged = Callable[[str], None]


class Holding:
    """A connection that can hold polls, and nothing else."""

    def hold(self, poll: Poll, known: Known | None) -> bool:
        return True


class Able(Holding):
    """A connection that can do without a handler."""

    def admit(self, known: Known) -> None:
        pass


def request(connection: Any, uri: str = NEW, body: bytes = b"") -> HTTPServerRequest:
    """A form that came on `connection`, as Tornado reads it."""
    kind = {"Content-Type": "application/x-www-form-urlencoded"}
    headers = HTTPHeaders(kind, Host="localhost")
    line = RequestStartLine("POST", uri, "HTTP/1.1")
    asked = HTTPServerRequest(start_line=line, headers=headers, body=body, connection=connection)
    asked._parse_body()
    return asked


def test_a_connection_that_can_hold_and_admit_is_a_shortcut() -> None:
    able = Able()
    for body in (b"", b"room=7&body=hello", b"xsrf=x&_XSRF=y&body=_xsrf%3Dz"):
        assert shortcut(request(able, body=body)) is able
    assert issubclass(Exchange, Shortcut)


def test_any_other_connection_is_none() -> None:
    for connection in (None, object(), Holding()):
        assert shortcut(request(connection)) is None
    assert not issubclass(HTTP1Connection, Shortcut)


@pytest.mark.parametrize("proof", ["_xsrf=x", "%5Fxsr%66=x", "_xsrf=", "a=b&_xsrf=x", "_xsrf"])
def test_a_request_that_brings_a_proof_among_its_arguments_takes_no_shortcut(proof: str) -> None:
    assert shortcut(request(Able(), body=proof.encode())) is None
    assert shortcut(request(Able(), uri=f"{UPDATES}?{proof}")) is None


@pytest.fixture
def admitted(monkeypatch: pytest.MonkeyPatch) -> list[Known]:
    """Whose posts the connections were told to take."""
    told: list[Known] = []
    monkeypatch.setattr(Exchange, "admit", lambda _, known: told.append(known))
    return told


@pytest.mark.gen_test
async def test_every_post_that_is_taken_admits_its_author(
    ann: Api, bob: Api, admitted: list[Known], server_kind: str
) -> None:
    for api, fields, status in (
        (ann, HELLO, 201),
        (ann, HELLO | {"client_id": "c1"}, 201),
        (ann, HELLO | {"client_id": "c1"}, 200),
        (ann, HELLO | {"next": "/room/7"}, 303),
        (bob, HELLO, 201),
    ):
        assert (await api.post(NEW, fields)).status == status
    names = [known.person.name for known in admitted]
    assert names == (["Ann"] * 4 + ["Bob"] if server_kind == "chatroom" else [])


@pytest.mark.gen_test
async def test_what_was_admitted_ends_with_the_session(
    ann: Api, app: Chatroom, admitted: list[Known], server_kind: str
) -> None:
    await ann.say("hello")
    assert all(known.until > app.sessions.clock() for known in admitted)
    await ann.post("/a/session", {"name": "Anna"})
    await ann.say("hello again")
    assert [known.person.name for known in admitted if known.until] == (
        ["Anna"] if server_kind == "chatroom" else []
    )
    await app.sessions.expire()
    assert not any(known.until for known in admitted)


@pytest.mark.gen_test
async def test_a_post_that_is_refused_admits_nobody(
    ann: Api,
    new_api: Callable[[], Api],
    engine: SqliteEngine,
    admitted: list[Known],
    logged: Logged,
) -> None:
    logged("writes failed")
    logged("503 POST /a/message/new")
    await ann.say("first", client_id="c1")
    admitted.clear()
    big, evil = {"body": "x" * 4000}, {"Origin": "http://evil.test"}
    assert (await ann.post(NEW, {"room": "7"})).status == 400
    assert (await ann.post(NEW, HELLO | {"next": "//evil.test"})).status == 400
    assert (await new_api().post(NEW, HELLO)).status == 401
    assert (await ann.post(NEW, HELLO, evil)).status == 403
    assert (await ann.get(NEW)).status == 405
    assert (await ann.post(NEW, HELLO | {"client_id": "c1"})).status == 409
    assert (await ann.post(NEW, {"body": "x" * 70_000})).status == 413
    async with full_disk(engine):
        assert (await ann.post(NEW, big)).status == 503
    assert admitted == []


@pytest.mark.gen_test
async def test_a_post_that_brings_a_proof_among_its_arguments_admits_nobody(
    ann: Api, admitted: list[Known]
) -> None:
    assert (await ann.post(NEW, HELLO | {"_xsrf": "x"})).status == 201
    assert (await ann.post(NEW + "?_xsrf=x", HELLO)).status == 201
    assert admitted == []


@pytest.mark.gen_test
async def test_a_poll_that_cannot_be_handed_over_is_held_by_its_handler(
    ann: Api, app: Chatroom, held: Any, monkeypatch: pytest.MonkeyPatch, server_kind: str
) -> None:
    asked: list[str | None] = []

    def refuse(_: Exchange, _poll: Poll, known: Known | None) -> bool:
        asked.append(known and known.person.name)
        return False

    monkeypatch.setattr(Exchange, "hold", refuse)
    poll = asyncio.create_task(ann.updates({"room": "7"}))
    await held(1)
    assert app.holds.held == 1
    await ann.say("hello")
    assert bodies(await poll) == ["hello"]
    assert app.holds.held == 0
    assert asked == (["Ann"] if server_kind == "chatroom" else [])
