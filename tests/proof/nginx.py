"""A real nginx in front of the server, as a program of the tests: three ports, one for each way to pass requests on."""

from __future__ import annotations

import json
import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from socket import create_connection
from typing import NamedTuple

from tests.server_process import reserve_port

CONFIGURATION = """
daemon off; master_process off; pid {folder}/pid; error_log {folder}/error.log notice;
events {{ worker_connections 1024; }}
http {{
  log_format seen escape=json '{{"port":"$server_port","method":"$request_method","target":"$request_uri",'
    '"status":"$status","upstream":"$upstream_status"}}';
  access_log {folder}/access.log seen;
  client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy;
  fastcgi_temp_path {folder}/fastcgi; uwsgi_temp_path {folder}/uwsgi; scgi_temp_path {folder}/scgi;
  upstream whole {{ server 127.0.0.1:{upstream}; keepalive 1; }}
  upstream streamed {{ server 127.0.0.1:{upstream}; keepalive 1; }}
  upstream lax {{ server 127.0.0.1:{upstream}; keepalive 1; }}
  client_body_timeout 2s; client_header_timeout 2s; keepalive_timeout 2s; client_max_body_size 1m;
  proxy_http_version 1.1; proxy_set_header Connection ""; proxy_set_header Host $http_host;
  proxy_buffering off; proxy_read_timeout 10s; proxy_next_upstream off; proxy_ignore_client_abort on;
  server {{ listen 127.0.0.1:{whole}; location / {{ proxy_pass http://whole; }} }}
  server {{
    listen 127.0.0.1:{streamed};
    proxy_request_buffering off;
    location / {{ proxy_pass http://streamed; }}
  }}
  server {{
    listen 127.0.0.1:{lax};
    proxy_request_buffering off; ignore_invalid_headers off; underscores_in_headers on; merge_slashes off;
    location / {{ proxy_pass http://lax; }}
  }}
}}
"""


class Seen(NamedTuple):
    """A request as nginx logs it; `upstream` is the status that the server gave, `-` if it was not asked."""

    port: int
    method: str
    target: str
    status: str
    upstream: str


class Nginx(NamedTuple):
    """Its ports: bodies are read whole, passed on as they come, or so and with headers that look wrong."""

    whole: int
    streamed: int
    lax: int
    folder: Path

    @property
    def ports(self) -> tuple[int, int, int]:
        """All three."""
        return self[:3]

    def seen(self) -> list[Seen]:
        """Its log, complete when it has ended."""
        lines = (self.folder / "access.log").read_text(errors="replace").splitlines()
        told = map(json.loads, lines)
        return [Seen(**(it | {"port": int(it["port"])})) for it in told]


def available() -> bool:
    """Whether nginx is installed."""
    return shutil.which("nginx") is not None


@contextmanager
def nginx(upstream: int, folder: Path) -> Iterator[Nginx]:
    """Run it in front of the server on the port `upstream`; it ends with its last request."""
    folder.mkdir(parents=True)
    reservations = [reserve_port() for _ in range(3)]
    whole, streamed, lax = (it.getsockname()[1] for it in reservations)
    ports = {"whole": whole, "streamed": streamed, "lax": lax}
    text = CONFIGURATION.format(folder=folder, upstream=upstream, **ports)
    (folder / "nginx.conf").write_text(text)
    command = ["nginx", "-p", str(folder), "-e", str(folder / "error.log"), "-c", "nginx.conf"]
    with subprocess.Popen(command) as process:
        try:
            _await_listening(process, lax)
            yield Nginx(**ports, folder=folder)
        finally:
            process.terminate()
            process.wait()
            for reservation in reservations:
                reservation.close()


def _await_listening(process: subprocess.Popen[bytes], port: int) -> None:
    while process.poll() is None:
        try:
            create_connection(("127.0.0.1", port)).close()
        except ConnectionRefusedError:
            time.sleep(0.01)
        else:
            return
    raise RuntimeError(f"nginx ended with {process.returncode}")
