"""A browser without a screen: it keeps cookies, and its forms bring the token against forged requests."""

from __future__ import annotations

import re
from copy import copy
from http.cookies import SimpleCookie
from typing import Any

from tests.api import Api, Reply

SECRET, OTHER = "a walk in the fog", "a nap in the rain"

_XSRF = re.compile(r'name="_xsrf" value="([^"]+)"')


class Browser:
    """Somebody at a browser: `cookies` are those that the site has set."""

    def __init__(self, api: Api) -> None:
        self.api = copy(api)  # whose token is not ours
        self.api.token = None
        self.cookies: dict[str, str] = {}
        self.xsrf = ""

    @property
    def session(self) -> str | None:
        """The token of the session."""
        return self.cookies.get("session")

    async def open(self, path: str = "/room/7", **headers: str) -> Reply:
        """Go to a page."""
        reply = await self.api.get(path, self._headers() | {"Accept": "text/html"} | headers)
        return self._kept(reply)

    async def get(self, path: str) -> Reply:
        """Ask as a script of a page does."""
        return self._kept(await self.api.get(path, self._headers()))

    async def post(self, path: str, headers: dict[str, str] | None = None, **fields: Any) -> Reply:
        """Send a form of a page that was opened before."""
        headers = self._headers() | (headers or {})
        return self._kept(await self.api.post(path, {"_xsrf": self.xsrf} | fields, headers))

    async def claim(self, name: str = "Ann", password: str = SECRET) -> Any:
        """Come in as a guest, and keep that name; returns who that is."""
        await self.open()
        reply = await self.post("/a/account", name=name, password=password)
        assert reply.status == 201, reply
        return reply.json

    async def sign_in(
        self, name: str = "Ann", password: str = SECRET, headers: dict[str, str] | None = None
    ) -> Reply:
        """Try to."""
        return await self.post("/a/account/sign-in", headers, name=name, password=password)

    async def me(self) -> Any:
        """What the server says of who this is."""
        reply = await self.get("/a/session")
        assert reply.status == 200, reply
        return reply.json

    def _headers(self) -> dict[str, str]:
        pairs = [f"{name}={value}" for name, value in self.cookies.items()]
        return {"Cookie": "; ".join(pairs)} if pairs else {}

    def _kept(self, reply: Reply) -> Reply:
        for line in reply.response.headers.get_list("Set-Cookie"):
            for name, cookie in SimpleCookie(line).items():
                if cookie.value:
                    self.cookies[name] = cookie.value
                else:
                    self.cookies.pop(name, None)
        if found := _XSRF.search(reply.response.body.decode("utf-8", "replace")):
            self.xsrf = found[1]
        return reply


def bearer(token: str | None) -> dict[str, str]:
    """The header of a program."""
    return {"Authorization": f"Bearer {token}"}
