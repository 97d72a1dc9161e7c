"""Run every proof with the figures of a nightly run: `python -m tests.proof`. Takes about half an hour."""

from __future__ import annotations

import sys

from tests.proof import (
    chaos,
    dripping,
    enumeration,
    half_open,
    hostile,
    kills,
    leaving,
    mutations,
    nginx,
    oversized,
    search,
    slow_readers,
    smuggling,
    throng,
    uploads,
)

ON_BOTH_SERVERS = [
    hostile,
    mutations,
    dripping,
    oversized,
    slow_readers,
    throng,
    leaving,
    half_open,
    enumeration,
    uploads,
]
if nginx.available():
    ON_BOTH_SERVERS.append(smuggling)
else:
    print("LEFT OUT, nginx is missing: smuggling")

failed = [proof.__name__ for proof in (chaos, kills, search) if proof.main([])]
failed += [proof.__name__ for proof in ON_BOTH_SERVERS if proof.main(["--server=both"])]
print(f"DOES NOT HOLD: {', '.join(failed)}" if failed else "all hold")
sys.exit(bool(failed))
