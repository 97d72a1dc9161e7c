"""Names, emoji and commands are completed, by every key and by touch, and never in the way of an input method."""

from __future__ import annotations

import pytest
from playwright.async_api import CDPSession, Locator

from tests.api import Api
from tests.browser.axe import barriers
from tests.browser.chromium import expect
from tests.browser.room_page import RoomPage
from tests.browser.visitors import Visitors


@pytest.mark.gen_test(timeout=60)
@pytest.mark.parametrize("key", ["Enter", "Tab"])
async def test_a_name_is_completed_by_keyboard_and_what_is_sent_speaks_to_them(
    visitors: Visitors, api: Api, key: str
) -> None:
    """Ann is no longer here; she has spoken."""
    await api.say("hello")
    bob = await visitors.enter()
    await bob.field.press_sequentially("good morning @a")
    await expect(_options(bob)).to_have_text(["Ann@ann"])
    await expect(bob.field).to_have_role("combobox")
    await expect(bob.field).to_have_attribute("aria-activedescendant", "completions-0")
    await bob.field.press(key)
    await expect(bob.field).to_have_value("good morning @ann ")
    await expect(bob.field).to_be_focused()
    await expect(bob.field).to_have_role("textbox")
    await bob.field.press("Enter")
    await bob.shows("hello", "good morning @ann")


@pytest.mark.gen_test(timeout=60)
async def test_whom_one_ignores_is_not_offered_though_they_are_here(visitors: Visitors) -> None:
    ann, bob = await visitors.enter(), await visitors.enter()
    for room, name in ((ann, "Ann"), (bob, "Bob")):
        await room.rename(name)
        await room.say(f"I am {name}")
        await expect(ann.texts.last).to_have_text(f"I am {name}")
    await expect(ann.page.locator(".here")).to_contain_text("Bob")
    await ann.field.press_sequentially("@")
    await expect(_options(ann)).to_have_text(["Bob@bob"])
    await ann.field.fill("")
    await ann.page.locator(".author[role=button]").click()
    await ann.page.get_by_role("button", name="Ignore", exact=True).click()
    await expect(ann.lines.nth(1)).to_be_hidden()
    await ann.field.press_sequentially("@b")
    await expect(_options(ann).first).to_be_hidden()
    await ann.field.fill("")
    await ann.field.press_sequentially(":+1")
    await expect(_options(ann)).to_have_count(1)


@pytest.mark.gen_test(timeout=60)
async def test_the_arrows_choose_escape_leaves_and_a_finished_word_lets_enter_send(
    visitors: Visitors,
) -> None:
    ann = await visitors.enter()
    await ann.field.press_sequentially("/")
    await expect(_options(ann)).to_have_count(4)
    await expect(_active(ann)).to_have_count(0)
    for key, active in (("ArrowDown", "/nick"), ("ArrowDown", "/me"), ("ArrowUp", "/nick")):
        await ann.field.press(key)
        await expect(_active(ann)).to_contain_text(active)
    await ann.field.press("ArrowUp")
    await expect(_active(ann)).to_contain_text("/help")
    await ann.field.press("Escape")
    await expect(_options(ann)).to_have_count(4)
    await expect(_options(ann).first).to_be_hidden()
    await ann.field.fill("")
    await ann.field.press_sequentially("yes :+1")
    await ann.field.press("Enter")
    await expect(ann.field).to_have_value("yes 👍")
    await ann.field.press_sequentially(" at 10:30")
    await ann.field.press("Enter")
    await ann.shows("yes 👍 at 10:30")


@pytest.mark.gen_test(timeout=60)
async def test_a_touch_completes_and_the_keyboard_of_the_phone_stays(visitors: Visitors) -> None:
    ann = await visitors.enter(has_touch=True)
    await ann.field.press_sequentially(":火")
    await _options(ann).get_by_text("🚀").tap()
    await expect(ann.field).to_have_value("🚀")
    await expect(ann.field).to_be_focused()


