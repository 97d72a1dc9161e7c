"""What is written while nothing can be sent outlives page and server, and leaves once, in order, in no other name."""

from __future__ import annotations

import asyncio

import pytest

from tests.api import Api, bodies
from tests.browser.chromium import expect
from tests.browser.room_page import RoomPage
from tests.browser.test_account import keep_name, sign_in
from tests.browser.visitors import Visitors
from tests.server_process import ServerProcess

POSTS = "**/a/message/new"
UPDATES = "**/a/message/updates"
#: What the console says of a network or a server that is not there.
GONE = (
    "ERR_INTERNET_DISCONNECTED",
    "ERR_CONNECTION",
    "ERR_EMPTY_RESPONSE",
    "ERR_INCOMPLETE",
    "ERR_SOCKET",
)
#: How many lines the browser keeps, when all that the page has asked for is done.
_KEPT = """() => new Promise((resolve, reject) => {
    const opening = indexedDB.open("chatroom");
    opening.onerror = () => reject(opening.error);
    opening.onsuccess = () => {
        const counted = opening.result.transaction("lines").objectStore("lines").count();
        counted.onsuccess = () => resolve(counted.result);
    };
})"""
LINES = [f"line {number}" for number in range(1, 21)]
#: A browser that keeps nothing.
FORGETFUL = "Object.defineProperty(window, 'indexedDB', { get() { throw new Error('not here'); } })"
#: A browser whose disk is full.
FULL = """IDBObjectStore.prototype.put = function () {
    this.transaction.abort();
    throw new DOMException("full", "QuotaExceededError");
}"""


@pytest.mark.gen_test(timeout=90)
async def test_twenty_lines_written_offline_outlive_the_page_and_leave_once_and_in_order(
    visitors: Visitors, api: Api
) -> None:
    visitors.watch.expect(*GONE)
    browser = await visitors.new()
    await _leave_offline(await visitors.tab(browser), LINES)
    ann = await visitors.tab(browser)
    await ann.shows(*LINES)
    assert bodies(await api.history(limit="200")) == LINES
    await ann.page.reload()
    await ann.shows(*LINES)


@pytest.mark.gen_test(timeout=90)
async def test_a_line_that_the_server_has_is_not_being_sent_any_more_although_it_is_not_heard_yet(
    visitors: Visitors,
) -> None:
    visitors.watch.expect("ERR_FAILED")
    ann = await visitors.enter(alone=True)
    await ann.page.route(UPDATES, lambda route: route.abort())
    await ann.page.evaluate("dispatchEvent(new Event('online'))")  # it asks anew
    await ann.cut_off()
    await ann.say("hello")
    sending = ann.page.locator(".echo[data-state=taken] .sending")
    await expect(sending).to_have_attribute("hidden", "")
    await ann.page.unroute(UPDATES)
    await ann.shows("hello")


@pytest.mark.gen_test(timeout=90)
async def test_they_outlive_a_server_that_is_killed_before_and_while_they_leave(
    visitors: Visitors, server: ServerProcess, api: Api
) -> None:
    visitors.watch.expect(*GONE)
    browser = await visitors.new()
    ann = await visitors.tab(browser)
    await asyncio.to_thread(server.kill)
    await _write(ann, LINES)
    await _close(ann, len(LINES))
    await asyncio.to_thread(server.start)
    ann = await visitors.tab(browser)
    await expect(ann.texts).to_have_text(LINES)
    await asyncio.to_thread(server.restart)
    await ann.shows(*LINES)
    assert bodies(await api.history(limit="200")) == LINES


@pytest.mark.gen_test(timeout=90)
async def test_two_tabs_show_one_outbox_and_send_it_once(visitors: Visitors, api: Api) -> None:
    visitors.watch.expect(*GONE)
    browser = await visitors.new()
    one, two = await visitors.tab(browser), await visitors.tab(browser)
    await browser.set_offline(True)
    await _write(one, LINES[:3])
    await expect(two.echoes).to_have_count(3)
    await _write(two, LINES[3:6], there=3)
    await expect(one.texts).to_have_text(LINES[:6])
    await browser.set_offline(False)
    await one.shows(*LINES[:6])
    await two.shows(*LINES[:6])
    assert bodies(await api.history(limit="200")) == LINES[:6]


@pytest.mark.gen_test(timeout=90)
async def test_two_tabs_without_web_locks_send_it_once_and_in_order(
    visitors: Visitors, api: Api
) -> None:
    visitors.watch.expect(*GONE)
    browser = await visitors.new()
    await browser.add_init_script("Object.defineProperty(navigator, 'locks', { value: undefined })")
    one, two = await visitors.tab(browser), await visitors.tab(browser)
    await browser.set_offline(True)
    await _write(one, LINES)
    await expect(two.echoes).to_have_count(20)
    await browser.set_offline(False)
    await one.shows(*LINES)
    await two.shows(*LINES)
    assert bodies(await api.history(limit="200")) == LINES


