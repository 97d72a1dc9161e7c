"""What a page asks for before it can be used."""

from __future__ import annotations

from urllib.parse import urlsplit

import pytest
from playwright.async_api import CDPSession

from tests.browser.chromium import expect
from tests.browser.visitors import Visitors


@pytest.mark.parametrize(
    ("path", "ready", "asked"),
    [
        ("room/7", ".here:not([hidden])", ["css/main.css", "js/main.js", "js/worker.js"]),
        ("selftest", "[data-state=good]", ["css/main.css", "css/selftest.css", "js/selftest.js"]),
        ("", ".entrance", ["css/main.css"]),
    ],
)
@pytest.mark.gen_test(timeout=60)
async def test_a_page_asks_for_one_script_and_its_sheets(
    visitors: Visitors, path: str, ready: str, asked: list[str]
) -> None:
    page = await (await visitors.new()).new_page()
    found: list[str] = []
    page.on("request", lambda it: found.append(urlsplit(it.url).path))
    await page.goto(f"{visitors.url}/{path}")
    await expect(page.locator(ready).first).to_be_attached()
    names = [it.split("/", 3)[3] for it in found if it.startswith("/static/")]
    assert sorted(it for it in names if it.endswith((".js", ".css"))) == asked


@pytest.mark.gen_test(timeout=60)
async def test_what_is_found_in_a_script_is_shown_in_its_own_file(visitors: Visitors) -> None:
    page = await (await visitors.new()).new_page()
    tools = await page.context.new_cdp_session(page)
    scripts: list[dict[str, str]] = []
    tools.on("Debugger.scriptParsed", lambda it: scripts.append(it))  # noqa: PLW0108 - Playwright marks it
    await tools.send("Debugger.enable")
    await page.goto(f"{visitors.url}/room/7")
    await tools.send("Debugger.disable")  # answered behind all that is told
    (script,) = (it for it in scripts if it["url"].endswith("/js/main.js"))
    assert script["sourceMapURL"] == "main.js.map"
    assert await _loads(tools, script["url"] + ".map")


async def _loads(tools: CDPSession, url: str) -> bool:
    """Whether the tools of the browser may have that, whatever the page may."""
    tree = await tools.send("Page.getFrameTree")
    told = await tools.send(
        "Network.loadNetworkResource",
        {
            "frameId": tree["frameTree"]["frame"]["id"],
            "url": url,
            "options": {"disableCache": True, "includeCredentials": True},
        },
    )
    return bool(told["resource"]["success"])
