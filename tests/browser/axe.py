"""Accessibility, as far as a program can judge it: axe-core, run in the page."""

from __future__ import annotations

from functools import cache
from importlib import resources

from playwright.async_api import Page

#: Everything that axe knows, down to colour contrast; only what it is sure of.
_RUN = """async () => {
    const { violations } = await axe.run(document, { resultTypes: ["violations"] });
    return violations
        .filter(({ impact }) => impact === "serious" || impact === "critical")
        .flatMap(({ id, nodes }) => nodes.map(({ target, failureSummary }) =>
            `${id} at ${target.join(" ")}: ${failureSummary}`));
}"""


async def barriers(page: Page) -> list[str]:
    """What is serious or critical on a page as it stands, with its styles: the rule, the element, what to do."""
    await page.wait_for_load_state()
    if not await page.evaluate("Boolean(window.axe)"):
        await page.evaluate(_axe())
    return [str(it) for it in await page.evaluate(_RUN)]


@cache
def _axe() -> str:
    return (resources.files("axe_playwright_python") / "axe.min.js").read_text(encoding="utf-8")
