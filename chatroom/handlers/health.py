"""GET /healthz and /readyz, for whatever looks after the process."""

from __future__ import annotations

import msgspec

from chatroom.errors import Closing
from chatroom.handlers.base import Handler


class HealthHandler(Handler):
    """The process lives; and whether the last write to the disk succeeded."""

    counted = False

    def get(self) -> None:
        """Always 200: a restart would not mend a full disk, and reading goes on without it."""
        failing = self.chat.engine.failing
        health = {
            "status": "degraded" if failing else "ok",
            "storage": "failing" if failing else "ok",
        }
        self.write_json(msgspec.json.encode(health))

    head = get


class ReadyHandler(Handler):
    """New clients are welcome."""

    counted = False

    def get(self) -> None:
        """200, or 503 while the server closes."""
        if self.chat.closing:
            raise Closing
        self.write_json(msgspec.json.encode({"status": "ready"}))

    head = get
