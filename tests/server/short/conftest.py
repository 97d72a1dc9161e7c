"""A chat of which little is asked at once."""

from __future__ import annotations

import pytest

from chatroom.settings import Settings
from tests.server.polling import FEW_POLLS


@pytest.fixture
def settings() -> Settings:
    """Few polls may be held, so that each one that is counted wrongly is felt."""
    return FEW_POLLS
