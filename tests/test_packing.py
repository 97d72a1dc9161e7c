"""Which replies are packed, and for whom."""

from __future__ import annotations

import gzip
import re
from pathlib import Path

import pytest
from tornado.httputil import HTTPHeaders, HTTPServerRequest, RequestStartLine

from chatroom.app import STATIC
from chatroom.packing import Packing, needed, packed, takes_gzip

SCRIPT = b"export const hello = 1;\n" * 100


def sent(
    content: bytes = SCRIPT, *, path: str = "/static/x/js/main.js", status: int = 200, **fields: str
) -> tuple[HTTPHeaders, bytes]:
    """What becomes of a reply; `fields` are its headers, and `accepts` what the client says."""
    asks = {"Host": "localhost", "Accept-Encoding": fields.pop("accepts", "gzip, deflate, br")}
    given = {"Content-Type": "text/javascript", "Content-Length": str(len(content))}
    headers = HTTPHeaders(given | {it.replace("_", "-"): text for it, text in fields.items()})
    line = RequestStartLine("GET", path, "HTTP/1.1")
    transform = Packing(HTTPServerRequest(start_line=line, headers=HTTPHeaders(asks)))
    kept, headers, chunk = transform.transform_first_chunk(
        status, headers, content, finishing=False
    )
    assert kept == status
    return headers, chunk


@pytest.mark.parametrize(
    ("told", "takes"),
    [
        ("", False),
        ("gzip", True),
        ("br, GZIP;q=0.5", True),
        ("x-gzip", True),
        ("gzip;q=0", False),
        ("gzip; q=0.000", False),
        ("gzip; q=0.001", True),
        ("gzip;q=1.0", True),
        ("identity", False),
        ("*", False),
        ("gzipped", False),
    ],
)
def test_who_takes_it_says_so(told: str, takes: bool) -> None:
    assert takes_gzip(told) is takes


def test_a_script_is_packed_and_says_so() -> None:
    headers, body = sent(Etag='"abc"')
    assert gzip.decompress(body) == SCRIPT
    assert headers["Content-Encoding"] == "gzip"
    assert headers["Content-Length"] == str(len(body))
    assert headers["Vary"] == "Accept-Encoding"
    assert headers["Etag"] == 'W/"abc"'
    assert len(body) < len(SCRIPT) / 10


@pytest.mark.parametrize(
    ("why", "vary"),
    [
        ({"accepts": "identity"}, True),
        ({"status": 206}, True),
        ({"Content_Length": "99999"}, True),
        ({"content": b""}, True),
        ({"Content_Type": "image/png"}, False),
        ({"path": "/room/7"}, False),
        ({"path": "/a/message/updates", "Content_Type": "application/json"}, False),
    ],
)
def test_all_else_stays_as_it_is(why: dict[str, object], vary: bool) -> None:
    headers, body = sent(**why)  # type: ignore[arg-type]
    assert body == why.get("content", SCRIPT)
    assert "Content-Encoding" not in headers
    assert ("Vary" in headers) is vary


def test_a_file_is_packed_once() -> None:
    content = SCRIPT + b"// once\n"
    kind = "text/javascript"
    assert packed(content, kind) is packed(bytes(bytearray(content)), kind)


@pytest.mark.parametrize(
    ("kind", "written", "sent"),
    [
        ("text/javascript", "// a\n  // b\nlet a = 1; // c\n", "let a = 1; // c\n"),
        ("text/javascript", 'f("//x");\nlet a = `//`;\n', 'f("//x");\nlet a = `//`;\n'),
        ("text/css", "/* a\nb */\n  /* c */\np { top: 0 }\n", "p { top: 0 }\n"),
        ("text/css", "p { top: 0 } /* c */\n", "p { top: 0 } /* c */\n"),
        ("image/svg+xml", "// a\n/* b */\n", "// a\n/* b */\n"),
    ],
)
def test_comments_on_lines_of_their_own_stay_at_home(kind: str, written: str, sent: str) -> None:
    assert needed(written.encode(), kind).decode() == sent


@pytest.mark.parametrize("path", sorted(STATIC.rglob("*.js")), ids=lambda it: it.name)
def test_what_looks_like_a_comment_of_ours_is_one(path: Path) -> None:
    texts = path.read_text("utf-8").split("`")[1::2]
    assert not [it for it in texts if re.search(r"\n\s*//", it)]
