"""The server goes away and comes back, or another one does: no page is reloaded, and nothing is lost or comes twice."""

from __future__ import annotations

import asyncio
import re
import shutil
from pathlib import Path

import pytest
from tornado.httpclient import HTTPError

from tests.api import Api, bodies
from tests.browser.chromium import expect
from tests.browser.room_page import RoomPage
from tests.browser.visitors import Visitors
from tests.server_process import ServerProcess

#: Collects what the strip says, however short it says so.
SAID = """() => {
    window.said = [];
    const status = document.querySelector(".strip [role=status]");
    new MutationObserver(() => said.push(status.textContent)).observe(status, { childList: true });
}"""
#: Lines that are said while the server is killed: fewer than a reply holds, so that one request shows the whole log.
MOST = 150

#: What the console says of a server that is not there, or goes away in the middle of a reply.
GONE = ("ERR_CONNECTION", "ERR_EMPTY_RESPONSE", "ERR_INCOMPLETE", "ERR_SOCKET", "503 (")


@pytest.mark.gen_test(timeout=90)
async def test_a_killed_server_costs_no_acknowledged_message_and_no_reload(
    visitors: Visitors, server: ServerProcess, api: Api
) -> None:
    visitors.watch.expect(*GONE)
    ann, bob = await _pages(visitors)
    chatter = asyncio.ensure_future(_talk(api))
    await expect(bob.lines.nth(10)).to_be_attached()
    await asyncio.to_thread(server.kill)
    acknowledged = await chatter
    await bob.cut_off()
    await ann.say("while it is dead")
    await expect(ann.echoes).to_contain_text(["while it is dead"])
    await expect(bob.strip).to_contain_text("No connection.")
    await expect(bob.strip).to_be_visible()
    await asyncio.to_thread(server.start)
    await _come_back(ann, bob, api)
    assert set(acknowledged) <= set(bodies(await api.history(limit="200")))


@pytest.mark.gen_test(timeout=90)
async def test_a_server_that_is_asked_to_end_says_so_and_the_pages_come_back(
    visitors: Visitors, server: ServerProcess, api: Api
) -> None:
    visitors.watch.expect(*GONE)
    ann, bob = await _pages(visitors)
    await bob.page.evaluate(SAID)
    assert (await asyncio.to_thread(server.terminate)).code == 0
    # A second later it tries, and says that there is no connection.
    await bob.page.wait_for_function("() => said.includes('The server is restarting.')")
    await ann.say("while it is dead")
    await expect(ann.echoes).to_contain_text(["while it is dead"])
    await asyncio.to_thread(server.start)
    await _come_back(ann, bob, api)


@pytest.mark.gen_test(timeout=90)
async def test_a_name_and_a_person_outlive_a_crash(
    visitors: Visitors, server: ServerProcess
) -> None:
    visitors.watch.expect(*GONE)
    ann = await visitors.enter()
    await ann.rename("Ann")
    await ann.say("before")
    await ann.shows("before")
    await asyncio.to_thread(server.restart)
    await ann.say("after")
    await ann.shows("before", "after")
    await expect(ann.page.locator(".own .author")).to_have_text(["Ann", "Ann"])


@pytest.mark.gen_test(timeout=90)
async def test_a_reader_who_does_not_want_to_wait_tries_at_once(
    visitors: Visitors, server: ServerProcess
) -> None:
    """Chance is against the reader, once the page has seen that it is cut off: it would pause for minutes."""
    visitors.watch.expect(*GONE)
    browser = await visitors.new(alone=True)
    await browser.add_init_script("Math.random = () => window.chance ?? 0.1")
    ann = await visitors.tab(browser)
    await asyncio.to_thread(server.kill)
    await ann.cut_off()
    await ann.page.evaluate("window.chance = 1000")
    await expect(ann.strip).to_contain_text(re.compile(r"\d\d\d seconds"))
    await asyncio.to_thread(server.start)
    await ann.strip.get_by_role("button", name="Try now").click()
    await ann.live()


@pytest.mark.gen_test(timeout=90)
async def test_a_history_that_was_replaced_is_announced_and_the_new_one_shown(
    visitors: Visitors, server: ServerProcess, data: Path, api: Api
) -> None:
    visitors.watch.expect(*GONE, "401 (")  # the new world knows nobody who could have read it
    bob = await visitors.enter()
    await api.say("of the old world")
    await bob.shows("of the old world")
    await asyncio.to_thread(server.kill)
    shutil.rmtree(data)
    await asyncio.to_thread(server.start)
    await expect(bob.notice).to_contain_text("history of this room was replaced")
    await bob.shows()
    api.token = None
    await api.sign_in()
    await api.say("of the new world")
    await bob.shows("of the new world")
    await expect(bob.notice).to_be_visible()


@pytest.mark.gen_test(timeout=90)
async def test_who_is_a_stranger_after_that_keeps_the_text_and_sends_it_after_a_reload(
    visitors: Visitors, server: ServerProcess, data: Path
) -> None:
    visitors.watch.expect(*GONE, "401 (")
    bob = await visitors.enter()
    await asyncio.to_thread(server.kill)
    shutil.rmtree(data)
    await bob.say("written before")
    await asyncio.to_thread(server.start)
    await expect(bob.echoes).to_contain_text(["This needs a session"])
    await bob.page.reload()
    await bob.echoes.get_by_role("button", name="Try again").click()
    await bob.shows("written before")


async def _pages(visitors: Visitors) -> tuple[RoomPage, RoomPage]:
    """Two people in the middle of a conversation, whose pages would not forget a reload unnoticed."""
    ann, bob = await visitors.enter(), await visitors.enter()
    await ann.say("hello")
    await bob.shows("hello")
    for it in (ann, bob):
        await it.page.evaluate("window.stayed = true")
    return ann, bob


async def _talk(api: Api) -> list[str]:
    """Post until the server is gone, or enough is said; returns what it has acknowledged."""
    acknowledged: list[str] = []
    while len(acknowledged) < MOST:
        body = f"line {len(acknowledged)}"
        try:
            await api.say(body)
        except (OSError, HTTPError):
            return acknowledged
        acknowledged.append(body)
    return acknowledged


async def _come_back(ann: RoomPage, bob: RoomPage, api: Api) -> None:
    """Both pages show the whole log, which ends with what Ann said meanwhile, and never were reloaded."""
    await expect(bob.texts.last).to_have_text("while it is dead")
    log = bodies(await api.history(limit="200"))
    assert log.count("while it is dead") == 1
    for it in (ann, bob):
        await it.live()
        await it.shows(*log)
        assert await it.page.evaluate("window.stayed")
