"""Loops of each kind that there is, and what they object to.

asyncio's is in debug mode. For each future that notes the whole way to the test, which takes as long as everything else
that a test does; so uvloop's checks only what would go wrong now and then: who gives it work from another thread,
without saying so, is told.
"""

from __future__ import annotations

import asyncio
import importlib.util
from threading import get_ident
from typing import Any

LOOPS = ["asyncio", "uvloop"] if importlib.util.find_spec("uvloop") else ["asyncio"]


def new_loop(kind: str) -> asyncio.AbstractEventLoop:
    """A loop of one of LOOPS, which is to be closed."""
    if kind == "uvloop":
        return _uvloop()
    loop = asyncio.new_event_loop()
    loop.set_debug(True)
    loop.slow_callback_duration = 5.0
    return loop


def _uvloop() -> asyncio.AbstractEventLoop:
    import uvloop  # noqa: PLC0415 - only where it is installed

    class OneThread(uvloop.Loop):  # type: ignore[misc]
        """Takes work only from the thread in which it runs."""

        _runs_in: int | None = None

        def run_forever(self) -> None:
            self._runs_in = get_ident()
            try:
                super().run_forever()
            finally:
                self._runs_in = None

        def call_soon(self, *work: Any, **context: Any) -> asyncio.Handle:
            self._see_who_asks()
            return super().call_soon(*work, **context)

        def call_later(self, *work: Any, **context: Any) -> asyncio.TimerHandle:
            self._see_who_asks()
            return super().call_later(*work, **context)

        def call_at(self, *work: Any, **context: Any) -> asyncio.TimerHandle:
            self._see_who_asks()
            return super().call_at(*work, **context)

        def _see_who_asks(self) -> None:
            if self._runs_in not in {None, get_ident()}:
                raise RuntimeError("from another thread it is call_soon_threadsafe")

    return OneThread()
