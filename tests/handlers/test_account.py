"""POST /a/account and below: claiming a name, signing in, another password, the end."""

from __future__ import annotations

import pytest
from tornado.ioloop import IOLoop

from tests.api import Api
from tests.handlers.browsing import OTHER, SECRET, Browser, bearer

CLAIM, SIGN_IN = "/a/account", "/a/account/sign-in"
PASSWORD, DELETE = "/a/account/password", "/a/account/delete"
NEW = "/a/message/new"


@pytest.fixture
def ann(io_loop: IOLoop, api: Api) -> Browser:
    """Somebody with an account, at a browser."""
    browser = Browser(api)
    io_loop.run_sync(browser.claim)
    return browser


@pytest.mark.gen_test
async def test_a_guest_keeps_a_name_and_all_they_wrote(api: Api) -> None:
    browser = Browser(api)
    await browser.open()
    before = browser.session
    said = await browser.post(NEW, room="7", body="as a guest")
    reply = await browser.post(CLAIM, name=" Ann ", password=SECRET)
    assert (reply.status, reply.json) == (201, {"id": said.json["author"]["id"], "name": "Ann"})
    me = await browser.me()
    assert (me["id"], me["name"], me["account"]) == (reply.json["id"], "Ann", True)
    assert browser.session not in (None, before)
    assert (await api.get("/a/session", {"Cookie": f"session={before}"})).status == 401
    again = await browser.post(NEW, room="7", body="by name")
    assert again.json["author"] == reply.json


@pytest.mark.gen_test
async def test_the_new_cookie_is_kept_as_carefully_as_the_one_before(api: Api) -> None:
    browser = Browser(api)
    opened = await browser.open()
    claimed = await browser.post(CLAIM, name="Ann", password=SECRET)
    signed = await browser.sign_in()
    for reply in (opened, claimed, signed):
        (cookie,) = [
            it for it in reply.response.headers.get_list("Set-Cookie") if it.startswith("session=")
        ]
        assert {"HttpOnly", "Path=/", "SameSite=Lax"} <= set(cookie.split("; "))
        assert "expires=" in cookie


@pytest.mark.gen_test
async def test_a_program_that_claims_a_name_gets_another_token(api: Api) -> None:
    me = await api.sign_in("bot")
    before = api.token
    reply = await api.post_json(CLAIM, f'{{"name": "Bot", "password": "{SECRET}"}}'.encode())
    assert reply.status == 201
    assert reply.json.keys() == {"id", "name", "token"}
    assert (reply.json["id"], reply.json["name"]) == (me, "Bot")
    assert "Set-Cookie" not in reply.response.headers
    assert (await api.get("/a/session")).status == 401
    api.token = reply.json["token"]
    assert api.token != before
    assert (await api.get("/a/session")).json["account"] is True


@pytest.mark.gen_test
async def test_a_claimed_name_is_nobody_elses_nor_is_what_looks_like_it(
    ann: Browser, api: Api
) -> None:
    eve = Browser(api)
    await eve.open()
    for name in ("Ann", "ANN", "Ａnn", "\u0391nn"):
        claim = await eve.post(CLAIM, name=name, password=SECRET)
        assert claim.error == (409, "name_taken", "name"), name
        assert (await eve.post("/a/session", name=name)).error == (409, "name_taken", "name")
        program = await api.post("/a/session", {"name": name, "token": "1"})
        assert program.error == (409, "name_taken", "name")
    assert (await ann.post("/a/session", name="ANN")).json["name"] == "ANN"
    assert (await ann.post("/a/session", name="Anna")).status == 201
    assert (await eve.post("/a/session", name="Ann")).status == 201


