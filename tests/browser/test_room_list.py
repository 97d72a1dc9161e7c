"""The list of one's rooms: in the order in which they call, and the way to others."""

from __future__ import annotations

import pytest
from playwright.async_api import Locator, expect

from tests.api import Api
from tests.browser.axe import barriers
from tests.browser.room_page import RoomPage
from tests.browser.visitors import Visitors


def names(room: RoomPage) -> Locator:
    """What the rooms in the list are called."""
    return room.page.locator(".my-rooms > nav > ul bdi")


async def lee(visitors: Visitors, **options: object) -> RoomPage:
    """Somebody in room 7 who has been in a, b and c, and speaks last in c."""
    context = await visitors.new(**options)
    for name in ("a", "b", "c"):
        room = await visitors.tab(context, name)
        async with room.page.expect_response("**/read"):
            await room.say("I was here")
        await room.page.close()
    room = await visitors.tab(context)
    await expect(names(room)).to_have_count(4)
    return room


@pytest.mark.gen_test(timeout=90)
async def test_rooms_change_places_as_they_call_and_the_focus_stays_where_it_is(
    visitors: Visitors, api: Api
) -> None:
    room = await lee(visitors)
    await room.rename("Lee")
    await expect(names(room)).to_have_text(["7", "c", "b", "a"])
    link = room.page.locator(".my-rooms a", has_text="b")
    await link.focus()
    await api.say("hello", room="a")
    await expect(names(room)).to_have_text(["a", "7", "c", "b"])
    await api.say("@Lee", room="b")
    await expect(names(room)).to_have_text(["b", "a", "7", "c"])
    await expect(link).to_be_focused()


@pytest.mark.gen_test(timeout=90)
async def test_the_list_leads_to_another_room_and_to_a_conversation(
    visitors: Visitors, api: Api
) -> None:
    room = await visitors.enter()
    bob = await visitors.enter()
    await bob.rename("بوب")
    page = room.page
    talk = page.get_by_label("Talk in private with")
    await expect(talk.locator("option")).to_have_text("بوب")
    assert await barriers(page) == []
    async with page.expect_navigation():
        await page.get_by_role("button", name="Talk", exact=True).press("Enter")
    await expect(page).to_have_title("بوب")
    await page.get_by_label("Another room").fill("茶馆")
    async with page.expect_navigation():
        await page.keyboard.press("Enter")
    assert page.url == visitors.room("茶馆")
    await expect(page.locator(".here")).to_be_visible()
    await expect(talk).to_be_hidden()  # nobody else is here


@pytest.mark.gen_test(timeout=90)
async def test_whoever_speaks_can_be_talked_to_in_private(visitors: Visitors, api: Api) -> None:
    await api.say("hello")
    room = await visitors.enter()
    await room.page.locator(".author[role=button]").click()
    async with room.page.expect_navigation():
        await room.page.get_by_role("button", name="Talk in private").click()
    await expect(room.page).to_have_title("Ann")


@pytest.mark.parametrize("width", [1280, 2560])
@pytest.mark.gen_test(timeout=90)
async def test_on_a_wide_screen_the_list_stands_beside_what_is_said(
    visitors: Visitors, width: int
) -> None:
    room = await lee(visitors, viewport={"width": width, "height": 800})
    column, log = room.page.locator(".my-rooms nav"), room.page.locator(".log")
    beside, said = await column.bounding_box(), await log.bounding_box()
    assert beside is not None
    assert said is not None
    assert 0 <= said["x"] - (beside["x"] + beside["width"]) < 320
    await room.page.set_viewport_size({"width": 1000, "height": 800})
    await expect(column).to_be_hidden()
    await room.page.locator(".my-rooms summary").click()
    await expect(column).to_be_visible()
    await room.texts.or_(room.page.locator(".empty")).first.click(position={"x": 1, "y": 1})
    await expect(column).to_be_hidden()


@pytest.mark.gen_test(timeout=60)
async def test_a_browser_finds_nothing_that_keeps_it_from_installing_the_site(
    visitors: Visitors,
) -> None:
    room = await visitors.enter(locale="zh-CN")
    browser = await room.page.context.new_cdp_session(room.page)
    manifest = await browser.send("Page.getAppManifest")
    assert manifest["url"].endswith("/manifest.webmanifest")
    assert manifest["errors"] == []
    errors = (await browser.send("Page.getInstallabilityErrors"))["installabilityErrors"]
    assert [it for it in errors if it["errorId"] != "in-incognito"] == []
