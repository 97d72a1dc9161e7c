"""What is done about a message: answered, reacted to, edited, deleted, linked to; by pointer, touch and keyboard."""

from __future__ import annotations

import pytest
from playwright.async_api import Locator

from tests.api import Api
from tests.browser.axe import barriers
from tests.browser.chromium import expect
from tests.browser.room_page import RoomPage
from tests.browser.visitors import Visitors

#: Scroll until only the last 20 pixels of the second message are in sight: where it begins and ends, where the bar ends
_CUT_BY_THE_BAR = """() => {
    const message = document.querySelectorAll(".log .message")[1];
    const bar = document.querySelector(".bar").getBoundingClientRect().bottom;
    document.querySelector(".scroller").scrollTop += message.getBoundingClientRect().bottom - bar - 20;
    const { left, bottom } = message.getBoundingClientRect();
    return [left, bottom, bar];
}"""


@pytest.mark.gen_test(timeout=60)
async def test_two_people_react_and_both_see_it(visitors: Visitors, api: Api) -> None:
    said = await api.say("tea?")
    bob, cleo = await visitors.enter(), await visitors.enter()
    await _act(bob, "tea?", "react")
    await bob.page.keyboard.type("rocket")
    await bob.page.keyboard.press("Enter")
    for room, mine in ((bob, "true"), (cleo, "false")):
        await expect(_chips(room)).to_have_text(["🚀 1"])
        await expect(_chips(room)).to_have_attribute("aria-pressed", mine)
    await _chips(cleo).click()
    for room in (bob, cleo):
        await expect(_chips(room)).to_have_text(["🚀 2"])
        await expect(_chips(room)).to_have_attribute("aria-pressed", "true")
    await bob.page.reload()
    await expect(_chips(bob)).to_have_attribute("aria-pressed", "true")
    await _chips(bob).click()
    await expect(_chips(cleo)).to_have_text(["🚀 1"])  # or it would be drawn anew under her finger
    await _chips(cleo).click()
    for room in (bob, cleo):
        await expect(_chips(room)).to_have_count(0)
    name = '"><img src=x id=x>'
    await api.post("/a/session", {"name": name})
    await api.post("/a/room/7/react", {"id": said["id"], "emoji": "👍", "on": "1"})
    for room in (bob, cleo):
        await expect(room.page.locator("[data-emoji]")).to_have_attribute("title", name)
        await expect(room.page.locator("#x")).to_have_count(0)


@pytest.mark.gen_test(timeout=60)
async def test_an_answer_names_what_it_answers_and_can_be_given_up(
    visitors: Visitors, api: Api
) -> None:
    await api.post("/a/session", {"name": "<b>Ann"})
    said = await api.say("tea or *coffee*?")
    bob = await visitors.enter()
    bar = bob.page.locator(".aim")
    await bob.field.fill("half a sen")
    await _act(bob, "tea", "answer")
    await expect(bar).to_contain_text("Answering <b>Ann tea or coffee?")
    await expect(bob.field).to_be_focused()
    await bob.field.press("Escape")
    await expect(bar).to_be_hidden()
    await expect(bob.field).to_have_value("half a sen")
    await _act(bob, "tea", "answer")
    await bob.say("coffee")
    await expect(bar).to_be_hidden()
    await bob.say("and a cake")
    await bob.shows("tea or coffee?", "coffee", "and a cake")
    answered = (await api.history())["messages"][1:]
    assert [it.get("reply", {}).get("id") for it in answered] == [said["id"], None]


@pytest.mark.gen_test(timeout=60)
async def test_an_answer_that_was_begun_outlives_its_page_but_not_what_it_answers(
    visitors: Visitors, api: Api
) -> None:
    said = [await api.say(body) for body in ("*tea*?", "coffee?")]
    bob = await visitors.enter()
    bar = bob.page.locator(".aim")
    await _act(bob, "coffee", "answer")
    await bob.page.reload()
    await expect(bar).to_contain_text("Answering Ann coffee?")
    await bar.get_by_role("button").click()
    await bob.page.reload()
    await expect(bar).to_be_hidden()
    await _act(bob, "tea", "answer")
    await bob.field.fill("yes")
    await bob.page.reload()
    await expect(bar).to_contain_text("Answering Ann *tea*?")
    await bob.say("yes")
    await bob.shows("tea?", "coffee?", "yes")
    assert (await api.history())["messages"][-1]["reply"]["id"] == said[0]["id"]
    await expect(bar).to_be_hidden()
    await _act(bob, "coffee", "answer")
    await bob.field.fill("no")
    assert (await api.do("delete", "7", id=said[1]["id"])).status == 200
    await bob.page.reload()
    await expect(bob.field).to_have_value("no")
    await expect(bar).to_be_hidden()


