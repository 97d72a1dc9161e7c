"""Replies without Tornado: whole, dated, and the same bytes for all who are told the same."""

from __future__ import annotations

from collections.abc import Iterator
from email.utils import parsedate_to_datetime
from itertools import count

import pytest
from tornado.httputil import HTTPHeaders

from chatroom.server import frame
from chatroom.server.frame import CREATED, OK, Frame

HEADERS = {"Content-Type": "application/json", "X-Latin": "\xe9"}
NOW = 1_700_000_000


@pytest.fixture
def times(monkeypatch: pytest.MonkeyPatch) -> Iterator[int]:
    """Each look at the clock is a second later."""
    times = count(NOW)
    monkeypatch.setattr(frame, "time", lambda: next(times))
    return times


@pytest.fixture
def framed(times: Iterator[int]) -> Frame:
    return Frame(HEADERS)


def parts(reply: bytes) -> tuple[str, HTTPHeaders, bytes]:
    """The status line, the headers and the body."""
    head, _, body = reply.partition(b"\r\n\r\n")
    line, _, fields = head.decode("latin-1").partition("\r\n")
    return line, HTTPHeaders.parse(fields), body


def test_a_reply_is_complete_and_says_how_long_it_is(framed: Frame) -> None:
    for body in (b"", b"{}", "茶".encode(), b"\r\n\r\nx", bytes(10_000)):
        line, headers, told = parts(framed.reply(body))
        assert line == "HTTP/1.1 200 OK"
        assert told == body
        assert headers.pop("Date")
        assert dict(headers) == HEADERS | {"Content-Length": str(len(body))}


def test_its_status_is_told(framed: Frame) -> None:
    assert parts(framed.reply(b"{}", CREATED))[0] == "HTTP/1.1 201 Created"
    assert framed.reply(b"{}", OK) == framed.reply(b"{}")


def test_only_the_last_reply_ends_the_connection(framed: Frame) -> None:
    for status in (OK, CREATED):
        usual, last = framed.reply(b"{}", status), framed.reply(b"{}", status, last=True)
        line, headers, body = parts(last)
        assert headers.pop("Connection") == "close"
        assert (line, headers, body) == parts(usual)


def test_the_date_is_looked_up_once_and_again_when_a_second_has_passed(framed: Frame) -> None:
    first = framed.reply(b"{}")
    assert framed.reply(b"{}") == first
    framed.tick()
    later = framed.reply(b"{}")
    dates = [parsedate_to_datetime(parts(it)[1]["Date"]) for it in (first, later)]
    assert [it.timestamp() for it in dates] == [NOW, NOW + 1]
    assert parts(first)[1]["Date"] == "Tue, 14 Nov 2023 22:13:20 GMT"


def test_all_who_are_told_the_same_are_sent_the_same_object(framed: Frame) -> None:
    one, other = bytes([1, 2]), bytes([1, 3])
    assert framed.shared(one) is framed.shared(one)
    assert framed.shared(one) == framed.reply(one)
    assert framed.shared(other) == framed.reply(other)
    assert framed.shared(one) == framed.reply(one)


def test_what_is_shared_is_dated_anew(framed: Frame) -> None:
    body = bytes([1, 2])
    old = framed.shared(body)
    framed.tick()
    assert framed.shared(body) == framed.reply(body) != old


def test_what_is_shared_never_ends_the_connection_and_is_not_mixed_up_with_other_replies(
    framed: Frame,
) -> None:
    body = bytes([1, 2])
    shared = framed.shared(body)
    for other in (framed.reply(body, last=True), framed.reply(body, CREATED)):
        assert other != shared
        assert framed.shared(body) is shared


def test_nothing_is_shared_before_anything_was_told(framed: Frame) -> None:
    assert framed.shared(b"") == framed.reply(b"")
