from __future__ import annotations

import logging

import pytest
import tornado.web

from chatroom.app import ROUTES, Chatroom, now
from tests.api import Api


def test_the_application_is_a_plain_tornado_application(app: Chatroom) -> None:
    assert isinstance(app, tornado.web.Application)


def test_every_route_has_a_handler_of_its_own() -> None:
    assert len({handler for _, handler in ROUTES}) == len(ROUTES)


def test_the_clock_counts_microseconds_since_1970() -> None:
    assert 1_700_000_000 < now() / 1_000_000 < 10_000_000_000


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
