"""Scripts and styles without their comments and in gzip, for browsers that take it: a quarter of the bytes.

There is no build step: what is read in the repository is what runs, and comments are for whoever reads it there. Each
file is packed once. Pages are not: they are made anew for everybody, packing one (100 us) is a quarter of making it,
and packed with what anybody may have written, what is only the reader's would show in the length (BREACH).
"""

from __future__ import annotations

import gzip
import re
from functools import lru_cache

from tornado.httputil import HTTPHeaders, HTTPServerRequest
from tornado.web import OutputTransform

#: What becomes smaller.
_KINDS = frozenset(
    {"text/css", "text/javascript", "application/javascript", "application/json", "image/svg+xml"}
)
#: Comments that stand on lines of their own, as all of ours do.
_COMMENTS = {
    "text/css": re.compile(rb"^[ \t]*/\*.*?\*/[ \t]*\n", re.DOTALL | re.MULTILINE),
    "text/javascript": re.compile(rb"^[ \t]*//.*\n", re.MULTILINE),
}
#: Files that are kept packed, of all releases that are asked for.
_KEPT = 256
_OK = 200


class Packing(OutputTransform):
    """What Tornado sends through: files of /static/ that come whole, packed; all else as it is."""

    def __init__(self, request: HTTPServerRequest) -> None:
        self._static = request.path.startswith("/static/")
        self._taken = self._static and takes_gzip(request.headers.get("Accept-Encoding", ""))

    def transform_first_chunk(
        self,
        status_code: int,
        headers: HTTPHeaders,
        chunk: bytes,
        finishing: bool,  # noqa: FBT001 - Tornado's signature
    ) -> tuple[int, HTTPHeaders, bytes]:
        """The reply, or its beginning. One that is sent in parts is left as it is."""
        kind = headers.get("Content-Type", "").partition(";")[0]
        if self._static and kind in _KINDS:
            headers.add("Vary", "Accept-Encoding")
            whole = headers.get("Content-Length") == str(len(chunk))
            if self._taken and whole and chunk and status_code == _OK:
                chunk = packed(chunk, kind)
                headers["Content-Encoding"] = "gzip"
                headers["Content-Length"] = str(len(chunk))
                if "Etag" in headers:
                    headers["Etag"] = f"W/{headers['Etag']}"  # other bytes, the same file
        return super().transform_first_chunk(status_code, headers, chunk, finishing)


def takes_gzip(accept_encoding: str) -> bool:
    """Whether a client says so (RFC 9110, section 12.5.3); "*" is taken for no."""
    for part in accept_encoding.lower().split(","):
        name, _, weight = part.partition(";")
        if name.strip() in {"gzip", "x-gzip"}:
            return weight.replace(" ", "").rstrip("0.") != "q="
    return False


@lru_cache(_KEPT)
def packed(content: bytes, kind: str) -> bytes:
    """What a browser needs of it, in gzip, as small as it gets."""
    return gzip.compress(needed(content, kind), 9, mtime=0)


def needed(content: bytes, kind: str) -> bytes:
    """A file of that media type without its comments."""
    comments = _COMMENTS.get(kind)
    return comments.sub(b"", content) if comments else content
