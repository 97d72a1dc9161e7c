"""People among themselves: talking in private, being put out, what is taken back; live, and without JavaScript."""

from __future__ import annotations

import pytest
from playwright.async_api import Page

from tests.api import Api
from tests.browser.chromium import expect
from tests.browser.room_page import RoomPage
from tests.browser.visitors import Visitors


async def press(page: Page, name: str) -> None:
    """Press a button that leads to another page."""
    async with page.expect_navigation():
        await page.get_by_role("button", name=name, exact=True).click()


async def owner(visitors: Visitors, room: str = "tea") -> RoomPage:
    """Ann, who speaks first in a named room."""
    ann = await visitors.enter(room)
    await ann.rename("Ann")
    await expect(ann.naming).to_contain_text("Ann")
    await ann.say("welcome")
    await ann.shows("welcome")
    return ann


@pytest.mark.gen_test(timeout=90)
async def test_two_talk_in_private_and_a_third_cannot_see_it(visitors: Visitors, api: Api) -> None:
    visitors.watch.expect("404 (")
    ann, bob = await owner(visitors), await visitors.enter("tea")
    await bob.rename("Bob")
    await expect(bob.naming).to_contain_text("Bob")
    await bob.say("hello Ann")
    await ann.shows("welcome", "hello Ann")
    await press(await ann.message("hello Ann"), "Talk in private")
    await expect(ann.page).to_have_title("Bob")
    await ann.live()
    await ann.say("just us")
    await ann.shows("just us")
    room = ann.page.url.rpartition("/")[2]
    await press(await bob.message("welcome"), "Talk in private")
    assert bob.page.url == ann.page.url
    await expect(bob.title).to_have_text("Ann")
    await bob.live()
    await bob.say("yes")
    for it in (ann, bob):
        await it.shows("just us", "yes")
    cleo = await visitors.enter("tea")
    await cleo.page.goto(ann.page.url)
    await expect(cleo.page.locator("input[type=password]")).to_be_visible()
    assert "just us" not in await cleo.page.content()
    assert "Bob" not in await cleo.page.content()
    reply = await cleo.page.request.get(f"{visitors.url}/a/message/updates?room={room}&wait=0")
    assert reply.status == 404
    assert (await api.get(f"/a/room/{room}/messages")).status == 404


@pytest.mark.gen_test(timeout=60)
async def test_the_page_of_who_is_kicked_says_that_the_room_is_not_theirs_and_stops(
    visitors: Visitors,
) -> None:
    visitors.watch.expect("404 (")
    ann, bob = await owner(visitors), await visitors.enter("tea", alone=True)
    await bob.say("rude")
    for it in (ann, bob):  # who is kicked out hears nothing more, of their own words neither
        await it.shows("welcome", "rude")
    asked_for: list[str] = []
    bob.page.on("request", lambda it: asked_for.append(it.url))
    page = await ann.message("rude")
    await press(page, "Kick out")
    await expect(bob.strip).to_have_attribute("data-state", "closed")
    await expect(bob.strip).to_contain_text("This room is not open to you any more.")
    await page.goto(visitors.room("tea"))
    await ann.live()
    asked = _polls(asked_for)
    await ann.say("after")
    await ann.shows("welcome", "rude", "after")
    await bob.shows("welcome", "rude")
    assert _polls(asked_for) == asked
    await bob.page.reload()
    await expect(bob.page.locator("input[type=password]")).to_be_visible()


@pytest.mark.gen_test(timeout=60)
async def test_what_is_deleted_goes_from_every_open_page_and_stays_away(
    visitors: Visitors,
) -> None:
    ann, bob = await owner(visitors), await visitors.enter("tea")
    for body in ("one", "two", "three"):
        await bob.say(body)
    await ann.shows("welcome", "one", "two", "three")
    page = await ann.message("two")
    await press(page, "Delete the message")
    for it in (ann, bob):
        await it.shows("welcome", "one", "three")
    await bob.page.reload()
    await bob.live()
    await bob.shows("welcome", "one", "three")
    await expect(bob.gap).to_have_count(0)
    await bob.say("four")
    await ann.live()
    await ann.shows("welcome", "one", "three", "four")
    await expect(ann.gap).to_have_count(0)


