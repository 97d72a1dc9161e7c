"""Puts the parts together: settings and an engine become a Tornado application."""

from __future__ import annotations

import asyncio
import logging
import secrets
import time
from collections.abc import Callable
from http import HTTPStatus
from pathlib import Path
from random import Random

from tornado.template import Loader
from tornado.web import Application, RequestHandler

from chatroom import languages
from chatroom.accounts import Accounts
from chatroom.attendance import Attendance
from chatroom.chat import Chat
from chatroom.conduct import Conduct
from chatroom.doors import Doors, Tries
from chatroom.engines.base import Engine
from chatroom.handlers.account import (
    ClaimHandler,
    ForgetHandler,
    PasswordHandler,
    SignInHandler,
)
from chatroom.handlers.account_pages import FirstPageHandler, MeHandler, SignInPageHandler
from chatroom.handlers.administrator import AppointHandler, ExpelHandler, FirstHandler
from chatroom.handlers.alter import DeletionHandler, EditHandler, ReactionHandler
from chatroom.handlers.door import InvitationHandler, JoinHandler
from chatroom.handlers.export import HtmlExportHandler, JsonExportHandler
from chatroom.handlers.file import FileHandler, ThumbnailHandler
from chatroom.handlers.health import HealthHandler, ReadyHandler
from chatroom.handlers.history import HistoryHandler
from chatroom.handlers.manifest import ManifestHandler
from chatroom.handlers.message import NewMessageHandler, UpdatesHandler
from chatroom.handlers.mine import IgnoreHandler, ReadHandler, RoomsHandler
from chatroom.handlers.order import BarHandler, LeaveHandler, MemberHandler
from chatroom.handlers.pages import DoorHandler, EntranceHandler, NowhereHandler, RoomHandler
from chatroom.handlers.presence import TypingHandler
from chatroom.handlers.private import PrivateHandler
from chatroom.handlers.replying import Replying
from chatroom.handlers.room import AuditHandler, RunHandler
from chatroom.handlers.room_pages import JoinPage, MessagePage, OrderPage
from chatroom.handlers.search import SearchHandler, SearchPage
from chatroom.handlers.selftest import DelayHandler, SelftestPage
from chatroom.handlers.session import (
    RevokeHandler,
    SessionEndHandler,
    SessionHandler,
    TokenHandler,
)
from chatroom.handlers.static import StaticHandler, release_of
from chatroom.handlers.upload import NewFileHandler
from chatroom.holds import Holds
from chatroom.inflight import InFlight
from chatroom.marks import Marks
from chatroom.packing import Packing
from chatroom.parts import Parts
from chatroom.passwords import Passwords
from chatroom.presence import versions
from chatroom.proxies import Proxies
from chatroom.rates import Rates
from chatroom.rendering import message_renderer
from chatroom.rooms import Rooms
from chatroom.sessions import Sessions
from chatroom.settings import Settings
from chatroom.uploads import Uploads
from chatroom.wire import Wire

_ROOT = Path(__file__).parent.parent
TEMPLATES = _ROOT / "templates"
STATIC = _ROOT / "static"

#: Days that a browser keeps the cookie against forged requests: the most that browsers allow.
_XSRF_DAYS = 400
#: Bytes that tell one life of the server from the others.
_BOOT_BYTES = 3

_log = logging.getLogger("chatroom.access")


class Chatroom(Application):
    """The application, and the parts that whoever runs it has to close."""

    chat: Chat
    sessions: Sessions
    inflight: InFlight
    holds: Holds
    accounts: Accounts
    parts: Parts


def now() -> int:
    """The wall clock: microseconds since 1970 UTC."""
    return time.time_ns() // 1000


def make_app(
    settings: Settings,
    engine: Engine,
    clock: Callable[[], int] = now,
    monotonic: Callable[[], float] = time.monotonic,
) -> Chatroom:
    """The whole chat over `engine`, to be served by any Tornado HTTP server.

    `clock` gives microseconds since 1970 UTC and decides when a session ends; `monotonic` gives seconds, never goes
    back, and decides how often somebody may ask.
    """
    languages.load()
    wire = Wire(engine.epoch, message_renderer(Loader(str(TEMPLATES))))
    rooms = Rooms(wire, settings.cache_size, settings.rooms_in_memory, _soon)
    attendance = Attendance(versions(secrets.token_hex(_BOOT_BYTES)), time.monotonic)
    chat = Chat(settings, engine, rooms, Random(), clock, attendance)  # noqa: S311 - it spreads readers, it guards nothing
    sessions = Sessions(engine.people, clock, settings.session_cache, settings.session_days)
    holds = Holds(settings.polls, settings.polls_per_person, settings.polls_per_address)
    marks = Marks(secrets.token_hex(_BOOT_BYTES), max(settings.session_cache, settings.polls))
    chat.listeners.append(marks.deliver)
    passwords, conduct = Passwords(), Conduct(chat, sessions)
    accounts = Accounts(engine.people, sessions, passwords, monotonic)
    doors = Doors(chat, conduct, passwords, Tries(monotonic))
    proxies, rates = Proxies(settings.proxies), Rates(settings, monotonic)
    uploads = Uploads(settings, engine.files, rates)
    parts = Parts(
        chat, sessions, InFlight(), holds, proxies, rates, marks, conduct, doors, accounts, uploads
    )
    app = Chatroom(
        [(path, handler, {"parts": parts}) for path, handler in ROUTES],
        default_handler_class=NowhereHandler,
        transforms=[Packing],
        template_path=str(TEMPLATES),
        static_path=str(STATIC),
        static_handler_class=StaticHandler,
        release=release_of(STATIC),
        xsrf_cookies=True,
        xsrf_cookie_kwargs={"httponly": True, "samesite": "Lax", "expires_days": _XSRF_DAYS},
        cross_origin_protection=True,
        log_function=_log_request,
    )
    app.parts = parts
    app.chat, app.sessions, app.inflight, app.holds, *_ = parts
    app.accounts = accounts
    return app


