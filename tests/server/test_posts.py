"""The short way of a post: what is said and stored is what the long way says and stores."""

from __future__ import annotations

import re
from typing import Any, NamedTuple

import pytest

from chatroom.app import Chatroom
from chatroom.server.admission import ARGUMENTS_LIMIT
from chatroom.settings import Settings
from tests.server.chatting import NEW, admitted, bearer, known, message, saying, stored
from tests.server.hosting import Answer, Host, get, post


class Case(NamedTuple):
    """A form, the statuses of three such posts, and whether they go the short way; what is refused begins there."""

    form: bytes | str
    statuses: tuple[int, int, int] = (201, 201, 201)
    short: bool = True


def refused(form: bytes | str, status: int = 400) -> Case:
    return Case(form, (status,) * 3, short=False)


def long(form: bytes | str, status: int = 201) -> Case:
    return Case(form, (status,) * 3, short=False)


REPEATED = (201, 200, 200)


def _of_bytes(count: int) -> str:
    """A form of that size."""
    return "room=7&body=hello&x=".ljust(count, "x")


FORMS = {
    "a message": Case("room=7&body=hello"),
    "no room": Case("body=hello"),
    "a client_id": Case("room=7&body=hello&client_id=c1", REPEATED),
    "an empty client_id": Case("room=7&body=hello&client_id="),
    "a strange client_id": Case("room=7&body=hello&client_id=%21%22%26%3D+%25~", REPEATED),
    "unknown arguments": Case("x=y&room=7&z&body=hello&wait=0&cursor="),
    "escaped names": Case("%72oom=%37&b%6fdy=hello"),
    "nearly next and _xsrf": Case("room=7&body=hello&Next=%2F&next[]=x&xsrf=y&_XSRF=z"),
    "Chinese": Case("room=茶&body=你好，**世界**"),
    "Chinese, escaped": Case("room=%E8%8C%B6&body=%E4%BD%A0%E5%A5%BD"),
    "emoji and marks": Case("room=7&body=👨\u200d👩\u200d👧e\u0301\u202e<\ufeff>"),
    "control characters": Case(b"room=7&body=%01%1b[31m\x01\x7f%C2%85"),
    "plus": Case("room=7&body=+a+b%2Bc+"),
    "a broken escape": Case("room=7&body=100%&x=%"),
    "newlines": Case("room=7&body=%0Aa%0D%0Ab%0Dc%0A%0Ad%0A"),
    "newlines, not escaped": Case("room=7&body=a\r\nb\n\nc\r\n"),
    "what looks like a request": Case("room=7&body=GET / HTTP/1.1\r\nHost: x\r\n\r\n"),
    "Markdown": Case("room=7&body=**b** `c` > q%0A%0A- l%0A%0A```%0Ax%0A```%0Ahttps://e.test/?a=b"),
    "HTML": Case("room=7&body=<script>alert(1)</script>{0} {html} %s"),
    "equals signs": Case("room=7&body==a=b=&=&=x"),
    "a room in capitals": Case("room=TEA-Room&body=hello"),
    "the room twice": Case("room=a+b&room=7&body=hello"),
    "the body twice": Case("room=7&body=one&body=two"),
    "4,000 characters": Case("room=7&body=" + "x" * 4000),
    "1,000 Chinese ones": Case("room=7&body=" + "界" * 1000),
    "1,000 arguments": Case("room=7&body=hello" + "&x" * 998),
    "as long as it may be": Case(_of_bytes(ARGUMENTS_LIMIT)),
    "a byte longer": long(_of_bytes(ARGUMENTS_LIMIT + 1)),
    "9,999 bytes": long(_of_bytes(9_999)),
    "10,000 bytes": long(_of_bytes(10_000)),
    "4,000 Chinese ones": long("room=7&body=" + "界" * 4000),
    "1,001 arguments": refused("room=7&body=hello" + "&x" * 999),
    "next": long("room=7&body=hello&next=%2Froom%2F7", 303),
    "next, escaped": long("room=7&body=hello&n%65xt=/x", 303),
    "an empty next": refused("room=7&body=hello&next="),
    "next elsewhere": refused("room=7&body=hello&next=//evil.test/"),
    "_xsrf": long("room=7&body=hello&_xsrf=x"),
    "_xsrf, escaped and empty": long("room=7&body=hello&%5fxsr%66="),
    "nothing": refused(""),
    "nothing but &": refused("&"),
    "no body": refused("room=7"),
    "an empty body": refused("room=7&body="),
    "white space": refused("room=7&body=+%0A%09%E3%80%80"),
    "4,001 characters": refused("room=7&body=" + "x" * 4001),
    "a bad room": refused("room=a+b&body=hello"),
    "an empty room": refused("room=&body=hello"),
    "a long room": refused(f"room={'x' * 65}&body=hello"),
    "a bad client_id": refused("room=7&body=hello&client_id=%C3%A9"),
    "a long client_id": refused(f"room=7&body=hello&client_id={'x' * 65}"),
    "NUL": refused("room=7&body=a%00b"),
    "NUL, not escaped": refused(b"room=7&body=a\0b"),
    "not UTF-8": refused(b"room=7&body=hello%FF"),
    "not UTF-8, not escaped": refused(b"room=7&body=hello\xff"),
    "half a character": refused("room=7&body=%ED%A0%80"),
    "half a character, not escaped": refused(b"room=7&body=\xed\xa0\x80"),
    "semicolons": refused("room=7;body=hello"),
    "JSON in a form": refused('{"room": "7", "body": "hello"}'),
}