@pytest.mark.gen_test
async def test_a_claim_that_is_refused_says_why_and_changes_nothing(ann: Browser, api: Api) -> None:
    guest = Browser(api)
    await guest.open()
    before = guest.session
    for fields, error in (
        ({"name": "", "password": SECRET}, (400, "name_invalid", "name")),
        ({"password": SECRET}, (400, "name_invalid", "name")),
        ({"name": "Bob"}, (400, "password_too_short", "password")),
        ({"name": "Bob", "password": "1234567"}, (400, "password_too_short", "password")),
        ({"name": "Bob", "password": "x" * 1001}, (400, "password_too_long", "password")),
        ({"name": "Bob", "password": "password1"}, (400, "password_common", "password")),
        ({"name": "Bob", "password": SECRET, "next": "//evil.test"}, (400, "next_invalid", "next")),
    ):
        reply = await guest.post(CLAIM, **fields)
        assert reply.error == error
        assert "Set-Cookie" not in reply.response.headers
    assert (await ann.post(CLAIM, name="Anna", password=SECRET)).error[:2] == (
        409,
        "account_exists",
    )
    assert (await api.post(CLAIM, {"name": "Bob", "password": SECRET})).error[:2] == (
        401,
        "not_signed_in",
    )
    assert guest.session == before
    assert (await guest.me())["account"] is False


@pytest.mark.gen_test
async def test_who_signs_in_elsewhere_is_the_same_person(ann: Browser, api: Api) -> None:
    me = await ann.me()
    other = Browser(api)
    await other.open("/sign-in")
    assert other.session is None
    reply = await other.sign_in("aNN")
    assert (reply.status, reply.json) == (200, {"id": me["id"], "name": "Ann"})
    assert (await other.me())["id"] == me["id"]
    assert other.session != ann.session
    assert len((await ann.me())["sessions"]) == 2


@pytest.mark.gen_test
async def test_the_session_that_is_brought_along_ends(ann: Browser, api: Api) -> None:
    guest = Browser(api)
    await guest.open()
    for _ in range(2):
        before = guest.session
        assert (await guest.sign_in()).status == 200
        assert guest.session != before
        assert (await api.get("/a/session", {"Cookie": f"session={before}"})).status == 401
    assert len((await ann.me())["sessions"]) == 2


@pytest.mark.gen_test
async def test_a_program_signs_in_for_a_token(ann: Browser, api: Api) -> None:
    fields = {"name": "Ann", "password": SECRET}
    reply = await api.post(SIGN_IN, fields | {"token": "1"})
    assert (reply.status, reply.json.keys()) == (200, {"id", "name", "token"})
    assert "Set-Cookie" not in reply.response.headers
    api.token = reply.json["token"]
    assert (await api.get("/a/session")).json["name"] == "Ann"
    again = await api.post(SIGN_IN, fields)
    assert (await api.get("/a/session")).status == 401
    api.token = again.json["token"]
    assert (await api.get("/a/session")).json["name"] == "Ann"
    cookie = await ann.post(SIGN_IN, token="1", **fields)
    assert cookie.json.keys() == {"id", "name"}


@pytest.mark.gen_test
async def test_a_guest_who_has_spoken_is_left_behind_with_what_they_said(
    ann: Browser, api: Api
) -> None:
    guest = Browser(api)
    await guest.open()
    said = await guest.post(NEW, room="7", body="as a guest")
    await guest.sign_in()
    assert (await guest.me())["id"] != said.json["author"]["id"]
    (told,) = (await api.history())["messages"]
    assert told == said.json


@pytest.mark.gen_test
async def test_another_password_ends_all_other_sessions_and_tokens(ann: Browser, api: Api) -> None:
    other = Browser(api)
    await other.open("/sign-in")
    await other.sign_in()
    program = (await ann.post("/a/session/token", name="bot")).json["token"]
    before = ann.session
    reply = await ann.post(PASSWORD, old=SECRET, password=OTHER)
    assert (reply.status, reply.response.body) == (204, b"")
    assert ann.session != before
    assert [it["current"] for it in (await ann.me())["sessions"]] == [True]
    for headers in (
        {"Cookie": f"session={before}"},
        {"Cookie": f"session={other.session}"},
        bearer(program),
    ):
        assert (await api.get("/a/session", headers)).status == 401
    assert (await other.sign_in()).status == 401
    assert (await other.sign_in(password=OTHER)).status == 200


@pytest.mark.gen_test
async def test_a_program_that_changes_the_password_gets_another_token(
    ann: Browser, api: Api
) -> None:
    api.token = (await ann.post("/a/session/token", name="bot")).json["token"]
    reply = await api.post(PASSWORD, {"old": SECRET, "password": OTHER})
    assert (reply.status, reply.json.keys()) == (200, {"id", "name", "token"})
    api.token = reply.json["token"]
    (kept,) = (await api.get("/a/session")).json["sessions"]
    assert (kept["name"], kept["current"]) == ("bot", True)


