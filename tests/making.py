"""Values for tests, in one line each."""

from __future__ import annotations

from chatroom.deed import Act, AnyDeed
from chatroom.drafting import draft_from
from chatroom.message import Draft, Message
from chatroom.news import Entry
from chatroom.people import Person
from chatroom.shapes import Line
from chatroom.wire import Wire

EPOCH = "k3f9q2ab"
ANN = Person("p-ann", "Ann")
BOB = Person("p-bob", "Bob")


def draft(body: str = "hello", room: str = "7", **more: object) -> Draft:
    """A draft by Ann."""
    return Draft(**({"room": room, "author": ANN, "body": body, "html": f"<p>{body}</p>"} | more))  # type: ignore[arg-type]


def said(author: Person, room: str, body: str, client_id: str = "") -> Draft:
    """What `author` says, as a request would bring it."""
    told = {"room": [room], "body": [body], "client_id": [client_id]}
    return draft_from(author, told, "", EPOCH)


def message(offset: int, room: str = "7") -> Message:
    """The message at `offset`; its text is its place."""
    return Message(
        room=room,
        offset=offset,
        author=ANN,
        body=f"{room}/{offset}",
        html=f"<p>{room}/{offset}</p>",
        at=1_700_000_000_000_000,
    )


def messages(after: int, until: int, room: str = "7") -> list[Message]:
    """The messages after < offset <= until."""
    return [message(offset, room) for offset in range(after + 1, until + 1)]


def wire() -> Wire:
    """A wire whose lines show nothing but the id."""
    return Wire(EPOCH, _line)


def entries(after: int, until: int, room: str = "7") -> list[Entry]:
    """The entries of those messages."""
    return [wire().entry(it) for it in messages(after, until, room)]


def offsets(found: list[Entry] | None) -> list[int] | None:
    """The offsets of entries."""
    return None if found is None else [entry.offset for entry in found]


def _line(line: Line) -> str:
    return f"<i>{line.id}</i>"


def act(deed: AnyDeed, offset: int, room: str = "7", author: Person = ANN) -> Act:
    """What `author` did as the entry at `offset`."""
    return Act(room=room, offset=offset, author=author, at=1_700_000_000_000_000, deed=deed)
