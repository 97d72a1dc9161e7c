"""Whatever is posted is guarded against other sites that make a browser send it (S7), and changes nothing then."""

from __future__ import annotations

import pytest

from tests.authorisation.table import ASKERS, REQUESTS, Request
from tests.authorisation.test_authorisation import one_loop, unguarded
from tests.authorisation.world import World

POSTS = [it for it in REQUESTS if "POST" in it.methods]

#: A token against forged requests, as a page has it in its forms and the browser in a cookie.
XSRF = "0123456789abcdef0123456789abcdef"
WRONG = XSRF[::-1]

#: What a browser may be made to send along with its cookies.
FORGED: list[dict[str, str]] = [
    {},
    {"X-XSRFToken": WRONG},
    {"Content-Type": "text/plain"},
    {"X-XSRFToken": XSRF, "Origin": "http://evil.test"},
    {"X-XSRFToken": XSRF, "Origin": "null"},
    {"X-XSRFToken": XSRF, "Sec-Fetch-Site": "cross-site", "Origin": "http://evil.test"},
    {"X-XSRFToken": XSRF, "Sec-Fetch-Site": "same-site"},
]


def somebody(request: Request) -> tuple[str, str] | None:
    """Somebody with a session who may do that, and in which room; None where nobody may."""
    for kind, line in request.answers.items():
        words = dict(zip(ASKERS[1:], line[1:], strict=True))
        if may := [asker for asker, word in words.items() if word.startswith("2")]:
            return may[-1], kind
    return None


@one_loop
@pytest.mark.parametrize("request_", POSTS, ids=[it.text for it in POSTS])
@pytest.mark.gen_test(timeout=60)
async def test_a_post_from_elsewhere_changes_nothing(world: World, request_: Request) -> None:
    asker, kind = somebody(request_) or ("owner", next(iter(request_.answers)))
    api = world.api(asker)
    cookies = {"Cookie": f"session={api.token}; _xsrf={XSRF}"}
    api.token = None
    for headers in FORGED:
        answer = await world.answer(request_, "POST", asker, kind, cookies | headers)
        assert (answer.word, unguarded(answer.reply)) == ("403", set()), headers
        assert answer.reply.error[1] == "forbidden"
    own = {"X-XSRFToken": XSRF, "Origin": api.base, "Sec-Fetch-Site": "same-origin"}
    answer = await world.answer(request_, "POST", asker, kind, cookies | own)
    if somebody(request_):
        expected = dict(zip(ASKERS, request_.answers[kind], strict=True))[asker]
        assert answer.reply.status < 300
        assert bool(answer.changed) != expected.endswith("=")
    else:
        assert answer.reply.error[1] != "forbidden"
