"""The link of the first administrator, as the process prints it; and who may read what it keeps."""

from __future__ import annotations

import re
import signal
from pathlib import Path

import pytest
from tornado.ioloop import IOLoop

from tests.api import Api
from tests.handlers.browsing import SECRET, Browser
from tests.server_process import ServerProcess


def next_line(server: ServerProcess) -> str:
    """What the server has printed behind the line that it listens."""
    out = server._running().stdout
    assert out is not None
    return out.readline()


def rest(server: ServerProcess) -> str:
    """What it has printed when it has ended."""
    child = server._running()
    child.send_signal(signal.SIGTERM)
    assert child.stdout is not None
    printed = child.stdout.read()
    server.terminate()
    return printed


@pytest.mark.gen_test(timeout=60)
@pytest.mark.parametrize("kind", ["chatroom", "tornado"])
async def test_the_link_is_printed_until_somebody_has_used_it(
    io_loop: IOLoop, tmp_path: Path, kind: str
) -> None:
    with ServerProcess(tmp_path / "data", server=kind, log_level="debug") as server:
        first = next_line(server)
        found = re.fullmatch(
            rf"First administrator: {re.escape(server.url)}/first/([\w-]{{43}})\n", first
        )
        assert found, first
        assert rest(server) == ""
        server.start()
        again = next_line(server)
        assert again != first
        api = Api(server.url)
        browser = Browser(api)
        assert (await browser.open(f"/first/{found[1]}")).status == 404
        link = again.rpartition("/")[2].strip()
        assert (await browser.open(f"/first/{link}")).status == 200
        fields = {"token": link, "name": "Chief", "password": SECRET}
        assert (await browser.post("/a/administrator", **fields)).status == 200
        api.client.close()
        server.terminate()
        server.start()
        assert rest(server) == ""
        for secret in (found[1], link, SECRET, browser.session):
            assert secret
            assert secret not in server.stderr


@pytest.mark.gen_test(timeout=60)
async def test_nobody_else_may_read_what_is_kept(io_loop: IOLoop, tmp_path: Path) -> None:
    with ServerProcess(tmp_path / "data") as server:
        api = Api(server.url)
        await api.sign_in()
        api.client.close()
        assert (tmp_path / "data").stat().st_mode & 0o777 == 0o700
        kept = {it.name: it.stat().st_mode & 0o777 for it in (tmp_path / "data").iterdir()}
        assert {"chatroom.db", "chatroom.db-wal"} <= kept.keys()
        assert {mode for name, mode in kept.items() if "db" in name} == {0o600}
