"""People talk: in one room and not in another, each message once, one's own at once."""

from __future__ import annotations

import asyncio

import pytest
from playwright.async_api import Locator, Route

from tests.api import Api
from tests.browser.chromium import expect
from tests.browser.visitors import Visitors

#: Collects how many lines hold a text whenever the log changes, repetitions left out.
COUNTS = """(wanted) => {
    const count = () => [...document.querySelectorAll(".text")]
        .filter((text) => text.textContent.trim() === wanted).length;
    window.counts = [count()];
    new MutationObserver(() => window.counts.at(-1) === count() || window.counts.push(count()))
        .observe(document.querySelector(".log"), { childList: true, subtree: true });
}"""


@pytest.mark.gen_test(timeout=60)
async def test_two_people_talk_in_room_7_and_a_third_in_room_8_sees_nothing_of_it(
    visitors: Visitors, api: Api
) -> None:
    ann, bob, cid = await visitors.enter(), await visitors.enter(), await visitors.enter("8")
    await ann.say("Is anybody here?")
    await bob.shows("Is anybody here?")
    await bob.say("Yes!")
    await ann.shows("Is anybody here?", "Yes!")
    await api.say("Only here.", room="8")
    await cid.shows("Only here.")
    await api.say("And here.")
    await ann.shows("Is anybody here?", "Yes!", "And here.")


@pytest.mark.gen_test(timeout=60)
async def test_one_s_own_lines_stand_out_before_and_after_a_reload(visitors: Visitors) -> None:
    ann, bob = await visitors.enter(), await visitors.enter()
    await ann.say("from Ann")
    await bob.shows("from Ann")
    await bob.say("from Bob")
    await bob.shows("from Ann", "from Bob")
    for _ in range(2):
        await ann.shows("from Ann", "from Bob")
        mine, other = [ann.page.locator(".message").nth(n) for n in range(2)]
        assert await _look(mine) != await _look(other)
        assert await _look(mine) == await _look(bob.page.locator(".message").nth(1))
        await ann.page.reload()


@pytest.mark.gen_test(timeout=60)
async def test_what_is_said_shows_at_once_and_becomes_the_real_message_exactly_once(
    visitors: Visitors,
) -> None:
    ann, bob = await visitors.enter(), await visitors.enter()
    await ann.page.evaluate(COUNTS, "hello")
    held: asyncio.Queue[Route] = asyncio.Queue()
    await ann.page.route("**/a/message/new", held.put_nowait)
    await ann.say("hello")
    await expect(ann.echoes).to_contain_text(["hello"])
    await (await held.get()).continue_()
    await bob.shows("hello")
    await ann.shows("hello")
    assert await ann.page.evaluate("counts") == [0, 1]


@pytest.mark.gen_test(timeout=60)
async def test_lines_said_in_a_row_arrive_in_that_order(visitors: Visitors) -> None:
    ann, bob = await visitors.enter(), await visitors.enter()
    said = [f"line {n}" for n in range(10)]
    for line in said:
        await ann.say(line)
    await ann.shows(*said)
    await bob.shows(*said)


@pytest.mark.gen_test(timeout=60)
async def test_two_tabs_of_one_person_stay_the_same(visitors: Visitors) -> None:
    browser = await visitors.new()
    left, right = await visitors.tab(browser), await visitors.tab(browser)
    await left.say("from the left")
    await right.shows("from the left")
    await right.say("from the right")
    for tab in (left, right):
        await tab.shows("from the left", "from the right")
        await expect(tab.page.locator(".line.own")).to_have_count(2)


@pytest.mark.gen_test(timeout=90)
async def test_the_eighth_tab_of_one_person_still_talks_though_seven_wait_unseen(
    visitors: Visitors,
) -> None:
    """A browser opens six connections to a server, and a held request takes one."""
    browser = await visitors.new()
    hidden = await visitors.tab(browser)
    tabs = [hidden]
    for _ in range(7):
        await tabs[-1].hide()
        tabs.append(await visitors.tab(browser))
    await tabs[-1].say("from the eighth")
    await tabs[-1].shows("from the eighth")
    await hidden.show()
    await hidden.shows("from the eighth")


async def _look(line: Locator) -> str:
    """The colour behind a line."""
    return str(await line.evaluate("(it) => getComputedStyle(it).backgroundColor"))
