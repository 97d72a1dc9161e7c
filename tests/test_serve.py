"""The process: how it starts, how it ends, and that nothing acknowledged is lost on the way."""

from __future__ import annotations

import asyncio
import resource
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from http import HTTPStatus
from http.client import HTTPConnection
from pathlib import Path

import pytest
from tornado.ioloop import IOLoop

from chatroom.deed import Change
from chatroom.engines.files import FILE_WAITS, Allowance, Part
from chatroom.engines.sqlite import SqliteEngine
from chatroom.message import File
from chatroom.people import Visitor
from chatroom.serve import _sweep_files
from tests.api import Api, Reply
from tests.conftest import Clock
from tests.making import ANN, draft
from tests.server_process import ROOT, ServerProcess, reserve_port

#: Every reader is asked to come back within this many seconds and one.
SPREAD = 5.0


@pytest.fixture
def server(tmp_path: Path) -> Iterator[ServerProcess]:
    with ServerProcess(tmp_path, retry_spread=SPREAD) as server:
        yield server


@pytest.fixture
def api(io_loop: IOLoop, server: ServerProcess) -> Iterator[Api]:
    api = Api(server.url)
    yield api
    api.client.close()


@pytest.mark.gen_test(timeout=60)
async def test_a_terminated_server_answers_every_poll_and_loses_no_post(
    api: Api, server: ServerProcess
) -> None:
    await api.sign_in()
    first = await api.standing()
    polls = [asyncio.ensure_future(api.updates({"room": "8"})) for _ in range(30)]
    await _until_listening(api, 30)
    posts = [asyncio.ensure_future(_try_to_say(api, str(n))) for n in range(50)]
    await posts[0]
    ended = await asyncio.to_thread(server.terminate)
    pauses = [update["retry_in"] for update in await asyncio.gather(*polls)]
    replies = await asyncio.gather(*posts)
    acked = {reply.json["body"] for reply in replies if reply and reply.status == 201}
    server.start()
    kept = {it["body"] for it in (await api.updates({"room": "7", "cursor": first}))["messages"]}
    assert (ended.code, server.stderr) == (0, "")
    assert ended.seconds < 10
    assert all(1 <= pause <= 1 + SPREAD for pause in pauses)
    assert len(set(pauses)) > 15
    assert acked <= kept
    assert {reply.status for reply in replies if reply} <= {201, 503}


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_an_idle_server_ends_at_once(number: signal.Signals, server: ServerProcess) -> None:
    with socket.create_connection(("localhost", server.port)):
        ended = server._end(number)
    assert ended.code == 0
    assert ended.seconds < 5
    assert server.stderr == ""


@pytest.mark.gen_test(timeout=60)
async def test_a_full_disk_refuses_posts_and_nothing_else_and_needs_no_restart(
    api: Api, server: ServerProcess, tmp_path: Path
) -> None:
    """A limit on the size of files makes the process's own writes fail, as a full disk does."""
    await api.sign_in()
    await api.say("before")
    resource.prlimit(server.pid, resource.RLIMIT_FSIZE, (_largest(tmp_path), -1))
    refused = [
        await api.post("/a/message/new", {"room": "7", "body": "x" * 4000, "client_id": "c"})
    ]
    while refused[-1].status in (200, 201):  # what is left of the last page
        body = {"room": "7", "body": "x" * 4000, "client_id": f"c{len(refused)}"}
        refused.append(await api.post("/a/message/new", body))
    assert refused[-1].status == 503
    assert refused[-1].json["error"]["code"] == "storage_failing"
    assert int(refused[-1].response.headers["Retry-After"]) > 0
    assert (await api.get("/healthz")).json == {"status": "degraded", "storage": "failing"}
    assert (await api.get("/a/room/7/messages")).status == 200
    resource.prlimit(server.pid, resource.RLIMIT_FSIZE, (-1, -1))
    last = await api.say("x" * 4000, client_id=f"c{len(refused) - 1}" if len(refused) > 1 else "c")
    assert (await api.get("/healthz")).json == {"status": "ok", "storage": "ok"}
    told = (await api.get("/a/room/7/messages?limit=200")).json["messages"]
    assert [int(it["id"].split("-")[1]) for it in told] == list(range(1, len(told) + 1))
    assert told[-1] == last


@pytest.mark.gen_test(timeout=60)
async def test_a_reader_that_does_not_read_is_cut_off_and_its_memory_freed(
    io_loop: IOLoop, tmp_path: Path
) -> None:
    with ServerProcess(tmp_path, write_timeout=0.2) as server:
        api = Api(server.url)
        await api.sign_in()
        for _ in range(60):
            await api.say("&" * 4000)
        before = _open_files(server.pid)
        with _deaf_reader(server.port) as deaf:
            # It is seen to come before it wants anything: with the first reply its time begins.
            while _open_files(server.pid) == before:
                await api.get("/healthz")
            wanted = b"GET /a/room/7/messages?limit=200 HTTP/1.1\r\nHost: localhost\r\n\r\n"
            deaf.sendall(wanted * 60)
            while _open_files(server.pid) > before:
                await api.get("/healthz")
        api.client.close()
        assert server.terminate().code == 0
        assert server.stderr == ""


