"""What every reply has in common, static files and errors included: its headers, its language, its errors."""

from __future__ import annotations

import logging
from typing import Any
from urllib.parse import quote, urlsplit

import msgspec
from tornado.locale import Locale
from tornado.web import HTTPError, RequestHandler

from chatroom import languages
from chatroom.errors import (
    Broken,
    ChatroomError,
    Forbidden,
    Invalid,
    MethodNotAllowed,
    NotFound,
)

#: Nothing from elsewhere, nothing inline, no frame around us, and HTML enters a page through one policy only.
_CONTENT_SECURITY_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
    "manifest-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'; "
    "require-trusted-types-for 'script'; trusted-types message worker"
)

#: With every reply.
HEADERS = {
    "Content-Security-Policy": _CONTENT_SECURITY_POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",  # none at all would make Origin null
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}
#: With every reply in JSON. `X-Accel-Buffering` keeps nginx from holding it back.
JSON_HEADERS = {"Content-Type": "application/json", "X-Accel-Buffering": "no"}

_ERRORS: dict[int, type[ChatroomError]] = {
    400: Invalid,
    403: Forbidden,
    404: NotFound,
    405: MethodNotAllowed,
}

_log = logging.getLogger(__name__)


class Replying(RequestHandler):
    """Headers, language and errors: for every reply, static files and errors included.

    `secret_path`: its path ends with a secret, which is not logged. `way_in`: a page of the error that the room is not
    found offers to try its password.
    """

    secret_path = False
    way_in = False

    def set_default_headers(self) -> None:
        """Called by Tornado also before an error is written."""
        self.clear_header("Server")
        for name, value in HEADERS.items():
            self.set_header(name, value)

    def get_user_locale(self) -> Locale:
        """The language of the browser."""
        return languages.choose(self.request.headers.get("Accept-Language", ""))

    def get_template_namespace(self) -> dict[str, Any]:
        """What every template may use besides Tornado's own."""
        return super().get_template_namespace() | {"lang": languages.tag(self.locale)}

    @property
    def wants_page(self) -> bool:
        """True if a person reads the reply, in a browser."""
        return "text/html" in self.request.headers.get("Accept", "")

    @property
    def logged_path(self) -> str:
        """The path as it may stand in a log."""
        path = self.request.path
        return f"{path.rstrip('/').rpartition('/')[0]}/***" if self.secret_path else path

    @property
    def bearer(self) -> str | None:
        """The token of a program (RFC 6750). Other schemes are somebody else's, as of a proxy in front of us."""
        scheme, _, token = self.request.headers.get("Authorization", "").partition(" ")
        return token.strip() if scheme.lower() == "bearer" else None

    def check_xsrf_cookie(self) -> None:
        """Called by Tornado before an unsafe method. Raises MethodNotAllowed, and HTTPError 403 for a forged request.

        Who brings no cookie, or a token of their own, has no ambient authority that could be misused.
        """
        if self.request.method not in self._allowed():
            raise MethodNotAllowed
        if not _readable(self.request.headers.get("Origin", "")):
            raise Forbidden
        if "Cookie" in self.request.headers and self.bearer is None:
            super().check_xsrf_cookie()

    def log_exception(self, _type: Any, value: BaseException | None, _traceback: Any) -> None:
        """Log our own faults with their traceback, and nothing of what is refused: it may hold secrets."""
        if not isinstance(value, ChatroomError | HTTPError):
            _log.error("%s %s", self.request.method, self.logged_path, exc_info=value)

    def write_error(self, status_code: int, **kwargs: Any) -> None:
        """Tell what went wrong: JSON to a program, a page to a person."""
        cause = kwargs.get("exc_info", (None, None, None))[1]
        error = _error(status_code, cause)
        self.set_status(error.status)
        self.set_header("Cache-Control", "no-store")
        if isinstance(error, MethodNotAllowed):
            self.set_header("Allow", ", ".join(self._allowed()))
        if error.retry_after is not None:
            self.set_header("Retry-After", str(error.retry_after))
        message = self.locale.translate(error.message).format_map(error.values)
        if self.wants_page:
            self._write_page(error, message)
        else:
            self._write_json(error, message)

    def write_json(self, body: bytes, status: int = 200) -> None:
        """Reply with finished JSON."""
        self.set_status(status)
        for name, value in JSON_HEADERS.items():
            self.set_header(name, value)
        self.finish(body)

    def _write_page(self, error: ChatroomError, message: str) -> None:
        back, draft = self._unsent()
        page = self.render_string(
            "error.html",
            status=error.status,
            message=message,
            draft=draft,
            back=back,
            locked=self._locked(error),
        )
        self.set_header("Content-Type", "text/html; charset=UTF-8")
        self.finish(page)

    def _write_json(self, error: ChatroomError, message: str) -> None:
        told = {"code": error.code, "message": message}
        if error.field:
            told["field"] = error.field
        self.write_json(msgspec.json.encode({"error": told}), error.status)

    def _locked(self, error: ChatroomError) -> str | None:
        """The path of the room whose password may be tried."""
        shut = self.way_in and isinstance(error, NotFound) and error.field == "room"
        return quote(self.path_args[0], safe="") if shut else None

    def _unsent(self) -> tuple[str, str | None]:
        """Where to go back to from an error, and the text that a form brought and that was not taken."""
        return "/", None

    def _allowed(self) -> list[str]:
        """The methods that this address takes (RFC 9110, section 10.2.1)."""
        return [
            method
            for method in ("GET", "HEAD", "POST")
            if getattr(type(self), method.lower()) is not getattr(RequestHandler, method.lower())
        ]


def _readable(origin: str) -> bool:
    """Whether Tornado's check of the origin can read it."""
    try:
        urlsplit(origin)
    except ValueError:
        return False
    return True


def _error(status: int, cause: BaseException | None) -> ChatroomError:
    if isinstance(cause, ChatroomError):
        return cause
    return _ERRORS.get(status, Broken)()
