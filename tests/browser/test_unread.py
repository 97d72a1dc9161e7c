"""One person on two browsers: what is unread rises and falls on both, without being loaded anew."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from playwright.async_api import BrowserContext, Locator, Route
from tornado.ioloop import IOLoop

from tests.api import Api
from tests.browser.axe import barriers
from tests.browser.chromium import expect
from tests.browser.room_page import RoomPage
from tests.browser.visitors import Visitors
from tests.server_process import ServerProcess

WIDE = {"width": 1280, "height": 720}
#: The class of a line that speaks to the reader.
SPEAKS = re.compile(r"\bmention\b")


@pytest.fixture
def bob(io_loop: IOLoop, server: ServerProcess) -> Iterator[Api]:
    """A program called Bob."""
    api = Api(server.url)
    io_loop.run_sync(lambda: api.sign_in("Bob"))
    yield api
    api.client.close()


class Own:
    """The list of one's own rooms on a page."""

    def __init__(self, room: RoomPage) -> None:
        self.page = room.page
        self.details = room.page.locator(".my-rooms")
        self.summary = self.details.locator("summary")
        self.total = self.summary.locator(".count")
        self.rooms = self.details.locator("nav > ul > li")
        self.ignored = self.details.locator(".ignored li")

    def room(self, name: str) -> Locator:
        """The line of a room."""
        return self.rooms.filter(has=self.page.locator("bdi", has_text=name))

    def count(self, name: str) -> Locator:
        """What is unread there."""
        return self.room(name).locator(".count")


async def same_person(visitors: Visitors, whose: BrowserContext) -> BrowserContext:
    """Another browser of the same person."""
    context = await visitors.new(viewport=WIDE)
    await context.add_cookies(await whose.cookies())  # type: ignore[arg-type]
    return context


async def read_in(visitors: Visitors, context: BrowserContext, api: Api, *rooms: str) -> None:
    """Somebody has been in these rooms, and has read what was said there."""
    for name in rooms:
        await api.say("before", room=name)
        page = await context.new_page()
        async with page.expect_response("**/read") as told:
            await page.goto(visitors.room(name))
        assert (await told.value).ok
        await page.close()


@pytest.mark.gen_test(timeout=120)
async def test_what_is_unread_rises_live_on_both_and_falls_on_both_when_one_reads(
    visitors: Visitors, api: Api
) -> None:
    desk = await visitors.new(viewport=WIDE)
    await read_in(visitors, desk, api, "7", "tea")
    phone = await same_person(visitors, desk)
    pages = [await visitors.tab(context) for context in (desk, phone)]
    lists = [Own(it) for it in pages]
    for own in lists:
        await expect(own.rooms).to_have_count(2)
        await expect(own.room("7").locator("a")).to_have_attribute("aria-current", "page")
        await expect(own.count("tea")).to_be_hidden()
    for said, unread in (("one", "1 unread message"), ("two", "2 unread messages")):
        await api.say(said, room="tea")
        for own in lists:
            await expect(own.count("tea")).to_contain_text(unread)
            await expect(own.total).to_contain_text(unread)
    await lists[1].room("tea").locator("a").click()
    await pages[1].shows("before", "one", "two")
    for own in lists:
        await expect(own.count("tea")).to_be_hidden()
        await expect(own.total).to_be_hidden()
    await pages[1].say("my own")
    await pages[1].shows("before", "one", "two", "my own")
    async with pages[0].page.expect_response("**/a/rooms?*"):  # it hears that the other has read
        await api.say("three", room="tea")
    await pages[1].shows("before", "one", "two", "my own", "three")
    await expect(lists[0].count("tea")).to_be_hidden()


@pytest.mark.gen_test(timeout=90)
async def test_who_does_not_look_has_not_read(visitors: Visitors, api: Api) -> None:
    desk = await visitors.new(viewport=WIDE)
    await read_in(visitors, desk, api, "7", "8")
    hidden = await visitors.tab(desk, "7")
    other = Own(await visitors.tab(desk, "8"))
    await hidden.hide()
    await api.say("news")
    await hidden.shows("before", "news")
    await expect(other.count("7")).to_contain_text("1 unread message")
    await hidden.show()
    await expect(other.count("7")).to_be_hidden()


@pytest.mark.gen_test(timeout=90)
async def test_a_message_that_speaks_to_me_stands_out_and_is_counted(
    visitors: Visitors, api: Api
) -> None:
    desk = await visitors.new(viewport=WIDE)
    await read_in(visitors, desk, api, "7", "tea")
    room = await visitors.tab(desk)
    own = Own(room)
    await room.rename("Ann Lee")
    await expect(room.name).to_be_hidden()
    await api.say("hello @annlee and @bob")
    await api.say("hello all")
    await expect(room.lines.nth(1)).to_have_class(SPEAKS)
    await expect(room.lines.nth(2)).not_to_have_class(SPEAKS)
    await api.say("hello @AnnLee", room="tea")
    await expect(own.count("tea")).to_contain_text("1 unread message 1 mentions you")
    await expect(own.count("tea")).to_have_class("count mentioned")
    await room.page.reload()
    await expect(room.lines.nth(1)).to_have_class(SPEAKS)
    await expect(own.count("tea")).to_contain_text("1 unread message 1 mentions you")


