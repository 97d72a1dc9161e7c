"""With JavaScript switched off: reading, writing, a name, older messages, errors."""

from __future__ import annotations

import pytest

from tests.api import Api
from tests.browser.chromium import expect
from tests.browser.room_page import RoomPage
from tests.browser.visitors import Visitors


@pytest.mark.gen_test(timeout=60)
async def test_one_comes_in_by_the_entrance_reads_and_writes_and_is_back_in_the_room(
    visitors: Visitors, api: Api
) -> None:
    await api.say("from a program")
    browser = await visitors.new(java_script_enabled=False)
    ann = RoomPage(await browser.new_page())
    await ann.page.goto(visitors.url)
    await ann.page.get_by_label("Room", exact=True).fill("7")
    await ann.page.get_by_role("button", name="Enter").click()
    await ann.shows("from a program")
    await ann.field.fill("two\nlines")
    await ann.send.click()
    await ann.shows("from a program", "two lines")
    assert ann.page.url == visitors.room("7")
    await expect(ann.field).to_have_value("")
    await expect(ann.lines.last).to_have_class("line own")
    await expect(ann.lines.last).to_be_in_viewport()


@pytest.mark.gen_test(timeout=60)
async def test_the_name_can_be_changed_and_the_next_message_has_it(visitors: Visitors) -> None:
    ann = await visitors.enter(java_script_enabled=False)
    await ann.rename("Ännchen 安")
    assert ann.page.url == visitors.room("7")
    await expect(ann.naming).to_contain_text("Ännchen 安")
    await ann.field.fill("hello")
    await ann.send.click()
    await expect(ann.page.locator(".log .author")).to_have_text(["Ännchen 安"])


@pytest.mark.gen_test(timeout=60)
async def test_a_link_loads_what_has_been_said_since(visitors: Visitors, api: Api) -> None:
    ann = await visitors.enter(java_script_enabled=False)
    await api.say("new")
    await ann.shows()
    await ann.page.get_by_role("link", name="Load the latest messages").click()
    await ann.shows("new")


@pytest.mark.gen_test(timeout=60)
async def test_a_link_leads_to_older_messages_until_there_are_no_older_ones(
    visitors: Visitors, api: Api
) -> None:
    said = [f"message {n}" for n in range(120)]
    for body in said:
        await api.say(body)
    ann = await visitors.enter(java_script_enabled=False)
    await ann.shows(*said[70:])
    await expect(ann.gap).to_have_text("Show 70 earlier messages")
    await ann.gap.click()
    await ann.shows(*said[20:70])
    await ann.gap.click()
    await ann.shows(*said[:20])
    await expect(ann.gap).to_have_count(0)
    await ann.page.get_by_role("link", name="Load the latest messages").click()
    await ann.shows(*said[70:])


@pytest.mark.gen_test(timeout=60)
async def test_a_text_that_is_too_long_is_on_the_error_page_and_one_can_go_back(
    visitors: Visitors,
) -> None:
    visitors.watch.expect("400 (")
    ann = await visitors.enter(java_script_enabled=False)
    text = "\n<b>&amp; " + "x" * 4000
    await ann.field.fill(text)
    await ann.send.click()
    await expect(ann.page.get_by_role("heading")).to_have_text(
        "A message has at most 4000 characters."
    )
    await expect(ann.page.locator("#draft")).to_have_value(text)
    await ann.page.get_by_role("link", name="Go back").click()
    await expect(ann.field).to_be_visible()
    assert ann.page.url == visitors.room("7")


@pytest.mark.gen_test(timeout=60)
async def test_on_its_page_a_message_is_edited_reacted_to_and_answered(visitors: Visitors) -> None:
    ann = await visitors.enter(java_script_enabled=False)
    await ann.field.fill("*helo*")
    await ann.send.click()
    await ann.shows("helo")
    page = await ann.message("helo")
    edit = page.get_by_label("In other words")
    await expect(edit).to_have_value("*helo*")
    await edit.fill("hello")
    await page.get_by_role("button", name="Save").click()
    await expect(page.locator(".text")).to_have_text("hello")
    await page.get_by_role("button", name="🎉").click()
    await expect(page.locator(".reactions li")).to_have_text(["🎉 1"])
    await page.get_by_role("button", name="🎉").click()
    await expect(page.locator(".reactions")).to_have_count(0)
    await page.get_by_label("Answer").fill("to myself")
    await page.get_by_role("button", name="Send").click()
    await ann.shows("hello", "to myself")
    await expect(ann.page.locator(".quoted")).to_have_count(1)


@pytest.mark.gen_test(timeout=60)
async def test_nothing_is_offered_that_only_javascript_can_do(visitors: Visitors, api: Api) -> None:
    await api.say("hello")
    ann = await visitors.enter(java_script_enabled=False)
    buttons = ann.page.get_by_role("button")
    assert await buttons.all_inner_texts() == ["Send", "How to write"]
    await expect(ann.strip).to_be_hidden()
