"""Files on their way in, apart from HTTP."""

from __future__ import annotations

import itertools
from typing import Any

import pytest

from chatroom.engines.files import CHUNK
from chatroom.engines.sqlite import SqliteEngine
from chatroom.errors import (
    FileEmpty,
    FileTooLarge,
    PictureTooLarge,
    QuotaReached,
    TooMany,
    UploadsBusy,
)
from chatroom.people import Person
from chatroom.rates import Rates
from chatroom.redraw import redraw
from chatroom.settings import Settings
from chatroom.uploads import OCTETS, Sender, Upload, Uploads, passive
from tests.conftest import Monotonic
from tests.making import ANN
from tests.pictures import noisy, picture, png_bomb

LIMIT = 3 * CHUNK


def made(settings: Settings, engine: SqliteEngine, monotonic: Monotonic | None = None) -> Uploads:
    return Uploads(settings, engine.files, Rates(settings, monotonic or Monotonic()))


@pytest.fixture
def uploads(engine: SqliteEngine) -> Uploads:
    settings = Settings(max_file=LIMIT, files_per_person=2 * LIMIT - 1, uploads_per_person=2)
    return made(settings, engine)


async def begin(
    uploads: Uploads,
    length: int | None = None,
    person: str = ANN.id,
    address: str = "::1",
    *,
    account: bool = False,
) -> Upload:
    who = uploads.holds.person(person), uploads.holds.address(address)
    sender = Sender(Person(person, "Ann"), "7", *who, account)
    return await uploads.begin(sender, "a.txt", "text/plain", length)


@pytest.mark.gen_test
async def test_however_it_comes_a_file_is_kept_in_chunks(
    uploads: Uploads, engine: SqliteEngine
) -> None:
    data = bytes(range(256)) * 600
    for step in (1000, CHUNK, CHUNK + 1, len(data)):
        upload = await begin(uploads, len(data))
        for start in range(0, len(data), step):
            await upload.write(data[start : start + step])
        file = await upload.end()
        assert (file.size, file.type) == (len(data), "text/plain")
        sizes = [len(it) async for it in engine.files.read(file.id)]
        assert sizes == [CHUNK, CHUNK, len(data) - 2 * CHUNK]
        await engine.files.drop(file.id)
        await engine._store.execute("DELETE FROM files")


@pytest.mark.gen_test
async def test_a_file_is_refused_by_its_length_and_by_what_comes(uploads: Uploads) -> None:
    with pytest.raises(FileTooLarge):
        await begin(uploads, LIMIT + 1)
    upload = await begin(uploads)
    await upload.write(b"a" * LIMIT)
    with pytest.raises(FileTooLarge):
        await upload.write(b"a")
    await upload.drop()
    assert uploads.holds.held == 0


@pytest.mark.gen_test
async def test_a_file_of_nothing_is_refused(uploads: Uploads) -> None:
    upload = await begin(uploads)
    with pytest.raises(FileEmpty):
        await upload.end()
    await upload.drop()


@pytest.mark.gen_test
async def test_a_picture_with_too_many_pixels_is_refused_with_its_first_chunk(
    uploads: Uploads,
) -> None:
    upload = await begin(uploads)
    with pytest.raises(PictureTooLarge):
        await upload.write(png_bomb().ljust(CHUNK, b"\0"))
    await upload.drop()


@pytest.mark.gen_test(timeout=20)
async def test_a_picture_is_kept_as_it_was_drawn(uploads: Uploads, engine: SqliteEngine) -> None:
    upload = await begin(uploads)
    await upload.write(picture("JPEG") + b"and more")
    file = await upload.end()
    assert (file.type, file.width, file.height) == ("image/jpeg", 800, 600)
    data = b"".join([it async for it in engine.files.read(file.id)])
    assert len(data) == file.size
    assert b"and more" not in data


@pytest.mark.gen_test(timeout=20)
async def test_a_picture_that_becomes_larger_when_it_is_drawn_counts_with_all_that_is_kept(
    engine: SqliteEngine,
) -> None:
    data = noisy("JPEG", quality=20)
    _, drawn, thumbnail = redraw(data)
    size = len(drawn) + len(thumbnail)
    assert len(drawn) > 2 * len(data)
    for person, quota in (("p-1", size - 1), ("p-2", size)):
        settings = Settings(files_per_person=quota)
        uploads = made(settings, engine)
        upload = await begin(uploads, len(data), person)
        await upload.write(data)
        if quota < size:
            with pytest.raises(QuotaReached):
                await upload.end()
            await upload.drop()
        else:
            await upload.end()
            with pytest.raises(QuotaReached):
                await begin(uploads, 1, person)


@pytest.mark.gen_test(timeout=20)
async def test_a_picture_and_its_thumbnail_never_take_more_than_a_file_may_have(
    engine: SqliteEngine,
) -> None:
    data = noisy("JPEG", (1600, 1200), quality=40)
    uploads = made(Settings(max_file=900_000), engine)
    upload = await begin(uploads, len(data))
    await upload.write(data)
    file = await upload.end()
    kept = await engine.files.find(file.id)
    assert kept is not None
    assert file.width
    assert file.size + kept.thumbnail <= 900_000


@pytest.mark.gen_test
async def test_one_person_sends_few_at_once_and_what_was_refused_does_not_count(
    uploads: Uploads,
) -> None:
    two = [await begin(uploads, 1) for _ in range(2)]
    with pytest.raises(UploadsBusy):
        await begin(uploads, 1)
    await two[0].drop()
    await begin(uploads, LIMIT)
    await two[1].drop()
    with pytest.raises(QuotaReached):
        await begin(uploads, LIMIT)
    assert uploads.holds.held == 1


