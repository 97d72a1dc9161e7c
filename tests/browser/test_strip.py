"""What the page says of its connection, and what it does not bother anybody with."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.api import Api
from tests.browser.chromium import expect
from tests.browser.proxy import needs_nginx, nginx
from tests.browser.room_page import RoomPage
from tests.browser.visitors import Visitors
from tests.server_process import ServerProcess

WORDS = pytest.mark.parametrize(
    ("locale", "words"),
    [
        ("en-US", "This device is not connected to any network."),
        ("zh-CN", "此设备没有连接到网络。"),
    ],
)

#: Seconds after which the proxy gives a request up: what is held ends with a 504. What is answered at once takes less,
#: also on a busy machine.
CUT = 5

#: The clock of the page, to be put forward: a machine that sleeps stops its timers, and its clock goes on.
_CLOCK = "const now = Date.now; globalThis.slept = 0; Date.now = () => now() + globalThis.slept;"

#: Keeps what the strip has ever said.
_LISTEN = """
    globalThis.said = [];
    const strip = document.querySelector(".strip");
    new MutationObserver(() => said.push(strip.dataset.state)).observe(strip, { attributes: true });
"""


@WORDS
@pytest.mark.gen_test(timeout=90)
async def test_a_device_without_a_network_is_told_so(
    visitors: Visitors, locale: str, words: str
) -> None:
    visitors.watch.expect("ERR_INTERNET_DISCONNECTED")
    browser = await visitors.new(alone=True, locale=locale)
    room = await visitors.tab(browser)
    await browser.set_offline(True)
    await room.page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    await expect(room.strip.get_by_role("status")).to_have_text(words)
    await browser.set_offline(False)
    await room.live()
    await expect(room.strip).to_be_hidden()


@needs_nginx
@pytest.mark.gen_test(timeout=150)
async def test_a_hold_that_a_proxy_cuts_is_nobodys_business_and_is_shortened(
    visitors: Visitors, server: ServerProcess, api: Api, tmp_path: Path
) -> None:
    visitors.watch.expect("request: http://127.0.0.1", "504 (")
    cutting = f"proxy_set_header Host $http_host; proxy_buffering off; proxy_read_timeout {CUT}s;"
    with nginx(server.port, tmp_path, cutting) as url:
        room = RoomPage(await (await visitors.new()).new_page())
        await room.page.goto(f"{url}/room/7")
        await room.live()
        await room.page.evaluate(_LISTEN)
        await _learnt(room)
        await api.say("through the proxy")
        await room.shows("through the proxy")
        assert set(await room.page.evaluate("said")) <= {"live"}
        await room.page.close()


@pytest.mark.parametrize("alone", [True, False])
@pytest.mark.gen_test(timeout=90)
async def test_a_page_that_has_slept_asks_at_once(visitors: Visitors, *, alone: bool) -> None:
    browser = await visitors.new(alone=alone)
    await browser.add_init_script(_CLOCK + "delete globalThis.SharedWorker")
    room = await visitors.tab(browser)
    async with room.page.expect_request(
        lambda it: it.url.endswith("/updates") and "wait=0" in (it.post_data or "")
    ):
        await room.page.evaluate("globalThis.slept = 3_600_000")
    await room.live()


async def _learnt(room: RoomPage) -> None:
    """Return when the page has learnt for how long it may hold."""
    learnt = "(cut) => { const wait = Number(localStorage.hold); return wait > 0 && wait < cut; }"
    # Two cuts in a row have to look alike, which takes some more on a busy machine.
    await room.page.wait_for_function(learnt, arg=CUT, polling=200, timeout=100_000)