#: Path -> who answers there, those who are asked most often first: Tornado tries one after the other.
ROUTES: list[tuple[str, type[RequestHandler]]] = [
    (r"/a/message/new", NewMessageHandler),
    (r"/a/message/updates", UpdatesHandler),
    (r"/", EntranceHandler),
    (r"/room/?", DoorHandler),
    (r"/room/([^/]+)", RoomHandler),
    (r"/room/([^/]+)/order", OrderPage),
    (r"/room/([^/]+)/message/([^/]+)", MessagePage),
    (r"/room/([^/]+)/file/([^/]+)", FileHandler),
    (r"/room/([^/]+)/file/([^/]+)/thumbnail", ThumbnailHandler),
    (r"/room/([^/]+)/export\.json", JsonExportHandler),
    (r"/room/([^/]+)/export\.html", HtmlExportHandler),
    (r"/join/([^/]+)/([^/]+)", JoinPage),
    (r"/a/room/([^/]+)/messages", HistoryHandler),
    (r"/a/room/([^/]+)/typing", TypingHandler),
    (r"/a/room/([^/]+)/read", ReadHandler),
    (r"/a/rooms", RoomsHandler),
    (r"/a/search", SearchHandler),
    (r"/a/person/([^/]+)/ignore", IgnoreHandler),
    (r"/a/room/([^/]+)", RunHandler),
    (r"/a/room/([^/]+)/delete", DeletionHandler),
    (r"/a/room/([^/]+)/edit", EditHandler),
    (r"/a/room/([^/]+)/react", ReactionHandler),
    (r"/a/room/([^/]+)/file", NewFileHandler),
    (r"/a/room/([^/]+)/member", MemberHandler),
    (r"/a/room/([^/]+)/leave", LeaveHandler),
    (r"/a/room/([^/]+)/bar", BarHandler),
    (r"/a/room/([^/]+)/invitation", InvitationHandler),
    (r"/a/room/([^/]+)/join", JoinHandler),
    (r"/a/room/([^/]+)/audit", AuditHandler),
    (r"/a/private", PrivateHandler),
    (r"/a/session", SessionHandler),
    (r"/a/session/end", SessionEndHandler),
    (r"/a/session/revoke", RevokeHandler),
    (r"/a/session/token", TokenHandler),
    (r"/a/account", ClaimHandler),
    (r"/a/account/sign-in", SignInHandler),
    (r"/a/account/password", PasswordHandler),
    (r"/a/account/delete", ForgetHandler),
    (r"/a/administrator", FirstHandler),
    (r"/a/person/([^/]+)/administrator", AppointHandler),
    (r"/a/person/([^/]+)/bar", ExpelHandler),
    (r"/search", SearchPage),
    (r"/me", MeHandler),
    (r"/sign-in", SignInPageHandler),
    (r"/first/([^/]+)/?", FirstPageHandler),
    (r"/manifest\.webmanifest", ManifestHandler),
    (r"/selftest", SelftestPage),
    (r"/a/selftest", DelayHandler),
    (r"/healthz", HealthHandler),
    (r"/readyz", ReadyHandler),
]


def _soon(callback: Callable[[], None]) -> None:
    asyncio.get_running_loop().call_soon(callback)


def _log_request(handler: RequestHandler) -> None:
    """One line per reply, at a level that fits it; never a query string, a body or a token."""
    status = handler.get_status()
    level = logging.DEBUG if status < HTTPStatus.INTERNAL_SERVER_ERROR else logging.WARNING
    if not _log.isEnabledFor(level):
        return
    milliseconds = 1000 * handler.request.request_time()
    _log.log(
        level,
        "%s %s %s %.1f ms",
        status,
        handler.request.method,
        handler.logged_path if isinstance(handler, Replying) else handler.request.path,
        milliseconds,
    )
