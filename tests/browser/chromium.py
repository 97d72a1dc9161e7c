"""The browser: the system's Chromium, driven by Playwright's async API. Nothing is downloaded."""

from __future__ import annotations

import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from playwright.async_api import Browser, async_playwright, expect

__all__ = ["PATIENCE", "chromium", "expect"]

#: Milliseconds that a page may take for anything, on a machine that does three other things.
PATIENCE = 20_000

_FLAGS = [
    "--no-sandbox",
    "--headless=new",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]

expect.set_options(timeout=PATIENCE)


@asynccontextmanager
async def chromium() -> AsyncIterator[Browser]:
    """A browser. Nothing of it is left on the loop, or in the system, afterwards."""
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(
            executable_path=shutil.which("chromium"), args=_FLAGS
        )
        try:
            yield browser
        finally:
            await browser.close()
