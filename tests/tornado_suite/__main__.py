"""Run Tornado's tests of its HTTP server: `python -m tests.tornado_suite --server=chatroom --loop=uvloop`.

Exits with 0 when all pass that are not exempt, and none of those does. As in Tornado's own runner, warnings are
errors, a line in the log that a test did not announce fails it, and so does anything written to standard error.
"""

from __future__ import annotations

import argparse
import faulthandler
import io
import logging
import sys
import unittest
import warnings
from collections.abc import Mapping, Sequence
from contextlib import redirect_stderr

from tests.tornado_suite.exempt import EXEMPT
from tests.tornado_suite.swap import LOOPS, SERVERS, use_loop, use_server
from tests.tornado_suite.verdict import PREFIX, Verdict

#: Those that open connections to a server; the last three for the sake of what they serve and ask for in passing.
MODULES = (
    "httpserver_test",
    "web_test",
    "websocket_test",
    "simple_httpclient_test",
    "security_corpus_test",
    "httpclient_test",
    "routing_test",
    "wsgi_test",
)

#: Fewer are not what Tornado 6.6 brings: something has not been found.
LEAST_TESTS = 600

#: test_ipv6 makes a second server and never stops it. The sockets of Tornado's own are closed with its loop; ours are
#: the loop's, and it says what it finds: asyncio when they are collected, uvloop in the middle of being closed.
NEVER_STOPPED = (r"unclosed <socket\.socket .*laddr=\('::1'", r"unclosed resource <TCPServer ")

#: Seconds after which they hang somewhere; they take ten. Then a traceback says where, and the process ends.
LIMIT = 120


def main(argv: Sequence[str] | None = None) -> int:
    """Run them, print what came of it, return 0 when there is nothing to object to."""
    parser = argparse.ArgumentParser(prog="tests.tornado_suite")
    parser.add_argument("--server", choices=SERVERS, default=SERVERS[0])
    parser.add_argument("--loop", choices=LOOPS, default=LOOPS[0])
    parser.add_argument("names", nargs="*", default=MODULES, help="as in `exempt`; all by default")
    options = parser.parse_args(argv)
    faulthandler.dump_traceback_later(LIMIT, exit=True)
    use_server(options.server)
    use_loop(options.loop)
    whole = options.names is MODULES
    exempt = EXEMPT[options.server] if whole else {}
    objections = run(options.names, exempt, LEAST_TESTS if whole else 1)
    faulthandler.cancel_dump_traceback_later()
    print(f"{options.server} on {options.loop}: {'does not hold' if objections else 'holds'}")
    return bool(objections)


def run(names: Sequence[str], exempt: Mapping[str, str], least: int) -> list[str]:
    """Run the tests called `names` and return what there is to object to, having printed it."""
    logging.getLogger("tornado.access").setLevel(logging.CRITICAL)
    warnings.simplefilter("error")
    for message in NEVER_STOPPED:
        warnings.filterwarnings("ignore", message, ResourceWarning)
    suite = unittest.defaultTestLoader.loadTestsFromNames([PREFIX + name for name in names])
    verdict = Verdict()
    with redirect_stderr(io.StringIO()) as stray:
        suite.run(verdict)
    objections = list(verdict.objections(exempt))
    if stray.getvalue():
        objections.append(f"written to standard error: {stray.getvalue()}")
    if verdict.testsRun < least:
        objections.append(f"only {verdict.testsRun} tests were found")
    print(*objections, sep="\n")
    print(f"{verdict.testsRun} tests, {len(exempt)} exempt, {len(verdict.left_out)} skipped")
    return objections


if __name__ == "__main__":
    sys.exit(main())
