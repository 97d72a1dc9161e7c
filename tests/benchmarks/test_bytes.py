"""Requests and replies of the load generator, as bytes."""

from __future__ import annotations

import pytest

from benchmarks.reply import Reply, WrongReply
from benchmarks.request import BARE, CHROMIUM, Request, chromium, cookie, get, head


def test_a_request_tells_the_length_of_its_whole_body() -> None:
    request = Request(head("POST", "/poll", 80, "Content-Length: {length}"), "room=1&cursor=")
    whole = request.ending(b"abcdefgh-1")
    assert whole == (
        b"POST /poll HTTP/1.1\r\nHost: localhost:80\r\nContent-Length: 24\r\n\r\n"
        b"room=1&cursor=abcdefgh-1"
    )


def test_the_same_headers_are_the_same_object() -> None:
    request = Request(head("POST", "/poll", 80, *BARE), "cursor=")
    assert request[10] is request[10]
    assert request[10] != request[11]


def test_a_browser_names_the_site_as_its_origin() -> None:
    asked = get("/", 8888, *chromium(cookie({"session": "s", "_xsrf": "x"}))).decode()
    assert "\r\nOrigin: http://localhost:8888\r\n" in asked
    assert asked.endswith("\r\nCookie: session=s; _xsrf=x\r\n\r\n")


def test_headers_can_be_left_out() -> None:
    assert len(chromium(without=("Origin", "Content-Type"))) == len(CHROMIUM) - 2


@pytest.mark.parametrize("end", range(len(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi")))
def test_a_reply_is_complete_with_its_last_byte(end: int) -> None:
    whole = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi"
    assert Reply.complete(whole[:end]) is None
    assert Reply.complete(whole) == Reply(whole[:-6], b"hi")


def test_more_than_a_reply_is_wrong() -> None:
    with pytest.raises(WrongReply):
        Reply.complete(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhiHTTP/1.1 200 OK\r\n")


def test_another_status_is_wrong() -> None:
    reply = Reply(b"HTTP/1.1 503 Busy\r\nRetry-After: 2", b"")
    assert reply.expect(200, 503) == b""
    assert reply.header("retry-after") == "2"
    with pytest.raises(WrongReply):
        reply.expect(200, 201)
