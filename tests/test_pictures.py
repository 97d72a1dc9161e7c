"""Which files are pictures, and what becomes of the process that draws them."""

from __future__ import annotations

import asyncio
import errno
import os
import sys
from collections.abc import AsyncIterator
from contextlib import suppress

import pytest

from chatroom import pictures
from chatroom.errors import FileTooLarge, PictureTooLarge, UploadsBusy
from chatroom.pictures import Pictures, Seen, seen
from tests.conftest import until
from tests.pictures import gif_bomb, noisy, opened, picture, png_bomb

LIMIT = 10_000_000


async def chunks(data: bytes) -> AsyncIterator[bytes]:
    for start in range(0, len(data), 65_536):
        yield data[start : start + 65_536]


@pytest.mark.parametrize("format_", ["PNG", "JPEG", "GIF", "WEBP"])
def test_a_picture_and_its_size_are_seen_in_its_first_bytes(format_: str) -> None:
    assert seen(picture(format_, (300, 200))[:1000]) == Seen(300, 200)


def test_the_size_of_each_kind_of_webp_is_seen() -> None:
    lossless = picture("WEBP", (300, 200), lossless=True)
    extended = picture("WEBP", (300, 200), exif=b"Exif\0\0" + b"a" * 10)
    assert {data[12:16] for data in (lossless, extended)} == {b"VP8L", b"VP8X"}
    assert seen(lossless) == seen(extended) == Seen(300, 200)


@pytest.mark.parametrize("format_", ["PNG", "JPEG", "GIF", "WEBP"])
def test_a_picture_that_breaks_off_is_still_one(format_: str) -> None:
    data = picture(format_, (300, 200))
    for length in range(12, 40):
        assert seen(data[:length]) in {Seen(0, 0), Seen(300, 200)}


@pytest.mark.parametrize(
    "data", [b"", b"hello", b"<svg/>", b"%!PS", b"BM", b"RIFF....WAVE", b"\xff\xd8"]
)
def test_anything_else_is_none(data: bytes) -> None:
    assert seen(data) is None


def test_what_would_fill_the_memory_is_refused_by_its_first_bytes() -> None:
    for data in (png_bomb(), gif_bomb(100_000), gif_bomb(900, (1000, 1000))):
        with pytest.raises(PictureTooLarge):
            seen(data[:65_536])


@pytest.mark.parametrize(
    ("fault", "refusal"),
    [(errno.EAGAIN, UploadsBusy), (errno.EMFILE, UploadsBusy), (errno.ENOENT, OSError)],
)
@pytest.mark.gen_test
async def test_where_no_process_can_begin_just_now_there_is_no_time_for_a_picture(
    io_loop: object, monkeypatch: pytest.MonkeyPatch, fault: int, refusal: type[Exception]
) -> None:
    def start(_limit: int) -> None:
        raise OSError(fault, os.strerror(fault))

    monkeypatch.setattr(pictures, "_start", start)
    with pytest.raises(refusal):
        async with Pictures(LIMIT).drawn("here", chunks(picture("JPEG"))):
            pass


@pytest.mark.gen_test(timeout=20)
async def test_a_picture_is_drawn_by_another_process(io_loop: object) -> None:
    async with Pictures(LIMIT).drawn("here", chunks(picture("JPEG", (1300, 700)))) as drawing:
        assert drawing is not None
        about = drawing.about
        assert opened(await drawing.read(about.picture)).size == (1300, 700)
        assert opened(await drawing.read(about.thumbnail)).size == (640, 345)
        with pytest.raises(EOFError):
            await drawing.read(1)


@pytest.mark.gen_test(timeout=20)
async def test_what_cannot_be_drawn_is_no_picture(io_loop: object) -> None:
    for data in (b"", picture()[:300], b"\x89PNG\r\n\x1a\n" * 100_000):
        async with Pictures(LIMIT).drawn("here", chunks(data)) as drawing:
            assert drawing is None


@pytest.mark.gen_test(timeout=20)
async def test_too_many_pictures_in_one_are_refused(io_loop: object) -> None:
    with pytest.raises(PictureTooLarge):
        async with Pictures(LIMIT).drawn("here", chunks(gif_bomb(100_000))):
            pass


@pytest.mark.gen_test(timeout=20)
async def test_what_takes_too_long_is_ended(
    io_loop: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pictures, "_PATIENCE", 0.1)
    monkeypatch.setattr(pictures, "_COMMAND", ["sleep", "1000"])
    with pytest.raises(UploadsBusy):
        async with Pictures(LIMIT).drawn("here", chunks(b"")):
            pass


@pytest.mark.gen_test(timeout=20)
async def test_only_some_are_drawn_at_once_only_some_wait_and_all_get_their_turn(
    io_loop: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pictures, "WAITING", 2)
    drawing, go, running = Pictures(LIMIT), asyncio.Event(), []

    async def draw(address: str) -> None:
        async with drawing.drawn(address, chunks(b"")):
            running.append(address)
            await go.wait()

    async with asyncio.TaskGroup() as tasks:
        for address in "abcd":
            tasks.create_task(draw(address))
        await until(lambda: len(running) == pictures.RUNNING)
        with pytest.raises(UploadsBusy):
            await draw("e")
        assert len(running) == pictures.RUNNING
        go.set()
    assert sorted(running) == list("abcd")


@pytest.mark.gen_test(timeout=20)
async def test_whoever_sends_many_pictures_is_in_the_way_of_nobody_at_another_address(
    io_loop: object,
) -> None:
    drawing, go, running = Pictures(LIMIT), asyncio.Event(), []

    async def draw(address: str) -> None:
        async with drawing.drawn(address, chunks(b"")):
            running.append(address)
            await go.wait()

    async with asyncio.TaskGroup() as tasks:
        for _ in range(9):
            tasks.create_task(draw("there"))
        await until(lambda: running == ["there"])
        with pytest.raises(UploadsBusy):
            await draw("there")
        tasks.create_task(draw("here"))
        await until(lambda: running == ["there", "here"])
        go.set()
    assert running.count("there") == 9
    assert not drawing._lines


@pytest.mark.gen_test(timeout=20)
async def test_a_picture_is_drawn_in_as_many_bytes_as_it_may_have_or_refused(
    io_loop: object,
) -> None:
    data = noisy("JPEG", (640, 480), quality=30)
    async with Pictures(len(data)).drawn("here", chunks(data)) as drawing:
        assert drawing is not None
        assert 0 < drawing.about.picture <= len(data)
    with pytest.raises(FileTooLarge):
        async with Pictures(1024).drawn("here", chunks(data)):
            pass


@pytest.mark.parametrize(
    "told",
    ['"image/png","width":1,"height":1,"picture":9999,"thumbnail":2', '"text/html","width":1'],
)
@pytest.mark.gen_test(timeout=20)
async def test_a_decoder_that_says_what_cannot_be_is_not_believed(
    io_loop: object, monkeypatch: pytest.MonkeyPatch, told: str
) -> None:
    said = f"print('{{\"type\":{told}}}')"
    monkeypatch.setattr(pictures, "_COMMAND", [sys.executable, "-c", said])
    with suppress(FileTooLarge):
        async with Pictures(10_000).drawn("here", chunks(b"")) as drawing:
            assert drawing is None
