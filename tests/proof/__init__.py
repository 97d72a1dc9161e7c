"""Proof that takes longer than a test may: real processes, real faults, and a checker that can say no.

In reading order: `http1` (a tiny HTTP client), `fault_proxy` (the bad network), `checker` (what must hold),
`disk` (what the file says), `outcome` (how it is told), `caller` and `client` (stubborn people), `plan`,
`crowd` and `restarts` (who speaks when, and when the server dies), and the two proofs: `chaos` and `kills`.
`python -m tests.proof` runs both with the figures of a nightly run.
"""
