"""How often one person, and all at one address, may say something."""

from __future__ import annotations

import pytest

from chatroom.app import Chatroom
from chatroom.settings import Settings
from tests.api import Api, Reply, bodies
from tests.conftest import Monotonic
from tests.server_process import UNLIMITED

NEW = "/a/message/new"
FORM = {"Accept": "text/html", "Accept-Language": "en"}


@pytest.fixture
def settings() -> Settings:
    """A person may say two things at once, an address three; the tests come through a proxy."""
    slow = {
        "posts_per_person": 0.5,
        "posts_per_person_burst": 2,
        "posts_per_address": 0.1,
        "posts_per_address_burst": 3,
    }
    return Settings(hold=60.0, hold_jitter=0.0, proxies="127.0.0.1", **UNLIMITED | slow)


async def said(api: Api, body: str, number: int = 1, **headers: str) -> Reply:
    """Say it from one of the addresses."""
    forwarded = {"X-Forwarded-For": f"198.51.100.{number}"}
    return await api.post(NEW, {"room": "7", "body": body}, forwarded | headers)


@pytest.mark.gen_test
async def test_a_person_who_says_too_much_has_to_wait_wherever_they_are(
    ann: Api, bob: Api, monotonic: Monotonic
) -> None:
    assert [(await said(ann, it)).status for it in ("one", "two")] == [201, 201]
    refused = await said(ann, "three", 2)
    assert refused.error == (429, "too_many_requests", None)
    assert refused.response.headers["Retry-After"] == "2"
    assert (await said(bob, "hello")).status == 201
    monotonic.now += 2.0
    assert (await said(ann, "three", 2)).status == 201
    assert bodies(await ann.history()) == ["one", "two", "hello", "three"]


@pytest.mark.gen_test
async def test_what_is_done_to_a_room_counts_like_what_is_said_there(ann: Api, bob: Api) -> None:
    await ann.say("mine", "tea")
    titled = await ann.post("/a/room/tea", {"title": "Tea"})
    assert titled.status == 200
    refused = await ann.post("/a/room/tea", {"title": "Coffee"})
    assert refused.error == (429, "too_many_requests", None)
    somebody = str((await ann.get("/a/session")).json["id"])
    begun = [(await bob.post("/a/private", {"person": [somebody] * 21})).status for _ in range(2)]
    assert begun == [429, 429]


@pytest.mark.gen_test
async def test_all_at_one_address_together_have_a_limit(
    ann: Api, bob: Api, monotonic: Monotonic
) -> None:
    assert [(await said(it, "hello")).status for it in (ann, bob, ann)] == [201] * 3
    refused = await said(bob, "hello")
    assert (refused.status, refused.response.headers["Retry-After"]) == (429, "10")
    assert (await said(bob, "hello", 2)).status == 201
    monotonic.now += 10.0
    assert (await said(bob, "hello")).status == 201


@pytest.mark.gen_test
async def test_another_session_of_the_same_person_is_the_same_person_and_another_name_too(
    ann: Api,
) -> None:
    for name in ("Anna", "Anne"):
        assert (await ann.post("/a/session", {"name": name})).status == 201
        assert (await said(ann, "hello")).status == 201
    assert (await said(ann, "hello", 2)).status == 429


@pytest.mark.gen_test
async def test_a_repeat_and_a_post_that_is_refused_are_counted_like_any_other(ann: Api) -> None:
    fields = {"room": "7", "body": "hello", "client_id": "c1"}
    statuses = [(await ann.post(NEW, fields)).status for _ in range(3)]
    assert statuses == [201, 200, 429]


@pytest.mark.gen_test
async def test_what_cannot_be_taken_is_counted_and_not_even_looked_at_when_it_is_too_much(
    ann: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert [(await said(ann, "")).status for _ in range(3)] == [400, 400, 429]

    def render(_: str) -> str:
        raise AssertionError

    monkeypatch.setattr("chatroom.drafting.render", render)
    assert (await said(ann, "hello")).status == 429


@pytest.mark.gen_test
async def test_nobody_is_told_to_sign_in_before_they_are_told_to_wait(api: Api) -> None:
    assert [(await said(api, "hello")).status for _ in range(5)] == [401] * 5


@pytest.mark.gen_test
async def test_the_page_that_refuses_a_form_gives_the_text_back(ann: Api, app: Chatroom) -> None:
    for _ in range(2):
        await said(ann, "hello")
    page = await said(ann, "what was <written>", **FORM)
    assert page.status == 429
    assert "what was &lt;written&gt;" in page.text
    assert [it.body for it in (await app.chat.engine.tail("7", 9)).items] == ["hello", "hello"]
