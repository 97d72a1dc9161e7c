"""What answering a request may need, put together once by `make_app`."""

from __future__ import annotations

from typing import NamedTuple

from chatroom.accounts import Accounts
from chatroom.chat import Chat
from chatroom.conduct import Conduct
from chatroom.doors import Doors
from chatroom.holds import Holds
from chatroom.inflight import InFlight
from chatroom.marks import Marks
from chatroom.proxies import Proxies
from chatroom.rates import Rates
from chatroom.sessions import Sessions
from chatroom.uploads import Uploads


class Parts(NamedTuple):
    """The running chat, who is asking, what is being asked, what people do to rooms, and what they send."""

    chat: Chat
    sessions: Sessions
    inflight: InFlight
    holds: Holds
    proxies: Proxies
    rates: Rates
    marks: Marks
    conduct: Conduct
    doors: Doors
    accounts: Accounts
    uploads: Uploads
