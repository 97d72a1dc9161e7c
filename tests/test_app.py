from __future__ import annotations

import logging

import pytest
import tornado.web
from tornado.template import Loader

from chatroom.app import ROUTES, TEMPLATES, Chatroom, now
from chatroom.people import Person
from chatroom.wire import Line
from tests.api import Api


def test_the_application_is_a_plain_tornado_application(app: Chatroom) -> None:
    assert isinstance(app, tornado.web.Application)


def test_every_route_has_a_handler_of_its_own() -> None:
    assert len({handler for _, handler in ROUTES}) == len(ROUTES)


def test_the_clock_counts_microseconds_since_1970() -> None:
    assert 1_700_000_000 < now() / 1_000_000 < 10_000_000_000


def test_a_message_is_shown_as_its_template_says(app: Chatroom) -> None:
    line = Line(
        "aaaaaaaa-7", "1", Person("id", "{0.at} <b>"), "2026-11-21T10:36:12.345Z", "<p>{1}</p>"
    )
    told = Loader(str(TEMPLATES)).load("message.html").generate(message=line)
    shown = told.decode().replace('href="1/', 'href="/room/1/')
    assert app.chat.rooms.wire.render(line) == shown.strip()
    assert '<bdi class="author">{0.at} &lt;b&gt;</bdi>' in told.decode()
    assert ">2026-11-21 10:36 UTC<" in told.decode()


@pytest.mark.gen_test
async def test_the_log_names_no_secret(api: Api, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    await api.sign_in("Secretname")
    await api.say("secret-body", client_id="secret-client-id")
    await api.get("/a/message/updates?room=7&wait=0&secret-argument=1")
    await api.get("/a/room/7/messages?secret-argument=1&limit=9999")
    await api.post("/a/message/new", {"body": "secret", "next": "//secret.test"})
    assert "/a/message/updates" in caplog.text
    assert api.token is not None
    assert api.token not in caplog.text
    assert "secret" not in caplog.text.lower()
