"""From the smallest phone to a desk: nothing overflows, and one can write."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.async_api import Page

from tests.api import Api
from tests.browser.chromium import expect
from tests.browser.visitors import Visitors

UNBREAKABLE = [
    "W" * 300,
    "https://example.com/" + "path/" * 60,
    "`" + "code" * 80 + "`",
    "```\n" + "def f(): return " + "x" * 300 + "\n```",
    "> " * 12 + "deep",
    "1. " * 12 + "deeper",
    "# " + "Heading" * 40,
    "字" * 300,
    "👩‍👩‍👧‍👦" * 60,
    "Z" + "\u0351" * 300,
    "مرحبا" * 60,
]

SIZES = pytest.mark.parametrize("width", [320, 390, 1280])

#: What sticks out of the window, or is cut off within its own box.
OVERFLOWING = """() => [...document.querySelectorAll("body *")]
    .filter((it) => it.checkVisibility() && !it.closest(".unseen, .skip, .continued .by, h1 bdi, .topic bdi, svg"))
    .filter((it) => {
        const { left, right } = it.getBoundingClientRect();
        const cut = it.matches(".text, .text *") && it.scrollWidth > it.clientWidth + 1
            && getComputedStyle(it).display !== "inline";
        return cut || left < -2 || right > innerWidth + 1;
    })
    .map((it) => `${it.tagName}.${it.className}: ${it.textContent.slice(0, 40)}`)
"""


@SIZES
@pytest.mark.gen_test(timeout=60)
async def test_nothing_in_a_room_is_wider_than_the_window(
    visitors: Visitors, api: Api, width: int
) -> None:
    for body in UNBREAKABLE:
        await api.say(body, room="room-" + "w" * 58)
    room = await visitors.enter("room-" + "w" * 58, **_device(width))
    await room.rename("W" * 32)
    await expect(room.naming).to_contain_text("W" * 32)
    for body in UNBREAKABLE:
        await room.say(body)
    await expect(room.lines).to_have_count(2 * len(UNBREAKABLE))
    await expect(room.echoes).to_have_count(0)
    await _fits(room.page)
    await room.naming.click()
    await expect(room.name).to_be_in_viewport(ratio=1)
    await _fits(room.page)


@SIZES
@pytest.mark.gen_test(timeout=60)
async def test_the_entrance_and_errors_fit(visitors: Visitors, api: Api, width: int) -> None:
    visitors.watch.expect("404 (", "400 (")
    await api.say("hello", room="w" * 64)
    page = await (await visitors.new(**_device(width))).new_page()
    for path in ("/", "/nowhere", f"/room/{'%20' * 70}"):
        await page.goto(visitors.url + path)
        await _fits(page)


@SIZES
@pytest.mark.gen_test(timeout=90)
async def test_the_pages_around_a_room_fit_whatever_it_is_called(
    visitors: Visitors, api: Api, width: int
) -> None:
    visitors.watch.expect("404 (")
    room = await visitors.enter("w" * 64, **_device(width))
    await room.say("mine")
    await room.shows("mine")
    other = Api(api.base)
    await other.sign_in("W" * 32)
    for body in ("short", "W" * 300):
        said = await other.say(body, "w" * 64)
    page = room.page
    await page.goto(f"{visitors.room('w' * 64)}/message/{said['id']}")
    await _fits(page)
    for button in ("moderator", "mute", "ban"):
        async with page.expect_navigation():
            await page.locator(f"[value={button}]").click()
    await page.goto(visitors.room("w" * 64) + "/order")
    await _fits(page)
    for title in ("W" * 80, "界" * 80, "Z" + "\u0351" * 70):
        await page.locator("#title").fill(title)
        await page.locator("#topic").fill(title * 3)
        async with page.expect_navigation():
            await page.locator(".settings .primary").click()
        await page.locator(".people summary").click()
        await _fits(page)
        await page.goto(visitors.room("w" * 64))
        await _fits(page)
        await page.goto(visitors.room("w" * 64) + "/order")
    async with page.expect_navigation():
        await page.locator("form[action$=invitation] button").click()
    link = await page.locator("#link").input_value()
    for path in (link, visitors.room("private-none")):
        await page.goto(path)
        await _fits(page)
    other.client.close()


@SIZES
@pytest.mark.gen_test(timeout=60)
async def test_one_can_write_and_see_what_one_wrote(visitors: Visitors, width: int) -> None:
    room = await visitors.enter(**_device(width))
    for n in range(12):
        await room.field.fill(f"line {n}")
        await room.send.click()
    await expect(room.echoes).to_have_count(0)
    for it in (room.field, room.send, room.lines.last, room.naming):
        await expect(it).to_be_in_viewport(ratio=1)
    await room.field.fill("a long text\n" * 60)
    for it in (room.field, room.send, room.naming):
        await expect(it).to_be_in_viewport(ratio=1)
    await _fits(room.page)


@pytest.mark.parametrize("width", [640, 720])
@pytest.mark.gen_test(timeout=60)
async def test_a_room_and_a_guest_are_named_in_full_in_a_window_of_half_a_desk(
    visitors: Visitors, width: int
) -> None:
    """As wide is also a window of a desk that is enlarged twice."""
    page = (await visitors.enter("tea", **_device(width))).page
    for it in (page.locator("h1"), page.locator(".naming summary bdi")):
        assert await it.evaluate("(it) => it.scrollWidth <= it.clientWidth")


@pytest.mark.gen_test(timeout=60)
async def test_what_a_finger_aims_at_is_large_enough(visitors: Visitors) -> None:
    room = await visitors.enter(**_device(320))
    ways = room.page.locator(".home"), room.page.locator(".order")
    for target in (room.send, room.field, room.naming, *ways):
        box = await target.bounding_box()
        assert box is not None
        assert min(box["width"], box["height"]) >= 44


def _device(width: int) -> dict[str, Any]:
    """Playwright's options for a window of that width: below 600 px that of a phone."""
    phone = width < 600
    size = {"width": width, "height": 568 if phone else 800}
    return {"viewport": size, "is_mobile": phone, "has_touch": phone}


async def _fits(page: Page) -> None:
    await page.wait_for_load_state()
    assert await page.evaluate(OVERFLOWING) == []
    assert await page.evaluate("document.scrollingElement.scrollWidth <= innerWidth")
    assert page.viewport_size is not None
    assert await page.evaluate("innerWidth") == page.viewport_size["width"]
