"""What every reply has in common: errors, and how a request is read."""

from __future__ import annotations

import json
from collections.abc import Callable
from html import escape

import pytest

from chatroom.app import Chatroom
from tests.api import Api, Reply, bodies, offset

NEW = "/a/message/new"
FORM = "application/x-www-form-urlencoded"
PAGE = {"Accept": "text/html,*/*;q=0.1"}


@pytest.mark.gen_test
async def test_a_method_that_is_not_taken_is_told_which_are(api: Api) -> None:
    takes = {
        NEW: {"POST"},
        "/a/session": {"GET", "HEAD", "POST"},
        "/a/session/end": {"POST"},
        "/a/message/updates": {"GET", "POST"},
        "/a/room/7/messages": {"GET", "HEAD"},
        "/": {"GET", "HEAD"},
        "/room": {"GET", "HEAD"},
        "/room/7": {"GET", "HEAD"},
        "/healthz": {"GET", "HEAD"},
        "/readyz": {"GET", "HEAD"},
        "/static/0/favicon.svg": {"GET", "HEAD"},
    }
    for path, methods in takes.items():
        for method in {"GET", "HEAD", "POST", "PUT", "DELETE", "PATCH", "BREW"} - methods:
            reply = await api.send(method, path)
            assert reply.status == 405, (method, path)
            assert set(reply.response.headers["Allow"].split(", ")) == methods


@pytest.mark.gen_test
async def test_a_405_of_a_call_names_its_code(api: Api) -> None:
    assert (await api.get(NEW)).error == (405, "method_not_allowed", None)
    head = await api.send("HEAD", NEW)
    assert (head.status, head.response.body) == (405, b"")


@pytest.mark.gen_test
async def test_a_body_of_max_body_bytes_is_read_and_one_more_is_413(
    ann: Api, app: Chatroom
) -> None:
    limit = app.chat.settings.max_body
    form = b"room=7&body=hello&padding="
    full = form.ljust(limit, b"x")
    headers = {"Content-Type": FORM}
    assert (await ann.send("POST", NEW, full, headers)).status == 201
    reply = await ann.send("POST", NEW, full + b"x", headers)
    assert reply.error[:2] == (413, "too_large")
    assert bodies(await ann.history()) == ["hello"]


@pytest.mark.gen_test
async def test_a_form_that_is_not_utf_8_is_unreadable(ann: Api) -> None:
    for body in (b"body=%FF", b"body=\xff", b"body=%ED%A0%80", b"body=%C0%80", b"%FF=1&body=a"):
        reply = await ann.send("POST", NEW, body, {"Content-Type": FORM})
        assert reply.error[:2] == (400, "unreadable"), body
    assert offset(await ann.standing("1")) == 0


@pytest.mark.gen_test
async def test_a_query_string_is_utf_8_percent_encoded_or_not(api: Api) -> None:
    for query in (b"room=%FF", b"room=\xff", b"room=%ED%A0%80", b"room=%C0%80", b"%FF=1"):
        status, body = await raw_get(api, b"/a/message/updates?wait=0&" + query)
        assert (status, b"unreadable" in body) == (400, True), query
    for query in (b"room=%E6%88%BF", "room=房".encode()):
        status, body = await raw_get(api, b"/a/message/updates?wait=0&" + query)
        assert (status, "房".encode() in body) == (200, True), query


async def raw_get(api: Api, target: bytes) -> tuple[int, bytes]:
    """Status and body for a request target sent exactly as it stands."""
    async with api.connected() as (reader, writer):
        writer.write(
            b"GET " + target + b" HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
        )
        head, _, body = (await reader.read()).partition(b"\r\n\r\n")
        return int(head.split()[1]), body


@pytest.mark.gen_test
async def test_json_that_is_no_object_of_texts_and_numbers_is_unreadable(ann: Api) -> None:
    garbage = [
        *(b"", b"{", b"[]", b"null", b'"body"', b"1", b'{"body": NaN}', b'{"body": 1e999}'),
        *(b'{"body": {"a": 1}}', b'{"body": [["a"]]}', b'{"body": "\xff"}', b'{"body" "a"}'),
        *(b'{"body": "\\ud800"}', b'{"body": "a\\udfffb"}', b'{"\\ud800": 1, "body": "a"}'),
        *(b'{"body": ' + b"[" * 30_000, b"[" * 60_000, b'{"a":' * 10_000, b'{"body": a}'),
        b'{"body": ' + b"9" * 6_000 + b"}",
    ]
    for body in garbage:
        reply = await ann.post_json(NEW, body)
        assert reply.error[:2] == (400, "unreadable"), body[:30]
    assert offset(await ann.standing("1")) == 0


@pytest.mark.gen_test
async def test_a_surrogate_pair_in_json_is_one_character(ann: Api) -> None:
    reply = await ann.post_json(NEW, b'{"body": "\\ud83d\\ude00"}')
    assert reply.json["body"] == "\U0001f600"