@pytest.mark.gen_test
@pytest.mark.parametrize("name", FORMS)
async def test_it_says_what_tornado_says(  # noqa: PLR0913, PLR0917 - what it needs are fixtures
    app: Chatroom, ours: Host, stock: Host, short: list[bytes], declined: list[bytes], name: str
) -> None:
    case = FORMS[name]
    answers = []
    for host in (stock, ours):
        me = await bearer(app)
        client = await admitted(host, me)
        answers.append([await client.ask(saying(case.form, me)) for _ in range(3)])
    for by_stock, by_us in zip(*answers, strict=True):
        assert _impersonal(by_us) == _impersonal(by_stock)
        assert re.fullmatch(r"\w{3}, \d\d \w{3} \d{4} \d\d:\d\d:\d\d GMT", by_us.headers["Date"])
    assert tuple(it.status for it in answers[1]) == case.statuses
    assert short == [saying(case.form, me)] * (3 if case.short else 0)
    assert declined == []


def _impersonal(answer: Answer) -> Any:
    """An answer without what differs between two people who say the same one after the other."""
    status, headers, body = answer.timeless
    if status in (200, 201):
        said = message(answer)
        for personal in (said["id"], said["author"]["id"]):
            body = body.replace(personal.encode(), b"-")
        body = re.sub(rb"hue-\d+", b"hue", body)
        headers = [it for it in headers if it[0] != "Content-Length"]
    return status, headers, body


@pytest.mark.gen_test
async def test_a_client_id_that_stands_for_another_text_is_a_conflict(
    app: Chatroom, ours: Host, stock: Host, short: list[bytes], declined: list[bytes]
) -> None:
    one, two = (f"room=7&body={body}&client_id=c1" for body in ("one", "two"))
    answers = []
    for host in (stock, ours):
        me = await bearer(app)
        client = await admitted(host, me)
        answers.append([await client.ask(saying(form, me)) for form in (one, two, one)])
    assert [it.status for it in answers[1]] == [201, 409, 200]
    assert [_impersonal(it) for it in answers[1]] == [_impersonal(it) for it in answers[0]]
    assert message(answers[1][0]) == message(answers[1][2])
    assert short == [saying(form, me) for form in (one, two, one)]
    assert declined == [saying(two, me)]
    assert await stored(app) == ["one", "one"]


#: Posts that are like no other; {me} is who says it.
UNUSUAL = {
    "the end": saying("room=7&body=x", "Connection: close"),
    "HTTP/1.0": saying("room=7&body=x").replace(b"HTTP/1.1", b"HTTP/1.0"),
    "Expect": saying("room=7&body=x", "Expect: 100-continue"),
    "JSON": saying('{"room":"7","body":"x"}').replace(b"x-www-form-urlencoded", b"json"),
    "multipart": saying("room=7&body=x").replace(b"x-www-form-urlencoded", b"x; boundary=y"),
    "no type": saying("room=7&body=x").replace(b"Content-Type", b"X"),
    "a query": post(f"{NEW}?room=7", b"room=7&body=x"),
    "an empty query": post(f"{NEW}?", b"room=7&body=x"),
    "a proof in the query": post(f"{NEW}?_xsrf=x", b"room=7&body=x"),
    "Upgrade": saying("room=7&body=x", "Upgrade: websocket"),
    "a range": saying("room=7&body=x", "Range: bytes=0-1"),
    "GET": get(f"{NEW}?room=7&body=x"),
    "HEAD": get(f"{NEW}?room=7&body=x", method="HEAD"),
    "PUT": saying("room=7&body=x").replace(b"POST", b"PUT"),
    "chunks": get(
        NEW,
        "Content-Type: application/x-www-form-urlencoded",
        "Transfer-Encoding: chunked",
        method="POST",
    )
    + b"d\r\nroom=7&body=x\r\n0\r\n\r\n",
    "leading zeros": saying("room=7&body=x").replace(b"Length: 1", b"Length: 01"),
    "capitals": saying("room=7&body=x").replace(b"Content-Length", b"CONTENT-LENGTH"),
    "a long head": saying("room=7&body=x", "X: " + "y" * 4096),
}


@pytest.mark.gen_test
@pytest.mark.parametrize("name", UNUSUAL)
async def test_what_is_unusual_takes_the_long_way_and_is_answered_alike(
    app: Chatroom, ours: Host, stock: Host, short: list[bytes], name: str
) -> None:
    answers = []
    for host in (stock, ours):
        me = await bearer(app)
        request = UNUSUAL[name].replace(b"\r\n", f"\r\n{me}\r\n".encode(), 1)
        for _ in range(2):
            client = await host.connect()
            client.send(request)
            if name == "Expect":
                assert (await client.answer()).status == 100
            answers.append(_impersonal(await client.answer(head_only=name == "HEAD")))
    assert answers[:2] == answers[2:]
    assert short == []
    assert known(ours) == 0


class TestSmallBodies:
    """Where less is taken than a message may be long."""

    @pytest.fixture
    def settings(self) -> Settings:
        return Settings(hold=60.0, hold_jitter=0.0, max_body=1024)

    @pytest.mark.gen_test
    @pytest.mark.parametrize("size", [1024, 1025, 4096, 4097])
    async def test_a_form_that_is_too_large_is_refused_as_tornado_refuses_it(
        self, app: Chatroom, ours: Host, stock: Host, short: list[bytes], size: int
    ) -> None:
        me = await bearer(app)
        request = saying(_of_bytes(size), me)
        answers = []
        for host in (stock, ours):
            client = await admitted(host, me)
            answers.append(await client.ask(request))
        assert _impersonal(answers[0]) == _impersonal(answers[1])
        assert answers[1].status == {1024: 201, 1025: 413, 4096: 413, 4097: 400}[size]
        assert short == ([request] if size <= 1024 else [])
        assert len(await stored(app)) == 2 * (size <= 1024)
