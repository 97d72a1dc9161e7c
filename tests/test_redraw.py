"""Pictures drawn anew: nothing but pixels, the right way up, and no more of them than there is memory for."""

from __future__ import annotations

import io
from typing import Any

import pytest
from PIL import Image, ImageCms, ImageSequence

from chatroom.message import thumbnail_of
from chatroom.redraw import FRAMES_LIMIT, TOO_HEAVY, TOO_LARGE, frames, redraw
from tests.pictures import gif_bomb, moving, noisy, opened, picture, png_bomb


def drawn(data: bytes) -> tuple[dict[str, Any], Image.Image]:
    """What is told of a picture, and the picture."""
    about, picture_, thumbnail = redraw(data)
    assert (about["picture"], about["thumbnail"]) == (len(picture_), len(thumbnail))
    return about, opened(picture_)


@pytest.mark.parametrize("format_", ["PNG", "JPEG", "WEBP", "GIF"])
def test_a_picture_keeps_its_format_and_size_and_gets_a_thumbnail(format_: str) -> None:
    about, picture_, thumbnail = redraw(picture(format_, (1280, 600)))
    assert (about["type"], about["width"], about["height"]) == (
        f"image/{format_.lower()}",
        1280,
        600,
    )
    assert (opened(picture_).format, opened(picture_).size) == (format_, (1280, 600))
    assert (opened(thumbnail).format, opened(thumbnail).size) == ("WEBP", thumbnail_of(1280, 600))


def test_a_small_picture_has_no_thumbnail() -> None:
    assert redraw(picture(size=(640, 480)))[2] == b""


@pytest.mark.parametrize("format_", ["PNG", "JPEG", "WEBP"])
def test_what_is_told_of_the_camera_is_dropped_and_the_picture_turned(format_: str) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6  # turned by a quarter
    exif[0x010F] = "a camera"
    data = picture(format_, (300, 200), exif=exif.tobytes())
    assert b"a camera" in data
    about, image = drawn(data)
    assert (about["width"], about["height"], image.size) == (200, 300, (200, 300))
    assert not image.getexif()
    assert b"a camera" not in redraw(data)[1]


def test_what_hides_behind_a_picture_is_dropped() -> None:
    for format_ in ("PNG", "JPEG", "GIF", "WEBP"):
        data = picture(format_, (30, 20)) + b"%PDF-1.7 <script>"
        assert b"script" not in redraw(data)[1]


def test_a_jpeg_with_a_second_picture_behind_it_is_a_jpeg_with_one() -> None:
    out = io.BytesIO()
    hidden = opened(noisy("PNG", (90, 60)))
    opened(picture(size=(300, 200))).save(out, "MPO", save_all=True, append_images=[hidden])
    about, image = drawn(out.getvalue())
    assert (about["type"], image.format, image.size) == ("image/jpeg", "JPEG", (300, 200))
    assert about["picture"] < len(out.getvalue()) / 2


def test_a_transparent_picture_stays_transparent() -> None:
    out = io.BytesIO()
    Image.new("RGBA", (800, 800), (255, 0, 0, 0)).save(out, "PNG")
    _, picture_, thumbnail = redraw(out.getvalue())
    for it in (picture_, thumbnail):
        assert opened(it).convert("RGBA").getpixel((5, 5))[3] == 0  # type: ignore[index]


@pytest.mark.parametrize("format_", ["PNG", "GIF"])
def test_a_picture_of_few_colours_keeps_them_and_what_is_clear_in_it(format_: str) -> None:
    out = io.BytesIO()
    few = Image.new("P", (800, 800), 1)
    few.putpalette([9, 8, 7, 200, 100, 50, 1, 2, 3])
    few.paste(0, (0, 0, 100, 100))
    few.save(out, format_, transparency=0, comment=b"drawn at home")
    _, picture_, thumbnail = redraw(out.getvalue())
    image = opened(picture_)
    assert b"at home" not in picture_
    assert image.mode == "P"
    seen = image.convert("RGBA")
    assert (seen.getpixel((5, 5))[3], seen.getpixel((500, 500))) == (0, (200, 100, 50, 255))  # type: ignore[index]
    assert opened(thumbnail).convert("RGBA").getpixel((5, 5))[3] == 0  # type: ignore[index]


