"""A room to be taken away: page by page, in pieces, whole."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator, Sequence

import msgspec
import pytest
from msgspec.structs import replace

from chatroom.deed import Access, Change, Edit, Item, Reaction, Role, Trim
from chatroom.engines.base import Member
from chatroom.engines.sqlite import SqliteEngine
from chatroom.errors import NotAllowed
from chatroom.export import PAGE, PIECE, Extent, Form, JsonForm, pages, pieces
from chatroom.news import REPLY_BYTES
from chatroom.order import Order
from tests.making import ANN, BOB, EPOCH, act, draft, message, messages, wire

AT = 1_700_000_000_000_000


def extent(head: int, room: str = "7", **order: object) -> Extent:
    return Extent(room, Order(**order), [Member(ANN, Role.OWNER)], head, AT)  # type: ignore[arg-type]


async def nothing_against_it() -> None:
    """As most of the time."""


async def taken(engine: SqliteEngine, of: Extent) -> list[list[int]]:
    """The offsets on each page."""
    log = pages(engine, of, nothing_against_it)
    return [[it.offset for it in items] async for items in log]


async def fill(engine: SqliteEngine, count: int) -> None:
    await engine.people.add_session(b"ann", ANN, "ann")
    for number in range(count):
        await engine.append(draft(str(number)))


@pytest.mark.gen_test
async def test_the_log_comes_in_order_and_a_page_at_a_time(engine: SqliteEngine) -> None:
    await fill(engine, 2 * PAGE + 3)
    found = await taken(engine, extent(2 * PAGE + 3))
    assert [len(it) for it in found] == [PAGE, PAGE, 3]
    assert [it for page in found for it in page] == list(range(1, 2 * PAGE + 4))


@pytest.mark.gen_test
async def test_nothing_is_taken_that_was_said_afterwards_or_is_gone(engine: SqliteEngine) -> None:
    await fill(engine, 9)
    assert await taken(engine, extent(7, trimmed=2)) == [[3, 4, 5, 6, 7]]
    assert await taken(engine, extent(0)) == []


@pytest.mark.gen_test
async def test_each_page_asks_whether_it_may_be_taken(engine: SqliteEngine) -> None:
    await fill(engine, 2 * PAGE)
    asked = 0

    async def once() -> None:
        nonlocal asked
        asked += 1
        if asked == 2:
            raise NotAllowed

    log = pages(engine, extent(2 * PAGE), once)
    assert len(await anext(log)) == PAGE
    with pytest.raises(NotAllowed):
        await anext(log)


class Words:
    """A form in which each entry is so many bytes."""

    def __init__(self, size: int) -> None:
        self.size = size

    def head(self) -> bytes:
        return b"head"

    def entries(self, items: Sequence[Item]) -> Iterator[bytes]:
        yield from (b"%d" % it.offset * self.size for it in items)

    def end(self) -> bytes:
        return b"end"


async def of_one_form(form: Form, *items: Item) -> list[bytes]:
    async def log() -> AsyncIterator[Sequence[Item]]:
        yield items

    return [it async for it in pieces(form, log())]


def test_pieces_are_of_one_size_and_lose_nothing() -> None:
    found = asyncio.run(of_one_form(Words(30_000), *messages(0, 9)))
    assert b"".join(found) == b"head" + b"".join(b"%d" % n * 30_000 for n in range(1, 10)) + b"end"
    assert all(PIECE <= len(it) < PIECE + 30_000 for it in found[:-1])
    assert len(found) == 4


def test_a_piece_with_the_longest_entry_is_below_what_may_lie_unsent() -> None:
    longest = replace(message(1), body="&" * 4000, html="&amp;" * 4000)
    assert PIECE + 2 * len(wire().message(longest).json) < REPLY_BYTES


def whole(of: Extent, *items: Item) -> bytes:
    form = JsonForm(wire(), of)
    return form.head() + b"".join(form.entries(items)) + form.end()


def test_json_is_one_document_with_every_entry_as_it_is_on_the_wire() -> None:
    edited = replace(message(1), body="new", html="<p>new</p>", edited_at=AT)
    reacted = replace(message(2), reactions={"👍": [ANN, BOB]})
    items: list[Item] = [
        edited,
        reacted,
        replace(message(3), body="", html=""),
        replace(act(Edit(1), 4), message=edited),
        replace(act(Reaction(2, "👍", on=True), 5), message=reacted),
        act(Change(title="Tea"), 6),
        act(Trim(0), 7),
    ]
    told = msgspec.json.decode(whole(extent(7), *items))
    assert told["entries"] == [msgspec.json.decode(wire().entry(it).json) for it in items]


def test_json_says_how_the_room_is_run_and_where_its_log_begins_and_ends() -> None:
    of = extent(9, "茶", title="Tea", topic="Green", access=Access.PRIVATE, trimmed=4)
    told = msgspec.json.decode(whole(of))
    assert (told["format"], told["at"]) == (1, "2023-11-14T22:13:20.000Z")
    assert (told["room"], told["title"], told["topic"]) == ("茶", "Tea", "Green")
    assert told["access"] == "private"
    assert told["members"] == [{"id": ANN.id, "name": "Ann", "role": "owner"}]
    assert (told["after"], told["cursor"]) == (f"{EPOCH}-4", f"{EPOCH}-9")
    assert told["entries"] == []


def test_every_entry_stands_on_a_line_of_its_own() -> None:
    lines = whole(extent(3), *messages(0, 3)).splitlines()
    entries = [msgspec.json.decode(it.rstrip(b",")) for it in lines[1:-1]]
    assert [it["id"] for it in entries] == [f"{EPOCH}-{n}" for n in (1, 2, 3)]


def test_what_was_cut_short_is_not_valid() -> None:
    document = whole(extent(3), *messages(0, 3)).rstrip()
    for line_end in (n for n, byte in enumerate(document) if byte == ord("\n")):
        with pytest.raises(msgspec.DecodeError):
            msgspec.json.decode(document[:line_end])


@pytest.mark.parametrize(
    ("room", "plain", "encoded"),
    [
        ("7", "chatroom-7-2023-11-14.json", "chatroom-7-2023-11-14.json"),
        ("茶", "chatroom-_-2023-11-14.json", "chatroom-%E8%8C%B6-2023-11-14.json"),
        ("private-x_1", "chatroom-private-x_1-2023-11-14.json", None),
    ],
)
def test_the_name_of_the_file_is_that_of_the_room(
    room: str, plain: str, encoded: str | None
) -> None:
    header = extent(1, room).file_name("json")
    assert header == f"attachment; filename=\"{plain}\"; filename*=UTF-8''{encoded or plain}"
