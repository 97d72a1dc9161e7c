"""Take the pictures of docs/tour.md and of the README from the running program: `make tour`.

A real server and people at browsers of their own; what is pressed and read is found by role and label, or as the tests
of the browser find it. Whoever changes the page takes them again.
"""
# ruff: noqa: INP001 - a folder of documents, with the program that draws their pictures

from __future__ import annotations

import asyncio
import sys
import tempfile
from collections.abc import Awaitable, Callable
from io import BytesIO
from pathlib import Path
from typing import Any, NamedTuple

from PIL import Image
from playwright.async_api import Page

from tests.browser.chromium import chromium, expect
from tests.browser.picture import take
from tests.browser.room_page import RoomPage
from tests.browser.visitors import Visitors
from tests.server_process import ServerProcess

HERE = Path(__file__).resolve().parent
PICTURES = HERE / "pictures"

#: CSS pixels, and those of the picture for each.
DESK = {"width": 880, "height": 560}
PHONE = {"width": 390, "height": 700}
SCALE = 1.5
ON_DESK: dict[str, Any] = {"viewport": DESK, "device_scale_factor": SCALE}
#: Of a picture: a page has few, and edges of letters look right with so many. The README's shows emoji and shadows.
COLOURS = 64
FULL_COLOURS = 128

TALK = [
    ("林梅", "Chapter 3 is on Thursday at 7 pm, at the café ☕️"),
    ("Tomás", "I might be ten minutes late. Shall I bring the *notes*?"),
    ("林梅", "Yes please 🙏 https://example.com/the-river"),
]
CHINESE = [
    ("林梅", "周四晚上七点，老地方 ☕️"),
    ("小雨", "好的！笔记我带来。"),
    ("林梅", "太好了，**第三章**，记得看。"),
]


class Stage(NamedTuple):
    """A server, and who visits it."""

    server: ServerProcess
    visitors: Visitors


Scene = Callable[[Stage], Awaitable[Page]]


async def entrance(stage: Stage) -> Page:
    """The first page, while others talk."""
    for place in ("reading", "7", "茶馆"):
        await stage.visitors.enter(place)
    page = await (await stage.visitors.new(**ON_DESK)).new_page()
    await page.goto(stage.visitors.url)
    await page.get_by_label("Room", exact=True).fill("42")
    return page


async def room(stage: Stage) -> Page:
    """A room in which nobody has spoken yet."""
    here = await stage.visitors.enter("42", **ON_DESK)
    await expect(here.page.get_by_role("button", name="Send")).to_be_visible()
    return here.page


async def talking(stage: Stage) -> Page:
    """The first message of a guest, and the next one while it is written."""
    here = await stage.visitors.enter("42", **ON_DESK)
    await here.say("Hello? **Anybody** here?")
    await here.shows("Hello? Anybody here?")
    await here.page.get_by_role("textbox", name="Message", exact=True).fill("It says `42` above.")
    return here.page


async def two(stage: Stage) -> Page:
    """Two people, seen by one of them while the other types."""
    ann, others = await _talk(stage.visitors, TALK, "reading")
    await others["Tomás"].field.press_sequentially("I am on my way", delay=400)
    await expect(ann.page.get_by_text("is typing")).to_be_visible()
    return ann.page


async def naming(stage: Stage) -> Page:
    """What to be called."""
    here = await stage.visitors.enter("42", **ON_DESK)
    await here.naming.click()
    await here.page.get_by_label("Your name", exact=True).fill("Priya")
    return here.page


async def private(stage: Stage) -> Page:
    """A conversation of two, begun at a message."""
    ann, others = await _talk(stage.visitors, TALK[:2], "reading")
    page = await ann.message("I might be")
    async with page.expect_navigation():
        await page.get_by_role("button", name="Talk in private").click()
    here = RoomPage(page)
    await here.live()
    await here.say("Between us: shall we bring a cake for Priya?")
    await here.shows("Between us: shall we bring a cake for Priya?")
    await others["Tomás"].page.goto(page.url)
    await others["Tomás"].live()
    await others["Tomás"].say("Good idea. Chocolate.")
    await expect(here.lines).to_have_count(2)
    return page


async def offline(stage: Stage) -> Page:
    """No connection: what is written waits."""
    ann, _ = await _talk(stage.visitors, TALK[:2], "reading")
    await asyncio.to_thread(stage.server.kill)
    await ann.cut_off()
    await ann.say("On the train, in a tunnel.")
    await expect(ann.echoes).to_have_count(1)
    await expect(ann.strip).to_be_visible()
    return ann.page


async def phone(stage: Stage) -> Page:
    """On a phone, at night."""
    ann, _ = await _talk(stage.visitors, TALK, "reading", viewport=PHONE, color_scheme="dark")
    return ann.page


async def chinese(stage: Stage) -> Page:
    """In Chinese."""
    here, _ = await _talk(stage.visitors, CHINESE, "茶馆", viewport=PHONE, locale="zh-CN")
    return here.page


SCENES: tuple[Scene, ...] = (
    *(entrance, room, talking, two, naming, private, offline, phone, chinese),
)


async def _talk(
    visitors: Visitors, talk: list[tuple[str, str]], place: str, **options: Any
) -> tuple[RoomPage, dict[str, RoomPage]]:
    """Somebody who has spoken first, and the others; all have heard all."""
    names = list(dict.fromkeys(name for name, _ in talk))
    own = ON_DESK | options
    rooms = {it: await visitors.enter(place, **(own if it == names[0] else {})) for it in names}
    for name, here in rooms.items():
        await here.rename(name)
        await expect(here.naming).to_contain_text(name)
        await expect(here.name).to_be_hidden()
    for count, (name, body) in enumerate(talk, 1):
        await rooms[name].say(body)
        for here in rooms.values():
            await expect(here.lines).to_have_count(count)
            await expect(here.echoes).to_have_count(0)
    await expect(rooms[names[0]].page.locator(".here")).to_be_visible()
    return rooms[names[0]], rooms


def small(picture: bytes, colours: int = COLOURS) -> bytes:
    """The same picture with fewer colours."""
    with Image.open(BytesIO(picture)) as image:
        reduced = image.convert("RGB").quantize(colours, kmeans=2, dither=Image.Dither.NONE)
    file = BytesIO()
    reduced.save(file, "PNG", optimize=True)
    return file.getvalue()


async def tour(names: list[str]) -> None:
    """Each scene on a server of its own; only those named, if any are."""
    PICTURES.mkdir(exist_ok=True)
    async with chromium() as browser:
        for scene in SCENES:
            name = scene.__name__
            if names and name not in names:
                continue
            with tempfile.TemporaryDirectory() as data, ServerProcess(Path(data)) as server:
                visitors = Visitors(browser, server.url)
                page = await scene(Stage(server, visitors))
                await page.mouse.move(0, 200)  # away from what would look different under it
                picture = small(await page.screenshot(animations="disabled"))
                (PICTURES / f"{name}.png").write_bytes(picture)
                print(f"{name}: {len(picture) / 1000:.0f} kB", flush=True)  # noqa: T201 - a program
                await visitors.close()
    if not names or "readme" in names:
        target = HERE / "chatroom.png"
        await take(target)
        target.write_bytes(small(target.read_bytes(), FULL_COLOURS))


if __name__ == "__main__":
    asyncio.run(tour(sys.argv[1:]))