@pytest.mark.gen_test(timeout=60)
async def test_nothing_is_offered_while_an_input_method_composes(
    visitors: Visitors, api: Api
) -> None:
    await api.post("/a/session", {"name": "林梅"})
    await api.say("你好")
    ann = await visitors.enter()
    await ann.field.press_sequentially("@")
    await expect(_options(ann).first).to_be_visible()
    devtools = await ann.page.context.new_cdp_session(ann.page)
    await _compose(devtools, "lin")
    await expect(_options(ann).first).to_be_hidden()
    for key, code in (("Process", 229), ("Enter", 13)):
        await _press(devtools, key, code)
    await expect(ann.field).to_have_value("@lin")
    await expect(ann.lines).to_have_count(1)
    await devtools.send("Input.insertText", {"text": "林"})
    await expect(_active(ann)).to_have_text("林梅@林梅")
    await _press(devtools, "Enter", 229)  # Safari's, which ends the composition
    await expect(ann.field).to_have_value("@林")
    await expect(ann.lines).to_have_count(1)
    await ann.field.press("Enter")
    await expect(ann.field).to_have_value("@林梅 ")


@pytest.mark.gen_test(timeout=60)
async def test_names_are_shown_as_they_are_written(visitors: Visitors, api: Api) -> None:
    name = "<img src=x id=x>"
    await api.post("/a/session", {"name": name})
    await api.say("hello")
    ann = await visitors.enter()
    await ann.field.press_sequentially("@im")
    await expect(_options(ann).locator("bdi").first).to_have_text(name)
    await expect(ann.page.locator("#x")).to_have_count(0)


@pytest.mark.gen_test(timeout=60)
async def test_the_commands(visitors: Visitors) -> None:
    ann, bob = await visitors.enter("tea"), await visitors.enter("tea")
    await ann.say("hello")
    await ann.shows("hello")
    await bob.say("/nick Bobby")
    await expect(bob.naming).to_contain_text("Bobby")
    await expect(bob.field).to_have_value("")
    await expect(bob.field).to_be_focused()
    await bob.say("/me waves")
    await bob.say("//me is a command")
    await ann.shows("hello", "waves", "/me is a command")
    await expect(ann.texts.nth(1).locator("em")).to_have_text("waves")
    await ann.say("/topic Green tea")
    await expect(bob.topic).to_have_text("Green tea")
    await ann.say("/help ")
    help_ = ann.page.locator("#formatting")
    await expect(help_).to_be_visible()
    await ann.page.keyboard.press("Escape")
    await expect(help_).to_be_hidden()
    await expect(ann.field).to_be_focused()


@pytest.mark.gen_test(timeout=60)
async def test_what_a_command_cannot_do_is_said_and_the_text_stays(visitors: Visitors) -> None:
    visitors.watch.expect("403 (", "400 (")
    ann, bob = await visitors.enter("tea"), await visitors.enter("tea")
    await ann.say("mine")
    await bob.shows("mine")
    alert = bob.page.locator(".unsaid")
    for text, words in (
        ("/<b>slap", "There is no command /<b>slap."),
        ("/nick ", "/nick needs something after it."),
        ("/topic Mine now", "may not"),
        ("/nick " + "x" * 33, "A name has 1 to 32 visible characters."),
    ):
        await bob.say(text)
        await expect(alert).to_contain_text(words)
        await expect(bob.field).to_have_value(text)
    await bob.field.press_sequentially("y")
    await expect(alert).to_be_hidden()
    await bob.shows("mine")


@pytest.mark.gen_test(timeout=60)
async def test_nothing_of_it_is_a_barrier(visitors: Visitors, api: Api) -> None:
    await api.say("hello")
    for scheme in ("light", "dark"):
        viewport = {"width": 320, "height": 640}
        ann = await visitors.enter(color_scheme=scheme, viewport=viewport)
        await ann.field.press_sequentially("@a")
        await expect(_active(ann)).to_be_visible()
        assert await barriers(ann.page) == []
        await ann.say("/none")
        await expect(ann.page.locator(".unsaid")).to_be_visible()
        assert await barriers(ann.page) == []
        await ann.say("/help ")
        await expect(ann.page.locator("#formatting")).to_be_visible()
        assert await barriers(ann.page) == []


def _options(room: RoomPage) -> Locator:
    return room.page.locator("#completions li")


def _active(room: RoomPage) -> Locator:
    return room.page.locator("#completions:not([hidden]) [aria-selected=true]")


async def _compose(devtools: CDPSession, text: str) -> None:
    end = len(text)
    composition = {"text": text, "selectionStart": end, "selectionEnd": end}
    await devtools.send("Input.imeSetComposition", composition)


async def _press(devtools: CDPSession, key: str, code: int) -> None:
    await devtools.send(
        "Input.dispatchKeyEvent",
        {"type": "rawKeyDown", "key": key, "code": key, "windowsVirtualKeyCode": code},
    )
