"""Looking for what was said, with JavaScript and without."""

from __future__ import annotations

import re

import pytest
from playwright.async_api import Page

from tests.api import Api
from tests.browser.axe import barriers
from tests.browser.chromium import expect
from tests.browser.visitors import Visitors


@pytest.mark.parametrize("javascript", [True, False])
@pytest.mark.gen_test(timeout=60)
async def test_one_looks_in_a_room_and_comes_to_the_message(
    visitors: Visitors, api: Api, javascript: bool
) -> None:
    said = await api.say("The *green* tea, 北京的天气")
    await api.say("coffee")
    room = await visitors.enter(java_script_enabled=javascript)
    page = room.page
    await page.get_by_role("link", name="Search in this room").click()
    await page.get_by_label("Words").fill("tea 天气")
    await page.get_by_label("Words").press("Enter")
    await expect(page.locator("mark")).to_have_text(["tea", "天气"])
    await expect(page.get_by_label("Words")).to_have_value("tea 天气")
    await page.wait_for_load_state()  # without its sheet a line lies elsewhere
    await page.get_by_text("The *green*").click(force=True)  # all of the line leads there
    await page.wait_for_url(f"**/room/7?at={said['id']}")


@pytest.mark.gen_test(timeout=60)
async def test_one_looks_in_all_of_ones_rooms_by_keyboard(visitors: Visitors, api: Api) -> None:
    room = await visitors.enter("tea")
    await room.say("hello from me")
    await room.shows("hello from me")
    await api.say("hello from elsewhere", "8")
    await room.page.goto(visitors.url)
    await room.page.get_by_role("link", name="Search").press("Enter")
    await room.page.keyboard.press("Tab")
    await room.page.get_by_label("Words").fill("hello")
    await room.page.keyboard.press("Enter")
    await expect(room.page.locator(".found li")).to_have_count(1)
    await expect(room.page.locator(".where")).to_have_text("tea")
    await room.page.locator(".found li a").focus()
    await room.page.keyboard.press("Enter")
    await room.page.wait_for_url("**/room/tea?at=*")


@pytest.mark.parametrize("locale", ["en-US", "zh-CN"])
@pytest.mark.gen_test(timeout=120)
async def test_no_state_of_it_is_a_barrier_or_wider_than_the_window(
    visitors: Visitors, api: Api, locale: str
) -> None:
    visitors.watch.expect("400 (", "does not conform")
    room = await visitors.enter(locale=locale)
    for text in ("tea " + "W" * 300, "茶 tea " + "字" * 400, "tea Z" + "\u0351" * 200, "tea مرحبا"):
        await api.say(text)
    for n in range(20):
        await api.say(f"tea {n}")
    page = room.page
    for query in ("", "?room=7", "?room=7&q=tea", "?room=7&q=none", "?room=7&q=!", "?q=tea&from=x"):
        await page.goto(f"{visitors.url}/search{query}")
        await _fits(page)
    await page.goto(f"{visitors.url}/search?room=7&q=tea&author={'W' * 100}")
    await _fits(page)


async def _fits(page: Page) -> None:
    for width in (1280, 320):
        await page.set_viewport_size({"width": width, "height": 640})
        for scheme in ("light", "dark"):
            await page.emulate_media(color_scheme=scheme)
            assert await barriers(page) == [], f"{page.url}, {scheme}, {width} px"
        assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth")


@pytest.mark.gen_test(timeout=60)
async def test_who_reads_chinese_looks_in_chinese(visitors: Visitors, api: Api) -> None:
    await api.say("你好，世界")
    room = await visitors.enter(locale="zh-CN")
    await room.page.get_by_role("link", name="在此房间中搜索").click()
    await room.page.get_by_label("关键词").fill("世界")
    await room.page.get_by_role("button", name="搜索").click()
    await expect(room.page.locator("mark")).to_have_text("世界")
    await room.page.wait_for_load_state()
    words = await room.page.locator("main").inner_text()
    assert not re.search(r"\b(Search|Words|Found|From|Until|Where|Said)\b", words)
