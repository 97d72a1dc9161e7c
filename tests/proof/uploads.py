"""Files of strangers: never shown, never too large for the memory, never in the way of others (S14, S15, R18).

    python -m tests.proof.uploads --server=both

Hostile files are sent and fetched again; bombs are sent again and again, among them many that seem right until they are
opened; and while pictures are drawn as fast as one can send them, somebody else asks for something small.
"""

from __future__ import annotations

import asyncio
import gzip
import io
import sys
import zipfile
from collections.abc import AsyncIterator, Iterator, Sequence
from pathlib import Path
from time import perf_counter
from typing import NamedTuple
from urllib.parse import quote

from tests.pictures import gif_bomb, moving, picture, png_bomb
from tests.proof.checker import Violation
from tests.proof.command import run_as_command
from tests.proof.footprint import MB, percentile, resident
from tests.proof.hostile import sign_in
from tests.proof.http1 import Connection, Reply, request_bytes
from tests.proof.outcome import Outcome
from tests.server_process import ServerProcess

#: What all bombs together may add to the process.
GROWTH = 50 * MB
#: Seconds in which a bomb is refused, and in which somebody else is answered (99 of 100, and always).
REFUSED, ANSWERED, ALWAYS = 0.2, 0.05, 0.15
#: Bytes of files that one person may have in this proof.
QUOTA = 30_000_000
#: Types that no browser runs or draws.
HARMLESS = {
    "application/octet-stream",
    "application/pdf",
    "application/zip",
    "text/plain; charset=utf-8",
}
DRAWN = {"image/png", "image/jpeg", "image/gif", "image/webp"}


class Plan(NamedTuple):
    """How often each bomb is sent, and how many pictures are drawn while others ask."""

    rounds: int = 20
    pictures: int = 20
    server: str = "chatroom"


class Sent(NamedTuple):
    """What was answered to a file, after how many seconds; and how it was then fetched (None: it was not taken)."""

    what: str
    reply: Reply
    seconds: float
    fetched: Reply | None = None


class Sender:
    """Somebody who sends files to a room."""

    def __init__(self, port: int, token: str) -> None:
        self._connection = Connection(port)
        self._token = token
        self.port = port

    async def send(self, what: str, data: bytes, name: str, type_: str, *more: str) -> Sent:
        """Send a file."""
        lines = [
            f"POST /a/room/7/file?name={quote(name, safe='')} HTTP/1.1",
            "Host: localhost",
            f"Authorization: Bearer {self._token}",
            f"Content-Type: {type_}",
            f"Content-Length: {len(data)}",
            *more,
        ]
        self._connection.close()  # who was refused is not listened to any more
        begun = perf_counter()
        head = "\r\n".join([*lines, "", ""]).encode()
        reply = await self._connection.send(head + data, 60.0)
        return Sent(what, reply, perf_counter() - begun)

    async def fetch(self, path: str) -> Reply:
        """Fetch something."""
        self._connection.close()
        return await self._connection.send(request_bytes("GET", path, token=self._token), 30.0)

    async def post(self, **form: str) -> Reply:
        """Say something."""
        self._connection.close()
        return await self._connection.post("/a/message/new", form.items(), token=self._token)


