"""The socket of a connection that is given up for another protocol: the IOStream that Tornado's WebSocket expects."""

from __future__ import annotations

import asyncio
import os
import socket

from tornado.iostream import IOStream, StreamClosedError

#: Bytes that are read at once, and that may be on their way to a slow side.
_CHUNK = 65_536


class _Stream(IOStream):
    """A stream that begins with bytes that were read already."""

    def __init__(self, sock: socket.socket, read: bytes) -> None:
        super().__init__(sock)
        self._already_read = read

    def read_from_fd(self, buf: bytearray | memoryview) -> int | None:
        if not self._already_read:
            return super().read_from_fd(buf)
        size = min(len(buf), len(self._already_read))
        buf[:size] = self._already_read[:size]
        self._already_read = self._already_read[size:]
        return size


def detached(transport: asyncio.Transport, read: bytes) -> IOStream:
    """A stream that goes on where `transport` stops; `read` is what it has read too much."""
    if transport.get_extra_info("ssl_object") or transport.get_write_buffer_size():
        return _Stream(_Relay(transport).socket, read)
    sock = socket.socket(fileno=os.dup(transport.get_extra_info("socket").fileno()))
    sock.setblocking(False)  # noqa: FBT003 - the signature of the library
    transport.abort()  # closes its own descriptor, not the connection
    return _Stream(sock, read)


class _Relay(asyncio.Protocol):
    """Carries bytes between a transport that cannot let go of its socket (TLS) and one end of a pair of sockets."""

    def __init__(self, transport: asyncio.Transport) -> None:
        self.socket, inner = socket.socketpair()
        self.socket.setblocking(False)  # noqa: FBT003 - the signature of the library
        self._transport = transport
        self._inner = IOStream(inner)
        self._inner.set_close_callback(transport.close)
        self._may_write = asyncio.Event()
        self._may_write.set()
        transport.set_protocol(self)
        self._task = asyncio.get_running_loop().create_task(self._carry_out())

    def data_received(self, data: bytes) -> None:
        if not self._inner.closed():
            sent = self._inner.write(data)
            if not sent.done():
                self._transport.pause_reading()
                sent.add_done_callback(lambda _: self._transport.resume_reading())

    def pause_writing(self) -> None:
        self._may_write.clear()

    def resume_writing(self) -> None:
        self._may_write.set()

    def connection_lost(self, _error: Exception | None) -> None:
        self._inner.close()
        self._may_write.set()

    async def _carry_out(self) -> None:
        try:
            while True:
                await self._may_write.wait()
                self._transport.write(await self._inner.read_bytes(_CHUNK, partial=True))
        except StreamClosedError:
            self._transport.close()