@pytest.mark.gen_test(timeout=60)
async def test_a_title_and_a_topic_change_on_every_open_page_as_on_a_fresh_one(
    visitors: Visitors,
) -> None:
    ann, bob = await owner(visitors), await visitors.enter("tea")
    await expect(bob.page.locator(".bar h1")).to_have_text("Room tea")
    page = ann.page
    await page.goto(visitors.room("tea") + "/order")
    for title, topic, heading in [
        ("The Tea House", "Green, white", "The Tea House"),
        ("", "Black", "Room tea"),
        ("茶馆", "", "茶馆"),
    ]:
        await page.get_by_label("Title").fill(title)
        await page.get_by_label("Topic").fill(topic)
        await press(page, "Save")
        await expect(bob.page).to_have_title(heading)
        await expect(bob.page.locator(".bar h1")).to_have_text(heading, use_inner_text=True)
        if topic:
            await expect(bob.topic).to_have_text(topic)
        else:
            await expect(bob.topic).to_be_hidden()
        fresh = await visitors.enter("tea")
        for place in (".bar h1", ".bar .topic"):
            texts = [await it.page.locator(place).inner_text() for it in (bob, fresh)]
            assert texts[0] == texts[1]
        assert await bob.page.title() == await fresh.page.title()


@pytest.mark.gen_test(timeout=60)
async def test_a_title_that_changes_while_nobody_looks_keeps_the_count(
    visitors: Visitors, api: Api
) -> None:
    await api.say("welcome", "tea")
    bob = await visitors.enter("tea")
    await bob.hide()
    await api.say("news", "tea")
    await expect(bob.page).to_have_title("(1) Room tea")
    await api.run("tea", title="Tea")
    await expect(bob.page).to_have_title("(1) Tea")
    await bob.show()
    await expect(bob.page).to_have_title("Tea")


@pytest.mark.gen_test(timeout=90)
async def test_everything_is_done_without_javascript(visitors: Visitors, api: Api) -> None:
    visitors.watch.expect("404 (")
    ann = await visitors.enter("tea", java_script_enabled=False)
    await ann.field.fill("welcome")
    await press(ann.page, "Send")
    await api.say("I am here", "tea")
    page = ann.page
    await page.get_by_role("link", name="About this room").click()
    await page.get_by_label("Title").fill("Tea house")
    await page.get_by_label("Who may come in").select_option("private")
    await page.get_by_role("button", name="Save").click()
    await expect(page.get_by_text("Only members can see this room.")).to_be_visible()
    assert (await api.get("/a/room/tea")).status == 404
    await page.get_by_role("button", name="Make a link").click()
    link = await page.get_by_label("Link").input_value()
    bob = await visitors.new(java_script_enabled=False)
    guest = await bob.new_page()
    await guest.goto(link)
    await expect(guest.get_by_role("heading", name="Tea house")).to_be_visible()
    await guest.get_by_role("button", name="Come in").click()
    await expect(guest.locator(".log .text").first).to_have_text("welcome")
    await page.goto(visitors.room("tea"))
    await ann.lines.filter(has_text="I am here").locator(".at").click()
    await page.get_by_role("button", name="Delete the message").click()
    await ann.shows("welcome")
    await page.get_by_role("link", name="About this room").click()
    await page.locator("summary").click()
    await press(page, "Kick out")
    await guest.reload()
    await expect(guest.locator("input[type=password]")).to_be_visible()


def _polls(addresses: list[str]) -> int:
    """How many of them are polls; what was read may still be told."""
    return sum(it.endswith("/a/message/updates") for it in addresses)
