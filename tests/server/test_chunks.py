"""A body in chunks: the same however it is split, and nothing is taken of what stands behind it."""

from __future__ import annotations

from contextlib import suppress
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tornado.httputil import HTTPInputError

from chatroom.server.chunks import Chunks

_parts = st.lists(st.binary(min_size=1, max_size=40), max_size=6)


def encoded(parts: list[bytes]) -> bytes:
    return b"".join(b"%x\r\n%b\r\n" % (len(part), part) for part in parts) + b"0\r\n\r\n"


def fed(pieces: list[bytes]) -> tuple[bytes, bytes, bool]:
    """The body that the pieces bring, what is behind it, and whether it is complete."""
    chunks, body, behind = Chunks(), b"", b""
    for piece in pieces:
        more, rest = chunks.feed(piece)
        assert chunks.done or not rest
        body, behind = body + more, behind + rest
    return body, behind, chunks.done


@given(_parts, st.binary(max_size=30), st.lists(st.integers(0, 300), max_size=12))
def test_a_body_is_the_same_however_it_is_split(
    parts: list[bytes], behind: bytes, cuts: list[int]
) -> None:
    data = encoded(parts) + behind
    places = [0, *sorted(cut % (len(data) + 1) for cut in cuts), len(data)]
    pieces = [data[start:end] for start, end in pairwise(places)]
    assert fed(pieces) == (b"".join(parts), behind, True)


def test_byte_by_byte_and_at_once_are_the_same() -> None:
    data = encoded([b"hello\r\n", b"0\r\n\r\n", b"x" * 70_000]) + b"GET / HTTP/1.1\r\n\r\n"
    expected = b"hello\r\n0\r\n\r\n" + b"x" * 70_000, b"GET / HTTP/1.1\r\n\r\n", True
    assert fed([data]) == expected
    assert fed([data[at : at + 1] for at in range(len(data))]) == expected


def test_a_body_is_incomplete_up_to_its_last_byte() -> None:
    data = encoded([b"ab", b"c"])
    for end in range(len(data)):
        _, behind, done = fed([data[:end]])
        assert (behind, done) == (b"", False)


@pytest.mark.parametrize("size", [b"2", b"02", b"000000000000002"])
def test_a_size_is_hexadecimal_and_may_have_zeros_in_front(size: bytes) -> None:
    assert fed([size + b"\r\nab\r\n0000\r\n\r\n"]) == (b"ab", b"", True)
    assert fed([b"A\r\n0123456789\r\na\r\n0123456789\r\n0\r\n\r\n"])[0] == b"0123456789" * 2


REFUSED = [
    b"\r\n",
    b"x\r\n",
    b"-1\r\n",
    b"+1\r\n",
    b"0x1\r\n",
    b"1_0\r\n",
    b" 1\r\n",
    b"1 \r\n",
    b"1\t\r\n",
    b"1;a=b\r\nx\r\n",
    b"0;a=b\r\n\r\n",
    b"1\nx\n0\n\n",
    b"1\rx\r\n",
    b"1\r\r\nx\r\n",
    b"1\r\nxy\r\n",
    b"1\r\nx\n0\r\n\r\n",
    b"1\r\nx\r0\r\n\r\n",
    b"1\r\nx0\r\n\r\n",
    b"0\r\nTrailer: x\r\n\r\n",
    b"0\r\nxx",
    b"0\r\n\rx",
    b"1" * 16 + b"\r\n",
    b"0" * 16 + b"\r\n\r\n",
    b"f" * 100,
    b"\xd9\xa1\r\n",
]


@pytest.mark.parametrize("data", REFUSED)
def test_anything_else_is_refused_however_it_is_split(data: bytes) -> None:
    filler = b"0" * 30  # for those that are only seen to be wrong by what follows
    with pytest.raises(HTTPInputError):
        fed([data + filler])
    with pytest.raises(HTTPInputError):
        fed([(data + filler)[at : at + 1] for at in range(len(data + filler))])


@given(st.lists(st.binary(max_size=30), max_size=5))
def test_rubbish_is_refused_in_one_way(pieces: list[bytes]) -> None:
    with suppress(HTTPInputError):
        fed(pieces)
