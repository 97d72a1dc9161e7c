"""Files of messages: bound to one, and let go with it."""

from __future__ import annotations

import sqlite3

import pytest
from tornado.ioloop import IOLoop

from chatroom.deed import Deletion
from chatroom.engines.sqlite import SqliteEngine
from chatroom.errors import NotFound
from chatroom.message import File
from tests.engines.contract_order import do, say
from tests.making import ANN, BOB, draft

PICTURE = File("f1", "a.png", "image/png", 9, 3, 2)
_FILE = """
    INSERT INTO files (id, person, room, name, type, size, width, height, created_at)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?, 1)
"""


@pytest.fixture(autouse=True)
def sent(engine: SqliteEngine, io_loop: IOLoop) -> None:
    """Ann has sent a picture to the room `tea`."""

    async def send() -> None:
        for person in (ANN, BOB):
            await engine.people.add_session(person.id.encode(), person, person.name)
        first, *rest = PICTURE.id, PICTURE.name, PICTURE.type, 9, 3, 2
        await engine._store.execute(_FILE, first, ANN.id, "tea", *rest)

    io_loop.run_sync(send)


async def place(engine: SqliteEngine) -> tuple[int | None, int]:
    """The offset of its message, and since when it is there."""

    def query(connection: sqlite3.Connection) -> tuple[int | None, int]:
        found: tuple[int | None, int] = connection.execute(
            'SELECT "offset", created_at FROM files'
        ).fetchone()
        return found

    return await engine._store.read(query)


@pytest.mark.gen_test
async def test_a_file_belongs_to_one_message(engine: SqliteEngine) -> None:
    (message, _) = await say(engine, "tea", files=("f1",))
    assert message.files == (PICTURE,)
    assert [message] == list((await engine.between("tea", 0, 9, 9)).items)
    assert await place(engine) == (1, 1)
    with pytest.raises(NotFound):
        await say(engine, "tea", files=("f1",))


@pytest.mark.gen_test
async def test_files_alone_are_called_by_their_names(engine: SqliteEngine) -> None:
    (message, _) = await engine.append(draft("", "tea", files=("f1",), html=""))
    assert (message.body, message.html) == ("a.png", "")


@pytest.mark.gen_test
async def test_nobody_takes_the_file_of_somebody_else_or_of_another_room(
    engine: SqliteEngine,
) -> None:
    for author, room, files in (
        (BOB, "tea", ("f1",)),
        (ANN, "7", ("f1",)),
        (ANN, "tea", ("f1", "f1")),
    ):
        with pytest.raises(NotFound):
            await say(engine, room, author, files=files)
    assert await place(engine) == (None, 1)


@pytest.mark.gen_test
async def test_a_file_is_let_go_with_its_message(engine: SqliteEngine) -> None:
    await say(engine, "tea", files=("f1",))
    await do(engine, "tea", ANN, Deletion(1))
    assert await place(engine) == (None, 0)
    with pytest.raises(NotFound):
        await say(engine, "tea", files=("f1",))
