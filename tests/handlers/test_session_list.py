"""GET /a/session, and below it revoke and token: where somebody is signed in, and with what."""

from __future__ import annotations

import re

import pytest

from chatroom.accounts import TOKENS_LIMIT
from chatroom.app import Chatroom
from tests.api import Api
from tests.conftest import Clock
from tests.handlers.browsing import Browser, bearer

ME, REVOKE, TOKEN = "/a/session", "/a/session/revoke", "/a/session/token"


@pytest.mark.gen_test
async def test_a_guest_is_told_who_they_are(api: Api, clock: Clock) -> None:
    id_ = await api.sign_in("Ann")
    reply = await api.get(ME)
    (session,) = reply.json.pop("sessions")
    assert reply.json == {
        "id": id_,
        "name": "Ann",
        "account": False,
        "administrator": False,
        "ignored": [],
    }
    assert re.fullmatch("[0-9a-f]{16}", session.pop("id"))
    at = "2023-11-14T22:13:20.000Z"
    assert session == {"name": None, "created_at": at, "used_at": at, "current": True}
    assert reply.response.headers["Cache-Control"] == "no-store"
    assert (await api.send("HEAD", ME)).response.body == b""


@pytest.mark.gen_test
async def test_nobody_is_told_nothing(api: Api) -> None:
    assert (await api.get(ME)).error[:2] == (401, "not_signed_in")
    assert (await api.get(ME, bearer("wrong"))).error[:2] == (401, "not_signed_in")
    for path in (REVOKE, TOKEN):
        assert (await api.post(path, {"id": "x", "name": "x"})).error[:2] == (401, "not_signed_in")


@pytest.mark.gen_test
async def test_whom_one_ignores_is_told(api: Api, app: Chatroom) -> None:
    ann = await api.sign_in("Ann")
    _, eve = await app.sessions.open("Eve")
    await app.chat.engine.people.ignore(ann, eve.id, ignored=True)
    assert (await api.get(ME)).json["ignored"] == [{"id": eve.id, "name": "Eve"}]


@pytest.mark.gen_test
async def test_a_token_is_shown_once_and_speaks_as_its_owner(api: Api) -> None:
    browser = Browser(api)
    me = await browser.claim()
    reply = await browser.post(TOKEN, name=" my  bot ")
    assert (reply.status, reply.json.keys()) == (201, {"id", "name", "token"})
    assert len(reply.json["token"]) >= 22  # 128 bits in base64
    said = await api.post("/a/message/new", {"room": "7", "body": "x"}, bearer(reply.json["token"]))
    assert said.json["author"] == me
    told = await api.get(ME, bearer(reply.json["token"]))
    kept = {it["id"]: it for it in told.json["sessions"]}[reply.json["id"]]
    assert (kept["name"], kept["current"]) == ("my bot", True)
    shown = told.text + (await browser.open("/me")).text
    assert reply.json["token"] not in shown
    assert browser.session is not None
    assert browser.session not in shown


@pytest.mark.gen_test
async def test_a_person_at_a_form_gets_a_page_with_the_token(api: Api) -> None:
    browser = Browser(api)
    await browser.claim()
    reply = await browser.post(TOKEN, {"Accept": "text/html"}, name="<bot>")
    assert reply.status == 201
    assert "&lt;bot&gt;" in reply.text
    found = re.search(r'class="secret"[^>]+>([\w-]{43})</textarea>', reply.text)
    assert found
    assert (await api.get(ME, bearer(found[1]))).json["name"] == "Ann"


@pytest.mark.gen_test
async def test_a_person_has_so_many_tokens_and_no_more(api: Api) -> None:
    await api.sign_in()
    for number in range(TOKENS_LIMIT):
        assert (await api.post(TOKEN, {"name": f"bot {number}"})).status == 201
    refused = await api.post(TOKEN, {"name": "one more"})
    assert refused.error[:2] == (409, "too_many_tokens")
    assert (await api.post(TOKEN, {"name": ""})).error == (400, "name_invalid", "name")


@pytest.mark.gen_test
async def test_one_ends_ones_own_sessions_and_nobody_elses(api: Api) -> None:
    ann, eve = Browser(api), Browser(api)
    await ann.claim()
    await eve.claim("Eve")
    token = (await ann.post(TOKEN, name="bot")).json
    for wrong in (token["id"] + "x", "", token["token"]):
        assert (await ann.post(REVOKE, id=wrong)).error == (404, "not_found", "id")
    assert (await ann.post(REVOKE)).error == (404, "not_found", "id")
    assert (await eve.post(REVOKE, id=token["id"])).error == (404, "not_found", "id")
    assert (await api.get(ME, bearer(token["token"]))).status == 200
    away = await ann.post(REVOKE, id=token["id"], next="//evil.test")
    assert away.error == (400, "next_invalid", "next")
    assert (await ann.post(REVOKE, id=token["id"])).status == 204
    assert (await api.get(ME, bearer(token["token"]))).status == 401
    (mine,) = (await ann.me())["sessions"]
    reply = await ann.post(REVOKE, id=mine["id"], next="/me")
    assert (reply.status, reply.response.headers["Location"]) == (303, "/me")
    assert (await ann.get(ME)).status == 401
    assert (await eve.me())["name"] == "Eve"
