"""The keyboard alone is enough, and one always sees where one is."""

from __future__ import annotations

import pytest

from tests.api import Api
from tests.browser.chromium import expect
from tests.browser.room_page import RoomPage
from tests.browser.visitors import Visitors

#: What has the focus, and whether one can see that.
_FOCUS = """() => {
    const it = document.activeElement;
    const { outlineStyle, outlineWidth } = getComputedStyle(it);
    const { top, left, bottom, right } = it.getBoundingClientRect();
    return {
        name: it.ariaLabel || it.labels?.[0]?.textContent || it.innerText.replace(/\\s+/g, " ").trim(),
        seen: outlineStyle !== "none" && parseFloat(outlineWidth) >= 2
            && top >= 0 && left >= -2 && bottom <= innerHeight && right <= innerWidth,
    };
}"""


@pytest.mark.gen_test(timeout=60)
async def test_tab_goes_through_the_room_in_the_order_of_the_page(
    visitors: Visitors, api: Api
) -> None:
    for n in range(60):
        await api.say(str(n))
    ann = await visitors.enter()
    await ann.rename("Ann")
    await expect(ann.page.locator(".own-name")).to_have_text("Ann")
    await ann.page.reload()
    await ann.live()
    await expect(ann.page.locator(".here")).to_be_visible()
    names = []
    for _ in range(16):
        await ann.page.keyboard.press("Tab")
        focus = await ann.page.evaluate(_FOCUS)
        assert focus["seen"], focus["name"]
        names.append(focus["name"])
        if names[-1].startswith("Show"):  # which has scrolled there
            await expect(ann.arrivals).to_be_visible()
    assert names == [
        "Skip to writing a message",
        "All rooms",
        "Search in this room",
        "About this room",
        "1 here",
        "Notices",
        "7",
        "Another room",
        "Enter",
        "You are Ann",
        "Messages",
        "Show 10 earlier messages",
        "Jump to the newest message",
        "Message",
        "Attach files",
        "Send",
    ]


@pytest.mark.gen_test(timeout=60)
async def test_the_skip_link_leads_to_the_composer(visitors: Visitors) -> None:
    ann = await visitors.enter()
    await ann.page.keyboard.press("Tab")
    await ann.page.keyboard.press("Enter")
    await expect(ann.field).to_be_focused()
    await ann.page.keyboard.type("written by keyboard alone")
    await ann.page.keyboard.press("Enter")
    await ann.shows("written by keyboard alone")


@pytest.mark.gen_test(timeout=60)
async def test_the_name_is_changed_by_keyboard_and_escape_leaves_it_as_it_was(
    visitors: Visitors,
) -> None:
    ann = await visitors.enter()
    before = await ann.naming.inner_text()
    await _to(ann, "You are")
    await ann.page.keyboard.press("Enter")
    await expect(ann.name).to_be_focused()
    await ann.page.keyboard.type("Nobody")
    await ann.page.keyboard.press("Escape")
    await expect(ann.name).to_be_hidden()
    await expect(ann.naming).to_be_focused()
    assert await ann.naming.inner_text() == before
    await ann.page.keyboard.press("Enter")
    await expect(ann.name).to_be_focused()
    await ann.page.keyboard.type("Ann")
    await ann.page.keyboard.press("Enter")
    await expect(ann.naming).to_contain_text("Ann")
    await expect(ann.naming).to_be_focused()


@pytest.mark.gen_test(timeout=60)
async def test_messages_scroll_by_keyboard_and_the_news_button_is_reached_from_there(
    visitors: Visitors, api: Api
) -> None:
    for n in range(40):
        await api.say(str(n))
    ann = await visitors.enter()
    await _to(ann, "Messages")
    await ann.page.keyboard.press("Home")
    await expect(ann.lines.first).to_be_in_viewport()
    await api.say("news")
    await expect(ann.arrivals).to_have_text("1 new message")
    await ann.page.keyboard.press("Tab")
    await expect(ann.arrivals).to_be_focused()
    await ann.page.keyboard.press("Enter")
    await expect(ann.lines.last).to_be_in_viewport(ratio=1)
    await expect(ann.page.locator(".scroller")).to_be_focused()


@pytest.mark.gen_test(timeout=60)
async def test_enter_and_the_arrows_lead_to_a_message_and_its_page(
    visitors: Visitors, api: Api
) -> None:
    for n in range(40):
        await api.say(str(n))
    ann = await visitors.enter()
    await _to(ann, "Messages")
    keys, times = ann.page.keyboard, ann.page.locator(".line .at")
    await keys.press("Enter")
    await expect(times.last).to_be_focused()
    await keys.press("ArrowDown")
    await expect(times.last).to_be_focused()
    await keys.press("ArrowUp")
    await expect(times.nth(38)).to_be_focused()
    focus = await ann.page.evaluate(_FOCUS)
    assert focus["seen"], focus  # although it is one of a group, whose times are hidden
    await keys.press("Escape")
    await expect(ann.page.locator(".scroller")).to_be_focused()
    await keys.press("Home")
    await expect(ann.lines.first).to_be_in_viewport()
    await keys.press("Enter")
    await keys.press("Enter")
    await expect(ann.page.get_by_role("heading", name="Message")).to_be_visible()
    assert int(await ann.page.locator(".text").inner_text()) < 39


@pytest.mark.gen_test(timeout=60)
async def test_a_gap_is_filled_by_keyboard_and_the_focus_is_not_lost(
    visitors: Visitors, api: Api
) -> None:
    for n in range(60):
        await api.say(str(n))
    ann = await visitors.enter()
    await _to(ann, "Show 10 earlier messages")
    await ann.page.keyboard.press("Enter")
    await expect(ann.lines).to_have_count(60)
    await expect(ann.page.locator(".scroller")).to_be_focused()


@pytest.mark.gen_test(timeout=60)
async def test_the_entrance_is_used_by_keyboard(visitors: Visitors) -> None:
    page = await (await visitors.new()).new_page()
    await page.goto(visitors.url)
    names = []
    for _ in range(3):
        await page.keyboard.press("Tab")
        focus = await page.evaluate(_FOCUS)
        assert focus["seen"], focus["name"]
        names.append(focus["name"])
    assert names == ["Skip to the content", "Room", "Enter"]
    await page.keyboard.press("Shift+Tab")
    await page.keyboard.type("大厅")
    await page.keyboard.press("Enter")
    await expect(page).to_have_title("Room 大厅")


async def _to(room: RoomPage, name: str) -> None:
    """Press Tab until what has the focus is called, or begins with, `name`."""
    focus = ""
    for _ in range(15):
        await room.page.keyboard.press("Tab")
        focus = (await room.page.evaluate(_FOCUS))["name"]
        if focus.startswith(name):
            return
    raise AssertionError(f"Tab does not lead to {name}")
