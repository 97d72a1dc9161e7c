"""Static files: kept for ever under the path of their release."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from chatroom.app import STATIC, Chatroom
from chatroom.handlers.static import StaticHandler, release_of
from tests.api import Api

#: Some file that is certainly there.
FILE = "favicon.svg"


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
async def test_a_file_that_is_not_there_is_not_found(api: Api, app: Chatroom) -> None:
    release = app.settings["release"]
    for path in (f"{release}/nothing.js", f"{release}/", release, "", "robots.txt"):
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
