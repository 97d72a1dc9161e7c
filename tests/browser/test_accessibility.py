"""No page in any state is a barrier: light or dark, wide or narrow, in either language, with JavaScript or without."""

from __future__ import annotations

import asyncio

import pytest
from playwright.async_api import Page, Route

from tests.api import Api
from tests.browser.axe import barriers
from tests.browser.chromium import expect
from tests.browser.room_page import RoomPage
from tests.browser.visitors import Visitors
from tests.server_process import ServerProcess

LANGUAGES = pytest.mark.parametrize("locale", ["en-US", "zh-CN"])


@LANGUAGES
@pytest.mark.gen_test(timeout=90)
async def test_the_entrance_and_the_error_page(visitors: Visitors, api: Api, locale: str) -> None:
    visitors.watch.expect("404 (")
    await api.say("hello")
    await api.say("你好", room="大厅")
    await visitors.enter(locale=locale)
    page = await (await visitors.new(locale=locale)).new_page()
    await page.goto(visitors.url)
    await expect(page.locator(".listening")).to_have_count(1)
    await _no_barriers(page)
    await page.goto(f"{visitors.url}/nowhere")
    await _no_barriers(page)


@LANGUAGES
@pytest.mark.gen_test(timeout=90)
async def test_the_error_page_that_holds_a_text(visitors: Visitors, locale: str) -> None:
    visitors.watch.expect("400 (")
    room = RoomPage(await (await visitors.new(locale=locale)).new_page())
    await room.page.route("**/room/7", _without_script)
    await room.page.goto(visitors.room("7"))
    await room.field.fill("x" * 4001)
    await room.send.click()
    await expect(room.page.locator("#draft")).to_be_visible()
    await _no_barriers(room.page)


@LANGUAGES
@pytest.mark.gen_test(timeout=90)
async def test_a_room_empty_and_full_and_with_a_gap(
    visitors: Visitors, api: Api, locale: str
) -> None:
    visitors.watch.expect("ERR_FAILED")
    room = await visitors.enter(locale=locale)
    await _no_barriers(room.page)
    for n in range(60):
        await api.say(f"{n}: `code`, a [link](https://example.com/), *and* more")
    await room.say("> a quotation\n\n    and a block of code")
    await expect(room.lines).to_have_count(61)
    await _no_barriers(room.page)
    await room.page.route("**/messages?**", lambda route: route.abort())
    await room.page.reload()
    await room.live()
    await room.scroll_up()
    await expect(room.gap).to_be_in_viewport()
    await api.say("news")
    await expect(room.arrivals).to_be_visible()
    await _no_barriers(room.page)


@LANGUAGES
@pytest.mark.gen_test(timeout=90)
async def test_a_room_without_a_connection_and_with_texts_that_are_not_sent(
    visitors: Visitors, server: ServerProcess, locale: str
) -> None:
    visitors.watch.expect("ERR_", "400 (")
    room = await visitors.enter(locale=locale)
    await room.page.route("**/a/message/new", lambda route: route.fulfill(status=400))
    await room.say("refused")
    await expect(room.echoes).to_have_attribute("data-state", "failed")
    await room.page.unroute("**/a/message/new")
    await asyncio.to_thread(server.kill)
    await room.cut_off()
    await room.say("waiting")
    await expect(room.strip).to_be_visible()
    await expect(room.echoes.last.get_by_role("status")).to_be_visible()
    await _no_barriers(room.page)


@LANGUAGES
@pytest.mark.gen_test(timeout=90)
async def test_a_room_while_the_name_is_changed_and_a_text_is_too_long(
    visitors: Visitors, locale: str
) -> None:
    visitors.watch.expect("400 (")
    room = await visitors.enter(locale=locale)
    await room.field.fill("x" * 4001)
    await room.rename("x" * 33)
    await expect(room.page.get_by_role("alert")).to_be_visible()
    await _no_barriers(room.page)


@LANGUAGES
@pytest.mark.gen_test(timeout=90)
async def test_a_room_without_javascript(visitors: Visitors, api: Api, locale: str) -> None:
    """What judges the page is a script itself. So the page's own is left out, and what replaces it is shown."""
    for n in range(60):
        await api.say(str(n))
    room = RoomPage(await (await visitors.new(locale=locale)).new_page())
    await room.page.route("**/room/7", _without_script)
    await room.page.goto(visitors.room("7"))
    await expect(room.page.locator(".notice")).to_be_visible()
    await expect(room.gap).to_be_attached()
    await _no_barriers(room.page)


@LANGUAGES
@pytest.mark.gen_test(timeout=120)
async def test_the_pages_around_a_room(visitors: Visitors, api: Api, locale: str) -> None:
    visitors.watch.expect("404 (")
    room = await visitors.enter("tea", locale=locale)
    await room.say("mine")
    await room.shows("mine")
    for body in ("one", "two"):
        said = await api.say(body, "tea")
    page, me = room.page, await room.me()
    await page.goto(f"{visitors.room('tea')}/message/{said['id']}")
    await _no_barriers(page)
    async with page.expect_navigation():
        await page.locator("[value=moderator]").click()
    async with page.expect_navigation():
        await page.locator("[value=ban]").click()
    await page.goto(visitors.room("tea") + "/order")
    await page.locator("#title").fill("Tea 茶")
    await page.locator("#topic").fill("Green " * 20)
    async with page.expect_navigation():
        await page.locator(".settings .primary").click()
    await page.locator(".people summary").click()
    await _no_barriers(page)
    async with page.expect_navigation():
        await page.locator("form[action$=invitation] button").click()
    link = await page.locator("#link").input_value()
    await _no_barriers(page)
    for path in (link, visitors.room("private-none"), visitors.room("tea")):
        await page.goto(path)
        await _no_barriers(page)
    await room.lines.last.hover()
    await _no_barriers(page)
    talk = (await api.post("/a/private", {"person": me})).json["room"]
    for path in ("", "/order"):
        await page.goto(visitors.room(talk) + path)
        await _no_barriers(page)


async def _no_barriers(page: Page) -> None:
    """In light and dark, on a desk and on the smallest phone; the window is as it was afterwards."""
    size = page.viewport_size or {"width": 1280, "height": 720}
    for width in (size["width"], 320):
        await page.set_viewport_size({"width": width, "height": 640})
        for scheme in ("light", "dark"):
            await page.emulate_media(color_scheme=scheme)
            assert await barriers(page) == [], f"{scheme}, {width} px"
    await page.set_viewport_size(size)


async def _without_script(route: Route) -> None:
    response = await route.fetch()
    page = await response.text()
    bare = page.replace("<script", "<template").replace("</script", "</template")
    shown = bare.replace("<noscript>", "<div>").replace("</noscript>", "</div>")
    await route.fulfill(response=response, body=shown)
