"""Which requests are recognised: those that differ from one that was let through in nothing but what they ask."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from chatroom.server.admission import HEAD_LIMIT, Admission, Admissions, key_and_length
from chatroom.server.head import Head
from tests.server.hosting import get, post

PATH = "/a/message/updates"
GET = get(f"{PATH}?room=7", "Cookie: session=a")
POST = post(PATH, b"room=7&cursor=abcdefgh-9", "Cookie: session=a")


def head_of(request: bytes) -> bytes:
    return request.partition(b"\r\n\r\n")[0] + b"\r\n\r\n"


class Nobody:
    """Takes no request."""

    def take(self, _connection: object, _admission: Admission, _told: bytes) -> bool:
        return False


def admission(request: bytes) -> Admission | None:
    raw = head_of(request)
    return Admission.of(raw, Head.parse(raw), Nobody(), None)


def arguments(known: bytes, request: bytes) -> bytes | None:
    """What `request` asks to somebody who knows `known`."""
    found = admission(known)
    assert found is not None
    return found.arguments(request)


def test_only_what_asks_may_differ() -> None:
    assert arguments(GET, get(f"{PATH}?room=8&wait=0", "Cookie: session=a")) == b"room=8&wait=0"
    assert arguments(POST, post(PATH, b"room=8", "Cookie: session=a")) == b"room=8"


def test_a_cursor_that_has_grown_by_a_digit_is_still_recognised() -> None:
    longer = post(PATH, b"room=7&cursor=abcdefgh-" + b"1" * 90, "Cookie: session=a")
    assert arguments(POST, longer) == longer.partition(b"\r\n\r\n")[2]


@pytest.mark.parametrize(
    "other",
    [
        get(f"{PATH}?room=7", "Cookie: session=b"),
        get(f"{PATH}?room=7", "cookie: session=a"),
        get(f"{PATH}?room=7", "Cookie: session=a", "X: y"),
        get(f"{PATH}x?room=7", "Cookie: session=a"),
        get("/?room=7", "Cookie: session=a"),
        get(f"{PATH}?room=7", "Cookie: session=a", version="HTTP/1.0"),
        GET + b"G",
        GET[:-1],
    ],
)
def test_another_get_is_not_recognised(other: bytes) -> None:
    assert arguments(GET, other) is None


@pytest.mark.parametrize(
    "other",
    [
        post(PATH, b"room=7", "Cookie: session=b"),
        POST + b"G",
        POST[:-1],
        POST.replace(b"Content-Length: 24", b"Content-Length: 024"),
        POST.replace(b"Content-Length: 24", b"Content-Length: 23"),
        POST.replace(b"Content-Length: 24", b"Content-Length: +24"),
        POST.replace(b"\r\n\r\n", b"\r\nTransfer-Encoding: chunked\r\n\r\n"),
    ],
)
def test_another_post_is_not_recognised(other: bytes) -> None:
    assert arguments(POST, other) is None


@pytest.mark.parametrize(
    "unusual",
    [
        get(f"{PATH}?room=7", version="HTTP/1.0"),
        get(f"{PATH}?room=7", "Connection: close"),
        get(f"{PATH}?room=7", "X: " + "y" * HEAD_LIMIT),
        get(f"{PATH}?room=7", method="HEAD"),
        post(PATH, b"room=7", "Expect: 100-continue"),
        post(PATH, b"room=7").replace(b"x-www-form-urlencoded", b"json"),
        post(PATH, b""),
        post(f"{PATH}?room=7", b"room=7"),
        POST.replace(b"Content-Length:", b"CONTENT-LENGTH:"),
    ],
)
def test_an_unusual_request_is_not_remembered(unusual: bytes) -> None:
    assert admission(unusual) is None


def test_it_is_found_by_any_request_that_it_recognises() -> None:
    for known, other in (
        (GET, get(f"{PATH}?room=8&wait=0", "Cookie: session=a")),
        (POST, post(PATH, b"room=8&room=9", "Cookie: session=a")),
    ):
        found = admission(known)
        assert found is not None
        key, length = key_and_length(head_of(other))
        assert key == found.key
        assert length == len(other) - len(head_of(other))


def test_the_heads_that_were_not_used_for_longest_are_forgotten(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    requests = [get(f"{PATH}?room=7", f"Cookie: session={name}") for name in "abcd"]
    heads = [admission(request) for request in requests]
    size = max(head.size for head in heads if head)
    monkeypatch.setattr("chatroom.server.admission.HEADS_BYTES", 3 * size)
    known, connection = Admissions(lambda: 0), SimpleNamespace(admission=None, proxy=None)
    for head in heads[:3]:
        known.add(connection, head)  # type: ignore[arg-type]
    assert known.recognise(connection, head_of(requests[0]))  # type: ignore[arg-type]
    known.add(connection, heads[3])  # type: ignore[arg-type]
    found = [known.recognise(connection, head_of(it)) for it in requests]  # type: ignore[arg-type]
    assert [bool(it) for it in found] == [True, False, True, True]
