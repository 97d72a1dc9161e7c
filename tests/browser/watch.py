"""What may not happen in any page: errors, reports of the Content-Security-Policy, dialogs, requests to other hosts."""

from __future__ import annotations

from urllib.parse import urlsplit

from playwright.async_api import BrowserContext, ConsoleMessage, Dialog, Request, WebError

#: A violation becomes a line on the console, where it is collected with everything else.
_REPORTER = """
    document.addEventListener("securitypolicyviolation", (event) =>
        console.error("policy violated:", event.violatedDirective, event.blockedURI, event.sample));
"""


class Watch:
    """Collects what happens in the pages of one test; `home` is the only host that they may talk to."""

    def __init__(self, home: str) -> None:
        self._host = urlsplit(home).netloc
        self._happened: list[str] = []
        self._announced: list[str] = []

    def expect(self, *parts: str) -> None:
        """Announce what a test brings about: every line that holds one of these parts is no surprise."""
        self._announced += parts

    @property
    def surprises(self) -> list[str]:
        """What happened and was not announced."""
        return [
            line for line in self._happened if not any(part in line for part in self._announced)
        ]

    async def over(self, context: BrowserContext) -> None:
        """Watch all pages of a context that has none yet."""
        await context.add_init_script(_REPORTER)
        context.on("console", self._hear)
        context.on("weberror", self._catch)
        context.on("request", self._follow)
        context.on("dialog", self._dismiss)

    def _hear(self, message: ConsoleMessage) -> None:
        if message.type in ("error", "warning"):
            self._happened.append(f"console: {message.text}")

    def _catch(self, error: WebError) -> None:
        self._happened.append(f"uncaught: {error.error}")

    def _follow(self, request: Request) -> None:
        where = urlsplit(request.url)
        if where.netloc != self._host and where.scheme != "data":
            self._happened.append(f"request: {request.url}")

    async def _dismiss(self, dialog: Dialog) -> None:
        self._happened.append(f"dialog: {dialog.message}")
        await dialog.dismiss()
