"""A page that missed too much shows a gap, and fills it without moving what its reader sees."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

import pytest

from tests.api import Api, bodies, offset
from tests.browser.chromium import expect
from tests.browser.room_page import RoomPage
from tests.browser.visitors import Visitors

UPDATES = "**/a/message/updates"


@pytest.mark.gen_test(timeout=90)
async def test_a_page_that_was_cut_off_for_250_messages_shows_a_gap_and_fills_it(
    visitors: Visitors, api: Api
) -> None:
    bob, said = await _cut_off(visitors, api, 250)
    await expect(bob.gap).to_have_text("Show 50 earlier messages")
    await expect(bob.texts).to_have_text(["the last before", *said[-200:]])
    await _fill(bob)
    await bob.shows("the last before", *said)
    await expect(bob.gap).to_have_count(0)


@pytest.mark.gen_test(timeout=90)
async def test_a_gap_of_130_messages_takes_two_fills(visitors: Visitors, api: Api) -> None:
    bob, said = await _cut_off(visitors, api, 330)
    for left in (130, 30):
        await expect(bob.gap).to_have_text(f"Show {left} earlier messages")
        await expect(bob.texts).to_have_text(["the last before", *said[left:]])
        await _fill(bob)
    await bob.shows("the last before", *said)
    await expect(bob.gap).to_have_count(0)


@pytest.mark.gen_test(timeout=90)
async def test_what_was_done_to_the_messages_before_a_gap_is_seen_although_the_gap_hides_it(
    visitors: Visitors, api: Api
) -> None:
    said = [await api.say(body) for body in ("edited", "deleted", "liked")]
    edited, deleted, liked = (it["id"] for it in said)

    async def do() -> None:
        await api.do("edit", "7", id=edited, body="meant")
        await api.do("delete", "7", id=deleted)
        await api.do("react", "7", id=liked, emoji="👍", on="1")

    bob, missed = await _cut_off(visitors, api, 250, do)
    await expect(bob.gap).to_have_text("Show 53 earlier messages")
    await expect(bob.texts).to_have_text(["meant", "liked", "the last before", *missed[-200:]])
    await expect(bob.lines.nth(1).locator(".reactions")).to_have_text("👍 1")


@pytest.mark.gen_test(timeout=90)
async def test_messages_that_come_while_a_gap_is_filled_stay_behind_it(
    visitors: Visitors, api: Api
) -> None:
    bob, said = await _cut_off(visitors, api, 250)
    await expect(bob.gap).to_be_attached()
    await asyncio.gather(_fill(bob), api.say("and now"))
    await bob.shows("the last before", *said, "and now")


@pytest.mark.gen_test(timeout=90)
async def test_a_gap_that_could_not_be_filled_says_so_and_can_be_tried_again(
    visitors: Visitors, api: Api
) -> None:
    visitors.watch.expect("ERR_FAILED")
    said = await _say(api, 60)
    bob = await visitors.enter()
    await bob.page.route("**/messages?**", lambda route: route.abort())
    await bob.gap.click()
    await expect(bob.gap).to_have_text("That did not work. Please try again.")
    await bob.page.unroute("**/messages?**")
    await bob.gap.click()
    await bob.shows(*said)


@pytest.mark.gen_test(timeout=90)
async def test_what_was_said_before_the_first_page_is_a_gap_that_fills_when_one_scrolls_there(
    visitors: Visitors, api: Api
) -> None:
    said = await _say(api, 60)
    bob = await visitors.enter()
    await expect(bob.texts).to_have_text(said[10:])
    await expect(bob.gap).to_have_text("Show 10 earlier messages")
    place = await _above(bob)
    await bob.shows(*said)
    await expect(bob.gap).to_have_count(0)
    assert await bob.place(bob.lines.nth(10)) == pytest.approx(place, abs=1)


@pytest.mark.gen_test(timeout=90)
async def test_a_page_whose_network_comes_back_asks_at_once(visitors: Visitors, api: Api) -> None:
    """It would otherwise pause for minutes."""
    visitors.watch.expect("ERR_INTERNET_DISCONNECTED")
    browser = await visitors.new(alone=True)
    await browser.add_init_script("Math.random = () => 1000")
    bob = await visitors.tab(browser)
    await browser.set_offline(True)
    # It asks anew, and holds nothing: a held poll that ends late counts as cut, which is nobody's business.
    await bob.page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    await bob.cut_off()
    await api.say("not heard")
    await browser.set_offline(False)
    await bob.shows("not heard")


async def _cut_off(
    visitors: Visitors, api: Api, count: int, do: Callable[[], Awaitable[None]] | None = None
) -> tuple[RoomPage, list[str]]:
    """A page that hears again after having missed what `do` does and then that many messages, and the messages."""
    visitors.watch.expect("ERR_FAILED")
    bob = await visitors.enter(alone=True)
    # First this: what else ends a held poll, as who is here does, may come before it.
    await api.say("the last before")
    await expect(bob.texts.last).to_have_text("the last before")
    await bob.page.route(UPDATES, lambda route: route.abort())
    await bob.page.evaluate("dispatchEvent(new Event('online'))")  # it asks anew
    await bob.cut_off()
    if do:
        await do()
    said = await _say(api, count)
    await bob.page.unroute(UPDATES)
    await bob.live()
    return bob, said


async def _say(api: Api, count: int) -> list[str]:
    """Post that many messages at once; returns them in the order that the log has given them."""
    posts = [api.say(f"message {n}") for n in range(count)]
    return bodies({"messages": sorted(await asyncio.gather(*posts), key=offset)})


async def _fill(bob: RoomPage) -> None:
    """Fill the gap as far as one reply does; what stands below it does not move in the window."""
    await bob.gap.scroll_into_view_if_needed()
    bar = await bob.page.locator(".gap").get_attribute("data-before")
    below = bob.page.locator(f".line:has([data-id='{bar}'])")
    place = await bob.place(below)
    await bob.gap.click()
    await expect(bob.page.locator(f".gap[data-before='{bar}']")).to_have_count(0)
    assert await bob.place(below) == pytest.approx(place, abs=1)


async def _above(bob: RoomPage) -> float:
    """Scroll to the first line; returns where it is then."""
    return float(
        await bob.page.evaluate("""() => {
            const scroller = document.querySelector(".scroller");
            scroller.scrollTop = -scroller.scrollHeight;
            return document.querySelector(".line").getBoundingClientRect().bottom;
        }""")
    )