@pytest.mark.gen_test(timeout=60)
async def test_ones_own_message_is_edited_and_the_draft_comes_back(visitors: Visitors) -> None:
    ann, bob = await visitors.enter(), await visitors.enter()
    await ann.say("*helo* there")
    for room in (ann, bob):  # nothing can be done about a text that is on its way
        await room.shows("helo there")
    await ann.field.fill("half a sen")
    await _act(ann, "helo", "edit")
    await expect(ann.field).to_have_value("*helo* there")
    await expect(ann.page.locator(".aim")).to_contain_text("Editing your message")
    await ann.page.reload()
    await expect(ann.field).to_have_value("half a sen")
    await _act(ann, "helo", "edit")
    await expect(ann.field).to_have_value("*helo* there")
    await ann.say("/hello there")  # a text here, and no command
    for room in (ann, bob):
        await room.shows("/hello there")
    await expect(ann.field).to_have_value("half a sen")
    await bob.lines.first.hover()
    await expect(_tool(bob, "answer")).to_be_visible()
    for name in ("edit", "remove"):
        await expect(_tool(bob, name)).to_be_hidden()


@pytest.mark.gen_test(timeout=60)
async def test_up_in_an_empty_field_edits_the_last_own_message(visitors: Visitors) -> None:
    ann, bob = await visitors.enter(), await visitors.enter()
    await ann.field.press("ArrowUp")
    await ann.say("first")
    await ann.say("secnd")
    await bob.shows("first", "secnd")
    await bob.say("third")
    await ann.shows("first", "secnd", "third")
    await ann.field.press("ArrowUp")
    await expect(ann.field).to_have_value("secnd")
    await ann.field.press("Escape")
    await expect(ann.field).to_have_value("")
    await ann.field.press("ArrowUp")
    await expect(ann.field).to_have_value("secnd")
    await ann.say("second")
    await bob.shows("first", "second", "third")


@pytest.mark.gen_test(timeout=90)
async def test_up_far_from_the_end_of_the_log_leads_there_first(
    visitors: Visitors, api: Api
) -> None:
    context = await visitors.new()
    ann = await visitors.tab(context)
    await ann.say("older")
    await ann.shows("older")
    (older,) = (await api.history())["messages"]
    for n in range(120):
        await api.say(f"no. {n}")
    await ann.say("newest")
    await expect(ann.texts.last).to_have_text("newest")
    await expect(ann.echoes).to_have_count(0)
    await ann.page.goto(f"{visitors.room('7')}?at={older['id']}")
    await ann.live()
    await expect(ann.later).to_be_attached()
    await ann.field.press("ArrowUp")
    await expect(ann.field).to_have_value("newest")
    await expect(ann.field).to_be_focused()
    await expect(ann.later).to_have_count(0)
    await expect(ann.texts.last).to_be_in_viewport()


@pytest.mark.gen_test(timeout=60)
async def test_an_edit_that_fails_says_why_and_nothing_of_it_is_lost(
    visitors: Visitors, api: Api
) -> None:
    visitors.watch.expect("404 (", "503 (")
    ann = await visitors.enter("tea")
    await ann.say("first")
    await ann.shows("first")
    await ann.field.press("ArrowUp")
    await expect(ann.field).to_have_value("first")
    await ann.page.route("**/edit", lambda route: route.fulfill(status=503))
    await ann.say("better")
    alert = ann.page.locator(".unsaid")
    await expect(alert).to_have_text("That did not work. Please try again.")
    await ann.page.unroute("**/edit")
    id_ = (await api.history("tea"))["messages"][0]["id"]
    form = {"_xsrf": await ann.page.locator("[name=_xsrf]").first.input_value(), "id": id_}
    await ann.page.request.post(f"{visitors.url}/a/room/tea/delete", form=form)
    await expect(ann.lines).to_have_count(0)
    await ann.field.press("Enter")
    await expect(alert).to_have_text("There is nothing here.")
    await expect(ann.field).to_have_value("better")


