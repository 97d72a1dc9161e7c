"""A room to be read offline: one HTML document that runs nothing and asks nobody for anything."""

from __future__ import annotations

import hashlib
from base64 import b64encode
from collections import OrderedDict
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple
from urllib.parse import quote

from chatroom.deed import Item
from chatroom.export import Extent
from chatroom.message import File, Message, Quoted
from chatroom.shapes import PEOPLE_NAMED
from chatroom.wire import timestamp

#: Of so many of the latest messages it is known how they begin, for those that answer them.
_BEGINNINGS = 1000
#: Characters of such a beginning.
_BEGINNING = 80

_STYLE = (Path(__file__).parent.parent / "templates" / "export.css").read_text(encoding="utf-8")
#: The document runs nothing and asks nobody for anything; its own style is known by its hash.
_POLICY = "default-src 'none'; style-src 'sha256-{}'; base-uri 'none'; form-action 'none'"
#: Where the pages go in the document: no text of people can hold it.
_HERE = "\0"


class Answered(NamedTuple):
    """What a line answers: how it began, "" where that is not known any more, and its place unless it is gone."""

    author: str
    begins: str
    place: str


class Shown(NamedTuple):
    """A file of a message: its name, its size in words, where it is."""

    name: str
    size: str
    address: str


class Line(NamedTuple):
    """A message as it is read offline; `day` if one begins with it, `again` if its author has spoken just before."""

    place: str
    day: str
    again: bool
    message: Message
    at: str
    answered: Answered | None
    files: Sequence[Shown]
    reactions: Sequence[tuple[str, int, str]]


#: Runs a template.
Render = Callable[..., bytes]


class HtmlForm:
    """What was said, to be read in a browser without any server.

    `render` runs a template in the language of the reader; `home` is the address of the room.
    """

    def __init__(self, render: Render, extent: Extent, home: str, **about: object) -> None:
        self._render = render
        self._home = home
        self._after = extent.after
        self._begun: OrderedDict[int, str] = OrderedDict()
        self._last: Message | None = None
        style_hash = b64encode(hashlib.sha256(_STYLE.encode()).digest()).decode()
        page = render(
            "export.html",
            **about,
            order=extent.order,
            members=extent.members,
            at=timestamp(extent.at),
            home=home,
            style=_STYLE,
            policy=_POLICY.format(style_hash),
            here=_HERE,
        )
        self._head, self._end = page.split(_HERE.encode())

    def head(self) -> bytes:
        """The document, up to the first line."""
        return self._head

    def entries(self, items: Iterable[Item]) -> Iterator[bytes]:
        """The messages among them. What was done to them shows in them, what was done to the room is in the head."""
        lines = [self._line(it) for it in items if isinstance(it, Message)]
        if lines:
            yield self._render("export_lines.html", lines=lines)

    def end(self) -> bytes:
        """The rest of the document."""
        return self._end

    def _line(self, message: Message) -> Line:
        at, last = timestamp(message.at), self._last
        day = at[:10] if last is None or timestamp(last.at)[:10] != at[:10] else ""
        again = not day and last is not None and last.author == message.author
        answered = self._answered(message.reply) if message.reply else None
        self._last = message
        self._remember(message)
        return Line(
            place=_place(message.offset),
            day=day,
            again=again,
            message=message,
            at=at,
            answered=answered,
            files=[Shown(it.name, _size(it.size), self._address(it)) for it in message.files],
            reactions=[
                (emoji, len(people), ", ".join(it.name for it in people[:PEOPLE_NAMED]))
                for emoji, people in message.reactions.items()
            ],
        )

    def _answered(self, reply: Quoted) -> Answered:
        place = _place(reply.offset) if reply.offset > self._after else ""
        return Answered(reply.author.name, self._begun.get(reply.offset, ""), place)

    def _remember(self, message: Message) -> None:
        line = " ".join(message.body[: 4 * _BEGINNING].split())
        self._begun[message.offset] = (
            line if len(line) <= _BEGINNING else f"{line[:_BEGINNING].rstrip()} …"
        )
        if len(self._begun) > _BEGINNINGS:
            self._begun.popitem(last=False)

    def _address(self, file: File) -> str:
        """Where the file is: with the server, and not in the document."""
        return f"{self._home}/file/{quote(file.id, safe='')}"


def _place(offset: int) -> str:
    return f"m{offset}"


def _size(size: int) -> str:
    """Bytes as people read them."""
    for unit in ("B", "kB", "MB"):
        if size < 1000:  # noqa: PLR2004 - the next unit
            return f"{size:.0f} {unit}"
        size /= 1000  # type: ignore[assignment]
    return f"{size:.1f} GB"
