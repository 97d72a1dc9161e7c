"""The official chat demo: of Tornado 5.1.1, the last release that carries it, run on the Tornado that is installed.

Nothing in it is patched. It keeps its messages in memory and knows one room. Its debug mode is off, and so is its
log of requests, like everybody else's here.
"""

from __future__ import annotations

import subprocess
import sys
import tarfile
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path
from urllib.parse import quote, quote_plus

from msgspec import Struct, json

from benchmarks.reply import Reply
from benchmarks.request import BARE, Request, chromium, cookie, head
from benchmarks.sites.process import free_port, running
from benchmarks.sites.site import Serve, Site, Start, Update, Visitor

RELEASE = "5.1.1"


class Message(Struct):
    """What is read of a message."""

    id: str
    body: str


class News(Struct):
    """What is read of an update."""

    messages: list[Message]


_message = json.Decoder(Message).decode
_news = json.Decoder(News).decode


class Demo(Site):
    """The demo. Its page sends `_xsrf` as an argument of every form."""

    one_room = True

    async def visitors(self, count: int, room: str, *, browser: bool) -> list[Visitor]:
        if browser:
            every = await self.cookies(room, count)
            return [self._visitor(each, chromium(cookie(each))) for each in every]
        (given,) = await self.cookies(room, 1)
        return [self._visitor(given, (*BARE, cookie(given)))] * count

    def wording(self, text: str) -> bytes:
        return quote_plus(text).encode()

    def accepted(self, reply: Reply) -> bytes:
        return _message(reply.expect(200)).id.encode()

    def update(self, reply: Reply) -> Update:
        messages = _news(reply.expect(200)).messages
        return Update(tuple(each.body for each in messages), messages[-1].id.encode())

    def page(self, room: str) -> str:
        del room  # there is one
        return "/"

    def _visitor(self, cookies: dict[str, str], headers: Sequence[str]) -> Visitor:
        token = f"_xsrf={quote(cookies['_xsrf'])}"
        return Visitor(
            Request(head("POST", "/a/message/updates", self.port, *headers), f"{token}&cursor="),
            Request(head("POST", "/a/message/new", self.port, *headers), f"{token}&body="),
        )


def serving(script: Path) -> Serve:
    """How to run the demo that lies at `script`."""
    return partial(_serve, script)


def fetch(cache: Path, archive: Path | None) -> Path:
    """The demo's script, unpacked into `cache` from Tornado's source distribution, which is PyPI's if none is given.

    Raises CalledProcessError when pip cannot get it.
    """
    cache.mkdir(parents=True, exist_ok=True)
    script = cache / f"tornado-{RELEASE}" / "demos" / "chat" / "chatdemo.py"
    if not script.exists():
        with tarfile.open(archive or _download(cache)) as packed:
            demo = [member for member in packed if "/demos/chat/" in member.name]
            packed.extractall(cache, demo, filter="data")
    return script


def _download(cache: Path) -> Path:
    pip = [sys.executable, "-m", "pip", "--quiet", "--disable-pip-version-check", "download"]
    chosen = ["--no-binary", ":all:", "--no-deps", "--dest", str(cache), f"tornado=={RELEASE}"]
    subprocess.run([*pip, *chosen], check=True)
    return cache / f"tornado-{RELEASE}.tar.gz"


@asynccontextmanager
async def _serve(script: Path, start: Start) -> AsyncIterator[Demo]:
    port = free_port()
    options = [f"--port={port}", "--debug=false", "--logging=none"]
    command = [sys.executable, str(script), *options]
    with running(command, port, start.core, start.folder) as child:
        yield Demo(port, child.pid)