def test_colours_of_another_profile_are_brought_into_srgb() -> None:
    lab = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    for profile in (lab, b"no profile at all"):
        about, image = drawn(picture("JPEG", (30, 20), icc_profile=profile))
        assert about["width"] == 30
        assert "icc_profile" not in image.info


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "CMYK", "I;16", "RGBA"])
def test_pictures_of_every_kind_are_drawn(mode: str) -> None:
    out = io.BytesIO()
    Image.new(mode, (700, 20)).save(out, "TIFF" if mode == "CMYK" else "PNG")
    if mode == "CMYK":
        out = io.BytesIO()
        Image.new(mode, (700, 20)).save(out, "JPEG")
    assert drawn(out.getvalue())[0]["width"] == 700


@pytest.mark.parametrize("format_", ["GIF", "WEBP"])
def test_a_picture_that_moves_goes_on_moving(format_: str) -> None:
    about, image = drawn(moving(format_, 5))
    assert (about["type"], about["width"], about["height"]) == ("image/webp", 40, 30)
    shown = [it.convert("RGB").getpixel((5, 5)) for it in ImageSequence.Iterator(image)]
    assert len(set(shown)) == 5
    assert image.info["duration"] == 50


@pytest.mark.parametrize("format_", ["GIF", "WEBP"])
def test_the_pictures_in_one_are_counted_without_decoding(format_: str) -> None:
    assert [frames(moving(format_, it)) for it in (2, 7)] == [2, 7]
    assert frames(picture(format_)) == 1
    assert 1 < frames(moving(format_, 7)[:-100]) <= 7


@pytest.mark.parametrize(
    "data",
    [
        png_bomb(20_000, 20_000),
        gif_bomb(FRAMES_LIMIT + 1),
        gif_bomb(41, (1000, 1000)),
    ],
    ids=["pixels", "pictures", "both"],
)
def test_too_much_is_refused(data: bytes) -> None:
    with pytest.raises(SystemExit) as ended:
        redraw(data)
    assert ended.value.code == TOO_LARGE


@pytest.mark.parametrize(
    "data", [b"", b"%!PS-Adobe-3.0 EPSF-3.0\n", b"<svg/>", b"BM", picture()[:300]], ids=repr
)
def test_what_is_none_of_these_pictures_is_not_drawn(data: bytes) -> None:
    with pytest.raises((OSError, SyntaxError)):
        redraw(data)


@pytest.mark.parametrize("format_", ["PNG", "JPEG", "WEBP", "GIF"])
def test_a_picture_that_would_take_too_many_bytes_is_drawn_in_fewer(format_: str) -> None:
    data = noisy(format_, (700, 600))
    limit = sum(len(it) for it in redraw(data)[1:]) - 1
    about, picture_, thumbnail = redraw(data, limit)
    assert len(picture_) + len(thumbnail) <= limit
    assert opened(picture_).size == (700, 600)
    assert about["type"] == f"image/{(opened(picture_).format or '').lower()}"


def test_what_fits_is_drawn_as_well_as_without_a_limit() -> None:
    data = noisy("PNG", (600, 400))
    about, *parts = redraw(data)
    taken = sum(len(it) for it in parts)
    assert redraw(data, taken) == (about, *parts)
    assert redraw(data, taken - 1)[0]["type"] == "image/webp"


def test_a_picture_that_moves_and_would_take_too_many_bytes_is_drawn_in_fewer() -> None:
    out = io.BytesIO()
    one, two = (opened(noisy("PNG", (200, 150 + it))).crop((0, it, 200, 150)) for it in (0, 1))
    one.save(out, "GIF", save_all=True, append_images=[two.resize(one.size)])
    whole = len(redraw(out.getvalue())[1])
    about, picture_, _ = redraw(out.getvalue(), whole - 1)
    assert (about["type"], len(picture_) < whole) == ("image/webp", True)
    assert len(list(ImageSequence.Iterator(opened(picture_)))) == 2


def test_what_takes_too_many_bytes_however_it_is_drawn_is_refused() -> None:
    for data in (noisy(), noisy("PNG"), moving()):
        with pytest.raises(SystemExit) as ended:
            redraw(data, 100)
        assert ended.value.code == TOO_HEAVY
