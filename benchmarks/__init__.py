"""What the server costs, beside others, measured on the real processes: `python -m benchmarks --json FILE`.

Server and load run on one core each. Every reply is checked: a lost, repeated or misplaced message fails the run.

In reading order. What is measured: `sites/`. How: `machine` (cores, memory, CPU time), `request` and `reply` (bytes),
`peer` and `load` (asyncio, for what is answered at once), `log`, `room`, `line` and `crowd` (epoll, for held polls).
The questions: `fanout`, `held`, `posts`, `rooms`, `reads`. Together: `figures`, `plan`, `report`, `__main__`.
Apart, for themselves: `exports`, `paint`.
"""
