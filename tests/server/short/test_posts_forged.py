"""Posts of browsers: who has proved once that no other site sends them is known, and who forges is refused."""

from __future__ import annotations

import pytest

from chatroom.app import Chatroom
from tests.server.chatting import HELLO, Browser, admitted, known, message, saying, stored
from tests.server.hosting import Host


@pytest.mark.gen_test
async def test_a_guest_who_has_proved_it_once_is_known_by_cookies_and_proof(
    app: Chatroom, ours: Host, stock: Host, short: list[bytes]
) -> None:
    me = await Browser.at(ours)
    fields = [
        "Connection: keep-alive",
        me.proof,
        "Origin: http://localhost",
        "Sec-Fetch-Site: same-origin",
        "Accept: */*",
        "Accept-Encoding: gzip, deflate",
        "Accept-Language: de,en;q=0.5",
        me.cookie,
    ]
    client, other = [await admitted(host, *fields) for host in (ours, stock)]
    answers = [await it.ask(saying(HELLO + "&client_id=c", *fields)) for it in (other, client)]
    assert [it.status for it in answers] == [201, 200]
    assert answers[0].headers.get_list("Set-Cookie") == answers[1].headers.get_list("Set-Cookie")
    assert answers[0].timeless[1:] == answers[1].timeless[1:]
    assert len(short) == 1


@pytest.mark.gen_test
async def test_a_forged_form_is_refused_whoever_was_let_through(
    app: Chatroom, ours: Host, stock: Host, short: list[bytes]
) -> None:
    me = await Browser.at(ours)
    client, other = [await admitted(host, me.cookie, me.proof) for host in (ours, stock)]
    forged = [
        [me.cookie],
        [me.cookie, "X-XSRFToken: x"],
        [me.cookie, me.proof.replace("|", "|0", 1)],
        [me.cookie, me.proof, "Sec-Fetch-Site: cross-site"],
        [me.cookie, me.proof, "Sec-Fetch-Site: same-site"],
        [me.cookie, me.proof, "Origin: http://evil.test"],
        [me.cookie, me.proof, "Origin: https://localhost.evil.test"],
        [me.cookie, me.proof, "Origin: null"],
        [me.cookie, "Origin: null", me.proof],
        [me.proof],
    ]
    for fields in forged:
        request = saying(HELLO, *fields)
        refused = (await other.ask(request)).timeless
        assert refused[0] == (401 if fields == [me.proof] else 403)
        for where in (client, await ours.connect()):
            assert (await where.ask(request)).timeless == refused
    assert short == []
    assert known(ours) == 1
    message(await client.ask(saying(HELLO, me.cookie, me.proof)))
    assert len(short) == 1
    assert await stored(app) == ["hello"]


@pytest.mark.gen_test
@pytest.mark.parametrize("name", ["_xsrf", "%5fxsrf"])
async def test_a_form_that_brings_its_own_proof_lets_nobody_else_through(
    app: Chatroom, ours: Host, short: list[bytes], name: str
) -> None:
    me = await Browser.at(ours)
    form = f"{HELLO}&{name}={me.xsrf.replace('|', '%7C')}"
    client = await ours.connect()
    for _ in range(2):
        message(await client.ask(saying(form, me.cookie)))
    for forged in (HELLO.ljust(len(form), "&"), HELLO):
        assert (await client.ask(saying(forged, me.cookie))).status == 403
    assert short == []
    assert known(ours) == 0
    assert await stored(app) == ["hello"] * 2


@pytest.mark.gen_test
async def test_a_form_that_brings_a_wrong_proof_is_refused_although_its_head_is_known(
    app: Chatroom, ours: Host, short: list[bytes]
) -> None:
    me = await Browser.at(ours)
    client = await admitted(ours, me.cookie, me.proof)
    request = saying(f"{HELLO}&_xsrf=x", me.cookie, me.proof)
    assert (await client.ask(request)).status == 403
    assert short == []
    assert await stored(app) == []
