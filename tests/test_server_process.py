"""The harness that starts the real server: it starts, dies, returns on the same port, and ends cleanly."""

from __future__ import annotations

import re
import socket
import urllib.request
from pathlib import Path

import pytest

from tests.server_process import ServerFailed, ServerProcess


def health(server: ServerProcess) -> int:
    with urllib.request.urlopen(f"{server.url}/healthz", timeout=10) as reply:
        return int(reply.status)


def test_it_listens_when_start_returns_and_again_on_the_same_port_after_a_kill(
    tmp_path: Path,
) -> None:
    with ServerProcess(tmp_path / "data") as server:
        assert health(server) == 200
        url, pid = server.url, server.pid
        assert server.kill().code == -9
        server.restart()
        assert server.url == url
        assert server.pid != pid
        assert health(server) == 200


def test_sigterm_ends_it_with_code_0_within_ten_seconds(tmp_path: Path) -> None:
    with ServerProcess(tmp_path / "data") as server:
        ended = server.terminate()
    assert ended.code == 0
    assert ended.seconds < 10


def test_a_killed_server_refuses_connections_and_its_port_is_not_given_away(tmp_path: Path) -> None:
    with ServerProcess(tmp_path / "data") as server:
        server.kill()
        with pytest.raises(ConnectionRefusedError):
            socket.create_connection(("127.0.0.1", server.port)).close()
        with socket.socket() as stranger, pytest.raises(OSError, match="in use"):
            stranger.bind(("", server.port))


def test_a_server_that_does_not_start_is_reported_with_what_it_said(tmp_path: Path) -> None:
    refused = re.compile(r"exit code 2 .*hold", re.DOTALL)
    with pytest.raises(ServerFailed, match=refused), ServerProcess(tmp_path / "data", hold="soon"):
        pass
