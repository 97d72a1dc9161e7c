"""In a local network there is often no https: no secure context, no Sec-Fetch-Site, no Web Locks, no randomUUID.

Whether a post comes from the site itself then shows in its Origin alone.
"""

from __future__ import annotations

import shutil
import subprocess

import pytest

from tests.browser.chromium import expect
from tests.browser.visitors import Visitors

#: Chromium says so on every page: that header is for secure contexts.
IGNORED = "Cross-Origin-Opener-Policy header has been ignored"


@pytest.fixture
def host() -> str:
    address = _address()
    if address is None:
        pytest.skip("this machine has no address but localhost")
    return address


@pytest.mark.gen_test(timeout=60)
async def test_two_people_talk_without_a_secure_context(visitors: Visitors) -> None:
    visitors.watch.expect(IGNORED)
    ann, bob = await visitors.enter(), await visitors.enter()
    assert await ann.page.evaluate("isSecureContext") is False
    await ann.rename("Ann")
    await expect(ann.naming).to_contain_text("Ann")
    await ann.say("hello")
    await bob.shows("hello")
    await bob.say("and back")
    await ann.shows("hello", "and back")


@pytest.mark.gen_test(timeout=60)
async def test_the_form_without_javascript_posts_too(visitors: Visitors) -> None:
    visitors.watch.expect(IGNORED)
    ann = await visitors.enter(java_script_enabled=False)
    await ann.rename("Ann")
    await ann.field.fill("hello")
    await ann.send.click()
    await ann.shows("hello")
    await expect(ann.page.locator(".log .author")).to_have_text(["Ann"])


def _address() -> str | None:
    """An IPv4 address of this machine other than localhost, if it has one and can tell."""
    if not shutil.which("hostname"):
        return None
    told = subprocess.run(["hostname", "-I"], capture_output=True, text=True, check=False).stdout
    return next((it for it in told.split() if ":" not in it), None)
