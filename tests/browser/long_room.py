"""A room of many messages, and somebody who scrolls through all of it.

`python -m tests.browser.long_room` says 10,000 and prints what the frames take; see docs/performance.md.
"""

from __future__ import annotations

import asyncio
import statistics
import sys
import tempfile
from pathlib import Path
from typing import Any, NamedTuple

from playwright.async_api import CDPSession

from tests.api import Api, bodies, offset
from tests.browser.chromium import chromium
from tests.browser.room_page import RoomPage
from tests.browser.visitors import Visitors
from tests.server_process import ServerProcess

#: Messages said at once.
_BATCH = 100
#: CSS pixels for each frame: 60,000 a second on a screen of 60 Hz, a dozen times as fast as anybody reads a name.
_STEP = 1000

#: What the page's thread spends its time on.
_DURATIONS = ("ScriptDuration", "LayoutDuration", "RecalcStyleDuration", "TaskDuration")

#: Scrolls by `step` in every frame until there is nothing more in that direction. What stands in the middle of the
#: window must be there in the next frame, too: what comes and goes meanwhile moves nothing.
_SCROLL = """async (step) => {
    const scroller = document.querySelector(".scroller");
    const { top, left, height, width } = scroller.getBoundingClientRect();
    const lines = scroller.getElementsByClassName("line");
    const frame = () => new Promise(requestAnimationFrame);
    const result = { frames: [], jumps: 0, lines: 0, nodes: 0, waited: 0 };
    let last = await frame();
    for (let still = 0; still < 20; ) {
        const end = step < 0 ? scroller.querySelector(".gap:not(.later)") : scroller.querySelector(".gap.later");
        const before = scroller.scrollTop;
        scroller.scrollBy(0, step);
        const line = document.elementFromPoint(left + width / 2, top + height / 2)?.closest(".line");
        const place = line?.getBoundingClientRect().bottom;
        const moved = scroller.scrollTop !== before;
        still = moved || end ? 0 : still + 1;
        if (!moved && end) result.waited++;
        const now = await frame();
        result.frames.push(now - last);
        last = now;
        if (line?.isConnected && Math.abs(line.getBoundingClientRect().bottom - place) > 1) result.jumps++;
        result.lines = Math.max(result.lines, lines.length);
        result.nodes = Math.max(result.nodes, scroller.getElementsByTagName("*").length);
    }
    return result;
}"""


class Way(NamedTuple):
    """What was seen on the way: durations of frames in ms, and how often a line jumped.

    `lines` and `nodes`: the most that there were at once; `waited`: frames at a bar that was still loading.
    """

    frames: list[float]
    jumps: int
    lines: int
    nodes: int
    waited: int

    @property
    def figures(self) -> str:
        """In one line."""
        cuts = statistics.quantiles(self.frames, n=100)
        slow = sum(1 for it in self.frames if it > 50)  # ms: what counts as a long task
        return (
            f"{len(self.frames)} frames, median {cuts[49]:.1f} ms, 95 % {cuts[94]:.1f}, 99 % {cuts[98]:.1f}, "
            f"longest {max(self.frames):.1f}, over 50 ms {slow}; waited {self.waited}; jumps {self.jumps}; "
            f"at most {self.lines} lines, {self.nodes} nodes"
        )


async def talk(api: Api, count: int, room: str = "7") -> list[str]:
    """Say that many things of different lengths; returns them in the order of the log."""
    said: list[Any] = []
    for first in range(0, count, _BATCH):
        numbers = range(first, min(first + _BATCH, count))
        texts = (f"message {n} {'and more words ' * (n * 7 % 23)}".strip() for n in numbers)
        said += await asyncio.gather(*(api.say(text, room) for text in texts))
    return bodies({"messages": sorted(said, key=offset)})


async def scroll(room: RoomPage, step: int = -_STEP) -> Way:
    """Go up (below 0) or down as far as it goes, `step` pixels in every frame."""
    return Way(**await room.page.evaluate(_SCROLL, step))


async def measured(room: RoomPage, step: int) -> str:
    """What going that way takes: frames, and processor time of the page, which a busy machine leaves alone."""
    session = await room.page.context.new_cdp_session(room.page)
    await session.send("Performance.enable", {"timeDomain": "threadTicks"})
    before = await _spent(session)
    way = await scroll(room, step)
    after = await _spent(session)
    spent = ", ".join(f"{name[:-8]} {after[name] - before[name]:.2f} s" for name in _DURATIONS)
    return f"{way.figures}; {spent}"


async def _spent(session: CDPSession) -> dict[str, float]:
    metrics = (await session.send("Performance.getMetrics"))["metrics"]
    return {it["name"]: it["value"] for it in metrics if it["name"] in _DURATIONS}


async def measure(count: int) -> None:
    """Print what going up to the first of `count` messages takes, and down again."""
    with tempfile.TemporaryDirectory() as data, ServerProcess(Path(data)) as server:
        api = Api(server.url)
        await api.sign_in()
        await talk(api, count)
        async with chromium() as browser:
            visitors = Visitors(browser, server.url)
            room = await visitors.enter(viewport={"width": 1280, "height": 800})
            print(f"{count} messages, up:   {await measured(room, -_STEP)}", flush=True)
            print(f"{count} messages, down: {await measured(room, _STEP)}")
            assert not visitors.watch.surprises
            await visitors.close()
        api.client.close()


if __name__ == "__main__":
    asyncio.run(measure(int(sys.argv[1]) if len(sys.argv) > 1 else 10_000))
