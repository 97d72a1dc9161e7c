"""People at their browsers."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

from playwright.async_api import Browser, BrowserContext

from tests.browser.chromium import PATIENCE
from tests.browser.room_page import RoomPage
from tests.browser.watch import Watch

#: Chance is given: after the first failure a page tries again in 50 ms, then in 100, and in the end every 1.5 s.
_CHANCE = "Math.random = () => 0.1"
#: Every tab polls for itself: so what is given to a page is given to whatever polls for it.
_ALONE = "delete globalThis.SharedWorker; delete Navigator.prototype.locks"


class Visitors:
    """Opens windows on the site at `url` for one test, and closes them all."""

    def __init__(self, browser: Browser, url: str) -> None:
        self.url = url
        self.watch = Watch(url)
        self._browser = browser
        self._contexts: list[BrowserContext] = []

    async def new(self, *, alone: bool = False, **options: Any) -> BrowserContext:
        """The browser of somebody new; `options` are Playwright's. `alone`: its tabs share nothing."""
        context = await self._browser.new_context(**({"locale": "en-US"} | options))
        self._contexts.append(context)
        context.set_default_timeout(PATIENCE)
        await context.add_init_script(_CHANCE)
        if alone:
            await context.add_init_script(_ALONE)
        await self.watch.over(context)
        return context

    async def enter(self, room: str = "7", **options: Any) -> RoomPage:
        """Somebody new in a room, who hears the server (where there is JavaScript)."""
        context = await self.new(**options)
        return await self.tab(context, room, live=options.get("java_script_enabled", True))

    async def tab(self, context: BrowserContext, room: str = "7", *, live: bool = True) -> RoomPage:
        """A tab of somebody in a room."""
        page = RoomPage(await context.new_page())
        await page.page.goto(self.room(room))
        if live:
            await page.live()
        return page

    def room(self, name: str) -> str:
        """The address of a room."""
        return f"{self.url}/room/{quote(name, safe='')}"

    async def close(self) -> None:
        """Everybody leaves."""
        for context in self._contexts:
            await context.close()
