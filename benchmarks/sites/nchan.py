"""nginx with nchan: the same held polls in C, of one worker, messages in its shared memory.

A poll names the last message by `If-Modified-Since` and `If-None-Match`, as nchan's own client does, and is answered
with one message. Whoever may publish here may read: there are no sessions and there is no page. What is
published is as long as a message of this server.
"""

from __future__ import annotations

import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from email.utils import formatdate
from pathlib import Path
from urllib.parse import quote

from msgspec import Struct, json

from benchmarks.reply import Reply, WrongReply
from benchmarks.request import Request, chromium, cookie, head
from benchmarks.sites.process import free_port, running
from benchmarks.sites.site import Site, Start, Update, Visitor

#: Where Debian and others put it.
MODULE = Path("/usr/lib/nginx/modules/ngx_nchan_module.so")

CONFIGURATION = """
load_module {module};
daemon off;
worker_processes 1;
pid nginx.pid;
error_log stderr warn;
worker_rlimit_nofile 40000;
events {{ worker_connections 20000; }}
http {{
    access_log off;
    client_body_temp_path body; proxy_temp_path proxy; fastcgi_temp_path fastcgi;
    uwsgi_temp_path uwsgi; scgi_temp_path scgi;
    keepalive_timeout 300;
    keepalive_requests 1000000000;
    nchan_shared_memory_size 512m;
    server {{
        listen 127.0.0.1:{port} backlog=4096;
        location = / {{ return 200 "here"; }}
        location ~ ^/publish/(.+)$ {{
            nchan_publisher; nchan_channel_id $1;
            nchan_message_buffer_length 200; nchan_message_timeout 1h;
        }}
        location ~ ^/subscribe/(.+)$ {{
            nchan_subscriber longpoll; nchan_channel_id $1; nchan_subscriber_first_message newest;
        }}
    }}
}}
"""

#: A message of this server, to the byte but for the text.
MESSAGE = (
    '{{"messages":[{{"id":"k3f9q2ab-128","room":"7","kind":"message","author":{{"id":"0b48040c1273ad69",'
    '"name":"Guest 1234"}},"body":{text},"html":"{html}","at":"2026-11-21T09:46:15.725Z",'
    '"client_id":"123"}}],"cursors":{{"7":"k3f9q2ab-128"}}}}'
)
HTML = (
    r"<article class=\"message\" data-id=\"k3f9q2ab-128\" data-author=\"0b48040c1273ad69\">\n"
    r"<header class=\"by\">\n<bdi class=\"author\">Guest 1234</bdi>\n"
    r"<time datetime=\"2026-11-21T09:46:15.725Z\">2026-11-21 09:46 UTC</time>\n</header>\n"
    r"<div class=\"text\" dir=\"auto\"><p>{text}</p></div>\n</article>"
)

#: Headers of a form that a GET of a browser has not.
OF_A_FORM = ("Content-Length", "Content-Type", "Origin")
#: There are no sessions, but a site that has some sends cookies as long as these.
COOKIES = {"session": "a" * 43, "_xsrf": "2|e197bd0d|630b314fd655ba912e813044f9b7ad61|1795254375"}


class Message(Struct):
    """What is read of what was published."""

    body: str


class News(Struct):
    """What was published."""

    messages: list[Message]


_news = json.Decoder(News).decode


class Nchan(Site):
    """nginx and nchan. A poll is a GET and ends in the two headers that name the last message."""

    async def visitors(self, count: int, room: str, *, browser: bool) -> list[Visitor]:
        headers = chromium(cookie(COOKIES), without=OF_A_FORM) if browser else ()
        polling = head("GET", f"/subscribe/{quote(room)}", self.port, *headers)
        posting = ("Content-Type: application/json", "Content-Length: {length}")
        target = f"/publish/{quote(room)}"
        post = Request(head("POST", target, self.port, *posting))
        return [Visitor(Request(polling.removesuffix("\r\n")), post)] * count

    def wording(self, text: str) -> bytes:
        escaped = json.encode(text).decode()
        return MESSAGE.format(text=escaped, html=HTML.format(text=escaped[1:-1])).encode()

    def accepted(self, reply: Reply) -> bytes:
        seconds, _, tag = reply.expect(201, 202).rpartition(b"last message id: ")[2].partition(b":")
        return _after(formatdate(int(seconds), usegmt=True), tag.decode())

    def update(self, reply: Reply) -> Update:
        (message,) = _news(reply.expect(200)).messages
        return Update((message.body,), _after(reply.header("Last-Modified"), reply.header("Etag")))

    def page(self, room: str) -> str:
        del room  # there is none
        return "/"


def installed() -> bool:
    """Whether it is there."""
    return shutil.which("nginx") is not None and MODULE.exists()


@asynccontextmanager
async def serve(start: Start) -> AsyncIterator[Nchan]:
    """Run nginx with one worker, its files in a folder of its own."""
    port = free_port()
    configuration = CONFIGURATION.format(module=MODULE, port=port)
    (start.folder / "nginx.conf").write_text(configuration)
    command = ["nginx", "-p", str(start.folder), "-c", "nginx.conf"]
    with running(command, port, start.core, start.folder) as master:
        yield Nchan(port, _worker(master.pid))


def _after(modified: str, tag: str) -> bytes:
    return f"If-Modified-Since: {modified}\r\nIf-None-Match: {tag}\r\n\r\n".encode()


def _worker(master: int) -> int:
    children = Path(f"/proc/{master}/task/{master}/children").read_text().split()
    if len(children) != 1:
        raise WrongReply(f"nginx runs {len(children)} workers")
    return int(children[0])
