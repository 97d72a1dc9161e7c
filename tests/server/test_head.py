"""The head of a request: what is read, as Tornado reads it, and what is refused."""

from __future__ import annotations

from contextlib import suppress

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from tornado.httputil import HTTPHeaders, HTTPInputError, parse_request_start_line

from chatroom.server.head import Head

LINE = b"GET /a?b=c HTTP/1.1\r\n"
HOST = b"Host: x\r\n"


def parse(*fields: bytes, line: bytes = LINE) -> Head:
    return Head.parse(line + HOST + b"".join(it + b"\r\n" for it in fields) + b"\r\n")


def test_a_head_is_a_line_and_fields() -> None:
    head = parse(b"Accept: a", b"ACCEPT:b", b"X-Empty:", b"X-Space: \t a b \t")
    assert head.start_line == ("GET", "/a?b=c", "HTTP/1.1")
    assert dict(head.headers.get_all()) == {
        "Host": "x",
        "Accept": "b",
        "X-Empty": "",
        "X-Space": "a b",
    }
    assert head.headers.get_list("accept") == ["a", "b"]
    assert (head.length, head.chunked) == (0, False)


def test_a_body_is_told_by_its_length_or_comes_in_chunks() -> None:
    assert parse(b"Content-Length: 17").length == 17
    assert parse(b"Content-Length: 007").length == 7
    for coding in (b"chunked", b"Chunked", b"CHUNKED"):
        assert parse(b"Transfer-Encoding: " + coding).chunked


@pytest.mark.parametrize(
    "method", [b"GET", b"PURGE", b"BREW", b"get", b"M-SEARCH", b"X!#$%&'*+.^_`|~1"]
)
def test_a_method_is_any_token(method: bytes) -> None:
    assert parse(line=method + b" / HTTP/1.1\r\n").start_line.method == method.decode()


@pytest.mark.parametrize(
    "target", ["/", "*", "/room/茶馆", "http://x/", "x:443", "/a?b=c&d=%20", "//", "/\\"]
)
def test_a_target_is_passed_on_as_it_came(target: str) -> None:
    head = parse(line=b"GET " + target.encode() + b" HTTP/1.1\r\n")
    assert head.start_line.path.encode("latin-1") == target.encode()


@pytest.mark.parametrize(
    "line",
    [
        b"",
        b"\r\n",
        b"GET\r\n",
        b"GET /\r\n",
        b"GET / HTTP/1.1\n",
        b"GET  / HTTP/1.1\r\n",
        b"GET /  HTTP/1.1\r\n",
        b"GET\t/\tHTTP/1.1\r\n",
        b" GET / HTTP/1.1\r\n",
        b"GET / HTTP/1.1 \r\n",
        b"GET / a HTTP/1.1\r\n",
        b"GET /\x00 HTTP/1.1\r\n",
        b"GET /\x7f HTTP/1.1\r\n",
        b"GET /\r HTTP/1.1\r\n",
        b"G:T / HTTP/1.1\r\n",
        b"G\xc3\xa9T / HTTP/1.1\r\n",
        b"GET / HTTP/0.9\r\n",
        b"GET / HTTP/1.2\r\n",
        b"GET / HTTP/2.0\r\n",
        b"GET / HTTP/1.10\r\n",
        b"GET / http/1.1\r\n",
        b"GET / ICE/1.1\r\n",
        b"PRI * HTTP/2.0\r\n",
    ],
)
def test_another_line_is_refused(line: bytes) -> None:
    with pytest.raises(HTTPInputError):
        parse(line=line)


@pytest.mark.parametrize(
    "fields",
    [
        [b"no colon"],
        [b": no name"],
        [b"Name : x"],
        [b" Name: x"],
        [b"N\xc3\xa4me: x"],
        [b"Na me: x"],
        [b"Na(me: x"],
        [b"X: a", b" folded"],
        [b"X: a", b"\tfolded"],
        [b"X: a\rb"],
        [b"X: a\nb"],
        [b"X: a\nTransfer-Encoding: chunked"],
        [b"X: a\x00b"],
        [b"X: a\x0bb"],
        [b"X: a\x1bb"],
        [b"X: a\x7fb"],
    ],
)
def test_a_malformed_field_is_refused(fields: list[bytes]) -> None:
    with pytest.raises(HTTPInputError):
        parse(*fields)


@pytest.mark.parametrize(
    "value",
    [
        b"",
        b"-1",
        b"+1",
        b"1.0",
        b"0x10",
        b"1 0",
        b"1,1",
        b"1, 1",
        b"1_0",
        b"\xb2",
        b"9" * 40,
        b"a",
        b"1;",
    ],
)
def test_a_length_that_is_no_number_is_refused(value: bytes) -> None:
    with pytest.raises(HTTPInputError):
        parse(b"Content-Length: " + value, line=b"POST / HTTP/1.1\r\n")


@pytest.mark.parametrize("second", [b"5", b"6"])
def test_a_second_length_is_refused_even_the_same(second: bytes) -> None:
    with pytest.raises(HTTPInputError):
        parse(b"Content-Length: 5", b"Content-Length: " + second)


