"""Files over HTTP: belonging to a message, fetched as what they are, and gone with it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any
from urllib.parse import quote, urlsplit

import msgspec
import pytest

from chatroom.app import Chatroom
from chatroom.engines.files import CHUNK
from tests.api import Api
from tests.conftest import until
from tests.handlers.files import fetch, put, rows, send, sent, shared
from tests.pictures import moving, opened, picture
from tests.proof.raw import connected


@pytest.mark.gen_test
async def test_a_file_is_sent_belongs_to_a_message_and_is_fetched_as_it_was(
    ann: Api, bob: Api
) -> None:
    data = bytes(range(256)) * 1000
    file, message = await shared(ann, data, "über uns.pdf")
    assert file | {"id": ""} == {
        "id": "", "name": "über uns.pdf", "type": "text/plain", "size": len(data), "width": 0, "height": 0,
    }  # fmt: skip
    assert message["files"] == [file]
    reply = await fetch(bob, file)
    headers = reply.response.headers
    assert (reply.status, reply.response.body) == (200, data)
    assert headers["Content-Type"] == "text/plain; charset=utf-8"
    assert headers["Content-Disposition"] == (
        "attachment; filename=\"_ber uns.pdf\"; filename*=UTF-8''%C3%BCber%20uns.pdf"
    )
    assert headers["Content-Length"] == str(len(data))
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Content-Security-Policy"] == "sandbox; default-src 'none'"
    assert headers["Cache-Control"].startswith("private")


@pytest.mark.gen_test
async def test_only_its_sender_sees_a_file_that_waits_for_its_message(ann: Api, bob: Api) -> None:
    file = await sent(ann, b"hello")
    assert [(await fetch(it, file)).status for it in (ann, bob)] == [200, 404]
    assert (await fetch(ann, file, room="8")).status == 404
    assert (await bob.post("/a/message/new", {"room": "7", "file": file["id"]})).error == (
        404, "not_found", "file",
    )  # fmt: skip


@pytest.mark.gen_test
async def test_a_file_goes_with_its_message_and_its_bytes_with_the_next_sweep(
    ann: Api, bob: Api, app: Chatroom
) -> None:
    file, message = await shared(ann, b"hello")
    reply = await ann.do("delete", "7", id=message["id"])
    assert reply.status == 200
    assert [(await fetch(it, file)).status for it in (ann, bob)] == [404, 404]
    assert await app.chat.engine.files.sweep()
    assert not await app.chat.engine.files.sweep()


@pytest.mark.gen_test
async def test_a_file_goes_with_what_the_room_keeps_no_longer(
    ann: Api, app: Chatroom, tea: str
) -> None:
    file, _ = await shared(ann, b"hello", room=tea)
    await ann.say("later", tea)
    await ann.run(tea, keep_messages="1")
    await app.chat.engine.trim()
    assert (await fetch(ann, file, room=tea)).status == 404
    assert await rows(app) == (0, 0, 0)


@pytest.mark.gen_test
async def test_whoever_may_not_come_in_finds_no_file(ann: Api, bob: Api, cleo: Api) -> None:
    room = (await ann.post("/a/private", {"person": cleo.id})).json["room"]
    file, _ = await shared(ann, b"hello", room=room)
    assert (await fetch(cleo, file, room=room)).status == 200
    for path in (room, "7"):
        assert (await fetch(bob, file, room=path)).status == 404
    assert (await send(bob, b"hello", room=room)).error == (404, "not_found", "room")


@pytest.mark.gen_test(timeout=30)
async def test_a_picture_is_drawn_anew_and_shown(ann: Api, bob: Api) -> None:
    data = picture("JPEG", (800, 600), comment=b"taken at home")
    file, message = await shared(ann, data + b"%PDF-1.7 and more", "a.html")
    assert (file["type"], file["width"], file["height"]) == ("image/jpeg", 800, 600)
    reply = await fetch(bob, file)
    assert b"taken at home" not in reply.response.body
    assert b"%PDF" not in reply.response.body
    assert len(reply.response.body) == file["size"]
    assert reply.response.headers["Content-Disposition"].startswith("inline;")
    assert reply.response.headers["Content-Type"] == "image/jpeg"
    assert 'width="640" height="480"' in message["html"]
    small = await fetch(bob, file, "/thumbnail")
    assert opened(small.response.body).size == (640, 480)
    assert small.response.headers["Content-Type"] == "image/webp"
    assert small.response.headers["Etag"] != reply.response.headers["Etag"]


@pytest.mark.gen_test(timeout=30)
async def test_a_small_picture_is_its_own_thumbnail(ann: Api) -> None:
    file = await sent(ann, moving("GIF"))
    small = await fetch(ann, file, "/thumbnail")
    assert small.response.body == (await fetch(ann, file)).response.body
    assert small.response.headers["Content-Type"] == file["type"] == "image/webp"


@pytest.mark.gen_test
async def test_what_is_no_picture_has_no_thumbnail(ann: Api) -> None:
    file = await sent(ann, b"hello")
    assert (await fetch(ann, file, "/thumbnail")).status == 404


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("a.svg", b'<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>'),
        ("a.html", b"<script>alert(1)</script>"),
        ("a.png", b"<script>alert(1)</script>"),
        ("a.jpg.html", b"\x89PNG\r\n\x1a\n<script>alert(1)</script>"),
        ("a.gif", b"GIF89a\x01\0\x01\0*/=1;alert(1)//"),
        ("a.eps", b"%!PS-Adobe-3.0 EPSF-3.0\n"),
        ("a.xml", b"<?xml version='1.0'?><?xml-stylesheet href='a.xsl'?><a/>"),
        ("a.js", b"alert(1)"),
    ],
)
@pytest.mark.gen_test(timeout=30)
async def test_what_could_be_active_is_only_ever_saved(ann: Api, name: str, data: bytes) -> None:
    for type_ in ("image/svg+xml", "text/html", "image/png", "text/javascript", "application/xml"):
        reply = await send(ann, data, name, Content_Type=type_)
        assert (reply.status, reply.json["width"]) == (201, 0)
        headers = (await fetch(ann, reply.json)).response.headers
        assert headers["Content-Type"] == "application/octet-stream"
        assert headers["Content-Disposition"].startswith("attachment;")
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers["Content-Security-Policy"] == "sandbox; default-src 'none'"


@pytest.mark.parametrize(
    ("told", "kept"),
    [
        ("../../etc/passwd", "passwd"),
        ("/etc/passwd", "passwd"),
        ("C:\\Windows\\evil.exe", "evil.exe"),
        ("a\0b.txt", "ab.txt"),
        ("in\r\nvoice.txt", "invoice.txt"),
        ("\u202egpj.exe", "gpj.exe"),
        ("..", "file"),
        ("", "file"),
    ],
)
@pytest.mark.gen_test
async def test_a_name_is_only_shown_and_never_a_path(ann: Api, told: str, kept: str) -> None:
    file = await sent(ann, b"hello", told)
    assert file["name"] == kept
    assert file["id"].isalnum()
    assert (await fetch(ann, file)).response.body == b"hello"
    for path in (told, kept, "../" + file["id"], "%2e%2e%2fchatroom.db", "%00"):
        assert (await ann.get(f"/room/7/file/{quote(path, safe='%')}")).status in (400, 404)


@pytest.mark.gen_test
async def test_a_range_is_sent_alone(ann: Api) -> None:
    data = bytes(range(256)) * 600
    file = await sent(ann, data)
    for asked, start, end in (
        ("bytes=0-0", 0, 1),
        ("bytes=65530-65545", 65530, 65546),
        ("bytes=153000-", 153000, 153600),
        ("bytes=-5", 153595, 153600),
        ("bytes=1-999999", 1, 153600),
    ):
        reply = await fetch(ann, file, Range=asked)
        assert (reply.status, reply.response.body) == (206, data[start:end]), asked
        assert reply.response.headers["Content-Range"] == f"bytes {start}-{end - 1}/153600"
    for asked in ("bytes=153600-", "bytes=-0", "bytes=5-4"):
        refused = await fetch(ann, file, Range=asked)
        assert refused.status == 416
        assert refused.response.headers["Cache-Control"] == "no-store"
    for asked in ("lines=1-2", "bytes=-", "bytes=1-2,4-5"):
        assert (await fetch(ann, file, Range=asked)).status == 200
    assert (await fetch(ann, file, **{"Range": "bytes=0-0", "If-Range": '"x"'})).status == 200


@pytest.mark.gen_test
async def test_what_a_browser_has_is_not_sent_again_but_admission_is_asked(
    ann: Api, bob: Api, tea: str
) -> None:
    file, _ = await shared(ann, b"hello", room=tea)
    etag = (await fetch(bob, file, room=tea)).response.headers["Etag"]
    again = {"If-None-Match": etag}
    assert (await fetch(bob, file, room=tea, **again)).status == 304
    await ann.do("bar", tea, person=bob.id, act="ban")
    assert (await fetch(bob, file, room=tea, **again)).status == 404


@pytest.mark.gen_test
async def test_the_head_of_a_file_is_that_of_the_file(ann: Api) -> None:
    file = await sent(ann, b"hello")
    reply = await ann.send("HEAD", f"/room/7/file/{file['id']}")
    assert (reply.status, reply.response.headers["Content-Length"]) == (200, "5")


@pytest.mark.parametrize("asked", ["bytes=0-1", "bytes=9-"])
@pytest.mark.gen_test
async def test_a_range_is_understood_of_a_get_only(ann: Api, asked: str) -> None:
    file = await sent(ann, b"hello")
    reply = await ann.send("HEAD", f"/room/7/file/{file['id']}", headers={"Range": asked})
    assert (reply.status, reply.response.headers["Content-Length"]) == (200, "5")


@pytest.mark.gen_test(timeout=30)
async def test_a_reader_who_does_not_read_is_not_sent_all_of_it(
    ann: Api, app: Chatroom, monkeypatch: pytest.MonkeyPatch
) -> None:
    size = 100 * CHUNK
    file = await put(app, ann, b"a" * CHUNK, 100)
    read: list[int] = []
    engine_read = app.chat.engine.files.read

    async def watched(*args: Any, **more: Any) -> AsyncIterator[bytes]:
        async for chunk in engine_read(*args, **more):
            read.append(len(chunk))
            yield chunk

    monkeypatch.setattr(app.chat.engine.files, "read", watched)
    where = urlsplit(ann.base)
    async with connected(where.port or 0, receive_buffer=4096) as (_, writer):
        writer.write(
            f"GET /room/7/file/{file} HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer {ann.token}\r\n\r\n".encode()
        )
        await until(lambda: bool(read))
        for _ in range(100):
            await ann.get("/healthz")
        assert sum(read) < size
    await app.inflight.idle()
    assert sum(read) < size


@pytest.mark.gen_test(timeout=30)
async def test_a_reader_who_does_not_read_is_cut_off_in_the_end(ann: Api, app: Chatroom) -> None:
    app.chat.settings = msgspec.structs.replace(app.chat.settings, write_timeout=0.1)
    file = await put(app, ann, b"a" * CHUNK, 100)
    where = urlsplit(ann.base)
    async with connected(where.port or 0, receive_buffer=4096) as (_, writer):
        writer.write(
            f"GET /room/7/file/{file} HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer {ann.token}\r\n\r\n".encode()
        )
        await until(lambda: bool(app.inflight._requests))
        await app.inflight.idle()


@pytest.mark.parametrize("how", ["ban", "delete", "end"])
@pytest.mark.gen_test
async def test_whoever_would_not_find_a_file_any_more_is_not_sent_the_rest_of_it(
    ann: Api, bob: Api, app: Chatroom, monkeypatch: pytest.MonkeyPatch, how: str
) -> None:
    monkeypatch.setattr("chatroom.handlers.file._LOOK_AGAIN", 0.0)
    file, message = await shared(ann, b"a" * 4 * CHUNK, room="tea")
    read, begun, go_on = app.chat.engine.files.read, asyncio.Event(), asyncio.Event()

    async def slow(*args: Any, **more: Any) -> AsyncIterator[bytes]:
        async for chunk in read(*args, **more):
            yield chunk
            begun.set()
            await go_on.wait()

    monkeypatch.setattr(app.chat.engine.files, "read", slow)
    async with bob.connected() as (reader, writer):
        writer.write(
            f"GET /room/tea/file/{file['id']} HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer {bob.token}\r\n\r\n".encode()
        )
        await begun.wait()
        if how == "ban":
            await ann.do("bar", "tea", person=bob.id, act="ban")
        elif how == "delete":
            await ann.do("delete", "tea", id=message["id"])
        else:
            await bob.post("/a/session/end", {})
        go_on.set()
        heard = await reader.read()
    assert len(heard.partition(b"\r\n\r\n")[2]) < 4 * CHUNK
    await app.inflight.idle()


@pytest.mark.gen_test
async def test_a_file_that_goes_while_it_is_read_ends_early(ann: Api, app: Chatroom) -> None:
    file = await put(app, ann, b"a" * CHUNK, 2)
    await app.chat.engine._store.execute("DELETE FROM chunks WHERE number = 1")  # type: ignore[attr-defined]
    async with ann.connected() as (reader, writer):
        writer.write(
            f"GET /room/7/file/{file} HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer {ann.token}\r\n\r\n".encode()
        )
        heard = await reader.read()
    assert f"Content-Length: {2 * CHUNK}".encode() in heard
    assert len(heard.partition(b"\r\n\r\n")[2]) == CHUNK
