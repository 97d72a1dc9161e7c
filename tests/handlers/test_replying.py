"""The headers of every reply (S18): pages, calls, static files and errors alike."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from tornado.httputil import HTTPHeaders

from chatroom.app import Chatroom
from tests.api import Api, Reply

NEW = "/a/message/new"
CSP = {
    "default-src": "'none'",
    "script-src": "'self'",
    "style-src": "'self'",
    "img-src": "'self'",
    "connect-src": "'self'",
    "manifest-src": "'self'",
    "form-action": "'self'",
    "base-uri": "'none'",
    "frame-ancestors": "'none'",
    "require-trusted-types-for": "'script'",
    "trusted-types": "message worker",
}


async def every_kind(api: Api, app: Chatroom) -> dict[str, Reply]:
    """A reply of each kind, by what was asked; the server closes with the last."""
    file = f"/static/{app.settings['release']}/favicon.svg"
    etag = {"If-None-Match": (await api.get(file)).response.headers["Etag"]}
    page = {"Accept": "text/html"}
    big = b"x" * (app.chat.settings.max_body + 1)
    asked = {
        "entrance": api.get("/"),
        "door": api.get("/room?room=7"),
        "room": api.get("/room/7"),
        "redirect": api.get("/room/TEA"),
        "file": api.get(file),
        "file kept": api.get(file, etag),
        "file part": api.get(file, {"Range": "bytes=0-3"}),
        "file missing": api.get("/static/0/nothing"),
        "icon": api.get("/favicon.ico"),
        "health": api.get("/healthz"),
        "ready": api.get("/readyz"),
        "head": api.send("HEAD", "/"),
        "session": api.post("/a/session", {"name": "bot", "token": "1"}),
        "posted": api.post(NEW, {"body": "hello"}),
        "posted by form": api.post(NEW, {"body": "hello", "next": "/"}),
        "update": api.post("/a/message/updates", {"wait": "0"}),
        "history": api.get("/a/room/7/messages"),
        "400": api.post(NEW, {"body": ""}),
        "400 page": api.post(NEW, {"body": ""}, page),
        "401": api.post(NEW, {"body": "x"}, {"Authorization": "Bearer x"}),
        "403": api.post(NEW, {"body": "x"}, {"Origin": "http://evil.test"}),
        "403 page": api.post(NEW, {"body": "x"}, page | {"Origin": "http://evil.test"}),
        "404": api.get("/a/nothing"),
        "404 page": api.get("/nothing", page),
        "405": api.get(NEW),
        "405 unknown": api.send("BREW", "/"),
        "413": api.send("POST", NEW, big),
    }
    replies = {kind: await reply for kind, reply in asked.items()}
    app.chat.close()
    return replies | {"503": await api.get("/readyz"), "503 page": await api.get("/readyz", page)}


def policy(headers: HTTPHeaders) -> dict[str, str]:
    """The directives of the Content-Security-Policy."""
    parts = (it.strip().partition(" ") for it in headers["Content-Security-Policy"].split(";"))
    return {name: value for name, _, value in parts}


@pytest.mark.gen_test
async def test_every_reply_is_guarded_and_framed_and_says_nothing_of_the_server(
    ann: Api, app: Chatroom, logged: Callable[[str], None]
) -> None:
    logged("503 GET /readyz")
    for kind, reply in (await every_kind(ann, app)).items():
        headers = reply.response.headers
        assert kind[:3] == str(reply.status) or kind[:3].isalpha(), (kind, reply.status)
        assert policy(headers) == CSP, kind
        assert headers["X-Content-Type-Options"] == "nosniff", kind
        assert headers["Referrer-Policy"] in ("no-referrer", "same-origin"), kind
        assert headers["Cross-Origin-Opener-Policy"] == "same-origin", kind
        assert headers["Cross-Origin-Resource-Policy"] == "same-origin", kind
        assert "Server" not in headers, kind
        assert ("Content-Length" in headers) == (reply.status != 304), kind
        assert "Transfer-Encoding" not in headers, kind
        assert "Cache-Control" in headers or reply.status == 304, kind
        if not kind.startswith("file") or reply.status == 404:
            assert headers["Cache-Control"] == "no-store", kind


@pytest.mark.gen_test
async def test_every_json_reply_says_what_it_is_and_is_not_held_back_by_a_proxy(
    ann: Api, app: Chatroom, logged: Callable[[str], None]
) -> None:
    logged("503 GET /readyz")
    for kind, reply in (await every_kind(ann, app)).items():
        if reply.json is not None:
            assert reply.response.headers["X-Accel-Buffering"] == "no", kind


@pytest.mark.gen_test
async def test_no_cursor_travels_in_a_header(ann: Api) -> None:
    message = await ann.say("hello", "7")
    for reply in (
        await ann.post("/a/message/updates", {"room": "7", "wait": "0"}),
        await ann.get("/a/room/7/messages"),
        await ann.get("/room/7"),
    ):
        assert message["id"] in reply.text
        assert not any(message["id"] in value for _, value in reply.response.headers.get_all())


@pytest.mark.gen_test
async def test_the_message_texts_of_a_browser_say_no_referrer_to_links(ann: Api) -> None:
    message = await ann.say("https://example.org/")
    assert 'rel="noopener noreferrer nofollow ugc"' in message["html"]
