"""A JSON record laid out for reading without changing a token of it.

Parsing and writing again would drop duplicate keys, round numbers and decode escapes. Here only the white space
between tokens is new: every key, number and escape stands as the record has it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from workbench.text import visible, visible_bytes
from workbench.tui.lines.document import Line, Span, line

SHOWN = 256 * 1024
"""Bytes of a record that a screen lays out; the rest is announced, not hidden."""

_TOKEN = re.compile(
    r"""[ \t\r\n]*(?:
      (?P<string>"(?:[^"\\]|\\.)*")
    | (?P<number>-?\d[\d.eE+-]*|-?Infinity|NaN)
    | (?P<keyword>true|false|null)
    | (?P<open>[{\[])
    | (?P<close>[}\]])
    | (?P<comma>,)
    | (?P<colon>:)
    )""",
    re.VERBOSE | re.DOTALL,
)
_MASKED = re.compile("‹masked, [^›]*›")

_DEEPEST_INDENT = 40


def record_lines(data: bytes) -> list[Line]:
    """Lay out a record: as JSON if it reads as JSON, else as the text it is, undecodable bytes as ``<0xFF>``.

    Args:
        data: The record as UTF-8; at most ``SHOWN`` bytes of it are laid out.
    """
    head = data[:SHOWN]
    try:
        text = head.decode()
    except UnicodeDecodeError:
        # A character may have been cut in two at the end of what is shown.
        text = head.decode(errors="ignore") if len(data) > SHOWN and _only_end_is_broken(head) else ""
    if text.lstrip()[:1] in ("{", "["):
        laid_out = _pretty(text, cut_off=len(data) > SHOWN)
        if laid_out is not None:
            return laid_out
    shown = text or visible_bytes(head, keep_newlines=True)
    return [line(" ", *_text_spans(visible(part), "plain"), indent=1) for part in shown.split("\n")]


def _only_end_is_broken(head: bytes) -> bool:
    try:
        head.decode()
    except UnicodeDecodeError as error:
        return error.end >= len(head) and error.start >= len(head) - 3
    return True


def _pretty(text: str, *, cut_off: bool) -> list[Line] | None:
    """Lay out JSON text; ``None`` if it is not made of JSON tokens."""
    made: list[Line] = []
    row: list[Span] = []
    depth = 0
    after_open = False

    def finish() -> None:
        if row:
            made.append(Line(tuple(row), indent=2 * min(depth, _DEEPEST_INDENT) + 3))
        row.clear()

    for kind, token, is_key in _tokens(text):
        if kind == "broken":
            if not cut_off:
                return None
            row += _text_spans(visible(token), "plain")
            break
        if kind == "close":
            depth = max(0, depth - 1)
            if not after_open:
                finish()
        elif after_open:
            finish()
        if not row:
            row.append(Span(" " + "  " * min(depth, _DEEPEST_INDENT)))
        row += _token_spans(kind, token, is_key=is_key)
        after_open = kind == "open"
        if kind == "open":
            depth += 1
        elif kind == "comma":
            finish()
    finish()
    return made


def _tokens(text: str) -> Iterator[tuple[str, str, bool]]:
    """Yield kind and text of each token, and whether a string is a key; ``broken`` with the rest where none fits."""
    place = 0
    match = _TOKEN.match(text, place)
    while match is not None:
        kind = str(match.lastgroup)
        following = _TOKEN.match(text, match.end())
        is_key = kind == "string" and following is not None and following.lastgroup == "colon"
        yield kind, match[kind], is_key
        place, match = match.end(), following
    rest = text[place:].lstrip(" \t\r\n")
    if rest:
        yield "broken", rest, False


def _token_spans(kind: str, token: str, *, is_key: bool) -> list[Span]:
    if kind == "string":
        return _text_spans(visible(token), "key" if is_key else "string")
    if kind == "colon":
        return [Span(": ", "punctuation")]
    style = kind if kind in ("number", "keyword") else "punctuation"
    return [Span(visible(token), style)]


def _text_spans(text: str, style: str) -> list[Span]:
    """Set the markers of masked secrets apart from the text around them."""
    spans, place = [], 0
    for match in _MASKED.finditer(text):
        spans += [Span(text[place : match.start()], style), Span(match[0], "masked")]
        place = match.end()
    spans.append(Span(text[place:], style))
    return [span for span in spans if span.text]
