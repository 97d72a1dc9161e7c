"""A message as HTML, the same for every reader.

`message.html` is run once and keeps a place for each value: running it takes five times as long. Of what it shows only
names and the text were written by somebody, and the text is HTML already. What few messages have (an answer's
beginning, files, reactions) is run for each that has it.
"""

from __future__ import annotations

from collections.abc import Callable
from types import SimpleNamespace

from tornado.escape import xhtml_escape
from tornado.template import Loader

from chatroom.handlers.base import room_path
from chatroom.shapes import Line

#: Parts of a message that most do not have, each with a template of its own.
_PARTS = ("reply", "files", "reactions", "edited_at")


def message_renderer(loader: Loader) -> Callable[[Line], str]:
    """What makes HTML of messages, from the templates of `loader`."""
    author = SimpleNamespace(id="{0.author.id}", name="{name}", hue="{0.author.hue}")
    places = SimpleNamespace(
        id="{0.id}", author=author, at="{0.at}", minute="{0.minute}", html="{0.html}", room="{room}"
    )
    parts = {part: f"{{{part}}}" for part in _PARTS}
    template = loader.load("message.html").generate(message=places, **parts)
    filled = template.decode("utf-8").strip().format
    nothing = dict.fromkeys(_PARTS, "")

    def render(line: Line) -> str:
        room, name = room_path(line.room), xhtml_escape(line.author.name)
        made = {part: _part(part, line, room) for part in _PARTS if getattr(line, part)}
        return filled(line, name=name, room=room, **(nothing | made if made else nothing))

    def _part(part: str, line: Line, room: str) -> str:
        template = loader.load(f"message_{part}.html")
        return template.generate(message=line, room=room).decode("utf-8").strip()

    return render
