"""A loop and a browser for all of these tests; a server process and people of its own for each.

A driver and a browser take a second and a half to start, too much for every test; a server takes a sixth of that.
Playwright lives on the loop on which it was started, so loop and browser share their life. What talks to the server is
the browser, so one kind of loop is enough.
"""

from __future__ import annotations

import asyncio
import importlib.util
import os
import shutil
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

import pytest
from tornado.ioloop import IOLoop

from tests.api import Api
from tests.server_process import ServerProcess

if TYPE_CHECKING:
    from playwright.async_api import Browser

    from tests.browser.visitors import Visitors

_SECONDS_TO_END = 10


class _LeftOut(pytest.Module):
    """A module that cannot be imported here."""

    def collect(self) -> NoReturn:
        """Say why. Raises CollectError where the browser is required, as in CI."""
        if os.environ.get("REQUIRE_BROWSER"):
            raise self.CollectError(f"REQUIRE_BROWSER is set, but there is no {_missing()}")
        pytest.skip(f"browser tests need {_missing()}")


def pytest_pycollect_makemodule(module_path: Path, parent: pytest.Collector) -> _LeftOut | None:
    """Called by pytest for each module of this folder."""
    return _LeftOut.from_parent(parent, path=module_path) if _missing() else None


@cache
def _missing() -> str:
    packages = ["playwright", "axe_playwright_python"]
    missing = [name for name in packages if importlib.util.find_spec(name) is None]
    return ", ".join(missing if shutil.which("chromium") else [*missing, "chromium"])


@pytest.fixture(scope="package")
def io_loop() -> Iterator[IOLoop]:
    with asyncio.Runner(debug=True) as runner:
        loop = runner.get_loop()
        loop.slow_callback_duration = 5.0
        asyncio.set_event_loop(loop)
        yield IOLoop(make_current=False, asyncio_loop=loop)
        assert not asyncio.all_tasks(loop)


@pytest.fixture(scope="package")
def browser(io_loop: IOLoop) -> Iterator[Browser]:
    from tests.browser.chromium import chromium  # noqa: PLC0415 - it may be missing

    opened = chromium()
    yield io_loop.run_sync(opened.__aenter__)
    io_loop.run_sync(lambda: opened.__aexit__(None, None, None))


@pytest.fixture
def data(tmp_path: Path) -> Path:
    return tmp_path / "data"


@pytest.fixture
def server(data: Path) -> Iterator[ServerProcess]:
    """The real one. When it is asked to close, it asks its readers to return after a second."""
    with ServerProcess(data, retry_spread=0.0) as server:
        yield server
        assert server.stderr == ""


@pytest.fixture
def host() -> str:
    """What people call the machine that the server runs on."""
    return "localhost"


@pytest.fixture
def visitors(
    browser: Browser, io_loop: IOLoop, server: ServerProcess, host: str
) -> Iterator[Visitors]:
    """Fails a test in whose pages something happened that it did not announce."""
    from tests.browser.visitors import Visitors  # noqa: PLC0415 - as above

    visitors = Visitors(browser, f"http://{host}:{server.port}")
    before = asyncio.all_tasks(io_loop.asyncio_loop)  # type: ignore[attr-defined]
    yield visitors
    io_loop.run_sync(visitors.close)
    assert not visitors.watch.surprises
    assert not io_loop.run_sync(lambda: _ended(before))


async def _ended(before: set[asyncio.Task[Any]]) -> set[asyncio.Task[Any]]:
    """What has begun since and does not end; what answers a page may be told only now that the page is gone."""
    begun = asyncio.all_tasks() - before - {asyncio.current_task()}
    return (await asyncio.wait(begun, timeout=_SECONDS_TO_END))[1] if begun else begun


@pytest.fixture
def api(io_loop: IOLoop, server: ServerProcess) -> Iterator[Api]:
    """A program called Ann."""
    api = Api(server.url)
    io_loop.run_sync(api.sign_in)
    yield api
    api.client.close()
