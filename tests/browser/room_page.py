"""A room's page as a person sees and uses it."""

from __future__ import annotations

from playwright.async_api import Locator, Page, expect

#: Another tab lies in front of this one, or no longer. Without a screen every tab counts as seen.
_HIDE = """(hidden) => {
    Object.defineProperty(document, "hidden", { value: hidden, configurable: true });
    document.dispatchEvent(new Event("visibilitychange"));
}"""


class RoomPage:
    """One tab in one room. What is named here is named by what it is for, in either language."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.lines = page.locator(".log .line")
        self.texts = page.locator(".log .line .text")
        self.echoes = page.locator(".log .echo")
        self.gap = page.locator(".log .gap:not(.later) a")
        self.later = page.locator(".log .gap.later a")
        self.unread = page.locator(".log .unread")
        self.way_back = page.locator(".way-back")
        self.notice = page.locator(".log .notice")
        self.strip = page.locator(".strip")
        self.field = page.locator("#body")
        self.send = page.locator(".send")
        self.arrivals = page.locator(".arrivals")
        self.title = page.locator(".bar .title")
        self.topic = page.locator(".bar .topic")
        self.naming = page.locator(".naming summary")
        self.name = page.locator("#name")

    async def live(self) -> None:
        """Return when the page hears the server."""
        await expect(self.strip).to_have_attribute("data-state", "live")

    async def cut_off(self) -> None:
        """Return when the page has noticed that it does not."""
        await expect(self.strip).to_have_attribute("data-state", "offline")

    async def say(self, body: str) -> None:
        """Write it and press Enter."""
        await self.field.fill(body)
        await self.field.press("Enter")

    async def shows(self, *bodies: str) -> None:
        """Return when the log has exactly these texts, in this order, and nothing is on its way any more."""
        await expect(self.texts).to_have_text(bodies)
        await expect(self.echoes).to_have_count(0)

    async def message(self, text: str) -> Page:
        """Go to the page of the message with that text."""
        async with self.page.expect_navigation():
            line = self.lines.filter(has_text=text)
            await line.hover()
            await line.locator(".at").click()
        return self.page

    async def me(self) -> str:
        """The reader's id."""
        return await self.page.locator("#main").get_attribute("data-me") or ""

    async def ask_for(self, name: str) -> None:
        """Open the form, put in the name, press Enter."""
        await self.naming.click()
        await self.name.fill(name)
        await self.name.press("Enter")

    async def rename(self, name: str) -> None:
        """Ask for that name and get it."""
        await self.ask_for(name)
        await expect(self.name).to_be_hidden()

    async def scroll_up(self) -> None:
        """As far as it goes."""
        await self.page.locator(".scroller").evaluate("(it) => it.scrollTop = -it.scrollHeight")

    async def hide(self) -> None:
        """Nobody looks at this tab."""
        await self.page.evaluate(_HIDE, True)  # noqa: FBT003 - it is what the script takes

    async def show(self) -> None:
        """Somebody does again."""
        await self.page.evaluate(_HIDE, False)  # noqa: FBT003 - as above

    async def place(self, line: Locator) -> float:
        """Where a line is in the window: its bottom edge, in pixels."""
        return float(await line.evaluate("(it) => it.getBoundingClientRect().bottom"))
