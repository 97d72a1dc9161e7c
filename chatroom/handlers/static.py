"""Static files under a path that names their release, so that browsers may keep them for ever.

The release stands in the path and not in a query, because what is named by a relative path, as a worker by its page, is
then of the same release. Scripts and style sheets come with all that they import; PATH.map says where a script is from.
"""

from __future__ import annotations

import hashlib
import os
from functools import cache
from http import HTTPStatus
from pathlib import Path
from typing import Any

from tornado.web import StaticFileHandler

from chatroom import joining
from chatroom.errors import NotFound
from chatroom.handlers.replying import Replying

_YEAR = 365 * 86_400
_JOINED = {".js": joining.script, ".css": joining.sheet}
_MAP = ".map"


def release_of(folder: Path) -> str:
    """A name for what is in `folder` just now: other content, other name."""
    digest = hashlib.sha256()
    for path in sorted(it for it in folder.rglob("*") if it.is_file()):
        digest.update(f"{path.relative_to(folder)}\0".encode())
        digest.update(hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()[:12]


class StaticHandler(Replying, StaticFileHandler):
    """/static/RELEASE/PATH; the application's setting `release` is the one that is served."""

    @classmethod
    def make_static_url(
        cls,
        settings: dict[str, Any],
        path: str,
        include_version: bool = True,  # noqa: ARG003, FBT001, FBT002 - Tornado's signature
    ) -> str:
        """The address of a file, in its release."""
        return f"/static/{settings['release']}/{path}"

    async def get(self, path: str, include_body: bool = True) -> None:  # noqa: FBT001, FBT002 - Tornado's
        """A file, or the map of a script."""
        if not path.endswith(f".js{_MAP}"):
            await super().get(path, include_body)
            if self.get_status() == HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE:
                self.set_header("Cache-Control", "no-store")
            return
        self.path = self.parse_url_path(path.removesuffix(_MAP))
        file = self.get_absolute_path(self.root, self.path)
        self.absolute_path = self.validate_absolute_path(self.root, file)
        self.set_header("Content-Type", "application/json")
        self.set_extra_headers("")
        self.finish(_mapped(file))

    @classmethod
    def get_content(cls, abspath: str, start: int | None = None, end: int | None = None) -> Any:
        """The bytes of a file between two places, those of what it imports included."""
        if Path(abspath).suffix not in _JOINED:
            return super().get_content(abspath, start, end)
        return _joined(abspath)[start:end]

    def get_content_size(self) -> int:
        """How many there are."""
        path = str(self.absolute_path)
        return len(_joined(path)) if Path(path).suffix in _JOINED else super().get_content_size()

    def parse_url_path(self, url_path: str) -> str:
        """The path of the file behind the release, whichever that is: an open page may be of an older one."""
        self._release, _, path = url_path.partition("/")
        return super().parse_url_path(path)

    def validate_absolute_path(self, root: str, absolute_path: str) -> str | None:
        """The file to serve. Raises NotFound for all that is none, wherever it would be."""
        inside = Path(absolute_path).is_relative_to(root)
        if not inside or not os.path.isfile(absolute_path):  # noqa: PTH113 - Path's raises for a long name
            raise NotFound
        return super().validate_absolute_path(root, absolute_path)

    def get_modified_time(self) -> None:
        """Nothing is said of it: that of a file is not that of what it imports."""

    def should_return_304(self) -> bool:
        """Whether the reader has the file; only its tag says so."""
        return self.check_etag_header()

    def get_cache_time(self, _path: str, _modified: Any, _mime_type: str) -> int:
        """Seconds to keep a file: for ever in its own release, not at all in another's."""
        return _YEAR if self._release == self.settings["release"] else 0

    def set_extra_headers(self, path: str) -> None:
        """Say that a kept file need not be asked for again, and where the map of a script is."""
        if path.endswith(".js"):
            self.set_header("SourceMap", f"{path.rpartition('/')[2]}{_MAP}")
        if self._release == self.settings["release"]:
            self.set_header("Cache-Control", f"public, max-age={_YEAR}, immutable")
        else:
            self.set_header("Cache-Control", "no-cache")


@cache
def _mapped(path: str) -> str:
    return joining.source_map(path, _read)


@cache
def _joined(path: str) -> bytes:
    return _JOINED[Path(path).suffix](path, _read).encode()


def _read(path: str) -> str:
    return Path(path).read_text(encoding="utf-8")