@pytest.mark.gen_test(timeout=90)
async def test_a_line_that_waits_can_be_discarded_in_either_tab(visitors: Visitors) -> None:
    visitors.watch.expect(*GONE)
    browser = await visitors.new()
    one, two = await visitors.tab(browser), await visitors.tab(browser)
    await browser.set_offline(True)
    await _write(one, ["keep", "drop"])
    await expect(two.echoes).to_have_count(2)
    await two.echoes.filter(has_text="drop").get_by_role("button", name="Discard").click()
    await expect(one.texts).to_have_text(["keep"])
    await browser.set_offline(False)
    await one.shows("keep")
    await two.shows("keep")


@pytest.mark.gen_test(timeout=90)
async def test_what_was_written_in_one_room_is_sent_from_another(
    visitors: Visitors, api: Api
) -> None:
    visitors.watch.expect(*GONE)
    browser = await visitors.new()
    await _leave_offline(await visitors.tab(browser, "7"), LINES[:3])
    bob = await visitors.enter("7")
    other = await visitors.tab(browser, "8")
    await bob.shows(*LINES[:3])
    await other.shows()
    assert bodies(await api.history("7")) == LINES[:3]


@pytest.mark.gen_test(timeout=90)
async def test_what_one_person_wrote_is_not_said_by_the_next_and_waits_for_them(
    visitors: Visitors, api: Api
) -> None:
    """In the tab that was open all the time, and in those that are opened by whoever has the browser now."""
    visitors.watch.expect("ERR_FAILED", "401 (")
    browser = await visitors.new()
    ann = await visitors.tab(browser)
    await keep_name(ann, "Ann O")
    await ann.page.goto(visitors.room("7"))
    await ann.live()
    await ann.page.route(POSTS, lambda route: route.abort())
    await _write(ann, ["of Ann"])
    guest = RoomPage(await browser.new_page())
    await guest.page.goto(f"{visitors.url}/me")  # from here nothing is sent
    async with guest.page.expect_navigation():
        await guest.page.get_by_role("button", name="Sign out").click()
    await guest.page.goto(visitors.room("7"))
    await guest.live()
    await ann.page.unroute(POSTS)
    await expect(ann.echoes).to_contain_text(["You are somebody else now"])
    await guest.shows()
    await guest.say("of the guest")
    await ann.page.reload()
    for room in (ann, guest):
        await room.shows("of the guest")
    await guest.naming.click()
    async with guest.page.expect_navigation():  # both pages have a field of that name
        await guest.page.get_by_role("link", name="Sign in").click()
    await sign_in(guest.page, "Ann O")
    await guest.shows("of the guest", "of Ann")
    said = (await api.history())["messages"]
    assert [it["author"]["name"] == "Ann O" for it in said] == [False, True]


@pytest.mark.gen_test(timeout=90)
@pytest.mark.parametrize("cause", [FORGETFUL, FULL], ids=["no database", "a full one"])
async def test_a_browser_that_keeps_nothing_says_so_and_sends_all_the_same(
    visitors: Visitors, cause: str
) -> None:
    visitors.watch.expect(*GONE)
    browser = await visitors.new()
    await browser.add_init_script(cause)
    ann = await visitors.tab(browser)
    note = ann.page.get_by_text("This browser does not keep what is not sent yet.")
    await ann.say("now")
    await ann.shows("now")
    await expect(note).to_be_hidden()
    await browser.set_offline(True)
    await _write(ann, LINES[:3])
    await expect(note).to_be_visible()
    await browser.set_offline(False)
    await ann.shows("now", *LINES[:3])
    await expect(note).to_be_hidden()


@pytest.mark.gen_test(timeout=90)
async def test_a_draft_outlives_its_page_and_belongs_to_its_room_and_writer(
    visitors: Visitors,
) -> None:
    visitors.watch.expect("401 (")  # until the next page comes, the one before may still ask
    browser = await visitors.new()
    ann = await visitors.tab(browser)
    await keep_name(ann, "Ann D")
    ann = await visitors.tab(browser)
    await ann.field.fill("half a sen")
    await ann.page.close()
    other = await visitors.tab(browser, "8")
    await expect(other.field).to_have_value("")
    # What a page has kept, the others of its browser have a moment later.
    kept = "() => Object.values(localStorage).some((it) => it.includes('half a sen'))"
    await other.page.wait_for_function(kept)
    again = await visitors.tab(browser)
    await expect(again.field).to_have_value("half a sen")
    await again.naming.click()
    await again.page.get_by_role("button", name="Sign out").click()
    await expect(again.naming).to_contain_text("guest-")
    await expect(again.field).to_have_value("")


async def _write(room: RoomPage, lines: list[str], *, there: int = 0) -> None:
    """Say these, of which none can leave."""
    for count, line in enumerate(lines, there + 1):
        await room.say(line)
        await expect(room.echoes).to_have_count(count)


async def _close(room: RoomPage, count: int) -> None:
    """Close the page when the browser keeps that many lines, which it does a moment after they are shown."""
    assert await room.page.evaluate(_KEPT) == count
    await room.page.close()


async def _leave_offline(room: RoomPage, lines: list[str]) -> None:
    """Say these without a network and close the page; afterwards there is one again."""
    browser = room.page.context
    await browser.set_offline(True)
    await _write(room, lines)
    await _close(room, len(lines))
    await browser.set_offline(False)
