"""Requests with a wrong head, no HTTP at all, and right ones that ask for something impossible."""

from __future__ import annotations

from collections.abc import Iterator

from tests.proof.composing import POST, Composer, Request, get

#: A ClientHello of TLS 1.2 as OpenSSL sends it, shortened: what comes when somebody types https.
CLIENT_HELLO = bytes.fromhex(
    "16030100c8010000c403035b4f1d2c3b4a5968778695a4b3c2d1e0f00112233445566778899aabbccdd0e0f0f000001c"
    "c02bc02fc02cc030cca9cca8c013c014009c009d002f0035000a01000085ff01000100"
)

OTHER_PROTOCOLS = {
    "HTTP/0.9": b"GET /\r\n",
    "HTTP/2": b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + bytes(9),
    "TLS": CLIENT_HELLO,
    "PROXY protocol": b"PROXY TCP4 1.2.3.4 5.6.7.8 1 2\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n",
    "PROXY protocol 2": b"\r\n\r\n\x00\r\nQUIT\n\x21\x11\x00\x0c" + bytes(12),
    "SSH": b"SSH-2.0-OpenSSH_9.2p1 Debian-2\r\n",
    "SMTP": b"EHLO localhost\r\nMAIL FROM:<a@b>\r\n",
    "Redis": b"*1\r\n$4\r\nPING\r\n",
    "RTSP": b"OPTIONS * RTSP/1.0\r\nCSeq: 1\r\n\r\n",
    "a reply": b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n",
    "zeros": bytes(1000),
    "every byte": bytes(range(256)) * 4,
    "only line ends": b"\r\n" * 1000,
    "a frame of WebSocket": b"\x81\x85abcdabcde",
}

HEADER_LINES = (
    b"X-A : b", b"X-A\t: b", b"no colon", b": no name", b"X A: b", b"X(A): b", b"X\x00A: b", b"X-A: b\x00c",
    b"X-A: b\rc", b"X-\xe9: b", b"\x0bX: b", b"X-A\x7f: b", b'"X": b', b"@: b", b"X-A: " + b"b" * 200_000,
)  # fmt: skip

DOUBTFUL_HEADER_LINES = (
    b"X-A:\r\n folded", b"X-A: b\r\n\tfolded", b"=: b", b"X-A: \x01", b"X-A: \x7f", b"X-A: \xff\xfe", b"X_A: b",
    b"X-A:",
)  # fmt: skip

HOSTS = (b"a b", b"a/b", b"a@b", b"a, b", b"a\x00", b"a\\b", b"<a>", b"a?b", b"a#b", b"a\tb")

REQUEST_LINES = (
    b"POST", b"POST /a/message/new", b"POST /a/message/new HTTP/1.1 x", b"POST /a/message/new HTTP/2.0",
    b"GET /", b"POST /a/message/new HTTP/1", b"POST /a/message/new HTTP/1.1x", b"POST /a/message/new http/1.1",
    b" HTTP/1.1", b"POST /a/message/new HTTP/x.y", b"POST /a/message/new HTTP/-1.1",
    b"POST /a/message/new HTTQ/1.1", b"POST  HTTP/1.1", b"POST /a message/new HTTP/1.1",
    b"POST\x00/a/message/new HTTP/1.1", b"POST /a/message/new\x00 HTTP/1.1", b"P@ST /a/message/new HTTP/1.1",
    b"P\xd6ST /a/message/new HTTP/1.1", b"post /a/message/new HTTP/1.1", b"POST\t/a/message/new\tHTTP/1.1",
    b"A" * 100_000 + b" / HTTP/1.1", b"POST /" + b"a" * 100_000 + b" HTTP/1.1",
)  # fmt: skip

DOUBTFUL_REQUEST_LINES = (
    b"POST http://localhost/a/message/new HTTP/1.1", b"OPTIONS * HTTP/1.1", b"CONNECT localhost:80 HTTP/1.1",
    b"POST /a/message/new HTTP/1.2", b"POST  /a/message/new  HTTP/1.1", b" POST /a/message/new HTTP/1.1",
    b"TRACE / HTTP/1.1", b"POST a/message/new HTTP/1.1", b"POST /\xe9 HTTP/1.1",
    b"\nPOST /a/message/new HTTP/1.1", b"\r\n\r\nPOST /a/message/new HTTP/1.1",
)  # fmt: skip

JSON = (
    b"[" * 5_000, b'{"a":' * 5_000, b'{"body":"\\ud800"}', b"\xff", b"", b"null", b"[]", b"1", b'{"body":NaN}',
    b'{"body":{}}',
)  # fmt: skip

KINDS = (
    b"multipart/form-data; boundary=", b"multipart/form-data", b"text/plain", b"\xff", b"a/b;" * 500,
)  # fmt: skip

PATHS = (
    b"/%", b"/%00", b"/%zz", b"/a/room/%ff/messages", b"/room/%ed%a0%80", b"//evil.test/", b"/static/../run.py",
    b"/static/x/../../run.py", b"/static/x/%2e%2e/%2e%2e/run.py", b"/static/x//etc/passwd", b"/static/x/%00",
    b"/room/" + b"%CC%88" * 2_000, b"/a/room/7/messages?limit=9" + b"9" * 400, b"/a/message/updates?wait=nan",
    b"/a/message/updates?wait=1e999", b"/a/message/updates?" + b"a=b&" * 1_500,
    b"/a/message/updates?room=7&cursor=x",
)  # fmt: skip

DOUBTFUL_PATHS = (b"/?%", b"/?" + b"a=b&" * 500, b"/a/message/updates?wait=0&a=%ff", b"/./", b"/;a")

