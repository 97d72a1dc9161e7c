"""Tornado's own tests of its HTTP server, run against the connection of ours.

They come with the installed package. `HTTPServer` is configurable, so that every `HTTPServer(...)` they make, whatever
name it was imported by and whoever makes it (`Application.listen` too), is an instance of the server that is asked for.

In reading order: `exempt` (the tests that do not apply, and why), `verdict` (what a run came to), `swap` (which
server and which loop), and `__main__`, the command:

    python -m tests.tornado_suite --server=chatroom --loop=uvloop
"""
