"""Files in a browser: pictures are shown where they were said, and nothing that was sent runs."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

import pytest

from tests.api import Api
from tests.browser.chromium import expect
from tests.browser.visitors import Visitors
from tests.pictures import picture

SCRIPT = b"<script>window.ran=1;alert(1)</script>"
SVG = b'<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"><script>alert(1)</script></svg>'

#: Sends a file as a script of a page does.
_SEND = """async ([name, text]) => {
    const xsrf = document.querySelector("input[name=_xsrf]").value;
    const headers = { "X-XSRFToken": xsrf, "Content-Type": "text/html" };
    const path = `/a/room/7/file?name=${encodeURIComponent(name)}`;
    const reply = await fetch(path, { method: "POST", headers, body: new Blob([text]) });
    return [reply.status, await reply.json()];
}"""
#: What a page of this site could make of a file, and what it must not.
_EMBED = """(path) => Promise.all([
    new Promise((done) => {
        const script = document.createElement("script");
        script.onload = () => done("script ran");
        script.onerror = () => done("");
        try { script.src = path; } catch { done(""); }
        document.head.append(script);
    }),
    new Promise((done) => {
        const image = new Image();
        image.onload = () => done("image shown");
        image.onerror = () => done("");
        image.src = path;
    }),
])"""


async def send(api: Api, data: bytes, name: str, type_: str) -> Any:
    """Send a file and say it."""
    path = f"/a/room/7/file?name={quote(name, safe='')}"
    reply = await api.send("POST", path, data, {"Content-Type": type_})
    assert reply.status == 201, reply
    await api.say("", file=reply.json["id"])
    return reply.json


@pytest.mark.gen_test(timeout=60)
async def test_a_picture_is_shown_where_it_was_said_with_room_kept_for_it(
    visitors: Visitors, api: Api
) -> None:
    await send(api, picture("JPEG", (1600, 900)), "<b>cat.jpg", "image/jpeg")
    ann = await visitors.enter()
    image = ann.lines.locator("img")
    await expect(image).to_have_js_property("complete", value=True)
    await expect(image).to_have_js_property("naturalWidth", 640)
    await expect(image).to_have_attribute("width", "640")
    await expect(image).to_have_attribute("height", "360")
    await expect(image).to_have_attribute("alt", "<b>cat.jpg")
    await send(api, picture("PNG", (30, 20)), "dog.png", "image/png")
    await expect(ann.lines.locator("img").nth(1)).to_have_js_property("naturalWidth", 30)


@pytest.mark.parametrize(
    ("content", "name", "type_"),
    [
        (SCRIPT, "a.html", "text/html"),
        (SVG, "a.svg", "image/svg+xml"),
        (b"alert(1)", "<img src=x onerror=alert(1)>.js", "text/javascript"),
        (b"\x89PNG\r\n\x1a\n" + SCRIPT, "a.png", "image/png"),
    ],
    ids=["HTML", "SVG", "script", "PNG"],
)
@pytest.mark.gen_test(timeout=60)
async def test_nothing_that_was_sent_runs_or_is_drawn(
    visitors: Visitors, api: Api, content: bytes, name: str, type_: str
) -> None:
    visitors.watch.expect("policy violated: require-trusted-types-for", "TrustedScriptURL", "MIME")
    file = await send(api, content, name, type_)
    ann = await visitors.enter()
    path = f"/room/7/file/{file['id']}"
    assert await ann.page.evaluate(_EMBED, path) == ["", ""]
    async with ann.page.expect_download() as download:
        await ann.page.evaluate("(path) => { location = path }", path)
    assert (await download.value).url.endswith(path)


@pytest.mark.gen_test(timeout=60)
async def test_a_page_sends_a_file_with_its_token(visitors: Visitors) -> None:
    ann = await visitors.enter()
    status, file = await ann.page.evaluate(_SEND, ["a.txt", "hello"])
    assert (status, file["name"], file["size"]) == (201, "a.txt", 5)
