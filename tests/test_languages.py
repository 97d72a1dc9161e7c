from __future__ import annotations

import pytest

from chatroom import languages


@pytest.fixture(autouse=True)
def _translations() -> None:
    languages.load()


@pytest.mark.parametrize(
    ("header", "tag"),
    [
        ("", "en"),
        ("en", "en"),
        ("zh", "zh-CN"),
        ("zh-CN,zh;q=0.9,en;q=0.8", "zh-CN"),
        ("zh-Hans-CN", "zh-CN"),
        ("zh-TW", "zh-CN"),
        ("ZH-cn", "zh-CN"),
        ("en-GB,zh;q=0.9", "en"),
        ("de,zh;q=0.5", "zh-CN"),
        ("en;q=0.2, zh;q=0.8", "zh-CN"),
        ("zh;q=0, en", "en"),
        ("zh;q=0", "en"),
        ("de", "en"),
        ("*", "en"),
        ("zh;q=garbage, de", "en"),
        (",;,=,q;q;q", "en"),
        ("zhx", "en"),
        ("zh;q=nan", "en"),
    ],
)
def test_the_first_language_that_we_speak_is_chosen(header: str, tag: str) -> None:
    assert languages.tag(languages.choose(header)) == tag


def test_chinese_is_really_translated() -> None:
    assert languages.choose("zh").translate("There is nothing here.") != "There is nothing here."
