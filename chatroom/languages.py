"""Which language a browser gets: English, or Chinese in whatever written form it asks for it."""

from __future__ import annotations

from pathlib import Path

import tornado.locale
from tornado.locale import Locale

#: First part of a language tag -> the translation that serves it.
_TRANSLATIONS = {"en": "en_US", "zh": "zh_CN"}

_FOLDER = Path(__file__).parent.parent / "locale"


def load() -> None:
    """Read the translations. Tornado keeps them for the whole process."""
    tornado.locale.load_gettext_translations(str(_FOLDER), "chatroom")


def choose(accept_language: str) -> Locale:
    """The best translation for an Accept-Language header (RFC 9110, section 12.5.4); English if none fits."""
    ranges = [_weighted(part) for part in accept_language.split(",")]
    for _, language in sorted(ranges, reverse=True, key=lambda weighted: weighted[0]):
        if language in _TRANSLATIONS:
            return tornado.locale.get(_TRANSLATIONS[language])
    return tornado.locale.get("en_US")


def tag(locale: Locale) -> str:
    """The language tag of a translation, for the `lang` of a page (BCP 47)."""
    return "zh-CN" if locale.code == "zh_CN" else "en"


def _weighted(part: str) -> tuple[float, str]:
    """`zh-Hant;q=0.8` -> (0.8, "zh"). What cannot be read weighs nothing."""
    name, _, parameter = part.strip().lower().partition(";")
    try:
        weight = float(parameter.strip().removeprefix("q=") or 1)
    except ValueError:
        weight = 0.0
    return weight, name.strip().partition("-")[0] if weight > 0 else ""