@pytest.mark.gen_test
async def test_a_password_is_changed_only_by_who_knows_it(ann: Browser, api: Api) -> None:
    before = ann.session
    wrong = await ann.post(PASSWORD, old=OTHER, password=OTHER)
    assert wrong.error == (403, "password_wrong", "old")
    short = await ann.post(PASSWORD, old=SECRET, password="short")
    assert short.error == (400, "password_too_short", "password")
    guest = Browser(api)
    await guest.open()
    for path in (PASSWORD, DELETE):
        fields = {"old": SECRET, "password": OTHER, "messages": "keep"}
        assert (await guest.post(path, **fields)).error[:2] == (409, "no_account")
        assert (await api.post(path, fields)).error[:2] == (401, "not_signed_in")
    assert ann.session == before
    assert (await ann.me())["name"] == "Ann"


@pytest.mark.gen_test
@pytest.mark.parametrize("messages", ["keep", "delete"])
async def test_an_account_that_is_deleted_leaves_its_messages_or_does_not(
    ann: Browser, api: Api, messages: str
) -> None:
    await ann.post(NEW, room="7", body="what I said")
    for fields, error in (
        ({"password": SECRET}, (400, "choice_invalid", "messages")),
        ({"password": SECRET, "messages": "burn"}, (400, "choice_invalid", "messages")),
        ({"password": OTHER, "messages": messages}, (403, "password_wrong", "password")),
    ):
        assert (await ann.post(DELETE, **fields)).error == error
    session = ann.session
    reply = await ann.post(DELETE, password=SECRET, messages=messages)
    assert (reply.status, ann.session) == (204, None)
    assert (await api.get("/a/session", {"Cookie": f"session={session}"})).status == 401
    told = (await api.history())["messages"]
    assert told[0]["body"] == ("what I said" if messages == "keep" else "")
    assert (await ann.sign_in()).status == 401
    again = Browser(api)
    assert (await again.claim())["id"] != told[0]["author"]["id"]


@pytest.mark.gen_test
async def test_forms_go_on_to_where_they_want(api: Api) -> None:
    browser = Browser(api)
    await browser.open()
    for path, fields in (
        (CLAIM, {"name": "Ann", "password": SECRET}),
        (SIGN_IN, {"name": "Ann", "password": SECRET}),
        (PASSWORD, {"old": SECRET, "password": OTHER}),
        (DELETE, {"password": OTHER, "messages": "keep"}),
    ):
        away = await browser.post(path, **fields, next="//evil.test")
        assert away.error == (400, "next_invalid", "next")
        reply = await browser.post(path, **fields, next="/room/7")
        assert (reply.status, reply.response.headers["Location"]) == (303, "/room/7"), path


@pytest.mark.gen_test
async def test_an_error_leads_a_person_back_to_the_form_with_what_was_typed_but_the_password(
    api: Api,
) -> None:
    browser = Browser(api)
    await browser.open()
    page = {"Accept": "text/html"}
    typed = {"name": "Ann & <b>", "password": "secret"}
    refused = await browser.post(SIGN_IN, page, **typed, next="/room/7")
    assert refused.status == 401
    assert 'href="/sign-in?name=Ann+%26+%3Cb%3E&amp;next=%2Froom%2F7"' in refused.text
    claim = await browser.post(CLAIM, page, **typed, next="/me")
    assert 'href="/me?name=Ann+%26+%3Cb%3E"' in claim.text
    change = await browser.post(PASSWORD, page, **typed, next="/me")
    assert 'href="/me"' in change.text
    for reply in (refused, claim, change):
        assert "secret" not in reply.text
    back = await browser.open("/sign-in?name=Ann+%26+%3Cb%3E&next=%2Froom%2F7")
    assert 'value="Ann &amp; &lt;b&gt;"' in back.text
    assert 'name="next" value="/room/7"' in back.text
    assert (await browser.open("/me?name=Ann+%26+%3Cb%3E")).text.count("Ann &amp; &lt;b&gt;") == 1
