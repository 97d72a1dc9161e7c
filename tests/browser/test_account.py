"""An account as a person meets it: a name that is kept, the same person in another browser, and the end of it."""

from __future__ import annotations

import re
from typing import Any

import pytest
from playwright.async_api import Page

from tests.browser.axe import barriers
from tests.browser.chromium import expect
from tests.browser.room_page import RoomPage
from tests.browser.test_narrow import OVERFLOWING
from tests.browser.visitors import Visitors
from tests.server_process import ServerProcess

SECRET, OTHER = "a walk in the fog", "a nap in the rain"

WAYS = pytest.mark.parametrize("script", [True, False], ids=["script", "no script"])


async def keep_name(room: RoomPage, name: str) -> None:
    """From a room to the page of one's own, and back with a name and a password."""
    await room.naming.click()
    await room.page.get_by_role("link", name="Keep this name").click()
    await room.page.get_by_label("Your name", exact=True).fill(name)
    await room.page.get_by_label("Password", exact=True).fill(SECRET)
    await room.page.get_by_role("button", name="Keep this name").click()
    await expect(room.page.get_by_role("heading", level=1)).to_have_text(f"You are {name}")


async def sign_in(page: Page, name: str, password: str = SECRET) -> None:
    await page.get_by_label("Your name", exact=True).fill(name)
    await page.get_by_label("Password", exact=True).fill(password)
    await page.get_by_role("button", name="Sign in").click()


async def who(room: RoomPage) -> str | None:
    """The id of who writes in the room."""
    return await room.page.locator("#main").get_attribute("data-me")


@WAYS
@pytest.mark.gen_test(timeout=90)
async def test_one_keeps_a_name_and_is_the_same_person_in_another_browser(
    visitors: Visitors, script: bool
) -> None:
    visitors.watch.expect("401 (")  # until the next page comes, the one before may still ask
    here = await visitors.enter(java_script_enabled=script)
    me = await who(here)
    await keep_name(here, "Ännchen 安")
    there = await visitors.enter("茶馆", java_script_enabled=script)
    assert await who(there) != me
    await there.naming.click()
    await there.page.get_by_role("link", name="Sign in").click()
    await sign_in(there.page, "ännchen 安")
    await expect(there.naming).to_contain_text("Ännchen 安")
    assert there.page.url == visitors.room("茶馆")
    assert await who(there) == me
    await there.field.fill("hello")
    await there.send.click()
    await there.shows("hello")
    await expect(there.page.locator(".log .author")).to_have_text(["Ännchen 安"])
    await there.naming.click()
    await there.page.get_by_role("button", name="Sign out").click()
    await expect(there.naming).to_contain_text("guest-")
    assert there.page.url == visitors.room("茶馆")
    assert await who(there) != me
    await here.page.goto(visitors.room("7"))
    assert await who(here) == me


@WAYS
@pytest.mark.gen_test(timeout=90)
async def test_who_mistypes_the_password_goes_back_to_the_form_and_their_name_is_there(
    visitors: Visitors, script: bool
) -> None:
    visitors.watch.expect("401 (")
    ann = await visitors.enter(java_script_enabled=script)
    await keep_name(ann, "Ann")
    page = await (await visitors.new(java_script_enabled=script)).new_page()
    await page.goto(f"{visitors.url}/sign-in?next=/room/7")
    await sign_in(page, "Ann", OTHER)
    await expect(page.get_by_role("heading")).to_have_text("The name or the password is wrong.")
    await page.get_by_role("link", name="Go back").click()
    await expect(page.get_by_label("Your name", exact=True)).to_have_value("Ann")
    await expect(page.get_by_label("Password", exact=True)).to_have_value("")
    await page.get_by_label("Password", exact=True).fill(SECRET)
    await page.get_by_role("button", name="Sign in").click()
    await expect(page).to_have_url(visitors.room("7"))


