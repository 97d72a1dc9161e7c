"""Two languages of the page, every language of the people."""

from __future__ import annotations

import re
from urllib.parse import quote

import pytest
from playwright.async_api import Page

from tests.api import Api
from tests.browser.chromium import expect
from tests.browser.visitors import Visitors

#: Words that are the same in Chinese.
_INTERNATIONAL = {
    "Enter",
    "Escape",
    "Shift",
    "Markdown",
    "JavaScript",
    "https",
    "nick",
    "topic",
    "help",
}


@pytest.mark.gen_test(timeout=60)
async def test_who_reads_chinese_sees_chinese_everywhere(visitors: Visitors, api: Api) -> None:
    visitors.watch.expect("400 (")
    for n in range(60):
        await api.say(str(n))
    browser = await visitors.new(locale="zh-CN")
    room = await visitors.tab(browser)
    await expect(room.field).to_have_attribute("placeholder", "说点什么")
    await expect(room.gap).to_have_text("显示之前的 10 条消息")
    await _all_in_chinese(room.page)
    await room.page.goto(visitors.url)
    await expect(room.page.get_by_role("button")).to_have_text("进入")
    await _all_in_chinese(room.page)
    await room.page.goto(visitors.room("<>"))
    await expect(room.page.get_by_role("heading")).to_contain_text("房间名由")
    await _all_in_chinese(room.page)


@pytest.mark.gen_test(timeout=60)
async def test_a_chinese_page_without_javascript_is_chinese(visitors: Visitors) -> None:
    visitors.watch.expect("400 (")
    room = await visitors.enter(locale="zh-CN", java_script_enabled=False)
    await expect(room.page.get_by_role("link", name="加载最新消息")).to_be_visible()
    await _all_in_chinese(room.page)
    await room.field.fill("长" * 4001)
    await room.send.click()
    await expect(room.page.get_by_role("heading")).to_have_text("消息最多 4000 个字符。")
    await _all_in_chinese(room.page)


@pytest.mark.gen_test(timeout=60)
async def test_what_the_page_says_later_is_chinese_too(visitors: Visitors, api: Api) -> None:
    visitors.watch.expect("ERR_FAILED")
    room = await visitors.enter(locale="zh-CN", alone=True)
    await room.say("字" * 3990)
    await room.shows("字" * 3990)
    await room.field.fill("字" * 3999)
    await expect(room.page.locator("#body-left")).to_have_text("还可输入 1 个字符")
    await room.page.route("**/a/**", lambda route: route.abort())
    await api.say("这一句还会到")
    await room.say("这一句不会")
    await expect(room.strip).to_contain_text("连接已断开。")
    await expect(room.echoes).to_contain_text(["正在发送……"])
    await _all_in_chinese(room.page)


@pytest.mark.gen_test(timeout=60)
async def test_a_name_is_changed_in_place_and_the_next_message_has_it(visitors: Visitors) -> None:
    ann, bob = await visitors.enter(), await visitors.enter()
    await ann.say("as a guest")
    await bob.shows("as a guest")
    await ann.rename("安 Änn أنا")
    await expect(ann.naming).to_contain_text("安 Änn أنا")
    await expect(ann.naming).to_be_focused()
    await ann.say("as Ann")
    await expect(bob.page.locator(".log .author").last).to_have_text("安 Änn أنا")
    await expect(ann.page.locator(".log .author").last).to_have_text("安 Änn أنا")
    await expect(bob.page.locator(".log .author").first).not_to_have_text("安 Änn أنا")


@pytest.mark.gen_test(timeout=60)
async def test_a_name_that_is_refused_stays_in_its_field_with_the_reason(
    visitors: Visitors,
) -> None:
    visitors.watch.expect("400 (")
    ann = await visitors.enter()
    await ann.ask_for("x" * 33)
    await expect(ann.page.get_by_role("alert")).to_have_text(
        "A name has 1 to 32 visible characters."
    )
    await expect(ann.name).to_have_value("x" * 33)
    await ann.name.fill("Ann")
    await ann.name.press("Enter")
    await expect(ann.naming).to_contain_text("Ann")


@pytest.mark.gen_test(timeout=60)
@pytest.mark.parametrize("room", ["大厅", "مقهى"])
async def test_every_script_arrives_as_it_was_written_and_reads_in_its_direction(
    visitors: Visitors, room: str
) -> None:
    ann, bob = await visitors.enter(room), await visitors.enter(room)
    said = ["你好，世界！", "👩‍👩‍👧‍👦 🇨🇳 👍🏽", "مرحبا بالعالم", "שלום 123", "Zürich é é"]
    for line in said:
        await ann.say(line)
    for it in (ann, bob):
        await it.shows(*said)
        directions = await it.texts.evaluate_all(
            "(texts) => texts.map((text) => getComputedStyle(text).direction)"
        )
        assert directions == ["ltr", "ltr", "rtl", "rtl", "ltr"]
    assert ann.page.url == f"{visitors.url}/room/{quote(room)}"


async def _all_in_chinese(page: Page) -> None:
    """Nothing on the page, for eyes or for ears, is in English. What people said does not count."""
    await expect(page.locator("html")).to_have_attribute("lang", "zh-CN")
    seen = await page.evaluate(
        """() => {
            const copy = document.body.cloneNode(true);
            copy.querySelectorAll("bdi, .text, noscript:not(:has(*))").forEach((it) => it.remove());
            const told = [...document.querySelectorAll("[aria-label], [placeholder], [title]")]
                .map((it) => [it.ariaLabel, it.placeholder, it.title]);
            return [document.title, copy.textContent, ...told.flat()].join(" ");
        }"""
    )
    assert set(re.findall(r"[A-Za-z]{3,}", seen)) <= _INTERNATIONAL
