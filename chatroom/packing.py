"""Scripts and styles in gzip, for browsers that take it: a first visit has a third of the bytes.

Each file is packed once. Pages are not: they are made anew for everybody, packing one (100 us) is a quarter of making
it, and packed with what anybody may have written, what is only the reader's would show in the length (BREACH).
"""

from __future__ import annotations

import gzip
from functools import lru_cache

from tornado.httputil import HTTPHeaders, HTTPServerRequest
from tornado.web import OutputTransform

#: What becomes smaller.
_KINDS = frozenset(
    {"text/css", "text/javascript", "application/javascript", "application/json", "image/svg+xml"}
)
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
        if self._static and headers.get("Content-Type", "").partition(";")[0] in _KINDS:
            headers.add("Vary", "Accept-Encoding")
            whole = headers.get("Content-Length") == str(len(chunk))
            if self._taken and whole and chunk and status_code == _OK:
                chunk = packed(chunk)
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
def packed(content: bytes) -> bytes:
    """The same in gzip, as small as it gets."""
    return gzip.compress(content, 9, mtime=0)