@pytest.mark.parametrize(
    "fields",
    [
        [b"Transfer-Encoding: chunked", b"Content-Length: 5"],
        [b"Content-Length: 5", b"Transfer-Encoding: chunked"],
        [b"Transfer-Encoding: chunked", b"Transfer-Encoding: chunked"],
        [b"Transfer-Encoding: identity"],
        [b"Transfer-Encoding: gzip"],
        [b"Transfer-Encoding: gzip, chunked"],
        [b"Transfer-Encoding: chunked, gzip"],
        [b"Transfer-Encoding: chunked, chunked"],
        [b"Transfer-Encoding: chunked, identity"],
        [b"Transfer-Encoding: xchunked"],
        [b"Transfer-Encoding: chunked;a=b"],
        [b'Transfer-Encoding: "chunked"'],
        [b"Transfer-Encoding: \x0bchunked"],
        [b"Transfer-Encoding: chunked,"],
        [b"Transfer-Encoding:"],
        [b"Transfer-Encoding : chunked"],
        [b"Transfer-Encoding\x00: chunked"],
    ],
)
def test_of_the_codings_only_one_chunked_is_taken(fields: list[bytes]) -> None:
    with pytest.raises(HTTPInputError):
        parse(*fields, line=b"POST / HTTP/1.1\r\n")


def test_a_coding_needs_http_1_1() -> None:
    with pytest.raises(HTTPInputError):
        parse(b"Transfer-Encoding: chunked", line=b"POST / HTTP/1.0\r\n")


def test_a_head_is_complete_with_its_empty_line() -> None:
    whole = LINE + HOST + b"\r\n"
    for end in range(len(whole)):
        with pytest.raises(HTTPInputError):
            Head.parse(whole[:end])


def test_an_upgrade_is_for_the_handler_to_grant() -> None:
    assert parse(b"Upgrade: websocket", b"Connection: Upgrade").headers["Upgrade"] == "websocket"
    assert parse(line=b"CONNECT x:443 HTTP/1.1\r\n").start_line.method == "CONNECT"


@pytest.mark.parametrize(
    ("version", "connection", "kept"),
    [
        (b"1.1", None, True),
        (b"1.1", b"keep-alive", True),
        (b"1.1", b"Close", False),
        (b"1.1", b"foo, close", False),
        (b"1.1", b"foo,close ,bar", False),
        (b"1.1", b"closed", True),
        (b"1.0", None, False),
        (b"1.0", b"Keep-Alive", True),
        (b"1.0", b"close", False),
    ],
)
def test_a_connection_is_kept_as_its_version_and_its_head_say(
    version: bytes, connection: bytes | None, *, kept: bool
) -> None:
    fields = [] if connection is None else [b"Connection: " + connection]
    assert parse(*fields, line=b"GET / HTTP/" + version + b"\r\n").keeps_alive is kept


# Whatever it reads, it reads as Tornado does --------------------------------------------------------------------------

_token = st.text("abcXYZ-_!#$019", min_size=1, max_size=8).map(str.encode)
_name = _token | st.sampled_from(
    [b"Content-Length", b"Transfer-Encoding", b"Connection", b"Cookie", b"Host", b"Set-Cookie"]
)
_value = (
    st.binary(max_size=12)
    | st.sampled_from([b"chunked", b"5", b"0", b" a ", b"a\r\n b", b"\xa0a\xa0", b"\x85", b"a\xa0"])
    | st.text('ab,;= \t"', max_size=10).map(str.encode)
)
_separator = st.sampled_from([b": ", b":", b" :", b":\t", b"", b": \x0b"])
_end = st.sampled_from([b"\r\n"] * 12 + [b"\n", b"\r", b"\r\r\n", b"\r\n "])
_field = st.tuples(_name, _separator, _value, _end).map(b"".join)
_target = st.binary(min_size=1, max_size=8) | st.sampled_from(
    [b"/", b"*", b"/a b", b"/\xe8\x8c\xb6"]
)
_line = st.tuples(
    _token,
    st.just(b" "),
    _target,
    st.sampled_from([b" HTTP/1.1", b" HTTP/1.0", b" HTTP/1.2"]),
    _end,
).map(b"".join)
_head = st.tuples(_line, st.lists(_field, max_size=5).map(b"".join), st.just(b"\r\n")).map(b"".join)


@given(_head)
@example(LINE + b"X: \xa0a\x85\r\n\r\n")
@example(LINE + b"X: a\r\nX: b\r\nSet-Cookie: c\r\n\r\n")
def test_what_is_accepted_is_what_tornado_reads(data: bytes) -> None:
    try:
        head = Head.parse(data)
    except HTTPInputError:
        return
    text = data.decode("latin-1")
    end = text.find("\n")
    headers = HTTPHeaders.parse(text[end:])
    assert head.start_line == parse_request_start_line(text[:end].rstrip("\r"))
    assert list(head.headers.get_all()) == list(headers.get_all())


@given(st.binary(max_size=60) | _head | st.tuples(_head, st.binary(max_size=20)).map(b"".join))
@example(b"POST / HTTP/1.1\r\nContent-Length: 5\r\n\r\n")
@example(b"POST / HTTP/1.1\r\nContent-Length:\r\n\r\n")
@example(LINE + b"X:" + b" " * 70_000 + b"a\r\n\r\n")
@example(LINE + b"X: a\r\n" * 3_000 + b"\r\n")
def test_what_is_not_accepted_is_refused_in_one_way(data: bytes) -> None:
    with suppress(HTTPInputError):
        head = Head.parse(data)
        assert head.length >= 0
        assert not (head.length and head.chunked)
