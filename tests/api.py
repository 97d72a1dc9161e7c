"""A client as a program author would write it, for the tests: forms out, JSON in, one token, no cookies unless given."""

from __future__ import annotations

from typing import Any, NamedTuple
from urllib.parse import urlencode

import msgspec
from tornado.httpclient import AsyncHTTPClient, HTTPResponse

Fields = dict[str, Any] | list[tuple[str, Any]]


class Reply(NamedTuple):
    """Status, decoded JSON (None if the reply is none), and the response itself."""

    status: int
    json: Any
    response: HTTPResponse


class Api:
    """Calls the application at `base`; once `token` is set, as its owner."""

    def __init__(self, base: str) -> None:
        self.base = base
        self.token: str | None = None
        self.client = AsyncHTTPClient(force_instance=True, max_clients=200)

    async def sign_in(self, name: str = "Ann") -> str:
        """Become a new person; returns the person's id."""
        reply = await self.post("/a/session", {"name": name, "token": "1"})
        self.token = reply.json["token"]
        return str(reply.json["id"])

    async def say(self, body: str, room: str = "7", **more: str) -> Any:
        """Post a message and return it."""
        reply = await self.post("/a/message/new", {"room": room, "body": body} | more)
        assert reply.status in (200, 201), reply
        return reply.json

    async def updates(self, fields: Fields, **more: Any) -> Any:
        """Ask for updates and return them."""
        reply = await self.post("/a/message/updates", fields, **more)
        assert reply.status == 200, reply
        return reply.json

    async def standing(self, room: str = "7") -> str:
        """The cursor of a reader who comes in just now."""
        return str((await self.updates({"room": room, "wait": "0"}))["cursors"][room])

    async def get(self, path: str, headers: dict[str, str] | None = None) -> Reply:
        """GET a path of the site."""
        return await self.send("GET", path, None, headers)

    async def post(
        self, path: str, fields: Fields, headers: dict[str, str] | None = None
    ) -> Reply:
        """POST a form."""
        return await self.send("POST", path, urlencode(fields, doseq=True).encode(), headers)

    async def post_json(self, path: str, body: bytes) -> Reply:
        """POST bytes as JSON."""
        return await self.send("POST", path, body, {"Content-Type": "application/json"})

    async def send(
        self,
        method: str,
        path: str,
        body: bytes | None = None,
        headers: dict[str, str] | None = None,
    ) -> Reply:
        """Any request; redirects are not followed, statuses not judged."""
        response = await self.client.fetch(
            self.base + path,
            method=method,
            body=body,
            headers=self._headers() | (headers or {}),
            follow_redirects=False,
            raise_error=False,
            allow_nonstandard_methods=True,
            request_timeout=60,
        )
        if response.code == 599:
            raise response.error or AssertionError
        return Reply(response.code, _json(response), response)

    def _headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.token}"} if self.token else {}


def _json(response: HTTPResponse) -> Any:
    kind = response.headers.get("Content-Type", "")
    return msgspec.json.decode(response.body) if kind.startswith("application/json") and response.body else None
