"""Requests as bytes: everything but their end is made once per client."""

from __future__ import annotations

from collections.abc import Iterable

#: What Chromium 150 on Linux adds to a `fetch` with `cache: "no-store"` of a form, in its order.
CHROMIUM = (
    "Connection: keep-alive",
    "Content-Length: {length}",
    "Pragma: no-cache",
    "Cache-Control: no-cache",
    'sec-ch-ua-platform: "Linux"',
    "User-Agent: Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/150.0.0.0 Safari/537.36",
    "Accept: application/json",
    'sec-ch-ua: "Not;A=Brand";v="8", "Chromium";v="150"',
    "Content-Type: application/x-www-form-urlencoded;charset=UTF-8",
    "sec-ch-ua-mobile: ?0",
    "Origin: http://{host}",
    "Sec-Fetch-Site: same-origin",
    "Sec-Fetch-Mode: cors",
    "Sec-Fetch-Dest: empty",
    "Referer: http://{host}/",
    "Accept-Encoding: gzip, deflate, br, zstd",
    "Accept-Language: en-US,en;q=0.9",
)

#: What a program has to say of a form.
BARE = ("Content-Type: application/x-www-form-urlencoded", "Content-Length: {length}")


class Request(dict[int, bytes]):
    """A request of one client that varies only in its end: `ending(b"abc-1")` is all of its bytes.

    As a mapping: everything before an end of so many bytes, made once for each length, so that a kept connection
    sends the same block of headers again and again. `{length}` in the head is the length of `body` and end together.
    """

    def __init__(self, head: str, body: str = "") -> None:
        super().__init__()
        self._head = head
        self._body = body

    def __missing__(self, length: int) -> bytes:
        head = self._head.replace("{length}", str(len(self._body) + length))
        beginning = self[length] = (head + self._body).encode("latin-1")
        return beginning

    def ending(self, end: bytes) -> bytes:
        """The whole request."""
        return self[len(end)] + end


def head(method: str, target: str, port: int, *headers: str) -> str:
    """The head of a request, with its empty line."""
    host = f"localhost:{port}"
    lines = (f"{method} {target} HTTP/1.1", f"Host: {host}", *headers)
    return "\r\n".join(line.replace("{host}", host) for line in lines) + "\r\n\r\n"


def get(target: str, port: int, *headers: str) -> bytes:
    """A finished GET."""
    return head("GET", target, port, *headers).encode("latin-1")


def cookie(cookies: dict[str, str]) -> str:
    """The header that sends them back."""
    return "Cookie: " + "; ".join(f"{name}={value}" for name, value in cookies.items())


def chromium(*more: str, without: Iterable[str] = ()) -> tuple[str, ...]:
    """A browser's headers, without those named and with `more` at the end."""
    return (*(line for line in CHROMIUM if line.partition(":")[0] not in without), *more)
