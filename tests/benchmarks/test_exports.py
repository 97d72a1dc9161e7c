"""The measure of taking a room away, in small."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from benchmarks.exports import ROOM, begin, grow, measure
from tests.server_process import ServerProcess


@pytest.mark.parametrize("io_loop", ["asyncio"], indirect=True)
@pytest.mark.gen_test(timeout=60)
async def test_a_room_is_grown_and_taken_in_both_forms(
    io_loop: Any, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with ServerProcess(tmp_path) as server:
        owner = await begin(server)
        server.terminate()
        grow(tmp_path / "chatroom.db", 250)
        server.start()
        await measure(server, owner, 250)
        told = (await owner.get(f"/room/{ROOM}/export.json")).json
        owner.client.close()
    assert len(told["entries"]) == 250
    lines = capsys.readouterr().out.splitlines()
    assert [it.partition(":")[0] for it in lines[1:]] == ["json", "html"]
