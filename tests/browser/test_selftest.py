"""The page that measures the way to the server, straight, through a proxy that is in the way, and without a server."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.async_api import Locator, Page

from tests.browser.axe import barriers
from tests.browser.chromium import expect
from tests.browser.proxy import needs_nginx, nginx
from tests.browser.visitors import Visitors
from tests.proof.fault_proxy import FaultProxy, Odds
from tests.server_process import ServerProcess

#: No shorter than the page's own measure of replies on their way, which a busy machine may follow late.
HOLD = 6.0
#: Seconds after which the proxies here cut what is held.
CUT = 4

#: As many are set up: replies are kept back to compress them, given up early, and the server called by another name,
#: which matters where browsers do not say from which site a request comes, as over plain http.
IN_THE_WAY = f"""
    gzip on; gzip_proxied any; gzip_types application/json; gzip_min_length 1;
    proxy_ignore_headers X-Accel-Buffering; proxy_read_timeout {CUT}s; proxy_set_header Sec-Fetch-Site "";
"""


@pytest.fixture
def server(data: Path) -> Iterator[ServerProcess]:
    with ServerProcess(data, retry_spread=0.0, hold=HOLD, hold_jitter=0.0) as server:
        yield server


@pytest.mark.parametrize("locale", ["en-US", "zh-CN"])
@pytest.mark.gen_test(timeout=120)
async def test_where_nothing_is_in_the_way_all_is_well_and_nobody_needs_a_session(
    visitors: Visitors, locale: str
) -> None:
    browser = await visitors.new(locale=locale)
    page = await _measured(await browser.new_page(), visitors.url)
    await expect(page.locator("[data-state=good]")).to_have_count(7)
    await expect(page.locator(".advice:visible")).to_have_count(0)
    assert {cookie["name"] for cookie in await browser.cookies()} == {"_xsrf"}
    await _no_barriers(page)


@needs_nginx
@pytest.mark.parametrize("locale", ["en-US", "zh-CN"])
@pytest.mark.gen_test(timeout=120)
async def test_a_proxy_that_is_in_the_way_is_told_with_what_to_change(
    visitors: Visitors, server: ServerProcess, tmp_path: Path, locale: str
) -> None:
    visitors.watch.expect("request: http://127.0.0.1", "403 (", "504 (", "ERR_INCOMPLETE")
    with nginx(server.port, tmp_path, IN_THE_WAY) as url:
        page = await (await visitors.new(locale=locale)).new_page()
        await _measured(page, url)
        for name, advice in {
            "posts": "proxy_set_header Host $http_host;",
            "begun": "proxy_buffering off;",
            "held": "proxy_read_timeout 60s;",
        }.items():
            await expect(_check(page, name)).to_have_attribute("data-state", "bad")
            await expect(_check(page, name).locator(".advice")).to_contain_text(advice)
        # They are cut after that; a busy machine gets to know it later.
        seconds = re.compile(rf"(?<!\d)[{CUT}-{CUT + 3}](?!\d)")
        await expect(_check(page, "held").locator(".result")).to_contain_text(seconds)
        await expect(page.locator(".summary")).to_contain_text("3")
        await _no_barriers(page)


@pytest.mark.gen_test(timeout=120)
async def test_something_that_passes_on_whole_replies_only_keeps_them_back(
    visitors: Visitors, server: ServerProcess
) -> None:
    visitors.watch.expect("request: http://127.0.0.1")
    async with FaultProxy(server.port, Odds(*[0.0] * len(Odds._fields)), seed=1) as proxy:
        page = await (await visitors.new()).new_page()
        await _measured(page, f"http://127.0.0.1:{proxy.port}")
        await expect(_check(page, "begun")).to_have_attribute("data-state", "bad")
        await expect(page.locator("[data-state=good]")).to_have_count(6)
        await page.close()


@pytest.mark.gen_test(timeout=120)
async def test_what_the_browser_lacks_is_told(visitors: Visitors) -> None:
    browser = await visitors.new(alone=True)
    await browser.add_init_script("delete Window.prototype.indexedDB; delete globalThis.indexedDB")
    await browser.add_init_script("const now = Date.now; Date.now = () => now() + 3_600_000")
    page = await _measured(await browser.new_page(), visitors.url)
    await expect(_check(page, "storage")).to_contain_text("IndexedDB")
    await expect(_check(page, "sharing")).to_have_attribute("data-state", "odd")
    # At least by so many: what the request takes is not counted.
    differ = re.compile(r"differ by 3,(59\d|600) seconds")
    await expect(_check(page, "clock")).to_contain_text(differ)
    await expect(page.locator(".summary")).to_have_text("2 things should be changed.")


@pytest.mark.gen_test(timeout=120)
async def test_without_a_server_it_says_that_and_measures_again_when_asked_to(
    visitors: Visitors, server: ServerProcess
) -> None:
    visitors.watch.expect("ERR_CONNECTION")
    page = await _measured(await (await visitors.new()).new_page(), visitors.url)
    await asyncio.to_thread(server.kill)
    again = page.get_by_role("button", name="Measure again")
    await again.press("Enter")
    await expect(_check(page, "reach")).to_contain_text("It does not answer.")
    await expect(page.locator(".summary")).to_have_text("1 thing should be changed.")
    await asyncio.to_thread(server.start)
    await again.click()
    await expect(page.locator("[data-state=good]")).to_have_count(7)


@pytest.mark.gen_test(timeout=120)
async def test_while_it_measures_the_focus_stays_and_one_may_leave(visitors: Visitors) -> None:
    page = await _measured(await (await visitors.new()).new_page(), visitors.url)
    await _again(page).press("Enter")
    await expect(_again(page)).to_have_attribute("aria-disabled", "true")
    await expect(_again(page)).to_be_focused()
    await page.keyboard.press("Tab")
    await expect(page.get_by_role("link", name="All rooms")).to_be_focused()
    await page.keyboard.press("Enter")
    await page.wait_for_url(f"{visitors.url}/")


async def _measured(page: Page, url: str) -> Page:
    """The page when everything has been measured."""
    await page.goto(f"{url}/selftest")
    await expect(_again(page)).to_have_attribute("aria-disabled", "false")
    return page


def _again(page: Page) -> Locator:
    return page.get_by_role("button", name=re.compile("Measure again|重新检测"))


def _check(page: Page, name: str) -> Locator:
    return page.locator(f"[data-check={name}]")


async def _no_barriers(page: Page) -> None:
    for width in (1280, 320):
        await page.set_viewport_size({"width": width, "height": 640})
        await page.wait_for_function("(width) => innerWidth === width", arg=width)
        assert await page.evaluate("document.documentElement.scrollWidth") <= width
        for scheme in ("light", "dark"):
            await page.emulate_media(color_scheme=scheme)
            assert await barriers(page) == [], f"{scheme}, {width} px"
