"""Writing: which key sends, what an input method keeps for itself, and what becomes of a text that was refused."""

from __future__ import annotations

import json

import pytest
from playwright.async_api import CDPSession, Route

from tests.browser.chromium import expect
from tests.browser.room_page import RoomPage
from tests.browser.visitors import Visitors

POSTS = "**/a/message/new"
#: Collects how each keydown looked to the page.
KEYS = """() => {
    window.keys = [];
    addEventListener("keydown", ({ key, keyCode, isComposing }) =>
        keys.push([key, keyCode, isComposing]), { capture: true });
}"""


@pytest.mark.gen_test(timeout=60)
async def test_enter_sends_and_shift_enter_breaks_the_line(visitors: Visitors) -> None:
    ann = await visitors.enter()
    await ann.field.press_sequentially("one")
    await ann.field.press("Shift+Enter")
    await ann.field.press_sequentially("two")
    await expect(ann.field).to_have_value("one\ntwo")
    await expect(ann.lines).to_have_count(0)
    await ann.field.press("Enter")
    await ann.shows("one two")
    assert await ann.texts.inner_text() == "one\ntwo"
    await expect(ann.field).to_have_value("")
    await expect(ann.field).to_be_focused()


@pytest.mark.gen_test(timeout=60)
async def test_the_button_sends_as_well(visitors: Visitors) -> None:
    ann = await visitors.enter()
    await ann.field.fill("by hand")
    await ann.send.click()
    await ann.shows("by hand")
    await expect(ann.field).to_be_focused()


@pytest.mark.gen_test(timeout=60)
async def test_enter_while_an_input_method_composes_belongs_to_it(visitors: Visitors) -> None:
    ann = await visitors.enter()
    await ann.page.evaluate(KEYS)
    await ann.field.focus()
    devtools = await ann.page.context.new_cdp_session(ann.page)
    await devtools.send(
        "Input.imeSetComposition", {"text": "nihao", "selectionStart": 5, "selectionEnd": 5}
    )
    await _enter(devtools, key="Process", code=229)
    await _enter(devtools, key="Enter", code=13)
    await devtools.send("Input.insertText", {"text": "你好"})
    assert await ann.page.evaluate("keys") == [["Process", 229, True], ["Enter", 13, True]]
    await expect(ann.field).to_have_value("你好")
    await expect(ann.lines).to_have_count(0)
    await ann.field.press("Enter")
    await ann.shows("你好")


@pytest.mark.gen_test(timeout=60)
async def test_the_enter_that_ends_a_composition_in_safari_does_not_send(
    visitors: Visitors,
) -> None:
    """There the composition ends before the keydown, and only the key code tells."""
    ann = await visitors.enter()
    await ann.page.evaluate(KEYS)
    await ann.field.fill("你好")
    devtools = await ann.page.context.new_cdp_session(ann.page)
    await _enter(devtools, key="Enter", code=229)
    assert await ann.page.evaluate("keys") == [["Enter", 229, False]]
    await expect(ann.field).to_have_value("你好")
    await expect(ann.lines).to_have_count(0)


@pytest.mark.gen_test(timeout=60)
async def test_a_text_that_is_too_long_is_counted_and_stays(visitors: Visitors) -> None:
    ann = await visitors.enter()
    await ann.say("😀" * 4002)
    left = ann.page.locator("#body-left")
    await expect(left).to_have_text("2 characters too many")
    await expect(ann.field).to_have_value("😀" * 4002)
    await expect(ann.lines).to_have_count(0)
    await ann.say("😀" * 4000)
    await ann.shows("😀" * 4000)
    await expect(left).to_have_text("")


@pytest.mark.gen_test(timeout=60)
@pytest.mark.parametrize("status", [400, 409])
async def test_a_refused_text_stays_with_its_reason_and_can_be_sent_again(
    visitors: Visitors, status: int
) -> None:
    ann, bob = await _refused(visitors, status)
    await ann.page.unroute(POSTS)
    await ann.echoes.get_by_role("button", name="Try again").click()
    await ann.shows("unwanted")
    await bob.shows("unwanted")


@pytest.mark.gen_test(timeout=60)
async def test_a_refused_text_can_be_discarded_and_holds_up_nothing(visitors: Visitors) -> None:
    ann, bob = await _refused(visitors, 400)
    await ann.page.unroute(POSTS)
    await ann.say("the next")
    await bob.shows("the next")
    await ann.echoes.get_by_role("button", name="Discard").click()
    await ann.shows("the next")
    await ann.page.reload()
    await ann.shows("the next")


@pytest.mark.gen_test(timeout=60)
async def test_what_the_server_itself_finds_too_long_is_not_lost(visitors: Visitors) -> None:
    """The page believes in a higher limit, as one might that is older than the server."""
    visitors.watch.expect("400 (")
    browser = await visitors.new()
    await browser.route("**/room/7", _with_a_higher_limit)
    ann = await visitors.tab(browser)
    await ann.say("x" * 4001)
    await expect(ann.echoes).to_contain_text(["A message has at most 4000 characters."])
    await expect(ann.texts).to_have_text(["x" * 4001])


@pytest.mark.gen_test(timeout=60)
async def test_what_was_not_sent_and_what_was_not_finished_outlive_a_reload(
    visitors: Visitors,
) -> None:
    ann, bob = await _refused(visitors, 400)
    await ann.field.fill("half a sen")
    await ann.page.unroute(POSTS)
    await ann.page.reload()
    await expect(ann.field).to_have_value("half a sen")
    await expect(ann.texts).to_have_text(["unwanted"])
    # Lines leave in their order: it would have come before this one.
    await ann.say("the next")
    await bob.shows("the next")


async def _enter(devtools: CDPSession, key: str, code: int) -> None:
    """A keydown of Enter as the platform reports it while an input method is at work."""
    await devtools.send(
        "Input.dispatchKeyEvent",
        {"type": "rawKeyDown", "key": key, "code": "Enter", "windowsVirtualKeyCode": code},
    )


async def _refused(visitors: Visitors, status: int) -> tuple[RoomPage, RoomPage]:
    """Somebody whose text the server has refused, and somebody else."""
    visitors.watch.expect(f"{status} (")
    ann, bob = await visitors.enter(), await visitors.enter()
    error = {"error": {"code": "unwanted", "message": "Not this one."}}
    await ann.page.route(
        POSTS,
        lambda route: route.fulfill(
            status=status, body=json.dumps(error), content_type="application/json"
        ),
    )
    await ann.say("unwanted")
    await expect(ann.echoes).to_have_attribute("data-state", "failed")
    await expect(ann.echoes).to_contain_text("Not this one.")
    await expect(ann.texts).to_have_text(["unwanted"])
    return ann, bob


async def _with_a_higher_limit(route: Route) -> None:
    response = await route.fetch()
    page = (await response.text()).replace('data-max-body="4000"', 'data-max-body="5000"')
    await route.fulfill(response=response, body=page)
