"""The tests of Tornado that do not apply, each with its reason.

A name is that of the test without `tornado.test.` in front; that of a subtest has its description in brackets behind
it, and is exempt with its test. A test that is named here must exist and must fail: an exemption that has become
needless is a failure of the run.
"""

from __future__ import annotations

from collections.abc import Mapping

_BARE_LF = "its lines end in LF alone, which is refused: a proxy in front may see other lines (RFC 9112, 2.2)"
_OTHER_WORDS = (
    "it is refused with 400 as it should be, but logged in other words than the test expects"
)
_NO_SSL_LOG = "TLS is done by the loop, which does not log that a handshake has failed"

#: By server: name of a test -> why it does not apply. Nothing is exempt for the server that they were written for.
EXEMPT: Mapping[str, Mapping[str, str]] = {
    "tornado": {},
    "chatroom": {
        "httpserver_test.HTTPConnectionTest.test_newlines": _BARE_LF,
        "httpserver_test.HTTPServerRawTest.test_chunked_request_body_duplicate_header": _BARE_LF,
        "httpserver_test.HTTPServerRawTest"
        ".test_chunked_request_body_transfer_encoding_and_content_length": _BARE_LF,
        "httpserver_test.HTTPServerRawTest"
        ".test_chunked_request_body_unsupported_transfer_encoding": _BARE_LF,
        "httpserver_test.HTTPServerRawTest.test_content_length_list_whitespace": _OTHER_WORDS,
        "httpserver_test.HTTPServerRawTest.test_invalid_content_length": _OTHER_WORDS,
        "httpserver_test.HTTPServerRawTest.test_malformed_headers": _OTHER_WORDS,
        "httpserver_test.KeepAliveTest.test_keepalive_chunked": (
            "it sends chunks in HTTP/1.0, which are refused: their end is anybody's guess (RFC 9112, 6.1)"
        ),
        "httpserver_test.SSLTest.test_error_logging": _NO_SSL_LOG,
        "httpserver_test.SSLTest.test_non_ssl_request": _NO_SSL_LOG,
        "simple_httpclient_test.HTTP100ContinueTestCase.test_100_continue": (
            "it tests a client; its handler writes to Tornado's stream, past the connection"
        ),
    },
}
