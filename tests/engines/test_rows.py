from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from msgspec.structs import replace

from chatroom.deed import (
    FOR_EVER,
    Access,
    Act,
    AnyDeed,
    Bar,
    Change,
    Deletion,
    Edit,
    Erasure,
    Membership,
    Reaction,
    Role,
    Trim,
)
from chatroom.engines import database, rows
from chatroom.message import File, Message, Quoted
from chatroom.order import Order
from tests.laying import lay
from tests.making import ANN, BOB, message


@pytest.fixture
def connection(tmp_path: Path) -> Iterator[sqlite3.Connection]:
    with closing(database.connect(lay(tmp_path / "chatroom.db"))) as connection:
        connection.execute("INSERT INTO people (id, name) VALUES (?, ?)", (ANN.id, ANN.name))
        connection.execute("INSERT INTO rooms (name, head) VALUES ('7', 9)")
        yield connection


def written(offset: int, body: str = "hello", **more: object) -> Message:
    """The message at `offset`."""
    return replace(message(offset), body=body, **more)


DEEDS: list[AnyDeed] = [
    Deletion(1),
    Edit(1),
    Reaction(1, "👍", on=True),
    Erasure(ANN.id),
    Change(title="Tea 🍵", closed=True, access=Access.PASSWORD),
    Membership(BOB, Role.MODERATOR),
    Membership(BOB, None),
    Bar(person=BOB, until=FOR_EVER, address="2001:db8::/64"),
    Trim(8),
]


@pytest.mark.parametrize("deed", DEEDS, ids=lambda it: type(it).__name__)
def test_an_act_is_read_as_it_was_written(connection: sqlite3.Connection, deed: AnyDeed) -> None:
    act = Act(room="7", offset=9, author=ANN, at=5, deed=deed)
    rows.insert_act(connection, act)
    assert rows.between(connection, "7", 0, 99, 9) == [act]


def test_a_message_is_read_as_it_was_written(connection: sqlite3.Connection) -> None:
    picture = File("f", "a b.png", "image/png", 5, 3, 2)
    said = written(9, "你好 <b>\n", client_id="c", reply=Quoted(8, BOB), files=(picture,))
    rows.insert_message(connection, said)
    assert rows.between(connection, "7", 0, 99, 9) == [said]


def test_an_act_about_a_message_brings_it_as_it_is_now(connection: sqlite3.Connection) -> None:
    rows.insert_message(connection, said := written(8, "better"))
    act = Act(room="7", offset=9, author=ANN, at=5, deed=Edit(8))
    rows.insert_act(connection, act)
    assert rows.between(connection, "7", 8, 99, 9) == [replace(act, message=said)]
    connection.execute('DELETE FROM messages WHERE "offset" = 8')
    assert rows.between(connection, "7", 8, 99, 9) == [act]


def test_whom_a_message_speaks_to_is_in_the_index_once(connection: sqlite3.Connection) -> None:
    rows.insert_message(connection, written(9, "@Bob and @bob, and @小明"))
    rows.insert_message(connection, written(8, "nobody@example.com"))
    found = connection.execute('SELECT "offset", handle FROM mentions ORDER BY handle').fetchall()
    assert found == [(9, "bob"), (9, "小明")]


def test_a_range_is_open_at_both_ends_and_keeps_the_newest(connection: sqlite3.Connection) -> None:
    for offset in range(1, 7):
        rows.insert_message(connection, written(offset))
    assert [it.offset for it in rows.between(connection, "7", 1, 6, 3)] == [3, 4, 5]


def test_an_order_is_kept_without_what_it_does_not_say() -> None:
    assert rows.encode(Order()) == b"{}"
    full = Order(
        title="Tea", slow=5, roles={ANN.id: Role.OWNER}, mutes={BOB.id: 7}, access=Access.PRIVATE
    )
    assert rows.decode_order(rows.encode(full)) == full