@pytest.mark.gen_test
async def test_one_address_sends_no_more_than_half_of_what_may_come_at_once(
    engine: SqliteEngine,
) -> None:
    uploads = made(Settings(uploads=5), engine)
    three = [await begin(uploads, 1, f"p-{number}") for number in range(3)]
    with pytest.raises(UploadsBusy):
        await begin(uploads, 1, "p-3")
    await three[0].drop()
    await begin(uploads, 1, "p-3")


@pytest.fixture
def metered(engine: SqliteEngine, monotonic: Monotonic) -> Uploads:
    """From one address come 9 files of the largest size in a day, a kB every 50 s."""
    settings = Settings(max_file=LIMIT, files_per_address=9 * LIMIT, uploads_per_person=20)
    return made(settings, engine, monotonic)


async def let_in(uploads: Uploads, size: int, **sender: Any) -> int:
    """How many files of that size come in before it is too much; they are sent and kept."""
    for count in itertools.count():
        try:
            upload = await begin(uploads, size, f"p-{count}", **sender)
        except TooMany:
            return count
        await upload.write(b"a" * size)
        await upload.end()
    raise AssertionError


@pytest.mark.gen_test
async def test_guests_at_one_address_share_what_may_come_from_there_and_it_comes_back_in_a_day(
    metered: Uploads, monotonic: Monotonic
) -> None:
    assert await let_in(metered, LIMIT, address="2001:db8::1") == 9
    assert await let_in(metered, 1, address="2001:db8::ffff") == 0
    with pytest.raises(TooMany) as refused:
        await begin(metered, LIMIT, address="2001:db8::1")
    assert refused.value.retry_after == 86_400 / 9
    assert metered.holds.held == 0
    monotonic.now += refused.value.retry_after
    assert await let_in(metered, LIMIT, address="2001:db8::1") == 1
    assert await let_in(metered, LIMIT, address="2001:db8:0:1::1") == 9


@pytest.mark.gen_test
async def test_guests_leave_the_accounts_at_their_address_as_much(metered: Uploads) -> None:
    assert await let_in(metered, LIMIT) == 9
    assert await let_in(metered, LIMIT, account=True) == 9


@pytest.mark.gen_test
async def test_what_has_come_counts_and_what_has_not_is_given_back(metered: Uploads) -> None:
    async def left_over(length: int | None, comes: int) -> None:
        upload = await begin(metered, length)
        await upload.write(b"a" * comes)
        await upload.drop()

    await left_over(LIMIT, LIMIT // 2)
    await left_over(None, LIMIT // 2)
    with pytest.raises(FileTooLarge):
        await left_over(None, LIMIT + 1)
    upload = await begin(metered)
    await upload.write(b"a" * LIMIT)
    await upload.end()
    assert await let_in(metered, LIMIT) == 6


@pytest.mark.gen_test
async def test_what_is_refused_for_another_reason_does_not_count(
    engine: SqliteEngine, monotonic: Monotonic
) -> None:
    settings = Settings(max_file=LIMIT, files_per_address=LIMIT, files_per_person=LIMIT - 1)
    uploads = made(settings, engine, monotonic)
    for _ in range(3):
        with pytest.raises(QuotaReached):
            await begin(uploads, LIMIT)
    assert await let_in(uploads, LIMIT - 1) == 1


@pytest.mark.gen_test(timeout=20)
async def test_a_picture_counts_for_its_address_with_what_is_kept_if_that_is_more(
    engine: SqliteEngine, monotonic: Monotonic
) -> None:
    data = noisy("JPEG", quality=20)
    size = sum(len(it) for it in redraw(data)[1:])
    settings = Settings(max_file=size, files_per_address=size + 1024)
    uploads = made(settings, engine, monotonic)
    first, second = [await begin(uploads, len(data)) for _ in range(2)]
    for upload in (first, second):
        await upload.write(data)
    with pytest.raises(TooMany):
        await first.end()
    await first.drop()
    monotonic.now += 86_400
    await second.end()
    with pytest.raises(TooMany):
        await begin(uploads, 2048)


@pytest.mark.gen_test(timeout=20)
async def test_whoever_waits_as_long_as_was_said_has_the_picture_taken(
    engine: SqliteEngine, monotonic: Monotonic
) -> None:
    data = noisy("JPEG", quality=20)
    size = sum(len(it) for it in redraw(data)[1:])
    settings = Settings(max_file=size, files_per_address=size + 1024)
    uploads = made(settings, engine, monotonic)
    await let_in(uploads, size - len(data))
    upload = await begin(uploads, len(data))
    await upload.write(data)
    with pytest.raises(TooMany) as refused:
        await upload.end()
    await upload.drop()
    monotonic.now += refused.value.retry_after
    upload = await begin(uploads, len(data))
    await upload.write(data)
    assert (await upload.end()).width


@pytest.mark.parametrize(
    ("told", "kept"),
    [
        ("text/plain", "text/plain"),
        ("Video/MP4; codecs=x", "video/mp4"),
        ("text/html", OCTETS),
        ("image/svg+xml", OCTETS),
        ("image/png", OCTETS),
        ("text/plain, text/html", OCTETS),
        ("", OCTETS),
    ],
)
def test_only_types_that_run_nowhere_are_told_on(told: str, kept: str) -> None:
    assert passive(told) == kept