@pytest.mark.gen_test(timeout=60)
async def test_a_message_is_deleted_once_one_has_said_so(visitors: Visitors, api: Api) -> None:
    ann = await visitors.enter("tea")  # whoever is first owns the room
    await ann.say("mine")
    await ann.shows("mine")
    await api.say("other", "tea")
    await ann.shows("mine", "other")
    asking = ann.page.locator(".asking")
    await _act(ann, "mine", "remove")
    await asking.get_by_role("button", name="Keep it").click()
    await expect(asking).to_be_hidden()
    await ann.shows("mine", "other")
    for text, left in (("mine", ["other"]), ("other", [])):
        await _act(ann, text, "remove")
        await asking.get_by_role("button", name="Delete").click()
        await expect(asking).to_be_hidden()
        await expect(ann.texts).to_have_text(left)


@pytest.mark.gen_test(timeout=60)
async def test_what_was_refused_is_said_where_it_was_tried(visitors: Visitors, api: Api) -> None:
    visitors.watch.expect("409 (", "403 (")
    said = await api.say("tea?", "tea")
    for emoji in [chr(0x1F400 + it) for it in range(20)]:
        assert (await api.do("react", id=said["id"], emoji=emoji, on="1")).status == 200
    bob = await visitors.enter("tea")
    await _act(bob, "tea?", "react")
    await bob.page.locator("#emoji li").first.click()
    await expect(bob.page.locator(".told")).to_contain_text("20")
    await expect(_chips(bob)).to_have_count(20)


@pytest.mark.gen_test(timeout=60)
async def test_the_link_to_a_message_is_copied(visitors: Visitors, api: Api) -> None:
    said = await api.say("tea?")
    context = await visitors.new(permissions=["clipboard-read", "clipboard-write"])
    bob = await visitors.tab(context)
    await _act(bob, "tea?", "copy")
    await expect(bob.page.locator(".told")).to_have_text("Copied.")
    link = f"{visitors.room('7')}/message/{said['id']}"
    assert await bob.page.evaluate("navigator.clipboard.readText()") == link


@pytest.mark.gen_test(timeout=60)
async def test_the_keyboard_leads_to_all_of_it_and_is_not_thrown_out_by_what_happens(
    visitors: Visitors, api: Api
) -> None:
    await api.say("one")
    said = await api.say("two")
    bob = await visitors.enter()
    keys = bob.page.keyboard
    await bob.page.locator(".scroller").focus()
    await keys.press("Enter")
    await expect(bob.page.locator(".line .at").last).to_be_focused()
    await keys.press("ArrowRight")
    await expect(_tool(bob, "answer")).to_be_focused()
    await keys.press("ArrowRight")
    await expect(_tool(bob, "react")).to_be_focused()
    await keys.press("Enter")
    await keys.type("thumbs")
    for key in ("ArrowRight", "ArrowLeft", "Enter"):
        await keys.press(key)
    await expect(_chips(bob)).to_have_text(["👍 1"])
    await expect(_tool(bob, "react")).to_be_focused()
    await keys.press("ArrowLeft")
    await keys.press("ArrowLeft")
    await expect(_chips(bob)).to_be_focused()
    await api.post("/a/room/7/react", {"id": said["id"], "emoji": "👍", "on": "1"})
    await expect(_chips(bob)).to_have_text(["👍 2"])
    await expect(_chips(bob)).to_be_focused()
    await keys.press("ArrowUp")
    await expect(bob.page.locator(".line .at").first).to_be_focused()
    await keys.press("Escape")
    await expect(bob.page.locator(".scroller")).to_be_focused()


@pytest.mark.gen_test(timeout=60)
@pytest.mark.parametrize("pressed", [".reactions button", ".tools [name=answer]"])
async def test_what_is_drawn_anew_under_the_mouse_is_pressed_all_the_same(
    visitors: Visitors, api: Api, pressed: str
) -> None:
    said = await api.say("tea?")
    await api.post("/a/room/7/react", {"id": said["id"], "emoji": "👍", "on": "1"})
    bob, cleo = await visitors.enter(), await visitors.enter()
    await bob.lines.first.hover()
    await bob.page.locator(pressed).hover()
    await bob.page.mouse.down()
    await _chips(cleo).click()
    await expect(_chips(bob)).to_have_text(["👍 2"])
    await bob.page.mouse.up()
    if "answer" in pressed:
        await expect(bob.page.locator(".aim")).to_be_visible()
    else:
        await expect(_chips(bob)).to_have_text(["👍 3"])


