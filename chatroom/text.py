"""What someone wrote, as HTML that is safe to insert.

Markdown becomes HTML once, when a message is posted. Three walls stand behind each other: the parser knows only the
rules listed here, none of which lets HTML through; it makes a link only of an address that names one of three schemes;
and its output is cleaned against an allow-list by an HTML parser that shares no code with it.

Rendering happens on the loop, so its time is bounded by structure, not by a clock: the depth of quotes and lists, and
the numbers of `[` and `://` beyond which links stay as they were written. Each was quadratic without.

Chinese and Japanese put no space between a word and what follows it. So an address ends where such text goes on, and
`**注意：**请` is bold, which the flanking rules of CommonMark, made for spaces, would not allow.
"""

from __future__ import annotations

import re
from collections.abc import Callable

import nh3
from linkify_it import LinkifyIt
from markdown_it import MarkdownIt
from markdown_it.rules_block import StateBlock, blockquote, fence, list_block
from markdown_it.rules_inline import StateInline, emphasis, strikethrough

#: Levels of quotes and lists; a list takes two, itself and its item. What lies deeper stays text.
DEPTH_LIMIT = 6
#: `[` in one message; each may be looked for a partner to the end. With more, `[text](address)` stays text.
BRACKET_LIMIT = 200
#: `://` in one message; an open bracket in an address is looked for to the end. With more, bare addresses stay text.
ADDRESS_LIMIT = 30

_CJK_LETTERS = (
    "\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7af\uf900-\ufaff\U00020000-\U0003ffff"
)
_CJK_MARKS = "\u2014\u2018\u2019\u201c\u201d\u2026\u3000-\u303f\uff01-\uff0f\uff1a-\uff20\uff3b-\uff40\uff5b-\uff65"
_CJK = re.compile(f"[{_CJK_LETTERS}{_CJK_MARKS}]")

#: Where an address ends although linkify-it reads on. After a slash or a sign, Chinese letters belong to it.
_TEXT_GOES_ON = re.compile(f"[{_CJK_MARKS}]|(?<=[0-9A-Za-z*~])[{_CJK_LETTERS}]")

#: A browser resolves `http:path` against the page it is on; two slashes make the address absolute.
_ABSOLUTE = re.compile(r"https?://[^/\\]|mailto:.", re.IGNORECASE)

#: What a parser would do more with than to escape it: markup, an address, a list, or white space that it trims.
_MARKUP = re.compile(
    r"[\\`*_~\[<>&@]|://|mailto:|^(?:[-+ ]|\d+[.)]|$)| $|[^\S \n]", re.IGNORECASE | re.MULTILINE
)

#: What opens a block of code, with or without a language. Whoever begins a line with `~~~` is only in a good mood.
_FENCE = re.compile(r"`{3,} *[0-9A-Za-z+#._-]{0,20} *")

#: A backslash has already taken the letter after it.
_SCHEME = re.compile(r"(?<![0-9A-Za-z\\])https?\Z", re.IGNORECASE | re.ASCII)
_WEB = LinkifyIt()
_MAIL = LinkifyIt({"http:": None, "https:": None, "ftp:": None, "//": None}, {"fuzzy_link": False})

_CLEANER = nh3.Cleaner(
    tags={"a", "blockquote", "br", "code", "em", "li", "ol", "p", "pre", "s", "strong", "ul"},
    attributes={"*": set(), "a": {"href"}, "ol": {"start"}},
    set_tag_attribute_values={"a": {"target": "_blank"}},
    link_rel="noopener noreferrer nofollow ugc",
    url_schemes={"http", "https", "mailto"},
    url_relative="deny",
)


def render(body: str) -> str:
    """Return `body`, Markdown of any origin without NUL and lone surrogates, as HTML that is safe to insert.

    The same body always gives the same HTML. Raises nothing.
    """
    if _MARKUP.search(body) is None:
        return "<p>" + body.replace("\n", "<br>\n") + "</p>"
    return _render_markdown(body)


def _render_markdown(body: str) -> str:
    links = body.count("[") <= BRACKET_LIMIT
    addresses = body.count("://") <= ADDRESS_LIMIT
    return _CLEANER.clean(_MARKDOWN[links, addresses].render(body)).rstrip("\n")


