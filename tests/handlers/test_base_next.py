"""Where a form may be sent on to (S11): nowhere but this site."""

from __future__ import annotations

from urllib.parse import urljoin, urlsplit

import pytest

from tests.api import Api, offset

#: What browsers read as another host, or what a header cannot hold.
LEAVING = [
    *("//evil.test", "//evil.test/%2e%2e", "///evil.test", "////evil.test", "/\\evil.test"),
    *("\\\\evil.test", "\\/evil.test", "/\\/evil.test", "/\t/evil.test", "/\n/evil.test"),
    *("/\r/evil.test", "\t//evil.test", " //evil.test", "/ /evil.test", "//evil\u3002test"),
    *("http://evil.test", "HTTPS://evil.test", "https:evil.test", "http:/\\evil.test", "//"),
    *("javascript:alert(1)", "JaVaScRiPt:alert(1)", "java\tscript:alert(1)", "data:text/html,x"),
    *("/@evil.test:80", "@evil.test", "evil.test", ".evil.test", "", " ", "?x", "#x", "./x"),
    *("/\r\nSet-Cookie: session=x", "/x\r\n\r\n<script>", "/x\nLocation: //evil.test"),
    *("/\u2028/evil.test", "/\x0b/evil.test", "/\x00/evil.test", "/\x7f", "/\u00e9"),
    *("/room/7\n", "/room/7 ", "/room/<7>", '/room/"7"', "/;@evil.test", "/\uff0fevil.test"),
]

#: What looks like it but stays.
STAYING = [
    *("/", "/room/7", "/room/7?before=a-1#end", "/room/%E6%88%BF", "/%2f%2fevil.test"),
    *("/%5cevil.test", "/%09/evil.test", "/%0d%0aSet-Cookie", "/.//evil.test"),
    *("/..//evil.test", "/x//evil.test", "/?next=//evil.test", "/#//evil.test", "/~_-."),
]


@pytest.mark.gen_test
async def test_what_could_leave_the_site_is_refused_and_nothing_is_said(ann: Api) -> None:
    for path in LEAVING:
        reply = await ann.post("/a/message/new", {"body": "hello", "next": path})
        assert reply.error == (400, "next_invalid", "next"), ascii(path)
        assert "Location" not in reply.response.headers
        assert "Set-Cookie" not in reply.response.headers
    assert offset(await ann.standing("1")) == 0


@pytest.mark.gen_test
async def test_a_local_path_is_followed_as_it_stands(ann: Api) -> None:
    for path in STAYING:
        reply = await ann.post("/a/message/new", {"body": "hello", "next": path})
        assert reply.status == 303, path
        assert reply.response.headers["Location"] == path
        assert urlsplit(urljoin(ann.base, path)).netloc == urlsplit(ann.base).netloc


@pytest.mark.gen_test
async def test_of_several_next_paths_the_one_that_is_followed_is_checked(ann: Api) -> None:
    for paths in (("/", "//evil.test"), ("//evil.test", "/")):
        reply = await ann.post("/a/session", [("name", "Ann"), *(("next", it) for it in paths)])
        location = reply.response.headers.get("Location")
        assert (reply.status, location) in ((303, "/"), (400, None))