@pytest.mark.gen_test(timeout=60)
async def test_what_can_be_done_is_not_shown_again_by_what_others_do(
    visitors: Visitors, api: Api
) -> None:
    said = await api.say("tea?")
    bob = await visitors.enter()
    await bob.lines.first.hover()
    await expect(_tool(bob, "answer")).to_be_visible()
    await bob.field.hover()
    await expect(_tool(bob, "answer")).to_be_hidden()
    await api.post("/a/room/7/react", {"id": said["id"], "emoji": "👍", "on": "1"})
    await expect(_chips(bob)).to_have_text(["👍 1"])
    await expect(_tool(bob, "answer")).to_be_hidden()
    await bob.lines.first.hover()
    await expect(_tool(bob, "answer")).to_be_visible()


@pytest.mark.gen_test(timeout=60)
async def test_what_can_be_done_about_the_topmost_message_is_not_under_the_bar(
    visitors: Visitors, api: Api
) -> None:
    for n in range(4):
        await api.say("\n".join([f"{n}"] * 12))
    bob = await visitors.enter()
    await expect(bob.texts).to_have_count(4)
    left, bottom, bar = await bob.page.evaluate(_CUT_BY_THE_BAR)
    await bob.page.mouse.move(left + 5, bottom - 5)
    await expect(_tool(bob, "answer")).to_be_visible()
    top = await bob.page.locator(".tools").evaluate("(it) => it.getBoundingClientRect().top")
    assert bottom == pytest.approx(bar + 20, abs=1)
    assert top >= bar


@pytest.mark.gen_test(timeout=60)
async def test_a_touch_leads_to_all_of_it(visitors: Visitors, api: Api) -> None:
    await api.say("tea?")
    bob = await visitors.enter(has_touch=True, viewport={"width": 390, "height": 700})
    await expect(bob.page.locator(".tools")).to_be_hidden()
    await bob.texts.first.tap()
    await _tool(bob, "react").tap()
    await bob.page.get_by_role("option", name="heart", exact=False).first.tap()
    await expect(_chips(bob)).to_have_text(["❤️ 1"])


@pytest.mark.gen_test(timeout=90)
async def test_nothing_of_it_is_a_barrier_nor_leaves_the_window(
    visitors: Visitors, api: Api
) -> None:
    said = await api.say("tea?")
    await api.post("/a/room/7/react", {"id": said["id"], "emoji": "👍", "on": "1"})
    for scheme in ("light", "dark"):
        viewport = {"width": 320, "height": 640}
        bob = await visitors.enter(color_scheme=scheme, viewport=viewport)
        await bob.say(f"mine, {scheme}")
        await expect(bob.echoes).to_have_count(0)
        await bob.lines.last.hover()
        await expect(_tool(bob, "edit")).to_be_visible()
        assert await barriers(bob.page) == []
        await _tool(bob, "react").click()
        await expect(bob.page.locator(".picker")).to_be_in_viewport(ratio=1)
        assert await barriers(bob.page) == []
        await bob.page.keyboard.press("Escape")
        for name in ("edit", "remove"):
            await _act(bob, f"mine, {scheme}", name)
            await expect(bob.page.locator(".aim")).to_be_visible()
            assert await barriers(bob.page) == []
        await bob.page.goto(await bob.lines.last.locator(".at").evaluate("(it) => it.href"))
        await expect(bob.page.get_by_label("In other words")).to_be_visible()
        assert await barriers(bob.page) == []


def _tool(room: RoomPage, name: str) -> Locator:
    return room.page.locator(f".tools [name={name}]")


def _chips(room: RoomPage) -> Locator:
    return room.page.locator(".log .reactions button")


async def _act(room: RoomPage, text: str, name: str) -> None:
    await room.texts.filter(has_text=text).hover()
    await _tool(room, name).click()