@pytest.mark.gen_test(timeout=60)
async def test_a_server_lets_go_of_what_rooms_do_not_keep(
    io_loop: IOLoop, tmp_path: Path, clock: Clock
) -> None:
    engine = SqliteEngine(tmp_path / "chatroom.db", clock)
    await engine.people.add_session(b"ann", ANN, "ann")
    for _ in range(5):
        await engine.append(draft(room="tea"))
    await engine.act("tea", Change(keep_messages=2), Visitor(ANN))
    await engine.close()
    with ServerProcess(tmp_path) as server:
        api = Api(server.url)
        kinds: list[str] = []
        while kinds[-1:] != ["trim"]:
            told = (await api.get("/a/room/tea/messages")).json["messages"]
            kinds = [it["kind"] for it in told]
        assert kinds == ["message", "message", "room", "trim"]
        api.client.close()
        assert server.terminate().code == 0
        assert server.stderr == ""


@pytest.mark.gen_test
async def test_files_that_are_gone_are_let_go_of_again_and_again(
    io_loop: IOLoop, tmp_path: Path, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("chatroom.serve._MINUTE", 0.001)
    engine = SqliteEngine(tmp_path / "chatroom.db", clock)
    sweeping = asyncio.create_task(_sweep_files(engine))
    for _ in range(2):
        id_ = await engine.files.begin(ANN.id, 1, Allowance(10, 10))
        await engine.files.write(id_, Part.SENT, 0, b"a")
        await engine.files.keep(File(id_, "a", "text/plain", 1), ANN.id, "7")
        clock.now += FILE_WAITS + 1
        while [it async for it in engine.files.read(id_)]:
            await asyncio.sleep(0)
    sweeping.cancel()
    await asyncio.wait([sweeping])
    await engine.close()


def test_a_port_that_is_taken_is_named_in_one_line(server: ServerProcess, tmp_path: Path) -> None:
    run = [sys.executable, "run.py", f"--port={server.port}", f"--data={tmp_path / 'other'}"]
    ended = subprocess.run(run, cwd=ROOT, capture_output=True, text=True, timeout=60, check=False)
    assert ended.returncode == 1
    (line,) = ended.stderr.splitlines()
    assert "in use" in line
    assert str(server.port) in line


@pytest.mark.parametrize("address", ["192.0.2.1", "chat..example", "a" * 64])
def test_an_address_that_cannot_be_had_is_named_in_one_line(address: str, tmp_path: Path) -> None:
    run = [sys.executable, "run.py", "--port=0", f"--address={address}", f"--data={tmp_path}"]
    ended = subprocess.run(run, cwd=ROOT, capture_output=True, text=True, timeout=60, check=False)
    assert ended.returncode == 1
    (line,) = ended.stderr.splitlines()
    assert address in line


def test_a_folder_that_is_served_already_is_named_in_one_line(
    server: ServerProcess, tmp_path: Path
) -> None:
    run = [sys.executable, "run.py", "--port=0", f"--data={tmp_path}"]
    ended = subprocess.run(run, cwd=ROOT, capture_output=True, text=True, timeout=60, check=False)
    assert ended.returncode == 1
    (line,) = ended.stderr.splitlines()
    assert "in use by another process" in line


@pytest.mark.parametrize("how", [">/dev/full", ">&-"])
def test_a_standard_output_that_takes_nothing_keeps_nobody_from_being_served(
    how: str, tmp_path: Path
) -> None:
    with closing(reserve_port()) as reserved:
        port = reserved.getsockname()[1]
        run = f"exec {sys.executable} run.py --port={port} --data={tmp_path} {how}"
        started = subprocess.Popen(["sh", "-c", run], cwd=ROOT, stderr=subprocess.DEVNULL)
        try:
            while not _is_well(port):
                assert started.poll() is None
        finally:
            started.kill()
            started.wait()


def _is_well(port: int) -> bool:
    with closing(HTTPConnection("localhost", port, timeout=60)) as connection:
        try:
            connection.request("GET", "/healthz")
            return connection.getresponse().status == HTTPStatus.OK
        except OSError:
            return False


async def _until_listening(api: Api, polls: int) -> None:
    """The entrance tells how many listen; asking it again and again is a wait that ends by a condition."""
    while f">{polls} listening<" not in (await api.get("/")).response.body.decode():
        pass


async def _try_to_say(api: Api, body: str) -> Reply | None:
    """The reply to a post, None where the connection was refused."""
    try:
        return await api.post("/a/message/new", {"room": "7", "body": body, "client_id": body})
    except OSError:
        return None


def _deaf_reader(port: int) -> socket.socket:
    """A connection that can take little, so that replies pile up behind it."""
    deaf = socket.socket()
    deaf.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    deaf.connect(("localhost", port))
    return deaf


def _open_files(pid: int) -> int:
    """How many files and sockets a process has open. Each call of `Api` closes its own before it returns."""
    return len(list(Path(f"/proc/{pid}/fd").iterdir()))


def _largest(folder: Path) -> int:
    return max(it.stat().st_size for it in folder.iterdir())
