"""A real nginx between the browser and the server, set up as badly as a test wants it."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from socket import create_connection
from time import sleep

import pytest

from tests.proof.nginx import available
from tests.server_process import reserve_port

#: For tests that cannot do without.
needs_nginx = pytest.mark.skipif(not available(), reason="nginx is not installed")

CONFIGURATION = """
daemon off; master_process off; pid {folder}/pid; error_log {folder}/error.log crit;
events {{ }}
http {{
  access_log off;
  client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy;
  fastcgi_temp_path {folder}/fastcgi; uwsgi_temp_path {folder}/uwsgi; scgi_temp_path {folder}/scgi;
  proxy_http_version 1.1; proxy_set_header Connection ""; proxy_next_upstream off;
  {directives}
  server {{ listen 127.0.0.1:{port}; location / {{ proxy_pass http://127.0.0.1:{upstream}; }} }}
}}
"""


@contextmanager
def nginx(upstream: int, folder: Path, directives: str) -> Iterator[str]:
    """Run it in front of the port `upstream`; its address, without a slash at the end."""
    with reserve_port() as reservation:
        port = reservation.getsockname()[1]
        text = CONFIGURATION.format(
            folder=folder, port=port, upstream=upstream, directives=directives
        )
        (folder / "nginx.conf").write_text(text)
        command = ["nginx", "-p", str(folder), "-e", str(folder / "error.log"), "-c", "nginx.conf"]
        with subprocess.Popen(command) as process:
            try:
                _await_listening(process, port)
                yield f"http://127.0.0.1:{port}"
            finally:
                process.terminate()


def _await_listening(process: subprocess.Popen[bytes], port: int) -> None:
    while process.poll() is None:
        try:
            create_connection(("127.0.0.1", port)).close()
        except ConnectionRefusedError:
            sleep(0.01)
        else:
            return
    raise RuntimeError(f"nginx ended with {process.returncode}")
