"""What the server costs, measured on the real process: `python -m benchmarks --json FILE`.

The server runs with its release settings on one core, the load on another one. Every reply is checked, so a
figure stands only where each poll got exactly its message, once. In reading order: `machine` (cores, memory,
CPU time), `peer` (a raw client), `site` (a running server to measure), `figures`, then one module per question.
"""
