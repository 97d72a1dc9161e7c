"""Markdown to safe HTML: what people write, what attackers write, and how much work either may cause."""

from __future__ import annotations

import re
from html import unescape
from html.parser import HTMLParser
from typing import Any

import pytest

from chatroom import text
from chatroom.text import ADDRESS_LIMIT, BRACKET_LIMIT, DEPTH_LIMIT, render

LINK = '<a href="{}" target="_blank" rel="noopener noreferrer nofollow ugc">{}</a>'

TAGS = {"a", "blockquote", "br", "code", "em", "li", "ol", "p", "pre", "s", "strong", "ul"}
# Without `href`, which is taken away from what is not an address after all, `a` is text.
ATTRIBUTES = {"a": (["href", "target", "rel"], ["target", "rel"]), "ol": (["start"], [])}
VOID = {"br"}


def link(address: str, shown: str | None = None) -> str:
    """Return the link to `address` as it has to be written."""
    return LINK.format(address, shown or address)


class Inspector(HTMLParser):
    """Fails on every tag, attribute, address, comment and nesting that `render` must not let through."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.open: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert tag in TAGS
        assert [name for name, _ in attrs] in ATTRIBUTES.get(tag, ([],))
        for address in [value or "" for name, value in attrs if name == "href"]:
            assert re.match(r"https?://[^/\\]|mailto:.", address, re.IGNORECASE)
        assert tag != "a" or "a" not in self.open
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_comment(self, data: str) -> None:
        raise AssertionError(data)

    def handle_decl(self, decl: str) -> None:
        raise AssertionError(decl)

    def handle_pi(self, data: str) -> None:
        raise AssertionError(data)


def inspected(body: str) -> str:
    """Return `render(body)` after the Inspector has found nothing in it, in particular no open tag at its end."""
    html = render(body)
    inspector = Inspector()
    inspector.feed(html)
    inspector.close()
    assert inspector.open == []
    return html


@pytest.mark.parametrize(
    ("body", "html"),
    [
        ("hello", "<p>hello</p>"),
        ("你好，世界！", "<p>你好，世界！</p>"),
        ("one\ntwo", "<p>one<br>\ntwo</p>"),
        ("one\n\ntwo", "<p>one</p>\n<p>two</p>"),
        ('"quotes" and it\'s', '<p>"quotes" and it\'s</p>'),
        ("a < b & c > d", "<p>a &lt; b &amp; c &gt; d</p>"),
        (
            "*a* **b** ~~c~~ `d<`",
            "<p><em>a</em> <strong>b</strong> <s>c</s> <code>d&lt;</code></p>",
        ),
        ("```py\nx < 1\n```", "<pre><code>x &lt; 1\n</code></pre>"),
        ("so:\n```\n*x*\n```\nyes", "<p>so:</p>\n<pre><code>*x*\n</code></pre>\n<p>yes</p>"),
        ("```x = 1```", "<p><code>x = 1</code></p>"),
        ("```alone", "<p>```alone</p>"),
        ("```not a language\nx", "<p>```not a language<br>\nx</p>"),
        ("~~~哈哈\n好", "<p>~~~哈哈<br>\n好</p>"),
        ("> said\n\nanswer", "<blockquote>\n<p>said</p>\n</blockquote>\n<p>answer</p>"),
        ("- a\n- b", "<ul>\n<li>a</li>\n<li>b</li>\n</ul>"),
        ("3. c\n4. d", '<ol start="3">\n<li>c</li>\n<li>d</li>\n</ol>'),
        ("\\*not\\*", "<p>*not*</p>"),
        ("snake_case_name", "<p>snake_case_name</p>"),
    ],
)
def test_what_people_write_reads_as_they_meant_it(body: str, html: str) -> None:
    assert inspected(body) == html


@pytest.mark.parametrize(
    ("body", "kept"),
    [
        ("# 7 is my room", "# 7 is my room"),
        ("title\n===", "title<br>\n==="),
        ("[a]()", "a"),
        ("a\n---", "a<br>\n---"),
        ("***", "***"),
        ("a\n\n    indented", "<p>indented</p>"),
        ("[a]: http://b.c\n\n[a]", "[a]</p>"),
        ("| a |\n|---|\n| b |", "| a |<br>\n|---|<br>\n| b |"),
        ("![cat](http://c.d/cat.png)", "!" + link("http://c.d/cat.png", "cat")),
    ],
)
def test_headings_rules_tables_references_images_and_indented_code_are_not_markup(
    body: str, kept: str
) -> None:
    assert kept in inspected(body)


@pytest.mark.parametrize(
    ("body", "html"),
    [
        ("https://a.b/c?d=1&e=2", link("https://a.b/c?d=1&amp;e=2")),
        ("see http://a.b.", f"see {link('http://a.b')}."),
        ("(https://a.b/c_(d))", f"({link('https://a.b/c_(d)')})"),
        ("**https://a.b/c**", f"<strong>{link('https://a.b/c')}</strong>"),
        ("~~https://a.b/c~~", f"<s>{link('https://a.b/c')}</s>"),
        ("HTTPS://A.B", link("HTTPS://A.B")),
        ("[text](https://a.b)", link("https://a.b", "text")),
        ("[a https://c.d](https://a.b)", link("https://a.b", "a https://c.d")),
        ("<https://a.b>", link("https://a.b")),
        ("me@example.com", link("mailto:me@example.com", "me@example.com")),
        ("<me@example.com>", link("mailto:me@example.com", "me@example.com")),
        ("`https://a.b`", "<code>https://a.b</code>"),
        ("run.py, readme.md and example.com", "run.py, readme.md and example.com"),
        ("ftp://a.b", "ftp://a.b"),
        ("//a.b", "//a.b"),
        ("http://", "http://"),
        ("xhttp://a.b", "xhttp://a.b"),
        ("\\https://a.b", "\\https://a.b"),
    ],
)
def test_an_address_with_its_scheme_becomes_a_link_into_a_new_tab(body: str, html: str) -> None:
    assert inspected(body) == f"<p>{html}</p>"


@pytest.mark.parametrize(
    ("body", "html"),
    [
        ("看https://a.b/c，谢谢", f"看{link('https://a.b/c')}，谢谢"),
        ("https://a.b/c。", f"{link('https://a.b/c')}。"),
        ("https://a.b/c.。", f"{link('https://a.b/c')}.。"),
        ("https://a.b/c这个", f"{link('https://a.b/c')}这个"),
        ("https://a.b这个", f"{link('https://a.b')}这个"),
        ("https://a.b/はい", link("https://a.b/%E3%81%AF%E3%81%84", "https://a.b/はい")),
        ("https://a.b/见。好", f"{link('https://a.b/%E8%A7%81', 'https://a.b/见')}。好"),
        ("（https://a.b/c）", f"（{link('https://a.b/c')}）"),
        ("「https://a.b/c」", f"「{link('https://a.b/c')}」"),
        ("“https://a.b/c”", f"“{link('https://a.b/c')}”"),
        ("1.https://a.b、2.https://c.d", f"1.{link('https://a.b')}、2.{link('https://c.d')}"),
        ("**https://a.b/c**后", f"<strong>{link('https://a.b/c')}</strong>后"),
        ("https://例子.中国/", link("https://xn--fsqu00a.xn--fiqs8s/", "https://例子.中国/")),
        ("me@example.com，谢谢", f"{link('mailto:me@example.com', 'me@example.com')}，谢谢"),
    ],
)
def test_an_address_ends_where_chinese_or_japanese_text_goes_on(body: str, html: str) -> None:
    assert inspected(body) == f"<p>{html}</p>"


@pytest.mark.parametrize(
    ("body", "html"),
    [
        ("**注意：**请看", "<strong>注意：</strong>请看"),
        ("他说**“好”**了", "他说<strong>“好”</strong>了"),
        ("~~旧的。~~新的", "<s>旧的。</s>新的"),
        ("*はい。*次", "<em>はい。</em>次"),
        ("** 中 **", "** 中 **"),
        ("中 * 文 * 字", "中 * 文 * 字"),
        ("中_文_字", "中_文_字"),
    ],
)
def test_emphasis_needs_no_space_beside_chinese_or_japanese(body: str, html: str) -> None:
    assert inspected(body) == f"<p>{html}</p>"


ATTACKS = [
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "<svg/onload=alert(1)>",
    "<svg><style><img src=x onerror=alert(1)></style></svg>",
    "<math><mtext><table><mglyph><style><!--</style><img title='--&gt;&lt;img src=1 onerror=alert(1)&gt;'>",
    "<math href=javascript:alert(1)>x</math>",
    "<style>*{background:url(javascript:alert(1))}</style>",
    "<iframe srcdoc='<script>alert(1)</script>'></iframe>",
    "<noscript><p title='</noscript><img src=x onerror=alert(1)>'>",
    "<form><math><mtext></form><form><mglyph><style></math><img src onerror=alert(1)>",
    "<a href='javascript:alert(1)'>x</a>",
    "<!--><img src=x onerror=alert(1)>-->",
    "<![CDATA[<img src=x onerror=alert(1)>]]>",
    "<?php echo 1 ?><!DOCTYPE html>",
    "<base href=//evil.test/><meta http-equiv=refresh content='0;url=//evil.test'>",
    "[x](javascript:alert(1))",
    "[x](JaVaScRiPt:alert(1))",
    "[x](java\tscript:alert(1))",
    "[x](<java\tscript:alert(1)>)",
    "[x](&#106;avascript:alert(1))",
    "[x](&#x6A;avascript&colon;alert(1))",
    "[x](javascript&#58;alert(1))",
    "[x](\x01javascript:alert(1))",
    "[x](%6Aavascript:alert(1))",
    "[x](vbscript:msgbox(1))",
    "[x](data:text/html;base64,PHNjcmlwdD5hbGVydCgxKTwvc2NyaXB0Pg==)",
    "[x](data:image/png;base64,AAAA)",
    "[x](file:///etc/passwd)",
    "[x](blob:https://a.b/c)",
    "[x](//evil.test)",
    "[x](/\\evil.test)",
    "[x](/room/1)",
    "[x](http:/room/1)",
    "[x](http:room)",
    "[x](https:\\\\evil.test)",
    "[x](http:///evil.test)",
    "[x](?a#b)",
    '[x](https://a.b "onmouseover=alert(1)")',
    "[x](https://a.b 'a\" onmouseover=\"alert(1)')",
    '[x](https://a.b/"onmouseover="alert(1))',
    '[x](https://a.b/\\"onmouseover=alert(1))',
    "[<img src=x onerror=alert(1)>](https://a.b)",
    "[[x](javascript:alert(1))](https://a.b)",
    "[<https://c.d>](https://a.b)",
    '[a](https://a.b/[b](https://c.d/"onclick=alert(1)))',
    "[x]: javascript:alert(1)\n[x]",
    "[x][y]\n\n[y]: javascript:alert(1) 'z'",
    "![x](javascript:alert(1))",
    '![<script>](https://a.b/"onerror="alert(1))',
    "<javascript:alert(1)>",
    "<JAVASCRIPT:alert(1)>",
    "<data:text/html,x>",
    '<https://a.b/"onmouseover=alert(1)>',
    "<https://a.b/'><img/src=x>",
    '<a@b.c"onclick="alert(1)>',
    "javascript://a.b/%0aalert(1)",
    "javascript:alert(1)//http://a.b",
    'https://a.b/"><script>alert(1)</script>',
    "https://a.b/'onmouseover='alert(1)",
    'https://a.b"onmouseover=alert(1)//',
    "http://javascript:alert(1)@a.b/",
    "http://[::1]/<script>",
    "http://a.b/\u202egnp.exe",
    "mailto:a@b.c?subject=<script>",
    "mailto:javascript:alert(1)@a.b",
    "&lt;script&gt;alert(1)&lt;/script&gt;",
    "&#60;img src=x onerror=alert(1)&#62;",
    "`<script>`</code><script>alert(1)</script>",
    '```<script>"onload=alert(1)\nx\n```',
    "```\n</code></pre><script>alert(1)</script>\n```",
    '``` " class="x" onclick="alert(1)\nx\n```',
    "> <script>\n> alert(1)",
    "- <img\n- src=x onerror=alert(1)>",
    "<scr\nipt>alert(1)</scr\nipt>",
    "<<script>script>alert(1)<</script>/script>",
    "</p><script>alert(1)</script>",
    "\u00bcscript\u00beалерт\uff1cscript\uff1e",
    "<\uff53cript>alert(1)</\uff53cript>",
    "{{ 1 + 1 }} {% raw x %} ${x}",
    "\ufeff<script>alert(1)</script>",
    "\x0c<script\x0c>alert(1)</script>",
    "1. [x](javascript:alert(1))\n   <svg onload=alert(1)>",
]


@pytest.mark.parametrize("body", ATTACKS)
def test_an_attack_comes_out_as_text(body: str) -> None:
    inspected(body)


@pytest.mark.parametrize("wrap", ["**{}**", "> {}", "- {}", "[{}](https://a.b)", "a\n{}\nb", "`{}"])
def test_an_attack_inside_other_markup_comes_out_as_text(wrap: str) -> None:
    for body in ATTACKS:
        inspected(wrap.format(body))


def test_all_attacks_in_one_message_come_out_as_text() -> None:
    inspected("\n".join(ATTACKS))
    inspected("\n\n".join(reversed(ATTACKS)))


@pytest.mark.parametrize(("mark", "levels"), [("> ", DEPTH_LIMIT), ("- ", DEPTH_LIMIT // 2)])
def test_quotes_and_lists_deeper_than_the_limit_stay_text_and_are_not_lost(
    mark: str, levels: int
) -> None:
    deepest = inspected(mark * levels + "deep")
    assert "deep" in deepest
    assert mark.strip().replace(">", "&gt;") not in re.sub("<[^>]*>", "", deepest)

    deeper = inspected(mark * 1000 + "deep")
    assert deeper.count("<") == deepest.count("<")
    assert (mark * (1000 - levels)).strip().replace(">", "&gt;") + " deep" in deeper


def test_beyond_so_many_brackets_only_addresses_are_links() -> None:
    one = "[x](https://a.b) "
    assert inspected(one + "[" * (BRACKET_LIMIT - 1)).startswith(f"<p>{link('https://a.b', 'x')}")
    assert inspected(one + "[" * BRACKET_LIMIT).startswith(f"<p>[x]({link('https://a.b')})")


def test_beyond_so_many_addresses_they_stay_text_but_for_those_in_brackets() -> None:
    assert inspected("http://a.b " * ADDRESS_LIMIT).count("<a ") == ADDRESS_LIMIT
    assert inspected("http://a.b " * (ADDRESS_LIMIT + 1)).count("<a ") == 0
    assert inspected("http://a.b " * ADDRESS_LIMIT + "[x](http://a.b)").count("<a ") == 1


@pytest.mark.parametrize("unit", ["*", "_", "~~", "[", "[a](", "`", "`a``", "> ", "- ", "1. ", "<"])
@pytest.mark.parametrize(
    "rest", ["a.b.c ", "@", "a@b.c ", "://", "http://a/(", "(", "| a ", "*_", "\n"]
)
def test_the_longest_hostile_messages_come_out_safe(unit: str, rest: str) -> None:
    inspected((unit * 4000)[:2000] + (rest * 2000)[:2000])
    inspected((unit + rest) * (4000 // len(unit + rest)))


def test_the_same_text_always_gives_the_same_html() -> None:
    body = "\n".join(ATTACKS)
    assert len({render(body) for _ in range(5)}) == 1


def test_text_without_markup_takes_the_short_way(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(text, "_render_markdown", None)
    assert render("12:30 好的！(yes) a/b #7 50% 1.5 + 2\nno, wait") == (
        "<p>12:30 好的！(yes) a/b #7 50% 1.5 + 2<br>\nno, wait</p>"
    )


def test_any_text_gives_safe_html_and_no_error() -> None:
    hypothesis = pytest.importorskip("hypothesis", reason="hypothesis: requirements-dev.txt")
    pieces = [
        "*",
        "_",
        "~~",
        "`",
        "```",
        "[",
        "](",
        ")",
        "<",
        ">",
        "> ",
        "- ",
        "1. ",
        "\\",
        "&",
        ":",
    ]
    pieces += [
        "https://a.b",
        "http://",
        "a@b.c",
        "mailto:",
        "javascript:",
        "\n",
        " ",
        "\t",
        "中",
        "，",
        '"',
    ]
    markup = hypothesis.strategies.lists(hypothesis.strategies.sampled_from(pieces)).map("".join)

    @hypothesis.given(hypothesis.strategies.one_of(any_text(hypothesis), markup))
    def holds(body: str) -> None:
        inspected(body)

    holds()


def test_however_markup_is_nested_no_letter_is_lost() -> None:
    hypothesis = pytest.importorskip("hypothesis", reason="hypothesis: requirements-dev.txt")
    pieces = [
        "*",
        "_",
        "~~",
        "[",
        "]",
        "> ",
        "- ",
        "1. ",
        "  ",
        "\n",
        "<",
        ">",
        "&",
        "a",
        "中",
        "。",
    ]
    some = hypothesis.strategies.lists(hypothesis.strategies.sampled_from(pieces)).map("".join)

    @hypothesis.given(some, hypothesis.strategies.sampled_from(["> ", "- ", "[", "*"]), some)
    def holds(before: str, mark: str, after: str) -> None:
        body = before + mark * 12 + after
        shown = unescape(re.sub("<[^>]*>", "", inspected(body)))
        assert re.findall("[a中。]", shown) == re.findall("[a中。]", body)

    holds()


def test_the_short_way_gives_exactly_what_the_long_way_gives() -> None:
    hypothesis = pytest.importorskip("hypothesis", reason="hypothesis: requirements-dev.txt")
    signs = hypothesis.strategies.text("ab 1.)\n+-=#|!:/;(\"'中，\u3000\xa0\x01\ufeff")

    @hypothesis.given(hypothesis.strategies.one_of(any_text(hypothesis), signs))
    def holds(body: str) -> None:
        assert render(body) == text._render_markdown(body)

    holds()


def any_text(hypothesis: Any) -> Any:
    """Return the strategy of every text that a message may hold: no NUL, no lone surrogates."""
    return hypothesis.strategies.text(
        hypothesis.strategies.characters(exclude_categories=["Cs"], exclude_characters="\0")
    )
