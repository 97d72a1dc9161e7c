"""What every engine promises of files, as tests: see `tests/engines/contract.py`."""

from __future__ import annotations

import pytest
from tornado.ioloop import IOLoop

from chatroom.deed import Deletion
from chatroom.engines.base import Engine
from chatroom.engines.files import CHUNK, FILE_WAITS, Allowance, Part
from chatroom.errors import FilesFull, NotFound, QuotaReached
from chatroom.message import File
from chatroom.people import Visitor
from tests.conftest import Clock
from tests.making import ANN, BOB, draft

MUCH = Allowance(10**9, 10**9)
DATA = bytes(range(256)) * 1000


async def begun(engine: Engine, person: str = ANN.id, size: int = 10) -> str:
    """A file that is on its way in."""
    return await engine.files.begin(person, size, MUCH)


async def write(engine: Engine, id_: str, data: bytes, part: Part = Part.SENT) -> None:
    """Add a part."""
    for number, start in enumerate(range(0, len(data), CHUNK)):
        await engine.files.write(id_, part, number, data[start : start + CHUNK])


async def kept(engine: Engine, data: bytes = DATA, room: str = "7") -> File:
    """A file of Ann's that waits for its message."""
    id_ = await begun(engine, size=len(data))
    await write(engine, id_, data)
    file = File(id_, "a.bin", "text/plain", len(data))
    await engine.files.keep(file, ANN.id, room)
    return file


async def picture(engine: Engine, thumbnail: bytes = b"small") -> File:
    """A picture of Ann's."""
    id_ = await begun(engine)
    await write(engine, id_, b"as it was sent")
    await write(engine, id_, b"as it was drawn", Part.PICTURE)
    await write(engine, id_, thumbnail, Part.THUMBNAIL)
    file = File(id_, "a.png", "image/png", 15, 800, 600)
    await engine.files.keep(file, ANN.id, "7")
    return file


async def read(engine: Engine, id_: str, *, thumbnail: bool = False, start: int = 0) -> bytes:
    """The bytes of a file."""
    chunks = engine.files.read(id_, thumbnail=thumbnail, start=start)
    return b"".join([it async for it in chunks])


