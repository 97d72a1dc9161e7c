"""The manifest: a site that can be installed, in the language of the browser."""

from __future__ import annotations

import json
import struct
from typing import Any

import pytest

from tests.api import Api

PATH = "/manifest.webmanifest"


async def told(api: Api, language: str = "en") -> dict[str, Any]:
    """What it says to a browser of that language."""
    reply = await api.get(PATH, {"Accept-Language": language})
    assert reply.status == 200
    assert reply.response.headers["Content-Type"] == "application/manifest+json"
    said: dict[str, Any] = json.loads(reply.response.body)
    return said


@pytest.mark.gen_test
async def test_a_site_can_be_installed_and_opens_at_its_entrance(api: Api) -> None:
    manifest = await told(api)
    assert (manifest["name"], manifest["lang"]) == ("Chatroom", "en")
    assert manifest["display"] == "standalone"
    assert manifest["id"] == manifest["start_url"] == manifest["scope"] == "/"


@pytest.mark.gen_test
async def test_it_is_called_as_the_browser_speaks(api: Api) -> None:
    manifest = await told(api, "zh-CN")
    assert (manifest["name"], manifest["lang"]) == ("聊天室", "zh-CN")


@pytest.mark.gen_test
async def test_its_icons_are_there_and_as_large_as_it_says(api: Api) -> None:
    icons = (await told(api))["icons"]
    assert [it["purpose"] for it in icons] == ["any", "any", "maskable"]
    for icon in icons:
        reply = await api.get(icon["src"])
        body = reply.response.body
        assert reply.response.headers["Content-Type"] == icon["type"] == "image/png"
        assert "{}x{}".format(*struct.unpack(">II", body[16:24])) == icon["sizes"]
        assert len(body) < 10_000


@pytest.mark.gen_test
async def test_every_page_leads_to_it(api: Api) -> None:
    for path in ("/", "/room/7"):
        page = (await api.get(path)).response.body.decode()
        assert f'<link rel="manifest" href="{PATH}">' in page
