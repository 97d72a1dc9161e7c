"""The short way over TLS: the same replies, and nothing of it waits for a reader who reads."""

from __future__ import annotations

import ssl
from collections.abc import Callable

import pytest
from tornado.httpserver import HTTPServer
from tornado.testing import AsyncHTTPSTestCase

from chatroom.app import Chatroom
from chatroom.handlers.message import SHORT_HEADERS
from chatroom.server.server import Server
from chatroom.server.short_way import ShortWay
from tests.api import bodies
from tests.conftest import until
from tests.server.chatting import bearer, saying, stored, told
from tests.server.hosting import Client, Host
from tests.server.polling import poll


@pytest.fixture
def ours(host: Callable[[HTTPServer], Host], app: Chatroom) -> Host:
    """The chat behind our server, on TLS."""
    options = AsyncHTTPSTestCase.default_ssl_options()
    return host(Server(app, short_way=ShortWay(app.parts, SHORT_HEADERS), ssl_options=options))


async def connect(host: Host) -> Client:
    context = ssl.create_default_context()
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return await host.connect(ssl=context)


@pytest.mark.gen_test
async def test_posts_and_polls_are_answered_as_in_the_clear(
    app: Chatroom, ours: Host, short: list[bytes]
) -> None:
    me = await bearer(app)
    speaker, listener = await connect(ours), await connect(ours)
    said = [f"no. {number} " + "x" * 3000 for number in range(20)]
    for body in said:
        listener.send(poll("room=7"))
        await until(lambda: app.holds.held == 1)
        assert (await speaker.ask(saying(f"room=7&body={body}", me))).status == 201
        assert bodies(told(await listener.answer())) == [body]
    assert await stored(app) == said
    assert len(short) == 2 * (len(said) - 1)
