"""All tabs of a browser hear by one held request, whichever of them come and go."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Sequence

import pytest
from playwright.async_api import BrowserContext

from tests.api import Api
from tests.browser.chromium import expect
from tests.browser.room_page import RoomPage
from tests.browser.visitors import Visitors
from tests.server_process import ServerProcess

#: What a browser lacks: some have no SharedWorker (then a tab that holds a lock polls for all).
LACKING = {"worker": "", "lock": "delete globalThis.SharedWorker;"}
WAYS = pytest.mark.parametrize("way", LACKING)
TABS = 8

_DEAD_WORKER = """
    globalThis.SharedWorker = class extends EventTarget {
        port = { postMessage() {} };
        constructor() { super(); setTimeout(() => SAYS); }
    }
"""


@WAYS
@pytest.mark.gen_test(timeout=120)
async def test_eight_tabs_share_one_held_request_and_all_hear_and_talk(
    visitors: Visitors, api: Api, way: str
) -> None:
    browser = await _browser(visitors, way)
    tabs = [await visitors.tab(browser) for _ in range(TABS)]
    assert await _held(api) == 1
    await api.say("to all")
    for tab in tabs:
        await tab.shows("to all")
    await tabs[-1].say("from the eighth")
    for tab in tabs:
        await tab.shows("to all", "from the eighth")
    assert await _held(api) == 1


@WAYS
@pytest.mark.gen_test(timeout=120)
async def test_tabs_in_several_rooms_share_it_too(visitors: Visitors, api: Api, way: str) -> None:
    browser = await _browser(visitors, way)
    tabs = {room: await visitors.tab(browser, room) for room in ("7", "8", "tea")}
    for room in tabs:
        await api.say(f"in {room}", room=room)
    for room, tab in tabs.items():
        await tab.shows(f"in {room}")
        assert await _held(api, room) == 1


@WAYS
@pytest.mark.gen_test(timeout=120)
async def test_the_tab_that_was_first_may_be_closed(visitors: Visitors, api: Api, way: str) -> None:
    browser = await _browser(visitors, way)
    first, *others = [await visitors.tab(browser) for _ in range(3)]
    await first.page.close()
    await api.say("one")
    for tab in others:
        await tab.shows("one")
    await _go_on(others, api, "one")


@WAYS
@pytest.mark.gen_test(timeout=120)
async def test_when_a_tab_crashes_the_others_go_on(visitors: Visitors, api: Api, way: str) -> None:
    """The worker may have lived in its process. Then it takes them half a minute to notice."""
    browser = await _browser(visitors, way)
    first, other = [await visitors.tab(browser) for _ in range(2)]
    chromium = await browser.new_cdp_session(first.page)
    async with first.page.expect_event("crash"):
        crashing = asyncio.ensure_future(chromium.send("Page.crash"))
    crashing.cancel()  # who crashes does not answer
    await asyncio.gather(crashing, return_exceptions=True)
    await api.say("one")
    await expect(other.texts).to_have_text(["one"], timeout=60_000)
    await _go_on([other], api, "one")


@pytest.mark.gen_test(timeout=120)
async def test_where_nothing_can_be_shared_every_tab_hears_by_itself(
    visitors: Visitors, api: Api
) -> None:
    browser = await visitors.new(alone=True)
    tabs = [await visitors.tab(browser) for _ in range(2)]
    await api.say("to all")
    for tab in tabs:
        await tab.shows("to all")
    while await _held(api) != 2:  # they have heard, and ask again at different times
        await asyncio.sleep(0.05)


@pytest.mark.parametrize("says", ["this.dispatchEvent(new Event('error'))", "'nothing'"])
@pytest.mark.gen_test(timeout=120)
async def test_where_the_worker_does_not_work_a_tab_hears_by_itself(
    visitors: Visitors, says: str
) -> None:
    browser = await visitors.new()
    await browser.add_init_script(_DEAD_WORKER.replace("SAYS", says))
    tab = await visitors.tab(browser)
    await tab.say("alone")
    await tab.shows("alone")


@WAYS
@pytest.mark.gen_test(timeout=120)
async def test_when_somebody_else_signs_in_the_tabs_of_before_say_so(
    visitors: Visitors, api: Api, way: str
) -> None:
    visitors.watch.expect("401 (")
    browser = await _browser(visitors, way)
    before = await visitors.tab(browser)
    await browser.clear_cookies(name="session")
    after = await visitors.tab(browser)
    await expect(before.strip).to_contain_text("somebody else now")
    await expect(before.strip.get_by_role("link", name="Reload")).to_be_visible()
    await _go_on([after], api)
    await before.shows()


@WAYS
@pytest.mark.gen_test(timeout=120)
async def test_a_room_that_is_closed_to_the_reader_ends_its_tabs_only(
    visitors: Visitors, api: Api, server: ServerProcess, way: str
) -> None:
    visitors.watch.expect("404 (")
    browser = await _browser(visitors, way)
    await api.say("hello", room="tea")
    tea, seven = await visitors.tab(browser, "tea"), await visitors.tab(browser)
    assert (await api.do("bar", person=await tea.me(), act="ban")).status == 200
    await expect(tea.strip).to_contain_text("not open to you any more")
    await _go_on([seven], api)


async def _browser(visitors: Visitors, way: str) -> BrowserContext:
    browser = await visitors.new()
    await browser.add_init_script(LACKING[way])
    return browser


async def _go_on(tabs: Sequence[RoomPage], api: Api, *before: str) -> None:
    for body in ("still", "here"):
        await api.say(body)
    for tab in tabs:
        await tab.shows(*before, "still", "here")


async def _held(api: Api, room: str = "7") -> int:
    """How many polls are held in a room, as the entrance tells; returns when somebody listens."""
    while True:
        page = (await api.get("/")).text.partition('id="alive"')[2]
        told = re.search(rf'/room/{room}">.*?</li>', page, re.DOTALL)
        count = told and re.search(r"(\d+) listening", told.group())
        if count:
            return int(count.group(1))
        await asyncio.sleep(0.05)