class _Markdown(MarkdownIt):
    """The Markdown of a chat: what is not enabled here, HTML, images and headings above all, stays text."""

    def __init__(self, *, links: bool, addresses: bool) -> None:
        # The inner item of a list and its paragraph are two more; brackets, too, nest no deeper than this.
        options = {"breaks": True, "linkify": True, "maxNesting": DEPTH_LIMIT + 2}
        super().__init__("zero", options)
        self.linkify = _MAIL
        self.enable(["newline", "escape", "entity", "backticks", "autolink"])
        self._add_block_rules()
        self._add_flanking_rules()
        self.core.ruler.enable("linkify")
        self.inline.ruler.at("linkify", _web_address)
        self.inline.ruler.enable([*["link"] * links, *["linkify"] * addresses])

    def validateLink(self, url: str) -> bool:  # noqa: N802 - the name is markdown-it's
        """Say whether `url`, entities decoded, may be the target of a link."""
        return _ABSOLUTE.match(url) is not None

    def _add_block_rules(self) -> None:
        ends = ["paragraph", "reference", "blockquote", "list"]
        self.block.ruler.at("fence", _fence, {"alt": ends})
        self.block.ruler.at("blockquote", _bounded(blockquote), {"alt": ends})
        self.block.ruler.at("list", _bounded(list_block), {"alt": ends[:-1]})
        self.enable(["fence", "blockquote", "list"])

    def _add_flanking_rules(self) -> None:
        self.inline.ruler.at("emphasis", _beside_cjk(emphasis.tokenize))
        self.inline.ruler.at("strikethrough", _beside_cjk(strikethrough.tokenize))
        self.enable(["emphasis", "strikethrough"])


def _fence(state: StateBlock, start: int, end: int, silent: bool) -> bool:  # noqa: FBT001
    """Make a block of code of what stands below a line of backticks; markdown-it would drop other text in that line."""
    first = state.src[state.bMarks[start] + state.tShift[start] : state.eMarks[start]]
    below = start + 1 < end
    return below and _FENCE.fullmatch(first) is not None and fence(state, start, end, silent)


def _bounded(
    rule: Callable[[StateBlock, int, int, bool], bool],
) -> Callable[[StateBlock, int, int, bool], bool]:
    """Return `rule` such that it does not apply below DEPTH_LIMIT; markdown-it would drop the text there."""

    def bounded(state: StateBlock, start: int, end: int, silent: bool) -> bool:  # noqa: FBT001
        return state.level < DEPTH_LIMIT and rule(state, start, end, silent)

    return bounded


def _beside_cjk(
    rule: Callable[[StateInline, bool], bool],
) -> Callable[[StateInline, bool], bool]:
    """Return `rule` such that `*` and `~` beside Chinese or Japanese open before and close after anything but space."""

    def beside_cjk(state: StateInline, silent: bool) -> bool:  # noqa: FBT001
        start, known = state.pos, len(state.delimiters)
        if silent or not rule(state, silent):
            return False
        before = state.src[start - 1 : start]
        after = state.src[state.pos : min(state.pos + 1, state.posMax)]
        if state.src[start] != "_" and _CJK.search(before + after):
            for delimiter in state.delimiters[known:]:
                delimiter.open = bool(after.strip())
                delimiter.close = bool(before.strip())
        return True

    return beside_cjk


def _web_address(state: StateInline, silent: bool) -> bool:  # noqa: FBT001
    """Make a link of `https://...` as the rules of linkify-it read it, ended where Chinese text goes on.

    An address names its scheme: `run.py` is a file and not a host in Paraguay. This is instead of two rules of
    markdown-it, of which one looks at all earlier text for each `://`, the other at all later text.
    """
    if state.linkLevel or not state.src.startswith("://", state.pos):
        return False
    scheme = _SCHEME.search(state.src, max(0, state.pos - 6), state.pos)
    if scheme is None:
        return False
    length = _WEB.test_schema_at(state.src, "http:", state.pos + 1)
    url = _ended(state.src[scheme.start() : state.pos + 1 + length])
    href = state.md.normalizeLink(url)
    if not length or not state.md.validateLink(href):
        return False
    if not silent:
        state.pending = state.pending[: -len(scheme[0])]
        _push_link(state, href, state.md.normalizeLinkText(url))
    state.pos = scheme.start() + len(url)
    return True


def _ended(url: str) -> str:
    if found := _TEXT_GOES_ON.search(url):
        url = url[: found.start()].rstrip(".,;:!?")
    return url.rstrip("*~")


def _push_link(state: StateInline, href: str, text: str) -> None:
    state.push("link_open", "a", 1).attrs = {"href": href}
    state.push("text", "", 0).content = text
    state.push("link_close", "a", -1)


_MARKDOWN = {
    (links, addresses): _Markdown(links=links, addresses=addresses)
    for links in (True, False)
    for addresses in (True, False)
}