@pytest.mark.gen_test(timeout=90)
async def test_one_changes_the_password_ends_sessions_and_makes_a_token(
    visitors: Visitors,
) -> None:
    visitors.watch.expect("403 (")
    ann = await visitors.enter()
    page = ann.page
    await keep_name(ann, "Ann")
    await page.get_by_label("Password until now", exact=True).fill(OTHER)
    await page.get_by_label("New password", exact=True).fill(OTHER)
    await page.get_by_role("button", name="Change the password").click()
    await expect(page.get_by_role("heading")).to_have_text("That is not your password.")
    await page.get_by_role("link", name="Go back").click()
    await page.get_by_label("Password until now", exact=True).fill(SECRET)
    await page.get_by_label("New password", exact=True).fill(OTHER)
    await page.get_by_role("button", name="Change the password").click()
    await expect(page.get_by_role("status")).to_contain_text("Your password is changed")
    await page.get_by_label("What the program is called").fill("weather")
    await page.get_by_role("button", name="Make a token").click()
    await expect(page.get_by_label("Token", exact=True)).to_have_value(re.compile(r"^[\w-]{43}$"))
    await page.get_by_role("link", name="Your account").click()
    sessions = page.locator(".sessions li")
    await expect(sessions).to_have_count(2)
    await page.get_by_role("button", name="End weather").click()
    await expect(sessions).to_have_count(1)


@pytest.mark.gen_test(timeout=90)
async def test_one_deletes_the_account_and_what_was_written(visitors: Visitors) -> None:
    ann = await visitors.enter()
    await ann.say("what I said")
    await ann.shows("what I said")
    await keep_name(ann, "Ann")
    page = ann.page
    await page.get_by_text("Delete the account", exact=True).click()
    await page.get_by_label("is deleted in all rooms").check()
    await page.locator("#proof").fill(SECRET)
    await page.get_by_role("button", name="Delete the account for good").click()
    await expect(page).to_have_url(f"{visitors.url}/")
    await expect(page.get_by_role("link", name="Sign in")).to_be_visible()
    bob = await visitors.enter()
    await expect(bob.page.get_by_text("what I said")).to_have_count(0)


@pytest.mark.gen_test(timeout=90)
async def test_the_first_administrator_comes_by_the_link(
    visitors: Visitors, server: ServerProcess
) -> None:
    visitors.watch.expect("404 (")
    link = printed_link(server)
    page = await (await visitors.new()).new_page()
    await page.goto(link)
    await page.get_by_label("Your name", exact=True).fill("Chief")
    await page.get_by_label("Password", exact=True).fill(SECRET)
    await page.get_by_role("button", name="Become the administrator").click()
    await expect(page.get_by_text("You are an administrator.")).to_be_visible()
    await page.goto(link)
    await expect(page.get_by_role("heading")).to_have_text("There is nothing here.")


@pytest.mark.parametrize("locale", ["en-US", "zh-CN"])
@pytest.mark.parametrize("width", [320, 1280])
@pytest.mark.gen_test(timeout=180)
async def test_no_page_of_an_account_is_a_barrier_or_sticks_out(
    visitors: Visitors, server: ServerProcess, locale: str, width: int
) -> None:
    link = printed_link(server)
    room = await visitors.enter(locale=locale, **_device(width))
    page = room.page
    for address in ("/", "/me", "/sign-in", link.removeprefix(server.url)):
        await page.goto(visitors.url + address)
        await _fits(page)
    await page.goto(f"{visitors.url}/me")
    await page.locator("#name").fill("W" * 32)
    await page.locator("#password").fill(SECRET)
    await page.locator(".primary").click()
    await expect(page.locator("details")).to_be_visible()
    await page.locator("#token").fill("M" * 32)
    await page.locator("#token + button").click()
    await expect(page.locator(".secret")).to_be_visible()
    await _fits(page)
    await page.goto(f"{visitors.url}/me?changed=1")
    await page.locator("details summary").click()
    await _fits(page)
    await page.goto(f"{visitors.url}/sign-in")
    await _fits(page)
    await page.goto(visitors.room("7"))
    await room.live()
    await room.naming.click()
    await expect(room.name).to_be_in_viewport(ratio=1)
    await expect(
        page.get_by_role("link", name=re.compile("Your account|您的账号"))
    ).to_be_in_viewport()
    await _fits(page)


def printed_link(server: ServerProcess) -> str:
    """Where the first administrator begins, as the server says."""
    out = server._running().stdout
    assert out is not None
    return out.readline().strip().partition(": ")[2]


def _device(width: int) -> dict[str, Any]:
    phone = width < 600
    size = {"width": width, "height": 568 if phone else 800}
    return {"viewport": size, "is_mobile": phone, "has_touch": phone}


async def _fits(page: Page) -> None:
    """Nothing is wider than the window, and nothing is a barrier, in light and dark."""
    await page.wait_for_load_state()
    assert await page.evaluate(OVERFLOWING) == []
    assert await page.evaluate("document.scrollingElement.scrollWidth <= innerWidth")
    for scheme in ("light", "dark"):
        await page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
        assert await barriers(page) == []
