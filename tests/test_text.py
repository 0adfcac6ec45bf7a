from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import get_character_cell_size

from workbench.text import cell_width, cut_middle, visible, visible_bytes

UNSAFE = {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}
any_text = st.text(st.characters(codec=None))
# Marks, wide characters and what stands for hidden ones, closer together than in ordinary text.
tricky_text = st.text(
    st.sampled_from("ab…é日\u0301\u20dd한ᄀ\u1161ｦ\U0001f469\U0001f3fd\u202e\u200d\x1b\t\n☰")
)


def test_no_code_point_comes_out_unsafe() -> None:
    for codepoint in range(0x110000):
        shown = visible(f"a{chr(codepoint)}b")
        assert shown.startswith("a")
        assert shown.endswith("b")
        assert len(shown) >= 3
        assert not UNSAFE & {unicodedata.category(character) for character in shown}, hex(codepoint)


def test_every_code_point_that_is_shown_as_it_is_has_the_width_of_the_toolkit() -> None:
    for codepoint in range(0x110000):
        character = chr(codepoint)
        if visible(character) == character:
            assert cell_width(character) == get_character_cell_size(character), hex(codepoint)


@given(any_text)
def test_showing_twice_changes_nothing(text: str) -> None:
    once = visible(text)
    assert visible(once) == once


@given(any_text)
def test_newlines_are_kept_on_demand_and_nothing_else(text: str) -> None:
    kept = visible(text, keep_newlines=True)
    assert kept.count("\n") == text.count("\n")
    assert kept.replace("\n", "␊") == visible(text)


@given(st.text(st.characters(min_codepoint=32, max_codepoint=126)))
def test_printable_ascii_is_untouched(text: str) -> None:
    assert visible(text) is text


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("\x1b]52;c;eA==\x07", "␛]52;c;eA==␇"),
        ("a\tb\r\nc\0", "a␉b␍␊c␀"),
        ("\x7f", "␡"),
        ("\x9b31m", "<U+009B>31m"),
        ("user\u202egnp.exe", "user<U+202E>gnp.exe"),
        ("ad\u200bmin\u2060\ufeff", "ad<U+200B>min<U+2060><U+FEFF>"),
        ("\u2028\u2029", "<U+2028><U+2029>"),
        ("\ud800\udcff", "<U+D800><U+DCFF>"),
        ("\ue000\uffff\U0010ffff\U000e0041", "<U+E000><U+FFFF><U+10FFFF><U+E0041>"),
        ("a\u3164b\ufe0fc\u115f\U000e0100", "a<U+3164>b<U+FE0F>c<U+115F><U+E0100>"),
        ("naïve 日本語 한국어 🙂 [bold]", "naïve 日本語 한국어 🙂 [bold]"),
        ("no\u00a0break", "no\u00a0break"),
    ],
)
def test_examples(text: str, shown: str) -> None:
    assert visible(text) == shown


@given(st.binary())
def test_bytes_are_shown_and_undecodable_ones_told_apart(data: bytes) -> None:
    shown = visible_bytes(data)
    assert not UNSAFE & {unicodedata.category(character) for character in shown}
    try:
        assert shown == visible(data.decode())
    except UnicodeDecodeError:
        assert "<0x" in shown


def test_bytes_examples() -> None:
    assert visible_bytes(b"a\xff\xed\xa0\x80\0") == "a<0xFF><0xED><0xA0><0x80>␀"
    assert visible_bytes(b"a\n\xfe", keep_newlines=True) == "a\n<0xFE>"


@given(st.one_of(any_text, tricky_text), st.integers(-2, 40))
def test_cut_text_fits_and_keeps_both_ends(text: str, width: int) -> None:
    text = visible(text)
    cut = cut_middle(text, width)
    assert cell_width(cut) <= max(0, width)
    if width > 0 and cell_width(text) <= width:
        assert cut == text
    elif width > 0:
        head, tail = next(
            (cut[:at], cut[at + 1 :])
            for at, character in enumerate(cut)
            if character == "…" and text.startswith(cut[:at]) and text.endswith(cut[at + 1 :])
        )
        assert len(head) + len(tail) < len(text)
        # No room is wasted but for a wide character that would not fit on either side.
        assert cell_width(cut) >= width - 2


@given(tricky_text, st.integers(1, 40))
def test_cut_never_parts_a_mark_from_its_letter(text: str, width: int) -> None:
    text = visible(text).replace("…", ".")
    cut = cut_middle(text, width)
    if cut != text:
        _, _, tail = cut.partition("…")
        assert not tail or cell_width(tail[0]) > 0
        head = cut.partition("…")[0]
        assert len(head) == len(text) or cell_width(text[len(head)]) > 0


def test_cut_examples() -> None:
    assert cut_middle("arn:aws:iam::123456789012:user/alice", 20) == "arn:aws:ia…ser/alice"
    assert cut_middle("日本語テキスト", 6) == "日…ト"
    assert cut_middle("abc", 1) == "…"
    assert cut_middle("x" * 10_000_000, 5) == "xx…xx"