@pytest.mark.gen_test(timeout=90)
async def test_whom_i_ignore_i_do_not_see_on_any_device_until_i_hear_them_again(
    visitors: Visitors, api: Api, bob: Api
) -> None:
    desk = await visitors.new(viewport=WIDE)
    await read_in(visitors, desk, api, "7", "tea")
    phone = await same_person(visitors, desk)
    pages = [await visitors.tab(context) for context in (desk, phone)]
    lists = [Own(it) for it in pages]
    await bob.say("somebody else")
    for page in pages:
        await page.shows("before", "somebody else")
    await pages[0].page.locator(".author[role=button]").first.click()
    assert await barriers(pages[0].page) == []
    await pages[0].page.get_by_role("button", name="Ignore", exact=True).click()
    for page, own in zip(pages, lists, strict=True):
        await expect(page.lines.nth(0)).to_be_hidden()
        await expect(page.lines.nth(1)).to_be_visible()
        await expect(own.ignored).to_contain_text("Ann")
    await api.say("noise")
    await api.say("noise", room="tea")
    await bob.say("news")
    for page, own in zip(pages, lists, strict=True):
        await expect(page.lines.nth(3)).to_be_visible()
        await expect(page.lines.nth(2)).to_be_hidden()
        await expect(own.count("tea")).to_be_hidden()
    await lists[1].ignored.get_by_role("button").click()
    for page, own in zip(pages, lists, strict=True):
        await expect(page.lines.nth(0)).to_be_visible()
        await expect(own.ignored).to_have_count(0)
        await expect(own.count("tea")).to_contain_text("1 unread message")


@pytest.mark.gen_test(timeout=60)
async def test_people_are_met_by_keyboard_and_the_tab_key_does_not_stop_at_each(
    visitors: Visitors, api: Api, bob: Api
) -> None:
    for somebody in (api, bob, api):
        await somebody.say("hello")
    room = await visitors.enter()
    names = room.page.locator(".author[role=button]")
    await room.page.locator(".scroller").focus()
    await room.page.keyboard.press("Enter")
    await room.page.keyboard.press("ArrowLeft")
    await expect(names.nth(2)).to_be_focused()
    await room.page.keyboard.press("ArrowDown")
    await expect(names.nth(2)).to_be_focused()
    await room.page.keyboard.press("ArrowUp")
    await expect(names.nth(1)).to_be_focused()
    await room.page.keyboard.press("Enter")
    card = room.page.get_by_role("dialog")
    await expect(card).to_contain_text("Bob")
    await room.page.keyboard.press("Escape")
    await expect(names.nth(1)).to_be_focused()
    await room.page.keyboard.press(" ")
    await card.get_by_role("button", name="Ignore").press("Enter")
    await expect(card).to_be_hidden()
    await expect(names.nth(1)).to_be_hidden()
    await room.page.locator(".scroller").focus()
    await room.page.keyboard.press("Tab")
    await expect(room.field).to_be_focused()


@pytest.mark.gen_test(timeout=90)
async def test_a_room_that_is_not_mine_any_more_leaves_the_list_and_the_others_stay_live(
    visitors: Visitors, api: Api
) -> None:
    visitors.watch.expect("404 (")
    desk = await visitors.new(alone=True, viewport=WIDE)
    await read_in(visitors, desk, api, "7", "8")
    room = await visitors.tab(desk)
    own = Own(room)
    await expect(own.rooms).to_have_count(2)
    await room.page.route("**/a/rooms?", _without_8)
    await room.page.route("**/a/message/updates", _refuse_8)
    await api.say("news")
    await room.shows("before", "news")
    await expect(own.rooms).to_have_count(1)
    await api.say("more")
    await room.shows("before", "news", "more")
    await room.live()
    await room.page.unroute_all(behavior="wait")


async def _without_8(route: Route) -> None:
    reply = await route.fetch()
    told = await reply.json()
    told["rooms"] = [it for it in told["rooms"] if it["room"] != "8"]
    await route.fulfill(response=reply, json=told)


async def _refuse_8(route: Route) -> None:
    if "room=8" in (route.request.post_data or ""):
        await route.fulfill(status=404, json={"error": {"code": "not_found", "message": "no"}})
    else:
        await route.continue_()


@pytest.mark.parametrize("locale", ["en-US", "zh-CN"])
@pytest.mark.gen_test(timeout=90)
async def test_on_a_narrow_screen_the_list_is_opened_and_closed_by_keyboard(
    visitors: Visitors, api: Api, locale: str
) -> None:
    phone = await visitors.new(viewport={"width": 320, "height": 640}, locale=locale)
    await read_in(visitors, phone, api, "7", "a-room-with-quite-a-long-name-that-does-not-fit")
    room = await visitors.tab(phone)
    own = Own(room)
    await api.say("news", room="a-room-with-quite-a-long-name-that-does-not-fit")
    await expect(own.total).to_be_visible()
    await expect(own.rooms.first).to_be_hidden()
    await own.summary.focus()
    await own.summary.press("Enter")
    await expect(own.rooms.first).to_be_visible()
    assert await barriers(room.page) == []
    assert await room.page.evaluate("document.documentElement.scrollWidth") == 320
    await own.rooms.first.locator("a").focus()
    await own.rooms.first.locator("a").press("Escape")
    await expect(own.rooms.first).to_be_hidden()
    await expect(own.summary).to_be_focused()


@pytest.mark.gen_test(timeout=60)
async def test_the_entrance_lists_my_rooms_without_javascript_too(
    visitors: Visitors, api: Api
) -> None:
    desk = await visitors.new()
    await read_in(visitors, desk, api, "7", "tea")
    await api.say("news", room="tea")
    plain = await visitors.new(java_script_enabled=False)
    await plain.add_cookies(await desk.cookies())  # type: ignore[arg-type]
    for context in (desk, plain):
        page = await context.new_page()
        await page.goto(visitors.url)
        mine = page.locator("section[aria-labelledby=mine] li")
        await expect(mine).to_contain_text(["tea", "7"])
        await expect(mine.nth(0)).to_contain_text("1 unread message")
        await expect(mine.nth(1).locator(".count")).to_have_count(0)
    await mine.nth(0).locator("a").click()
    await expect(page).to_have_url(visitors.room("tea"))
