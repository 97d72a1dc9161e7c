"""Secrets (S19): no password and no token of a whole life is in the log, or as such in the file."""

from __future__ import annotations

import logging
from collections.abc import Callable

import pytest

from tests.api import Api
from tests.handlers.browsing import Browser, bearer
from tests.handlers.site import Site

#: Said in no other place, and each in its own.
PASSWORDS = ["first-pass-phrase", "second-pass-phrase", "third-pass-phrase", "wrong-pass-phrase"]


async def live(api: Api, link: str) -> list[str]:
    """Everything that can be done with an account; returns the tokens that came up."""
    first, second, third, wrong = PASSWORDS
    ann, other = Browser(api), Browser(api)
    tokens = [link]

    async def note(browser: Browser) -> None:
        if browser.session is not None:
            tokens.append(browser.session)

    await ann.open()
    await note(ann)
    await ann.open(f"/first/{link}")
    await ann.post("/a/administrator", token=link + "x", name="Ann", password=first)
    await ann.post("/a/administrator", token=link, name="Ann", password="short")
    await ann.post("/a/administrator", token=link, name="Ann", password=first)
    await note(ann)
    await other.open("/room/8")
    await note(other)
    await other.post("/a/account", name="Ann", password=third)
    await other.sign_in(password=wrong)
    await other.sign_in(password=first)
    await note(other)
    program = (await other.post("/a/session/token", name="bot")).json["token"]
    tokens.append(program)
    await api.post("/a/message/new", {"room": "7", "body": "x"}, bearer(program))
    await api.get(f"/a/session?token={program}", bearer(program + "x"))
    for browser in (ann, other):
        for path in ("/", "/me", "/me?changed=1", "/sign-in", f"/first/{link}/"):
            await browser.open(path)
    await ann.post("/a/account/password", old=wrong, password=second)
    await ann.post("/a/account/password", old=first, password=second)
    await note(ann)
    await ann.post("/a/account/password", {"Content-Type": "text/plain"}, old=second)
    await ann.post("/a/account/delete", password=wrong, messages="keep")
    await ann.post("/a/session/end")
    await ann.sign_in(password=second)
    await note(ann)
    me = await ann.me()
    await ann.post(f"/a/person/{me['id']}/administrator", on="0")
    await ann.post("/a/account/delete", password=second, messages="delete")
    assert len(set(tokens)) == 8
    return tokens


@pytest.mark.gen_test
async def test_no_secret_is_in_the_log_nor_in_the_file(
    site: Site, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    link = await site.app.accounts.offer_first()
    assert link is not None
    secrets = [*PASSWORDS, *await live(site.api(), link)]
    files = b"".join(it.read_bytes() for it in site.files())  # before it is tidied up
    assert "/a/account/password" in caplog.text
    assert b"$argon2id$" in files
    for secret in secrets:
        assert secret not in caplog.text
        assert secret.encode() not in files


@pytest.mark.gen_test
async def test_a_fault_of_ours_tells_no_secret(
    site: Site,
    logged: Callable[[str], None],
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    logged("/first/***")
    logged("/a/account/sign-in")
    caplog.set_level(logging.DEBUG)
    link = await site.app.accounts.offer_first()
    monkeypatch.setattr(site.app.accounts, "offers", None)
    monkeypatch.setattr(site.app.accounts, "sign_in", None)
    browser = Browser(site.api())
    await browser.open("/sign-in")
    assert (await browser.open(f"/first/{link}")).status == 500
    assert (await browser.sign_in(password=PASSWORDS[0])).status == 500
    assert link is not None
    for secret in (link, PASSWORDS[0]):
        assert secret not in caplog.text
