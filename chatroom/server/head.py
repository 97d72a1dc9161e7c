"""The head of a request: bytes to a start line, headers, and how its body is framed.

llhttp (through httptools) reads the fields, in its strict mode: lines end in CR LF, nothing is folded, no space
stands before a colon, no control character in a value; there is one Content-Length, of digits only, and never
together with Transfer-Encoding. What it leaves open is decided here, always for the strict side, because two servers
that read the same bytes differently are how requests are smuggled (RFC 9112, sections 6 and 11.2): the only transfer
coding is `chunked`, named once, in HTTP/1.1.

The request line is read here, because llhttp knows only registered methods and no target but ASCII. To us a method is a
token like any other, and who types a Chinese room into curl sends it as it is.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from httptools import HttpParserError, HttpParserUpgrade, HttpRequestParser
from tornado.httputil import HTTPHeaders, HTTPInputError, RequestStartLine

_LINE = re.compile(rb"([!#$%&'*+\-.^_`|~0-9A-Za-z]+) ([\x21-\x7e\x80-\xff]+) (HTTP/1\.[01])\r\n")


class Head(NamedTuple):
    """What was asked and how its body is framed: `length` bytes, or in chunks."""

    start_line: RequestStartLine
    headers: HTTPHeaders
    length: int
    chunked: bool

    @classmethod
    def parse(cls, data: bytes) -> Head:
        """Read a head up to and with its empty line. Raises HTTPInputError."""
        line = _LINE.match(data)
        if line is None:
            raise HTTPInputError("Malformed HTTP request line")
        fields = _Fields()
        try:
            HttpRequestParser(fields).feed_data(b"POST / " + data[line.start(3) :])
        except HttpParserUpgrade:
            pass  # whether that is granted is for the handler to say
        except HttpParserError as error:
            raise HTTPInputError(f"Malformed HTTP request: {error}") from error
        if not fields.complete:
            raise HTTPInputError("Malformed HTTP request: something stands behind its end")
        start_line = RequestStartLine(*(part.decode("latin-1") for part in line.groups()))
        length = int(fields.headers.get("Content-Length", "0"))
        return cls(start_line, fields.headers, length, _chunked(start_line, fields.headers))

    @property
    def keeps_alive(self) -> bool:
        """Whether the connection may be used again (RFC 9112, section 9.3)."""
        options = self.headers.get("Connection", "").lower()
        if self.start_line.version == "HTTP/1.0":
            return options == "keep-alive"
        return "close" not in [option.strip() for option in options.split(",")]


class _Fields:
    """Collects what the parser calls out."""

    def __init__(self) -> None:
        self.headers = HTTPHeaders()
        self.complete = False

    def on_header(self, name: bytes, value: bytes) -> None:
        key, text = name.decode("latin-1"), value.decode("latin-1").strip(" \t")
        if key in self.headers:
            self.headers.add(key, text)
        else:
            self.headers[key] = text

    def on_headers_complete(self) -> None:
        self.complete = True


def _chunked(line: RequestStartLine, headers: HTTPHeaders) -> bool:
    if "Transfer-Encoding" not in headers:
        return False
    if headers["Transfer-Encoding"].lower() != "chunked" or line.version == "HTTP/1.0":
        raise HTTPInputError(f"Unsupported Transfer-Encoding {headers['Transfer-Encoding']}")
    return True
