"""GET /healthz and /readyz; a failing disk and a closing server have modules of their own."""

from __future__ import annotations

import pytest

from tests.api import Api


@pytest.mark.gen_test
async def test_a_server_that_is_well_says_so_to_anybody(api: Api) -> None:
    health = await api.get("/healthz")
    assert (health.status, health.json) == (200, {"status": "ok", "storage": "ok"})
    ready = await api.get("/readyz")
    assert (ready.status, ready.json) == (200, {"status": "ready"})


@pytest.mark.gen_test
async def test_head_answers_like_get_without_a_body(api: Api) -> None:
    for path in ("/healthz", "/readyz"):
        got, head = await api.get(path), await api.send("HEAD", path)
        assert (head.status, head.response.body) == (200, b"")
        assert head.response.headers["Content-Length"] == got.response.headers["Content-Length"]


@pytest.mark.gen_test
async def test_health_is_never_kept_by_a_cache(api: Api) -> None:
    for path in ("/healthz", "/readyz"):
        assert (await api.get(path)).response.headers["Cache-Control"] == "no-store"