FIELDS = (
    b'Cookie: session="; _xsrf=\x7f; =; ;;', b"Cookie: " + b"a=b;" * 1_000, b"Cookie: session=\xff",
    b"Cookie: a=\x01", b"Range: bytes=9999999999999-", b"Range: bytes=-", b"Range: bytes=1-0",
    b"Range: bytes=" + b"0-1," * 500, b"If-Modified-Since: yesterday", b"If-None-Match: \xff",
    b"If-Modified-Since: Mon, 99 Foo 99999 99:99:99 GMT", b"Accept-Language: " + b"*;q=9," * 500,
    b"Accept-Language: ;;;q=nan,en;q=\xff", b"Authorization: Bearer", b"Authorization: Bearer \xff",
    b"Origin: http://[", b"Origin: null", b"Referer: \xff", b"X-Forwarded-For: \xff, ::::", b"TE: trailers",
    b"Expect: 100-continuee", b"Expect: 200-ok", b"Upgrade: h2c\r\nConnection: Upgrade, HTTP2-Settings",
    b"Connection: \xff", b"Connection: close, keep-alive", b"Connection: transfer-encoding",
    b"Trailer: Content-Length",
    b"Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Key: x\r\nSec-WebSocket-Version: 99",
)  # fmt: skip


def outlandish(composer: Composer) -> Iterator[Request]:
    """All of them."""
    yield from (Request(name, data) for name, data in OTHER_PROTOCOLS.items())
    for kind in (_headers, _hosts, _request_lines, _line_ends, _bodies, _paths, _fields):
        yield from kind(composer)


def _headers(composer: Composer) -> Iterator[Request]:
    """Names and values of header fields (RFC 9110, section 5)."""
    for line in HEADER_LINES:
        yield composer.whole(f"header {line[:40]!r}", [line])
    for line in DOUBTFUL_HEADER_LINES:
        yield composer.whole(f"header {line!r}, doubtful", [line], refused=False)
    yield composer.whole("20,000 headers", [b"X-%d: b" % n for n in range(20_000)])
    yield composer.whole("2,000 empty headers", [b"A:"] * 2_000, refused=False)


def _hosts(composer: Composer) -> Iterator[Request]:
    """Host: one, and a host (RFC 9112, section 3.2)."""
    for host in HOSTS:
        yield composer.whole(f"host {host!r}", host=[b"Host: " + host])
    yield composer.whole("no host", host=[])
    yield composer.whole("two hosts", host=[b"Host: a", b"Host: b"])
    yield composer.whole("an empty host", host=[b"Host:"], refused=False)
    yield composer.whole("a strange port", host=[b"Host: a:99999999"], refused=False)


def _request_lines(composer: Composer) -> Iterator[Request]:
    """Method, target and version (RFC 9112, section 3)."""
    for line in REQUEST_LINES:
        yield composer.whole(f"request line {line[:40]!r}", line=line)
    for line in DOUBTFUL_REQUEST_LINES:
        yield composer.whole(f"request line {line!r}, doubtful", line=line, refused=False)


def _line_ends(composer: Composer) -> Iterator[Request]:
    """CR and LF where the other one belongs; a recipient may take a bare LF (RFC 9112, section 2.2)."""
    for name, end, refused in (
        ("bare line feeds", b"\n", False),
        ("bare carriage returns", b"\r", True),
        ("two carriage returns", b"\r\r\n", True),
        ("the wrong way round", b"\n\r", True),
    ):
        head, _, body = composer.whole("", [b"X-A: b"]).data.partition(b"\r\n\r\n")
        yield Request(name, end.join([*head.split(b"\r\n"), b"", b""]) + body, refused)
    data = composer.whole("", [b"X-A: b"]).data
    yield Request("one bare line feed", data.replace(b"\r\nX-A", b"\nX-A"), refused=False)


def _bodies(composer: Composer) -> Iterator[Request]:
    """Right as far as HTTP goes, but too many arguments, too deep, of another kind, or not readable."""
    many = b"&".join(b"a%d=b" % n for n in range(2_000))
    updates = b"POST /a/message/updates HTTP/1.1"
    yield _body(composer, "2,000 arguments", many)
    yield _body(composer, "101 rooms", b"&".join([b"room=7&cursor="] * 101), line=updates)
    for body in (b"body=%ff%fe", b"body=\xff", b"body=%00", b"=&==&&=%"):
        yield _body(composer, f"form {body!r}", body)
    zipped = b"Content-Encoding: gzip"
    yield _body(composer, "compressed", b"\x1f\x8b\x08" + bytes(50), zipped)
    for kind in KINDS:
        yield _body(composer, f"kind {kind[:30]!r}", composer.body(), kind=b"Content-Type: " + kind)
    for text in JSON:
        kind = b"Content-Type: application/json"
        yield _body(composer, f"JSON {text[:20]!r}", text, kind=kind)


def _body(
    composer: Composer, name: str, body: bytes, *lines: bytes, line: bytes = POST, kind: bytes = b""
) -> Request:
    length = b"Content-Length: %d" % len(body)
    more = {"kind": kind} if kind else {}
    return composer.post(name, [length, *lines], body, line=line, **more)


def _paths(_: Composer) -> Iterator[Request]:
    """Addresses that lead nowhere."""
    for path in PATHS:
        yield Request(f"path {path[:40]!r}", get(path))
    for path in DOUBTFUL_PATHS:
        yield Request(f"path {path[:40]!r}, doubtful", get(path), refused=False)


def _fields(_: Composer) -> Iterator[Request]:
    """Fields that a server reads, with values that nobody should send."""
    for line in FIELDS:
        for path in (b"/", b"/a/message/updates?wait=0", b"/static/x/css/base.css"):
            yield Request(f"{line[:40]!r} to {path.decode()}", get(path, line), refused=False)
