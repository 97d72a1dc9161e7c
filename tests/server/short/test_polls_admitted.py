"""Who may poll the short way: those whose head was let through, as long as their session lives."""

from __future__ import annotations

from typing import Any

import pytest

from chatroom.app import Chatroom
from chatroom.server import admission, polls
from tests.api import bodies
from tests.conftest import Clock, until
from tests.server.chatting import Browser, bearer, days_pass, told
from tests.server.hosting import Host
from tests.server.polling import Say, admitted, form, poll


@pytest.mark.gen_test
@pytest.mark.parametrize("how", ["expired", "a day later", "long unused", "forgotten in the cache"])
async def test_a_session_is_asked_for_again_when_it_may_have_ended(  # noqa: PLR0913, PLR0917 - fixtures
    app: Chatroom, ours: Host, say: Say, short: list[bytes], clock: Clock, how: str
) -> None:
    request = poll("room=7", await bearer(app))
    client = await admitted(ours, app, say, request)
    if how in ("expired", "long unused"):
        clock.forward(days=91)
    if how == "expired":
        await app.sessions.expire()
    days_pass(ours, clock, 1.1 if how == "a day later" else 0)
    if how == "forgotten in the cache":
        for key in list(app.sessions._known):
            app.sessions._forget(key)
    client.send(request)
    if how in ("expired", "long unused"):
        assert (await client.answer()).status == 401
    else:
        await until(lambda: app.holds.held == 1)
        await say("still here")
        assert bodies(told(await client.answer())) == ["still here"]
    assert short == []


@pytest.mark.gen_test
async def test_a_session_that_is_used_again_is_taken_at_its_word_again(
    app: Chatroom, ours: Host, say: Say, short: list[bytes], clock: Clock
) -> None:
    request = poll("room=7", await bearer(app))
    client = await admitted(ours, app, say, request)
    days_pass(ours, clock, 1.1)
    for _ in range(3):
        client.send(request)
        await until(lambda: app.holds.held == 1)
        await say("news")
        told(await client.answer())
    assert len(short) == 2


@pytest.mark.gen_test
async def test_a_forged_form_is_refused_whoever_was_let_through(
    app: Chatroom, ours: Host, say: Say, short: list[bytes]
) -> None:
    me = await Browser.at(ours)
    good = form("room=7", me.cookie, me.proof)
    other = me.xsrf.replace("|", "|0", 1)
    client = await admitted(ours, app, say, good)
    forged = [
        form("room=7", me.cookie),
        form("room=7", me.cookie, "X-XSRFToken: x"),
        form("room=7", me.cookie, f"X-XSRFToken: {other}"),
        form("room=7", me.cookie, me.proof, "Sec-Fetch-Site: cross-site"),
        form("room=7", me.cookie, me.proof, "Origin: http://evil.test"),
        form("room=7", me.cookie, "Origin: null", me.proof),
    ]
    for request in forged:
        for where in (client, await ours.connect()):
            assert (await where.ask(request)).status == 403, request
    assert short == []
    client.send(good)
    await until(lambda: app.holds.held == 1)
    assert short == [good]


@pytest.mark.gen_test
async def test_a_form_that_brings_its_own_proof_lets_nobody_else_through(
    app: Chatroom, ours: Host, say: Say, short: list[bytes]
) -> None:
    me = await Browser.at(ours)
    for name in ("_xsrf", "%5fxsrf"):
        text = f"room=7&{name}={me.xsrf.replace('|', '%7C')}"
        client = await admitted(ours, app, say, form(text, me.cookie))
        assert (await client.ask(form("room=7".ljust(len(text), "&"), me.cookie))).status == 403
        assert short == []


@pytest.mark.gen_test(timeout=60)
@pytest.mark.parametrize("make", [poll, form])
async def test_a_head_that_differs_in_one_byte_is_another_head(
    app: Chatroom, ours: Host, say: Say, short: list[bytes], make: Any
) -> None:
    request = make("room=7")
    await admitted(ours, app, say, request)
    start = request.index(b"room=7") + 6 if make is poll else 0
    end = len(request) if make is poll else request.index(b"\r\n\r\n") + 4
    connection = ours.connections[0]
    for place in range(start, end):
        for byte in (request[place] ^ 0x20, request[place] ^ 1):
            other = request[:place] + bytes([byte]) + request[place + 1 :]
            assert not ours.server.again(connection, other)
    assert short == []


@pytest.mark.gen_test
async def test_a_head_is_known_on_every_connection(
    app: Chatroom, ours: Host, say: Say, short: list[bytes]
) -> None:
    for request in (poll("room=7"), form("room=7")):
        await admitted(ours, app, say, request)
        short.clear()
        client = await ours.connect()
        client.send(request)
        await until(lambda: app.holds.held == 1)
        assert short == [request]
        client.reset()
        await until(lambda: app.holds.held == 0)


@pytest.mark.gen_test
async def test_only_so_many_heads_and_places_are_remembered(
    app: Chatroom, ours: Host, say: Say, short: list[bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    requests = [poll(f"room=7&x={number}", f"X: {number}") for number in range(6)]
    monkeypatch.setattr(admission, "HEADS_BYTES", 3 * len(requests[0]))
    monkeypatch.setattr(polls, "PLACES_KEPT", 3)
    known = ours.server.short_way.admissions
    for request in requests * 2:
        (await admitted(ours, app, say, request)).reset()
        assert len(known._by_key) <= 3
        assert len(ours.server.short_way.polls._in_query) <= 3
    assert known._bytes == sum(it.size for it in known._by_key.values())
