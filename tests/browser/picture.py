"""Take the picture of the README: `python -m tests.browser.picture docs/chatroom.png`.

A real server and three people who talk in room 7, seen by one of them on a desk by day and by another on a phone at
night.
"""

from __future__ import annotations

import asyncio
import base64
import sys
import tempfile
from pathlib import Path

from playwright.async_api import Browser

from tests.browser.chromium import chromium, expect
from tests.browser.room_page import RoomPage
from tests.browser.visitors import Visitors
from tests.server_process import ServerProcess

#: Pixels of the picture for each CSS pixel. A README shows it at about half its size.
_SCALE = 1.5
#: CSS pixels.
_DESK = {"width": 648, "height": 672}
_PHONE = {"width": 336, "height": 672}

_CONVERSATION = [
    ("Priya", "Morning! Is the reading group still on for **Thursday**?"),
    ("林梅", "在的，周四晚上七点，老地方 ☕️"),
    ("林梅", "Yes: 7 pm, at the café."),
    ("Tomás", "I might be ten minutes late. Which chapter is it?"),
    ("林梅", "Chapter 3, *The River*. 笔记我整理好了，晚点发给大家。"),
    ("Tomás", "Perfect, thank you! 谢谢 🙏"),
    ("Priya", "See you all on Thursday 👋"),
]
_UNFINISHED = "好的，周四见！"

_FRAME = """
<style>
  body {{ margin: 0; padding: 28px; display: flex; gap: 28px; justify-content: center; background: #dfe5e3; }}
  img {{ display: block; border-radius: 14px; box-shadow: 0 2px 6px #0002, 0 12px 32px #0003; }}
  .phone {{ border: 5px solid #0e0f10; border-radius: 30px; margin: -5px; }}
</style>
<img src="{desk}" width="648"><img class="phone" src="{phone}" width="336">
"""


async def take(target: Path) -> None:
    """Write the picture to `target`, a PNG."""
    with tempfile.TemporaryDirectory() as data, ServerProcess(Path(data)) as server:
        async with chromium() as browser:
            visitors = Visitors(browser, server.url)
            desk = await visitors.enter(viewport=_DESK, device_scale_factor=_SCALE)
            phone = await visitors.enter(
                locale="zh-CN", color_scheme="dark", viewport=_PHONE, device_scale_factor=_SCALE
            )
            people = {"Tomás": desk, "林梅": phone, "Priya": await visitors.enter()}
            await _talk(people)
            await phone.field.fill(_UNFINISHED)
            frame = _FRAME.format(desk=await _shot(desk), phone=await _shot(phone))
            await _compose(browser, frame, target)
            assert not visitors.watch.surprises


async def _talk(people: dict[str, RoomPage]) -> None:
    """Everybody takes a name and says their lines, one after the other; returns when all have heard all."""
    for name, room in people.items():
        await room.rename(name)
        await expect(room.naming).to_contain_text(name)
    for count, (name, body) in enumerate(_CONVERSATION, 1):
        await people[name].say(body)
        for room in people.values():
            await expect(room.lines).to_have_count(count)
            await expect(room.echoes).to_have_count(0)


async def _shot(room: RoomPage) -> str:
    """What is to be seen of a room just now, as a data: URL."""
    await room.page.evaluate("document.activeElement.blur()")
    await room.page.mouse.move(0, 200)  # away from what would look different under it
    return "data:image/png;base64," + base64.b64encode(await room.page.screenshot()).decode()


async def _compose(browser: Browser, frame: str, target: Path) -> None:
    page = await browser.new_page(
        viewport={"width": 1068, "height": 728}, device_scale_factor=_SCALE
    )
    await page.set_content(frame)
    await page.screenshot(path=target)


if __name__ == "__main__":
    asyncio.run(take(Path(sys.argv[1])))
