"""Requests that two parsers could read differently, and their neighbours that look like it and are right.

Where one of the two parsers stands in a proxy, the other one would take the rest of a body for a request of somebody
else: request smuggling (RFC 9112, section 11.2). So whatever is doubtful about the end of a request is refused.
"""

from __future__ import annotations

from collections.abc import Iterator

from tests.proof.composing import Composer, Request

CHUNKED = b"Transfer-Encoding: chunked"

LENGTHS = (
    b"+%d", b"-%d", b"0x%x", b"%d.0", b"%d 1", b"%d, %d1", b"%d;", b"%d\x0b", b"\x0c%d", b"%d_0", b"%d\x00",
    b"", b"abc", b"1e1", "٣٠".encode(), b"\xa030", b"30\x85", b"9" * 40, b"18446744073709551617",
)  # fmt: skip

CODINGS = (
    b"gzip, chunked", b"chunked, chunked", b"chunked, identity", b"identity", b"xchunked", b"chunkedx",
    b"\x0bchunked", b"chunked\x0c", b"\xa0chunked", b"chunked;q=1", b'"chunked"', b"chun\x00ked", b"deflate",
    b"chunked gzip",
)  # fmt: skip

SIZES = (
    b"+%x\r\n", b"-%x\r\n", b"0x%x\r\n", b"%xg\r\n", b"%x%%\r\n", b"_%x\r\n", b"%x_0\r\n", b"%x \x0b\r\n",
    b"\r\n", b"f" * 16 + b"\r\n", b"1" + b"0" * 16 + b"\r\n", b"f" * 40 + b"\r\n", b"\x00%x\r\n", b"%x\r",
    b"%x;" + b"a" * 100_000 + b"\r\n",
)  # fmt: skip


def misframed(composer: Composer) -> Iterator[Request]:
    """All of them."""
    for kind in (_lengths, _codings, _both, _chunks, _ends_of_chunks, _trailers):
        yield from kind(composer)


def _lengths(composer: Composer) -> Iterator[Request]:
    """Content-Length (RFC 9110, section 8.6: digits and nothing else)."""
    for form in LENGTHS:
        yield composer.sized(form)
    yield composer.sized(b"%d\r\nContent-Length: 1", "two lengths")
    yield composer.sized(b"1\r\nContent-Length: %d", "two lengths, the other way")
    yield composer.sized(b"%d\r\nContent-Length: %d", "one length twice", refused=False)
    yield composer.sized(b"%d, %d", "one length twice in a list", refused=False)
    yield composer.sized(b"00000%d", "zeros before the length", refused=False)
    yield composer.sized(b"\t %d \t", "blanks around the length", refused=False)
    yield composer.sized(b"\r\n %d", "a length on a folded line", refused=False)


def _codings(composer: Composer) -> Iterator[Request]:
    """Transfer-Encoding: `chunked`, alone, and in HTTP/1.1 only."""
    for value in CODINGS:
        yield composer.chunked([b"Transfer-Encoding: " + value], f"coding {value!r}")
    for value in (b"", b"chunked,", b",chunked", b"CHUNKED", b"\t chunked \t", b"\r\n chunked"):
        line = b"Transfer-Encoding: " + value
        yield composer.chunked([line], f"coding {value!r}, doubtful", refused=False)
    old = b"POST /a/message/new HTTP/1.0"
    yield composer.chunked([CHUNKED], "chunked in HTTP/1.0", line=old, refused=False)
    yield composer.chunked([b"Transfer_Encoding: chunked"], "an underscore", refused=False)


def _both(composer: Composer) -> Iterator[Request]:
    """Two statements about one body."""
    length = b"Content-Length: 4"
    yield composer.chunked([length, CHUNKED], "a length, then chunked")
    yield composer.chunked([CHUNKED, length], "chunked, then a length")
    yield composer.chunked([CHUNKED, CHUNKED], "chunked twice")
    yield composer.chunked([CHUNKED, b"Transfer-Encoding: identity"], "chunked, then identity")
    yield composer.chunked([b"Transfer-Encoding : chunked", length], "a blank before the colon")
    yield composer.chunked([b"Transfer-Encoding\t: chunked"], "a tab before the colon")
    yield composer.chunked([b"X: y\rTransfer-Encoding: chunked", length], "behind a bare CR")
    yield composer.chunked([b"Content-Length : 4", CHUNKED], "a blank before the length's colon")


def _chunks(composer: Composer) -> Iterator[Request]:
    """Sizes of chunks and their extensions (RFC 9112, section 7.1)."""
    for form in SIZES:
        yield composer.chunk(form)
    for form in (b"%x \r\n", b"000000%x\r\n", b"%x;a=b\r\n", b'%x;a="b"\r\n', b"%x\n", b" %x\r\n"):
        yield composer.chunk(form, f"chunk size {form!r}, doubtful", refused=False)
    yield composer.chunk(b"%x;a=b\n\r\n", "a line feed in an extension", refused=False)


def _ends_of_chunks(composer: Composer) -> Iterator[Request]:
    """What stands between a chunk and the next one."""
    for name, pattern, refused in (
        ("one byte too many", b"%x\r\n%sX\r\n0\r\n\r\n", True),
        ("two bytes too many", b"%x\r\n%sXY\r\n0\r\n\r\n", True),
        ("no line end behind a chunk", b"%x\r\n%s0\r\n\r\n", True),
        ("a carriage return behind a chunk", b"%x\r\n%s\r0\r\n\r\n", True),
        ("a line feed behind a chunk", b"%x\r\n%s\n0\r\n\r\n", False),
        ("bare line feeds", b"%x\n%s\n0\n\n", False),
        ("no last line end", b"%x\r\n%s\r\n0\r\n", False),
    ):
        yield composer.framed(lambda it, p=pattern: p % (len(it), it), name, refused=refused)


def _trailers(composer: Composer) -> Iterator[Request]:
    """Header lines behind the last chunk: to be ignored, or refused, but not to be believed."""
    for line in (
        b"X-A: b",
        b"Content-Length: 3",
        CHUNKED,
        b"Host: elsewhere",
        b"no colon",
        b"\x00",
    ):
        yield composer.framed(
            lambda it, line=line: b"%x\r\n%s\r\n0\r\n%s\r\n\r\n" % (len(it), it, line),
            f"trailer {line!r}",
            refused=False,
        )
    yield composer.framed(
        lambda it: b"%x\r\n%s\r\n0\r\n" % (len(it), it) + b"X-A: b\r\n" * 20_000 + b"\r\n",
        "a trailer of 160 kB",
        refused=False,
    )
