"""GET /manifest.webmanifest: what a device needs to know to install the site (W3C, Web Application Manifest)."""

from __future__ import annotations

import json

from chatroom import languages
from chatroom.handlers.base import Handler

#: The sides of the icons, in pixels: what browsers ask for of a site that is to be installed.
_SIDES = (192, 512)
#: The paper of the pages by day: the manifest knows one colour only.
_PAPER = "#f7f6f3"


class ManifestHandler(Handler):
    """In the language of the browser, which asks without a session."""

    counted = False

    def get(self) -> None:
        """Its icons lie under the path of their release, like everything that pages ask for."""
        icon = {"type": "image/png", "purpose": "any"}
        sized = [
            icon | {"src": self.static_url(f"icons/{side}.png"), "sizes": f"{side}x{side}"}
            for side in _SIDES
        ]
        cut = sized[-1] | {"src": self.static_url("icons/maskable.png"), "purpose": "maskable"}
        self.set_header("Content-Type", "application/manifest+json")
        self.finish(json.dumps(self._words() | {"icons": [*sized, cut]}, ensure_ascii=False))

    head = get

    def _words(self) -> dict[str, str]:
        return {
            "id": "/",
            "name": self.locale.translate("Chatroom"),
            "lang": languages.tag(self.locale),
            "start_url": "/",
            "scope": "/",
            "display": "standalone",
            "theme_color": _PAPER,
            "background_color": _PAPER,
        }
