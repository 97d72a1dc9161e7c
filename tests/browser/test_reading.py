"""Reading a room: far back and forth, from where one had read, from a link, and while it is being amended."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator

import pytest
from playwright.async_api import BrowserContext, Route
from tornado.ioloop import IOLoop

from tests.api import Api
from tests.browser.axe import barriers
from tests.browser.chromium import expect
from tests.browser.long_room import scroll, talk
from tests.browser.room_page import RoomPage
from tests.browser.visitors import Visitors
from tests.server_process import ServerProcess

#: The most lines that a page may hold, however long its room is: those that are kept, and one page more.
MOST = 400
UPDATES = "**/a/message/updates"


@pytest.fixture
def bob(io_loop: IOLoop, server: ServerProcess) -> Iterator[Api]:
    """A program called Bob."""
    api = Api(server.url)
    io_loop.run_sync(lambda: api.sign_in("Bob"))
    yield api
    api.client.close()


@pytest.mark.gen_test(timeout=120)
async def test_one_scrolls_to_the_first_message_and_back_without_a_jump_in_a_bounded_page(
    visitors: Visitors, api: Api
) -> None:
    said = await talk(api, 900)
    room = await visitors.enter()
    for step, end in ((-900, room.texts.first), (900, room.texts.last)):
        way = await scroll(room, step)
        assert way.jumps == 0
        assert 50 < way.lines <= MOST
        await expect(end).to_have_text(said[0 if step < 0 else -1])
        await expect(end).to_be_in_viewport()
    await expect(room.later).to_have_count(0)
    await api.say("news")
    await expect(room.texts.last).to_have_text("news")
    await expect(room.lines.last).to_be_in_viewport()


@pytest.mark.gen_test(timeout=120)
async def test_far_up_what_is_said_is_counted_and_a_button_leads_to_it(
    visitors: Visitors, api: Api
) -> None:
    await talk(api, 600)
    room = await visitors.enter()
    await room.page.locator(".scroller").evaluate("(it) => it.scrollBy(0, -2000)")
    await expect(room.arrivals).to_have_text("Jump to the newest message")
    await scroll(room, -900)
    await expect(room.later).to_have_count(1)
    await api.say("news")
    await expect(room.arrivals).to_have_text("1 new message")
    await room.arrivals.click()
    await expect(room.texts.last).to_have_text("news")
    await expect(room.lines.last).to_be_in_viewport(ratio=1)
    await expect(room.arrivals).to_be_hidden()
    await expect(room.page.locator(".scroller")).to_be_focused()


@pytest.mark.gen_test(timeout=120)
async def test_who_says_something_far_up_is_taken_to_the_end(visitors: Visitors, api: Api) -> None:
    await talk(api, 600)
    room = await visitors.enter()
    await scroll(room, -900)
    await room.say("from the beginning")
    await expect(room.texts.last).to_have_text("from the beginning")
    await expect(room.echoes).to_have_count(0)
    await expect(room.lines.last).to_be_in_viewport(ratio=1)


@pytest.mark.gen_test(timeout=90)
async def test_the_arrows_lead_to_what_is_not_loaded_yet(visitors: Visitors, api: Api) -> None:
    said = await talk(api, 80)
    room = await visitors.enter()
    await room.page.locator(".scroller").focus()
    await room.page.keyboard.press("Enter")
    # To the first line that is loaded, where more is asked for; who is faster than that stays there.
    for _ in range(50 - 1):
        await room.page.keyboard.press("ArrowUp")
    await expect(room.lines).to_have_count(80)
    for _ in range(70 - (50 - 1)):
        await room.page.keyboard.press("ArrowUp")
    line = room.page.locator(".line:focus-within")
    await expect(line.locator(".text")).to_have_text(said[80 - 1 - 70])
    await expect(line).to_be_in_viewport()


@pytest.mark.gen_test(timeout=90)
async def test_what_is_selected_stays_in_the_page(visitors: Visitors, api: Api) -> None:
    said = await talk(api, 600)
    room = await visitors.enter()
    await room.texts.last.evaluate("(it) => getSelection().selectAllChildren(it)")
    await scroll(room, -900)
    assert await room.page.evaluate("getSelection().toString().trim()") == said[-1]


@pytest.mark.gen_test(timeout=90)
async def test_a_line_stands_where_it_begins_to_be_unread_and_a_button_leads_there(
    visitors: Visitors, api: Api
) -> None:
    context = await visitors.new()
    await _read(visitors, context, api)
    said = await talk(api, 30)
    async with context.expect_event("response", lambda it: it.url.endswith("/read")):
        room = await visitors.tab(context)
    await expect(room.unread).to_have_text("New")
    assert (
        await room.unread.evaluate("(it) => it.nextElementSibling.querySelector('.text').innerText")
        == said[0]
    )
    await expect(room.unread).not_to_be_in_viewport()
    assert await barriers(room.page) == []
    await room.way_back.click()
    await expect(room.unread).to_be_in_viewport()
    await expect(room.way_back).to_be_hidden()
    await expect(room.lines.filter(has_text=said[0]).first.locator(".at")).to_be_focused()
    async with room.page.expect_request("**/read"):  # when it is known, and shown, what is unread
        await room.page.reload()
    await room.live()
    await expect(room.unread).to_have_count(0)
    await expect(room.way_back).to_be_hidden()


@pytest.mark.gen_test(timeout=90)
async def test_the_button_leads_to_what_is_unread_also_where_that_is_not_loaded(
    visitors: Visitors, api: Api
) -> None:
    context = await visitors.new()
    await _read(visitors, context, api)
    said = await talk(api, 300)
    room = await visitors.tab(context)
    await expect(room.way_back).to_be_visible()
    await expect(room.unread).to_have_count(0)
    await room.way_back.click()
    await expect(room.unread).to_be_in_viewport()
    await expect(room.lines.filter(has_text=said[0]).first).to_be_in_viewport()
    await expect(room.way_back).to_be_hidden()


@pytest.mark.gen_test(timeout=90)
async def test_what_comes_while_nobody_looks_is_unread_when_they_are_back(
    visitors: Visitors, api: Api
) -> None:
    room = await visitors.enter()
    await api.say("seen")
    await room.shows("seen")
    await expect(room.unread).to_have_count(0)
    await room.hide()
    await api.say("not seen")
    await room.shows("seen", "not seen")
    await room.show()
    assert await room.unread.evaluate(
        "(it) => it.nextElementSibling.innerText.includes('not seen')"
    )
    await expect(room.way_back).to_be_hidden()


@pytest.mark.gen_test(timeout=90)
async def test_what_was_read_in_another_tab_meanwhile_is_not_unread(
    visitors: Visitors, api: Api
) -> None:
    context = await visitors.new()
    hidden, seen = await visitors.tab(context), await visitors.tab(context)
    async with hidden.page.expect_response("**/read"):
        await seen.say("hello")
    await hidden.hide()
    async with seen.page.expect_response("**/read"), hidden.page.expect_response("**/a/rooms?*"):
        await api.say("news")
    await hidden.shows("hello", "news")
    await expect(hidden.unread).to_have_count(0)
    await hidden.show()
    await expect(hidden.unread).to_have_count(0)


@pytest.mark.gen_test(timeout=90)
async def test_a_page_that_cannot_go_on_does_not_pretend_to_hear(visitors: Visitors) -> None:
    visitors.watch.expect("Cannot read properties")
    room = await visitors.enter(alone=True)
    broken = {"messages": [None], "cursors": {"7": "aaaaaaaa-1"}}
    await room.page.route(UPDATES, lambda route: route.fulfill(json=broken))
    await room.page.evaluate("dispatchEvent(new Event('online'))")
    await expect(room.strip).to_contain_text("no longer connected")


@pytest.mark.gen_test(timeout=90)
async def test_that_is_so_also_where_they_had_left_before_the_server_told_what_they_had_read(
    visitors: Visitors, api: Api
) -> None:
    context, told = await visitors.new(), asyncio.Event()

    async def late(route: Route) -> None:
        await told.wait()
        await route.continue_()

    await context.route("**/a/rooms?*", late)
    room = await visitors.tab(context)
    await api.say("seen")
    await room.shows("seen")
    await room.hide()
    await api.say("not seen")
    await room.shows("seen", "not seen")
    told.set()
    await expect(room.unread).to_have_count(1)
    assert await room.unread.evaluate(
        "(it) => it.nextElementSibling.innerText.includes('not seen')"
    )


@pytest.mark.gen_test(timeout=90)
async def test_a_link_to_a_message_opens_there_with_what_was_said_around_it(
    visitors: Visitors, api: Api
) -> None:
    said = await talk(api, 300)
    room = await visitors.enter()
    await room.page.goto(f"{visitors.room('7')}?at={await _id(api, said[120])}")
    await room.live()
    line = room.page.locator(".line.pointed")
    await expect(line.locator(".text")).to_have_text(said[120])
    await expect(line).to_be_in_viewport(ratio=1)
    await expect(line.locator(".at")).to_be_focused()
    await expect(room.gap).to_have_text("Show 95 earlier messages")
    await expect(room.later).to_have_text("Show 155 later messages")
    await expect(room.arrivals).to_have_text("Jump to the newest message")
    assert await barriers(room.page) == []
    way = await scroll(room, 900)
    assert way.jumps == 0
    await expect(room.later).to_have_count(0)
    await expect(room.texts.last).to_have_text(said[-1])


@pytest.mark.gen_test(timeout=90)
async def test_the_page_of_a_message_leads_into_the_conversation_without_javascript(
    visitors: Visitors, api: Api
) -> None:
    said = await talk(api, 200)
    room = await visitors.enter(java_script_enabled=False)
    await room.page.goto(f"{visitors.room('7')}/message/{await _id(api, said[20])}")
    await room.page.get_by_role("link", name="Show it in the conversation").click()
    await expect(room.page.locator(".line.pointed .text")).to_have_text(said[20])
    await expect(room.page.locator(".line.pointed")).to_be_in_viewport()
    await expect(room.gap).to_have_count(0)
    await room.later.click()
    await expect(room.texts).to_have_text(said[45:95])


@pytest.mark.gen_test(timeout=90)
async def test_an_answer_shows_the_beginning_of_what_it_answers_and_leads_there(
    visitors: Visitors, api: Api, bob: Api
) -> None:
    first = await bob.say("where\n\nare **you**?")
    early = await bob.say("שלום")
    await talk(api, 300)
    near = await bob.say("and now?")
    for answered in (first, early, near):
        await api.say("here", reply=answered["id"])
    room = await visitors.enter()
    quoted = room.page.locator(".quoted")
    await expect(quoted).to_have_text(["Bob where are you?", "Bob שלום", "Bob and now?"])
    assert await barriers(room.page) == []
    await quoted.last.click()
    await expect(room.page.locator(".pointed .text")).to_have_text("and now?")
    await quoted.first.click()
    await expect(room.page.locator(".pointed .text")).to_contain_text("you?")
    await expect(room.page.locator(".pointed")).to_be_in_viewport()
    assert "/message/" not in room.page.url


@pytest.mark.gen_test(timeout=90)
async def test_a_quotation_follows_what_it_quotes_and_goes_with_it(
    visitors: Visitors, api: Api, bob: Api
) -> None:
    asked = await bob.say("wehre?")
    await talk(api, 60)
    await api.say("here", reply=asked["id"])
    room = await visitors.enter()
    quoted = room.page.locator(".quoted")
    await expect(quoted).to_have_text("Bob wehre?")
    assert (await bob.do("edit", "7", id=asked["id"], body="where?")).status == 200
    await expect(quoted).to_have_text("Bob where?")
    assert (await bob.do("delete", "7", id=asked["id"])).status == 200
    await expect(quoted).to_have_text("Bob")


@pytest.mark.gen_test(timeout=90)
async def test_what_is_done_to_messages_is_seen_by_an_open_page_and_by_one_that_was_away(
    visitors: Visitors, api: Api
) -> None:
    visitors.watch.expect("ERR_FAILED")
    messages = [await api.say(body) for body in ("one", "two", "three")]
    stayed, away = await visitors.enter(), await visitors.enter(alone=True)
    await away.page.route(UPDATES, lambda route: route.abort())
    await api.say("four")
    await away.cut_off()
    one, two, three = (it["id"] for it in messages)
    assert (await api.do("edit", "7", id=one, body="**first**")).status == 200
    assert (await api.do("react", "7", id=two, emoji="👍", on="1")).status == 200
    assert (await api.do("delete", "7", id=three)).status == 200
    await _amended(stayed)
    await away.page.unroute(UPDATES)
    await _amended(away)
    await stayed.page.reload()
    await _amended(stayed)


@pytest.mark.gen_test(timeout=90)
async def test_a_message_that_is_amended_moves_nobody_and_keeps_the_focus(
    visitors: Visitors, api: Api
) -> None:
    said = [await api.say(f"line {n}") for n in range(40)]
    room = await visitors.enter()
    await room.page.locator(".scroller").evaluate("(it) => it.scrollBy(0, -400)")
    await room.page.locator(".scroller").focus()
    await room.page.keyboard.press("Enter")
    focused = room.page.locator(".line:focus-within")
    id_ = await focused.locator(".message").get_attribute("data-id") or ""
    below = room.page.locator(f".line:has([data-id='{id_}']) + .line")
    place = await room.place(below)
    for message in (said[0]["id"], id_):
        assert (await api.do("edit", "7", id=message, body="longer\n\n" * 3)).status == 200
    line = room.page.locator(f".line:has([data-id='{id_}'])")
    await expect(line.locator(".text")).to_contain_text("longer")
    await expect(line.locator(".edited")).to_have_text("edited")
    await expect(line.locator(".at")).to_be_focused()
    await expect(room.lines.first.locator(".text")).to_contain_text("longer")
    assert await room.place(room.lines.last) > place


async def _amended(room: RoomPage) -> None:
    await expect(room.texts).to_have_text(["first", "two", "four"])
    await expect(room.lines.nth(0).locator(".text strong")).to_have_text("first")
    await expect(room.lines.nth(0).locator(".edited")).to_have_text("edited")
    await expect(room.lines.nth(1).locator(".reactions")).to_contain_text("👍")


async def _id(api: Api, body: str) -> str:
    """The id of the message that says just that."""
    messages = (await api.history(limit="200"))["messages"]
    while not any(it["body"] == body for it in messages):
        messages = (await api.history(before=messages[0]["id"], limit="200"))["messages"]
    return str(next(it["id"] for it in messages if it["body"] == body))


async def _read(visitors: Visitors, context: BrowserContext, api: Api) -> None:
    """Somebody has been in the room, and has read what was said there."""
    await api.say("read before")
    page = await context.new_page()
    async with page.expect_response("**/read") as told:
        await page.goto(visitors.room("7"))
    assert (await told.value).ok
    await page.close()