def hostile() -> Iterator[tuple[str, bytes, str, str]]:
    """What a file is, its bytes, its name and its type (S14)."""
    script = b"<script>alert(1)</script>"
    svg = b'<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>'
    real = picture(size=(40, 30))
    for name in ("../../../etc/passwd", "/etc/passwd", "..\\a", "a\0.png", "%2e%2e%2fa", "."):
        yield "path", b"hello", name, "text/plain"
    for name, type_ in (
        ("a.svg", "image/svg+xml"),
        ("a.png", "image/png"),
        ("a.svg.png", "text/html"),
    ):
        yield "SVG", svg, name, type_
    for name, type_ in (
        ("a.html", "text/html"),
        ("a.jpg.html", "image/jpeg"),
        ("a.html", "text/plain"),
    ):
        yield "HTML", script, name, type_
    yield "wrong type", script, "a.gif", "image/gif"
    yield "wrong type", b"MZ" + script, "a.exe", "image/png"
    yield "wrong type", real, "a.html", "text/html"
    yield "GIF/JS", b"GIF89a\x01\0\x01\0*/=1;alert(1)//", "a.gif", "image/gif"
    yield "GIF/PDF", moving(count=1) + b"%PDF-1.7\n" + script, "a.pdf", "application/pdf"
    yield "PNG/HTML", real + script, "a.html", "text/html"
    yield "JPEG/HTML", picture("JPEG", (40, 30), comment=script), "a.jpg", "image/jpeg"
    yield "EPS", b"%!PS-Adobe-3.0 EPSF-3.0\n(a) run\n", "a.eps", "image/x-eps"
    yield "PDF", b"%PDF-1.7\n" + script, "a.pdf", "application/pdf"
    for kind in (b"BM", b"II*\0", b"8BPS", b"\0\0\1\0", b"\xff\x4f\xff\x51"):
        yield "another kind of picture", kind + b"\0" * 100, "a.png", "image/png"


def bombs() -> Iterator[tuple[str, bytes, tuple[str, ...]]]:
    """What a bomb is, its bytes and headers (S15)."""
    yield "PNG of 20,000 x 20,000", png_bomb(), ()
    yield "PNG of 65,535 x 65,535", png_bomb(65_535, 65_535), ()
    yield "GIF of 20,000 pictures", gif_bomb(20_000), ()
    yield "GIF of 900 pictures", gif_bomb(900, (1000, 1000)), ()
    packed = gzip.compress(b"a" * 10_000_000)
    yield "gzip, 1000 times as large", packed, ("Content-Encoding: gzip",)
    yield "too many bytes", b"a" * 10_500_000, ()


