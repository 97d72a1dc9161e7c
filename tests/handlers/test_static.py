"""Static files: kept for ever under the path of their release."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from tornado.httpclient import HTTPResponse

from chatroom.app import STATIC, Chatroom
from chatroom.handlers import static
from chatroom.handlers.static import StaticHandler, release_of
from chatroom.joining import script, sheet, source_map
from chatroom.packing import needed, packed
from tests.api import Api

#: Some file that is certainly there.
FILE = "favicon.svg"
KINDS = {"js": "text/javascript", "css": "text/css"}


@pytest.fixture
def url(app: Chatroom) -> str:
    """Where that file is."""
    return StaticHandler.make_static_url(app.settings, FILE)


@pytest.mark.gen_test
async def test_a_file_of_this_release_is_kept_for_ever(api: Api, url: str) -> None:
    reply = await api.get(url)
    assert (reply.status, reply.response.body) == (200, (STATIC / FILE).read_bytes())
    cached = reply.response.headers["Cache-Control"]
    assert "immutable" in cached
    assert "max-age=31536000" in cached
    assert reply.response.headers["Content-Type"].startswith("image/svg+xml")


@pytest.mark.gen_test
async def test_a_page_of_an_older_release_still_finds_its_files_but_does_not_keep_them(
    api: Api,
) -> None:
    reply = await api.get(f"/static/000000000000/{FILE}")
    assert reply.status == 200
    assert reply.response.headers["Cache-Control"] == "no-cache"


@pytest.mark.gen_test
async def test_what_the_browser_has_already_is_not_sent_again(api: Api, url: str) -> None:
    etag = (await api.get(url)).response.headers["Etag"]
    reply = await api.get(url, {"If-None-Match": etag})
    assert (reply.status, reply.response.body) == (304, b"")


@pytest.mark.gen_test
async def test_scripts_and_styles_come_packed_to_whom_that_is_for(api: Api, app: Chatroom) -> None:
    path = StaticHandler.make_static_url(app.settings, "js/main.js")
    plain, small = await as_sent(api, path, ""), await as_sent(api, path, "gzip")
    whole = script("js/main.js", ours).encode()
    assert (plain.body, plain.headers.get("Content-Encoding")) == (whole, None)
    assert (small.body, small.headers["Content-Encoding"]) == (packed(whole, KINDS["js"]), "gzip")
    assert int(small.headers["Content-Length"]) == len(small.body) < len(whole)
    assert plain.headers["Vary"] == small.headers["Vary"] == "Accept-Encoding"
    again = await api.get(path, {"If-None-Match": small.headers["Etag"]})
    assert (again.status, again.response.body) == (304, b"")


def ours(path: str) -> str:
    return (STATIC / path).read_text(encoding="utf-8")


@pytest.mark.gen_test
async def test_scripts_and_sheets_come_with_what_they_import(api: Api, app: Chatroom) -> None:
    for path, joined in (("js/worker.js", script), ("css/main.css", sheet)):
        url = StaticHandler.make_static_url(app.settings, path)
        whole = (await as_sent(api, url, "")).body
        assert whole.decode() == joined(path, ours)
        part = await api.get(url, {"Range": "bytes=10-19"})
        assert (part.status, part.response.body) == (206, whole[10:20])
        async with api.connected() as (reader, writer):
            writer.write(f"HEAD {url} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode())
            head = (await reader.readuntil(b"\r\n\r\n")).decode()
        assert f"Content-Length: {len(whole)}\r\n" in head


@pytest.mark.gen_test
async def test_a_script_says_where_the_map_to_its_files_is(api: Api, app: Chatroom) -> None:
    url = StaticHandler.make_static_url(app.settings, "js/worker.js")
    beside = (await api.get(url)).response.headers["SourceMap"]
    reply = await api.get(f"{url.rpartition('/')[0]}/{beside}")
    assert reply.response.body.decode() == source_map("js/worker.js", ours)
    assert reply.response.headers["Content-Type"] == "application/json"
    assert "immutable" in reply.response.headers["Cache-Control"]
    sheets = await api.get(StaticHandler.make_static_url(app.settings, "css/main.css"))
    assert "SourceMap" not in sheets.response.headers


@pytest.mark.gen_test
async def test_nobody_keeps_the_answer_to_a_range_that_is_not_there(api: Api, url: str) -> None:
    reply = await api.get(url, {"Range": "bytes=99999999-"})
    assert (reply.status, reply.response.headers["Cache-Control"]) == (416, "no-store")


@pytest.mark.gen_test
async def test_a_file_is_not_taken_for_unchanged_because_only_what_it_imports_has_changed(
    api: Api, app: Chatroom
) -> None:
    url = StaticHandler.make_static_url(app.settings, "js/worker.js")
    reply = await api.get(url, {"If-Modified-Since": "Fri, 31 Dec 9999 23:59:59 GMT"})
    assert (reply.status, "Last-Modified" in reply.response.headers) == (200, False)


@pytest.mark.gen_test
async def test_a_map_is_made_once(api: Api, app: Chatroom, monkeypatch: pytest.MonkeyPatch) -> None:
    url = StaticHandler.make_static_url(app.settings, "js/selftest.js.map")
    first = await api.get(url)
    monkeypatch.setattr(static, "_read", pytest.fail)
    again = await api.get(url)
    assert (again.status, again.response.body) == (200, first.response.body)


async def as_sent(api: Api, path: str, accepts: str) -> HTTPResponse:
    """A reply that is not unpacked."""
    return await api.client.fetch(
        api.base + path,
        headers={"Accept-Encoding": accepts},
        decompress_response=False,
        raise_error=False,
    )


@pytest.mark.gen_test
async def test_pages_are_not_packed(api: Api) -> None:
    for path in ("/", "/room/7"):
        reply = await as_sent(api, path, "gzip")
        assert (b"<html" in reply.body, "Content-Encoding" in reply.headers) == (True, False)


#: Bytes of all scripts and styles, compressed together. At 1.6 Mbit/s, as measures of slow phones assume ("Slow 4G"),
#: that is 0.3 s, and there are 150 ms for each turn besides.
WEIGHT_LIMIT = 60_000
#: And as they travel to a first visit of a room: the page's and its worker's, which has some of it a second time.
TRAVELLING_LIMIT = 66_000


def test_all_scripts_and_styles_together_are_light() -> None:
    files = [
        (it.read_bytes(), kind) for end, kind in KINDS.items() for it in STATIC.rglob(f"*.{end}")
    ]
    assert len(files) > 20
    together = b"".join(needed(content, kind) for content, kind in files)
    assert len(packed(together, "")) <= WEIGHT_LIMIT


def test_what_a_room_s_page_waits_for_is_light() -> None:
    scripts = [script(f"js/{name}.js", ours) for name in ("main", "worker")]
    travelling = [(it, KINDS["js"]) for it in scripts]
    travelling.append((sheet("css/main.css", ours), KINDS["css"]))
    assert sum(len(packed(it.encode(), kind)) for it, kind in travelling) <= TRAVELLING_LIMIT


@pytest.mark.gen_test
async def test_a_file_that_is_not_there_is_not_found(api: Api, app: Chatroom) -> None:
    release = app.settings["release"]
    for path in (f"{release}/nothing.js", f"{release}/", release, "", "robots.txt", "x/no.js.map"):
        reply = await api.get(f"/static/{path}")
        assert reply.status == 404, path
        assert reply.response.headers["Cache-Control"] == "no-store"


@pytest.mark.gen_test
async def test_nothing_outside_the_folder_is_served(api: Api, app: Chatroom) -> None:
    release = app.settings["release"]
    for path in ("../chatroom/app.py", "%2e%2e/run.py", "..%2frun.py", "css/../../run.py"):
        assert await status_of(api, f"/static/{release}/{path}") in (403, 404)
        assert await status_of(api, f"/static/{path}") in (403, 404)
    assert await status_of(api, f"/static/{release}//etc/passwd") in (403, 404)
    assert await status_of(api, f"/static/{release}/../tests/js/asks.test.js.map") in (403, 404)
    assert await status_of(api, f"/static/{release}/%00") in (400, 403, 404)


async def status_of(api: Api, path: str) -> int:
    """The status of a path sent exactly as it stands."""
    async with api.connected() as (reader, writer):
        writer.write(f"GET {path} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode())
        return int((await reader.readline()).split()[1])


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    """A folder with two files."""
    (tmp_path / "css").mkdir()
    (tmp_path / "css" / "a.css").write_text("a")
    (tmp_path / "b.js").write_text("b")
    return tmp_path


def test_a_release_is_named_by_what_is_in_the_folder(folder: Path) -> None:
    before = release_of(folder)
    assert release_of(folder) == before
    (folder / "b.js").write_text("c")
    changed = release_of(folder)
    (folder / "b.js").rename(folder / "c.js")
    assert len({before, changed, release_of(folder)}) == 3