@pytest.mark.gen_test
async def test_an_unknown_content_type_is_told_which_are_known(ann: Api) -> None:
    for kind in ("text/plain", "application/xml", "x", "", "application/jsonp", "text/json"):
        reply = await ann.send("POST", NEW, b'{"body": "a"}', {"Content-Type": kind})
        assert reply.error[:2] == (400, "content_type_unknown"), kind
    assert offset(await ann.standing("1")) == 0


@pytest.mark.gen_test
async def test_the_parameters_and_the_case_of_a_content_type_do_not_matter(ann: Api) -> None:
    for kind in (f"{FORM}; charset=UTF-8", FORM.upper(), f"{FORM} ;x=y"):
        reply = await ann.send("POST", NEW, b"body=a", {"Content-Type": kind})
        assert reply.status == 201, kind


@pytest.mark.gen_test
async def test_multipart_is_refused_well_formed_or_not(
    ann: Api, logged: Callable[[str], None]
) -> None:
    logged("multipart")
    part = b'--b\r\nContent-Disposition: form-data; name="body"\r\n\r\nx\r\n'
    for body in (part + b"--b--\r\n", part * 101 + b"--b--\r\n", b"--b", b"garbage"):
        for kind in ("multipart/form-data; boundary=b", "multipart/form-data"):
            reply = await ann.send("POST", NEW, body, {"Content-Type": kind})
            assert reply.error[0] == 400


@pytest.mark.gen_test
async def test_1000_arguments_are_read_and_1001_are_refused(ann: Api) -> None:
    for count, status in [(1000, 201), (1001, 400)]:
        fields = [("body", "hello"), *[("x", "")] * (count - 1)]
        assert (await ann.post(NEW, fields)).status == status
        names = {"body": "hello"} | {f"x{number}": 1 for number in range(count - 1)}
        assert (await ann.post_json(NEW, json.dumps(names).encode())).status == status
        query = "wait=0" + "&x=" * (count - 1)
        read = await ann.get(f"/a/message/updates?{query}")
        assert read.status == (200 if status == 201 else 400)


@pytest.mark.gen_test
async def test_a_browser_gets_the_error_of_a_form_as_a_page_with_the_unsent_text(ann: Api) -> None:
    draft = '</textarea><script>alert("1")</script>' + "x" * 4000
    fields = {"room": "7", "next": "/room/7", "body": draft}
    reply = await ann.post(NEW, fields, PAGE)
    assert reply.status == 400
    assert reply.response.headers["Content-Type"].lower() == "text/html; charset=utf-8"
    assert reply.response.headers["Cache-Control"] == "no-store"
    assert escape(draft) in reply.text.replace("&#39;", "&#x27;")
    assert "<script>" not in reply.text
    assert 'href="/room/7"' in reply.text


@pytest.mark.gen_test
async def test_no_error_loses_the_text_that_a_form_brought(api: Api, ann: Api) -> None:
    for client, fields, status in [
        (api, {"body": "my words", "next": "/room/7"}, 401),
        (ann, {"body": "my words", "next": "/room/7", "room": "a b"}, 400),
        (ann, {"body": "my words", "next": "/room/7", "client_id": "é"}, 400),
        (ann, {"body": "my words", "next": "//evil.test"}, 400),
    ]:
        reply = await client.post(NEW, fields, PAGE)
        assert reply.status == status
        assert "my words" in reply.text, fields


@pytest.mark.gen_test
async def test_a_refused_form_is_never_led_off_the_site(ann: Api) -> None:
    reply = await ann.post(NEW, {"body": "", "next": "//evil.test/"}, PAGE)
    assert reply.status == 400
    assert "evil.test" not in reply.text


@pytest.mark.gen_test
async def test_a_refused_form_from_elsewhere_keeps_its_text(ann: Api) -> None:
    headers = PAGE | {"Origin": "http://evil.test"}
    reply = await ann.post(NEW, {"body": "my words"}, headers)
    assert reply.status == 403
    assert "my words" in reply.text


@pytest.mark.gen_test
async def test_a_program_gets_errors_in_json_and_a_browser_gets_pages(api: Api) -> None:
    for path, status in [("/nowhere", 404), ("/room/a%20b", 400), ("/a/message/new", 405)]:
        assert is_page(await api.get(path, PAGE), status)
        assert (await api.get(path, {"Accept": "application/json"})).error[0] == status


def is_page(reply: Reply, status: int) -> bool:
    """Whether it is an error page of that status."""
    return reply.status == status and "<html" in reply.text


@pytest.mark.gen_test
async def test_a_fault_of_ours_is_logged_and_told_without_its_cause(
    ann: Api, app: Chatroom, monkeypatch: pytest.MonkeyPatch, logged: Callable[[str], None]
) -> None:
    logged("GET /a/room/7/messages")

    async def fail(*_: object) -> None:
        raise RuntimeError("secret")

    monkeypatch.setattr(app.chat, "history", fail)
    for headers in ({}, PAGE):
        reply = await ann.get("/a/room/7/messages", headers)
        assert reply.status == 500
        assert "secret" not in reply.text
        assert "Traceback" not in reply.text