def archive() -> bytes:
    """A zip that is a thousand times as large when it is unpacked, which nobody does."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as file:
        file.writestr("a", b"a" * 10_000_000)
    return out.getvalue()


def run(plan: Plan, data: Path) -> Outcome:
    """Files of strangers: never shown, never too large for the memory, never in the way of others."""
    settings = {"files_per_person": QUOTA, "log_level": "warning"}
    with ServerProcess(data, server=plan.server, **settings) as server:
        figures, violations = asyncio.run(_prove(server, plan))
        if "Traceback" in server.stderr:
            violations.append(Violation("log", "traceback", server.stderr[-2000:]))
    return Outcome(f"uploads, {plan.server}", figures, ["hostile files", "bombs"], violations)


async def _prove(server: ServerProcess, plan: Plan) -> tuple[dict[str, float], list[Violation]]:
    sender = Sender(server.port, await sign_in(server.port))
    taken = [await _sent_and_fetched(sender, *it) for it in hostile()]
    violations = [it for sent in taken for it in _check_harmless(sent)]
    violations += [it async for it in _traversed(sender)]
    before = resident(server.pid)
    sizes = [before]
    refused: list[Sent] = []
    for _ in range(plan.rounds):
        for what, bytes_, more in bombs():
            refused.append(await sender.send(what, bytes_, "a.png", "image/png", *more))
            sizes.append(resident(server.pid))
    violations += _check_refused(refused)
    zipped = await sender.send("zip", archive(), "a.zip", "application/zip")
    quota = await _fill(sender)
    sizes.append(resident(server.pid))
    if zipped.reply.status != 201 or quota > QUOTA:
        violations.append(Violation("quota", "files", f"{zipped.reply.status}, {quota} bytes"))
    if max(sizes) - before > GROWTH:
        violations.append(Violation("grown", "bombs", f"{(max(sizes) - before) / MB:.1f} MB"))
    lags = await _lags(Sender(server.port, await sign_in(server.port)), plan)
    if percentile(lags, 99) > ANSWERED or max(lags) > ALWAYS:
        violations.append(Violation("slow", "others", f"{max(lags):.3f} s"))
    figures = {
        "hostile files": len(taken),
        "bombs": len(refused),
        "refused, ms, median": 1000 * percentile([it.seconds for it in refused], 50),
        "refused, ms, longest": 1000 * max(it.seconds for it in refused),
        "MB more": (max(sizes) - before) / MB,
        "MB taken by one person": quota / MB,
        "others wait, ms, 99 %": 1000 * percentile(lags, 99),
        "others wait, ms, longest": 1000 * max(lags),
    }
    return figures, violations


async def _sent_and_fetched(sender: Sender, what: str, data: bytes, name: str, type_: str) -> Sent:
    sent = await sender.send(what, data, name, type_)
    if sent.reply.status != 201:
        return sent
    id_ = sent.reply.json()["id"]
    await sender.post(room="7", file=id_)
    return sent._replace(fetched=await sender.fetch(f"/room/7/file/{id_}"))


def _check_harmless(sent: Sent) -> Iterator[Violation]:
    """What could be active of a file that was taken."""
    if sent.fetched is None or sent.fetched.status != 200:
        yield Violation("not taken", sent.what, repr((sent.reply, sent.fetched)))
        return
    headers, file = sent.fetched.headers, sent.reply.json()
    how = headers["content-disposition"].partition(";")[0]
    right = how == "attachment" and headers["content-type"] in HARMLESS
    if file["width"]:
        right = how == "inline" and headers["content-type"] in DRAWN
        right = right and b"script" not in sent.fetched.body and b"%PDF" not in sent.fetched.body
    right = right and headers["x-content-type-options"] == "nosniff"
    right = right and headers["content-security-policy"].startswith("sandbox;")
    if not right or set("/\\\0") & set(file["name"]):
        yield Violation("active", sent.what, repr((file, headers)))


async def _traversed(sender: Sender) -> AsyncIterator[Violation]:
    for path in (
        "../../../data/chatroom.db",
        "..%2f..%2fchatroom.db",
        "%00",
        "a.png",
        "/etc/passwd",
    ):
        reply = await sender.fetch(f"/room/7/file/{path}")
        if reply.status not in (400, 404):
            yield Violation("traversed", path, repr(reply)[:500])


def _check_refused(refused: Sequence[Sent]) -> Iterator[Violation]:
    """What was taken, refused for another reason (as that it came too often), or not in time."""
    for sent in refused:
        if sent.reply.status not in (400, 413):
            yield Violation("taken", sent.what, repr(sent.reply))
        if sent.seconds > REFUSED:
            yield Violation("slow", sent.what, f"refused after {sent.seconds:.3f} s")


async def _fill(sender: Sender) -> int:
    """Send until no more is taken; returns how many bytes that were."""
    total = 0
    for _ in range(100):
        sent = await sender.send("a file", b"a" * 1_000_000, "a.bin", "text/plain")
        if sent.reply.status == 409:
            return total
        total += sent.reply.json()["size"]
    return total


async def _lags(sender: Sender, plan: Plan) -> list[float]:
    """How long somebody waits who asks for something small, while pictures are sent and drawn."""
    large = picture("JPEG", (4000, 3000))
    done = asyncio.Event()

    async def draw() -> None:
        for _ in range(plan.pictures):
            await sender.send("a picture", large, "a.jpg", "image/jpeg")
        done.set()

    lags: list[float] = []
    other = Connection(sender.port)
    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(draw())
        while not done.is_set():
            begun = perf_counter()
            await other.get("/healthz")
            lags.append(perf_counter() - begun)
            await asyncio.sleep(0.005)
    other.close()
    return lags


def main(argv: Sequence[str] | None = None) -> int:
    """Run it, print the report, return 0 when all holds and 1 when not."""
    return run_as_command(run, Plan(), argv)


if __name__ == "__main__":
    sys.exit(main())
