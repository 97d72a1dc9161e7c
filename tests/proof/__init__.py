"""Proof that takes longer than a test may: real processes, real faults, and a checker that can say no.

In reading order: `http1` (a tiny HTTP client), `fault_proxy` (the bad network), `checker` (what must hold),
`disk` (what the file says), `outcome` (how it is told), `caller` and `client` (stubborn people), `plan`,
`crowd` and `restarts` (who speaks when, and when the server dies), and two proofs of the log: `chaos` and `kills`.

Then what a server may be told over HTTP: `command`, `raw` and `footprint`, `composing` (right requests but for one
thing), `misframed` and `outlandish` (the corpus), `nginx`; with the proofs `hostile`, `mutations`, `smuggling`,
`dripping` and `oversized`. And readers: `listener`, `black_hole`; with `throng`, `slow_readers`, `leaving` and
`half_open`. And people: `enumeration`. These run against our server or Tornado's own: `--server=chatroom`, `tornado`
or `both`.

`python -m tests.proof` runs all of them with the figures of a nightly run.
"""
