"""Run every proof with the figures of a nightly run: `python -m tests.proof`."""

from __future__ import annotations

import sys

from tests.proof import chaos, kills

sys.exit(max(chaos.main([]), kills.main([])))