class FilesContract:
    """Files, whatever keeps them."""

    @pytest.fixture(autouse=True)
    def people(self, engine: Engine, io_loop: IOLoop) -> None:
        """Ann and Bob are guests with sessions."""
        io_loop.run_sync(lambda: engine.people.add_session(b"ann", ANN, "ann"))
        io_loop.run_sync(lambda: engine.people.add_session(b"bob", BOB, "bob"))

    @pytest.mark.gen_test
    async def test_what_was_written_is_read_from_any_byte_on(self, engine: Engine) -> None:
        file = await kept(engine)
        for start in (0, 1, CHUNK - 1, CHUNK, CHUNK + 1, len(DATA) - 1, len(DATA), len(DATA) + 1):
            assert await read(engine, file.id, start=start) == DATA[start:]
        chunks = [len(it) async for it in engine.files.read(file.id)]
        assert chunks == [CHUNK, CHUNK, CHUNK, len(DATA) - 3 * CHUNK]

    @pytest.mark.gen_test
    async def test_a_file_is_found_when_all_of_it_is_there(self, engine: Engine) -> None:
        id_ = await begun(engine)
        await write(engine, id_, b"hello")
        assert await engine.files.find(id_) is None
        file = File(id_, "a", "text/plain", 5)
        await engine.files.keep(file, ANN.id, "7")
        assert await engine.files.find(id_) == (file, ANN.id, "7", None, 0)
        assert await engine.files.find("nobody") is None
        assert await read(engine, "nobody") == b""

    @pytest.mark.gen_test
    async def test_a_picture_is_read_as_it_was_drawn_and_not_as_it_was_sent(
        self, engine: Engine
    ) -> None:
        file = await picture(engine)
        assert await read(engine, file.id) == b"as it was drawn"
        assert await read(engine, file.id, thumbnail=True) == b"small"
        found = await engine.files.find(file.id)
        assert found is not None
        assert found.thumbnail == 5

    @pytest.mark.gen_test
    async def test_what_is_not_on_its_way_in_cannot_be_written(self, engine: Engine) -> None:
        file = await kept(engine)
        dropped = await begun(engine)
        await engine.files.drop(dropped)
        for id_ in (file.id, dropped, "nobody"):
            with pytest.raises(NotFound):
                await engine.files.write(id_, Part.SENT, 9, b"more")
            with pytest.raises(NotFound):
                await engine.files.keep(File(id_, "a", "b", 1), BOB.id, "7")

    @pytest.mark.gen_test
    async def test_what_was_dropped_is_gone_at_once(self, engine: Engine) -> None:
        id_ = await begun(engine)
        await write(engine, id_, DATA)
        await engine.files.drop(id_)
        assert await read(engine, id_) == b""
        assert not await engine.files.sweep()

    @pytest.mark.gen_test
    async def test_a_file_stays_with_its_message_and_goes_with_it(
        self, engine: Engine, clock: Clock
    ) -> None:
        file = await kept(engine)
        message = (await engine.append(draft("", files=(file.id,)))).message
        clock.now += 2 * FILE_WAITS
        assert not await engine.files.sweep()
        found = await engine.files.find(file.id)
        assert found is not None
        assert found.offset == message.offset
        await engine.act("7", Deletion(message.offset), Visitor(ANN))
        assert await engine.files.find(file.id) is None
        assert await engine.files.sweep()
        assert await read(engine, file.id) == b""
        assert not await engine.files.sweep()

    @pytest.mark.gen_test
    async def test_a_file_waits_an_hour_for_its_message(self, engine: Engine, clock: Clock) -> None:
        file = await kept(engine)
        clock.now += FILE_WAITS
        assert not await engine.files.sweep()
        clock.now += 1
        assert await engine.files.sweep()
        assert await engine.files.find(file.id) is None
        with pytest.raises(NotFound):
            await engine.append(draft("", files=(file.id,)))

    @pytest.mark.gen_test
    async def test_what_comes_in_for_longer_than_an_hour_is_not_swept(
        self, engine: Engine, clock: Clock
    ) -> None:
        id_ = await begun(engine)
        clock.now += 2 * FILE_WAITS
        assert not await engine.files.sweep()
        await write(engine, id_, b"hello")

    @pytest.mark.gen_test
    async def test_trimming_sweeps_too(self, engine: Engine, clock: Clock) -> None:
        file = await kept(engine)
        clock.now += FILE_WAITS + 1
        await engine.trim()
        assert await read(engine, file.id) == b""

    @pytest.mark.gen_test
    async def test_files_that_come_at_once_keep_within_the_quota_of_their_sender(
        self, engine: Engine
    ) -> None:
        allowance = Allowance(100, 1000)
        first = await engine.files.begin(ANN.id, 60, allowance)
        with pytest.raises(QuotaReached):
            await engine.files.begin(ANN.id, 41, allowance)
        await engine.files.begin(BOB.id, 41, allowance)
        await engine.files.begin(ANN.id, 40, allowance)
        await engine.files.drop(first)
        await engine.files.begin(ANN.id, 60, allowance)

    @pytest.mark.gen_test
    async def test_a_file_counts_with_its_own_size_when_it_is_whole(self, engine: Engine) -> None:
        id_ = await engine.files.begin(ANN.id, 100, Allowance(100, 1000))
        await write(engine, id_, b"hello")
        await engine.files.keep(File(id_, "a", "b", 5), ANN.id, "7")
        await engine.files.begin(ANN.id, 95, Allowance(100, 1000))
        with pytest.raises(QuotaReached):
            await engine.files.begin(ANN.id, 1, Allowance(100, 1000))

    @pytest.mark.gen_test
    async def test_a_picture_counts_together_with_the_smaller_one(self, engine: Engine) -> None:
        await picture(engine, b"small")  # beside 15 bytes
        await engine.files.begin(ANN.id, 80, Allowance(100, 1000))
        with pytest.raises(QuotaReached):
            await engine.files.begin(ANN.id, 1, Allowance(100, 1000))
        with pytest.raises(FilesFull):
            await engine.files.begin(BOB.id, 1, Allowance(100, 100))

    @pytest.mark.gen_test
    async def test_what_becomes_larger_than_was_promised_keeps_within_every_limit(
        self, engine: Engine
    ) -> None:
        id_ = await engine.files.begin(ANN.id, 40, Allowance(100, 200))
        await engine.files.begin(ANN.id, 30, Allowance(100, 200))
        await engine.files.begin(BOB.id, 60, Allowance(100, 200))
        await engine.files.promise(id_, 70, Allowance(100, 200))
        for allowance, refused in (
            (Allowance(100, 200), QuotaReached),
            (Allowance(200, 160), FilesFull),
        ):
            with pytest.raises(refused):
                await engine.files.promise(id_, 71, allowance)
        await engine.files.promise(id_, 10, Allowance(0, 0))
        await engine.files.begin(ANN.id, 60, Allowance(100, 200))
        with pytest.raises(NotFound):
            await engine.files.promise("nobody", 1, MUCH)

    @pytest.mark.gen_test
    async def test_the_files_of_all_have_a_limit_too(self, engine: Engine) -> None:
        await engine.files.begin(ANN.id, 60, Allowance(100, 100))
        with pytest.raises(FilesFull):
            await engine.files.begin(BOB.id, 41, Allowance(100, 100))
