"""POST /a/session: a token for a program, a name for whoever asks."""

from __future__ import annotations

import re
import unicodedata

import pytest

from chatroom.app import Chatroom
from tests.api import Api
from tests.conftest import Clock
from tests.handlers.site import Site

SESSION = "/a/session"


@pytest.mark.gen_test
async def test_a_program_gets_a_name_an_id_and_a_token(api: Api) -> None:
    reply = await api.post(SESSION, {"name": "bot", "token": "1"})
    assert reply.status == 201
    assert reply.json.keys() == {"id", "name", "token"}
    assert reply.json["name"] == "bot"
    assert len(reply.json["token"]) >= 22  # 128 bits in base64
    assert "Set-Cookie" not in reply.response.headers


@pytest.mark.gen_test
async def test_json_asks_for_a_token_as_well(api: Api) -> None:
    reply = await api.post_json(SESSION, b'{"name": "bot", "token": true}')
    assert (reply.status, reply.json["name"]) == (201, "bot")


@pytest.mark.gen_test
async def test_every_token_is_somebody_else(api: Api) -> None:
    fields = {"name": "bot", "token": "1"}
    both = [(await api.post(SESSION, fields)).json for _ in range(2)]
    assert both[0]["id"] != both[1]["id"]
    assert both[0]["token"] != both[1]["token"]


@pytest.mark.gen_test
async def test_a_session_renames_and_stays_the_same_person(api: Api) -> None:
    me = await api.sign_in("Ann")
    before = await api.say("before")
    reply = await api.post(SESSION, {"name": "Anna", "token": "1"})
    assert (reply.status, reply.json) == (201, {"id": me, "name": "Anna"})
    after = await api.say("after")
    assert before["author"] == {"id": me, "name": "Ann"}
    assert after["author"] == {"id": me, "name": "Anna"}
    assert (await api.history())["messages"] == [before, after]


@pytest.mark.gen_test
async def test_nobody_without_a_session_or_the_wish_for_one_gets_a_name(api: Api) -> None:
    asked = [{"name": "Ann"}, {"name": "Ann", "token": ""}]
    for fields in asked:
        assert (await api.post(SESSION, fields)).error[:2] == (401, "not_signed_in")
    for token in ("wrong", "", "\xff"):
        headers = {"Authorization": f"Bearer {token}"}
        reply = await api.post(SESSION, {"name": "Ann", "token": "1"}, headers)
        assert reply.error[:2] == (401, "not_signed_in")


@pytest.mark.gen_test
async def test_a_name_has_1_to_32_characters_of_any_script(ann: Api) -> None:
    names = ["A", "x" * 32, "界" * 32, "Ann O'Neil-Ößel", "آنا", "अन्ना", "안나", "👩\u200d🚀 Ann"]
    for name in names:
        reply = await ann.post(SESSION, {"name": name})
        assert (reply.status, reply.json["name"]) == (201, name)


@pytest.mark.gen_test
async def test_a_name_is_kept_in_nfc_and_without_white_space_at_its_ends(ann: Api) -> None:
    reply = await ann.post(SESSION, {"name": f"  {unicodedata.normalize('NFD', 'Zoë')}\u3000"})
    assert reply.json["name"] == "Zoë"


@pytest.mark.gen_test
async def test_a_name_that_shows_nothing_hides_or_turns_the_text_is_refused(ann: Api) -> None:
    names = [
        *("", "   ", "\u3000", "x" * 33, "a\0", "a\nb\x07", "\u200b", "\u200d", "\ufeff", "\u3164"),
        *("a\u202eb", "a\u2066b", "\ufe0f", "\u2800", "\u0301", "\ue000", "\U000e0041"),
    ]
    for name in names:
        reply = await ann.post(SESSION, {"name": name})
        assert reply.error == (400, "name_invalid", "name"), ascii(name)
    assert (await ann.post(SESSION, {})).error == (400, "name_invalid", "name")
    assert (await ann.say("still"))["author"]["name"] == "Ann"


@pytest.mark.gen_test
async def test_a_form_that_names_a_next_path_is_sent_there(ann: Api) -> None:
    reply = await ann.post(SESSION, {"name": "Anna", "next": "/room/7"})
    assert (reply.status, reply.response.headers["Location"]) == (303, "/room/7")
    refused = await ann.post(SESSION, {"name": "Eve", "next": "//evil.test/"})
    assert refused.error == (400, "next_invalid", "next")
    assert (await ann.say("hello"))["author"]["name"] == "Anna"


@pytest.mark.gen_test
async def test_a_session_and_its_name_survive_a_restart(site: Site) -> None:
    api = site.api()
    me = await api.sign_in("Ann")
    await api.post(SESSION, {"name": "Anna"})
    await site.restart()
    assert (await api.say("hello"))["author"] == {"id": me, "name": "Anna"}


@pytest.mark.gen_test
async def test_a_session_ends_when_it_was_not_used_for_its_days(
    ann: Api, app: Chatroom, clock: Clock
) -> None:
    clock.forward(days=app.chat.settings.session_days - 1)
    await ann.say("used")
    clock.forward(days=app.chat.settings.session_days - 1)
    await ann.say("used again")
    clock.forward(days=app.chat.settings.session_days + 1)
    reply = await ann.post("/a/message/new", {"body": "too late"})
    assert reply.error[:2] == (401, "not_signed_in")


@pytest.mark.gen_test
async def test_a_token_is_nowhere_in_the_file(site: Site) -> None:
    api = site.api()
    await api.sign_in()
    await site.stop()
    assert api.token
    stored = b"".join(path.read_bytes() for path in site.files())
    assert b"Ann" in stored
    assert api.token.encode() not in stored
    assert re.fullmatch(r"[\w-]+", api.token)
