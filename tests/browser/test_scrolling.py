"""Who reads further up stays there; who is at the end follows it."""

from __future__ import annotations

import pytest
from playwright.async_api import Locator

from tests.api import Api
from tests.browser.chromium import expect
from tests.browser.room_page import RoomPage
from tests.browser.visitors import Visitors


@pytest.mark.gen_test(timeout=60)
async def test_a_reader_further_up_is_not_moved_and_a_button_counts_and_leads_down(
    visitors: Visitors, api: Api
) -> None:
    bob = await _in_a_full_room(visitors, api)
    await bob.scroll_up()
    place = await bob.place(bob.lines.first)
    await api.say("news")
    await expect(bob.arrivals).to_have_text("1 new message")
    await api.say("more news")
    await expect(bob.arrivals).to_have_text("2 new messages")
    assert await bob.place(bob.lines.first) == pytest.approx(place, abs=1)
    await expect(bob.lines.last).not_to_be_in_viewport()
    await bob.arrivals.click()
    await expect(bob.lines.last).to_be_in_viewport(ratio=1)
    await expect(bob.arrivals).to_be_hidden()


@pytest.mark.gen_test(timeout=60)
async def test_the_button_goes_when_the_reader_scrolls_down_without_it(
    visitors: Visitors, api: Api
) -> None:
    bob = await _in_a_full_room(visitors, api)
    await bob.scroll_up()
    await api.say("news")
    await expect(bob.arrivals).to_have_text("1 new message")
    await bob.page.locator(".scroller").hover()
    await bob.page.mouse.wheel(0, 100_000)
    await expect(bob.arrivals).to_be_hidden()


@pytest.mark.gen_test(timeout=60)
async def test_a_reader_at_the_end_follows(visitors: Visitors, api: Api) -> None:
    bob = await _in_a_full_room(visitors, api)
    for body in ("short", "long " * 200, "last"):
        await api.say(body)
        await expect(bob.texts.last).to_have_text(body.strip())
        await expect(bob.lines.last).to_be_in_viewport()
        await expect(bob.arrivals).to_be_hidden()
    assert await _distance_from_end(bob) < 2


@pytest.mark.gen_test(timeout=60)
async def test_who_says_something_further_up_is_taken_to_the_end(
    visitors: Visitors, api: Api
) -> None:
    bob = await _in_a_full_room(visitors, api)
    await bob.scroll_up()
    await bob.say("from above")
    await expect(bob.texts.last).to_have_text("from above")
    await expect(bob.lines.last).to_be_in_viewport(ratio=1)


@pytest.mark.gen_test(timeout=60)
async def test_a_composer_that_grows_hides_nothing_from_a_reader_at_the_end(
    visitors: Visitors, api: Api
) -> None:
    bob = await _in_a_full_room(visitors, api)
    low = await _height(bob.field)
    await bob.field.fill("\n".join("12345"))
    assert await _height(bob.field) > 2 * low
    await expect(bob.lines.last).to_be_in_viewport(ratio=1)


@pytest.mark.gen_test(timeout=60)
async def test_a_page_that_nobody_looks_at_counts_in_its_title(
    visitors: Visitors, api: Api
) -> None:
    bob = await visitors.enter()
    await bob.hide()
    await api.say("news")
    await expect(bob.page).to_have_title("(1) Room 7")
    await bob.show()
    await expect(bob.page).to_have_title("Room 7")


async def _in_a_full_room(visitors: Visitors, api: Api) -> RoomPage:
    """Somebody at the end of more lines than the window has."""
    for n in range(40):
        await api.say(f"line {n}")
    bob = await visitors.enter()
    await expect(bob.lines.last).to_be_in_viewport()
    await expect(bob.lines.first).not_to_be_in_viewport()
    return bob


async def _distance_from_end(bob: RoomPage) -> float:
    return abs(float(await bob.page.locator(".scroller").evaluate("(it) => it.scrollTop")))


async def _height(it: Locator) -> float:
    box = await it.bounding_box()
    assert box is not None
    return box["height"]
