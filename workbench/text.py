"""Untrusted text made safe to show: the one choke point between log text and terminals, HTML, CSV or PDF.

Log text is hostile: an escape sequence in a user agent can rewrite a screen or set a clipboard, a
bidirectional override can reverse the reading of a name, a zero-width character can make two names look
alike. Nothing is dropped here, because that something was there is evidence: every such character is replaced
by a visible one. Stored bytes are never changed; this is for showing only. Ordinary letters of scripts
written from right to left are shown as they are (only controls are replaced), and a terminal that reorders
them may draw the characters of such a line in another order than they are stored.

Which characters are replaced is decided by the Unicode general category (Unicode Character Database, as the
running Python ships it) and, for letters and marks that are drawn as nothing at all, by the property
Default_Ignorable_Code_Point (UAX #44).
"""

from __future__ import annotations

import re
import unicodedata

_UNSAFE_CATEGORIES = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})

# Characters that are drawn as nothing but have an ordinary category (letter, mark): combining grapheme
# joiner, Hangul fillers, Khmer inherent vowels, Mongolian and general variation selectors.
_BLANK = re.compile(
    "[\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180d\u180f\u3164\ufe00-\ufe0f\uffa0\U000e0100-\U000e01ef]"
)

# Above this the translation of a character is worked out anew each time, so that hostile text cannot fill
# memory with a million remembered translations.
_REMEMBER_BELOW = 0x3000

_SKIN_TONES = range(0x1F3FB, 0x1F400)
"""Emoji modifiers: drawn over the character before them."""

# Hangul vowels and trailing consonants: drawn into the cell of the syllable's first letter.
_JOINED_HANGUL = (range(0x1160, 0x1200), range(0xD7B0, 0xD800))

# Symbols that Unicode 16 made wide and older character databases still call narrow: trigrams, monograms and
# digrams, hexagrams, Tai Xuan Jing symbols, counting rods.
_LATELY_WIDE = (
    range(0x2630, 0x2638),
    range(0x268A, 0x2690),
    range(0x4DC0, 0x4E00),
    range(0x1D300, 0x1D357),
    range(0x1D360, 0x1D377),
)


class _Translation(dict[int, str]):
    """A table for ``str.translate`` that works out each entry when it is first needed."""

    def __missing__(self, codepoint: int) -> str:
        shown = _show(codepoint)
        if codepoint < _REMEMBER_BELOW:
            self[codepoint] = shown
        return shown


def _show(codepoint: int) -> str:
    if codepoint < 0x20:
        return chr(0x2400 + codepoint)
    if codepoint == 0x7F:
        return "\u2421"
    character = chr(codepoint)
    if unicodedata.category(character) in _UNSAFE_CATEGORIES or _BLANK.match(character):
        return f"<U+{codepoint:04X}>"
    return character


_VISIBLE = _Translation()


def visible(text: str, *, keep_newlines: bool = False) -> str:
    """Replace every character that could act on a terminal or hide by a visible stand-in.

    C0 controls become their control pictures (tab ``␉``, newline ``␊``, escape ``␛``), DEL becomes ``␡``;
    C1 controls, format characters (bidirectional, zero-width), lone surrogates, private, unassigned and
    non-characters, line and paragraph separators and letters drawn as nothing become ``<U+202E>``.

    The result is printable, and showing it a second time changes nothing.

    Args:
        text: Untrusted text.
        keep_newlines: Leave U+000A as it is, for text shown on several lines.
    """
    # str.isprintable is false for exactly the categories above and for spaces other than U+0020.
    if text.isprintable() and (text.isascii() or not _BLANK.search(text)):
        return text
    if keep_newlines:
        return "\n".join(map(visible, text.split("\n")))
    return text.translate(_VISIBLE)


def printable(name: str) -> str:
    """Return a file name or a command-line argument as text that can be stored: bytes that are no UTF-8 become ``\\xNN``.

    Args:
        name: Text from the operating system, in which Python writes such bytes as lone surrogates (PEP 383).
    """
    return name.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")


def visible_bytes(data: bytes, *, keep_newlines: bool = False) -> str:
    """Show bytes that should be UTF-8: as :func:`visible` does, undecodable bytes as ``<0xFF>``.

    Args:
        data: Untrusted bytes.
        keep_newlines: Leave newlines as they are, for text shown on several lines.
    """
    text = data.decode("utf-8", "surrogateescape")
    if not text.isprintable():
        # A strict UTF-8 decoder makes no surrogates of its own: each stands for one undecodable byte.
        text = re.sub("[\udc80-\udcff]", _show_byte, text)
    return visible(text, keep_newlines=keep_newlines)


def _show_byte(match: re.Match[str]) -> str:
    return f"<0x{ord(match[0]) - 0xDC00:02X}>"


def cell_width(text: str) -> int:
    """Return how many terminal cells a text takes up; the text must have been through :func:`visible`.

    Wide and full-width characters (UAX #11) take two cells; marks drawn over their neighbour take none.
    """
    if text.isascii():
        return len(text)
    return sum(map(_character_width, text))


def _character_width(character: str) -> int:
    codepoint = ord(character)
    if codepoint < 0x300:
        return 1
    if unicodedata.category(character)[0] == "M" or codepoint in _SKIN_TONES:
        return 0
    if any(codepoint in block for block in _JOINED_HANGUL):
        return 0
    if unicodedata.east_asian_width(character) in "WF":
        return 2
    return 2 if any(codepoint in block for block in _LATELY_WIDE) else 1


def cut_middle(text: str, width: int) -> str:
    """Shorten a text to ``width`` terminal cells by putting ``…`` in place of its middle.

    Names differ at their ends (the account at the front, the session at the back), so both ends are kept.
    A mark is never parted from the character it is drawn over.

    Args:
        text: Text that has been through :func:`visible`.
        width: Cells to fill at most; 0 or less gives an empty text.
    """
    if width <= 0:
        return ""
    if _fits(text, width):
        return text
    head_width = width // 2
    tail_width = width - 1 - head_width
    return text[: _cut_from_front(text, head_width)] + "…" + text[_cut_from_back(text, tail_width) :]


def _fits(text: str, width: int) -> bool:
    """Whether a text takes up ``width`` cells or fewer, without measuring all of a very long one."""
    if text.isascii():
        return len(text) <= width
    used = 0
    for character in text:
        used += _character_width(character)
        if used > width:
            return False
    return True


def _cut_from_front(text: str, width: int) -> int:
    """Return the index behind the last character that fits into ``width`` cells."""
    used = 0
    for index, character in enumerate(text):
        used += _character_width(character)
        if used > width:
            return index
    return len(text)


def _cut_from_back(text: str, width: int) -> int:
    """Return the index of the first character of the longest ending that fits into ``width`` cells."""
    used = 0
    start = len(text)
    for index in range(len(text) - 1, -1, -1):
        cells = _character_width(text[index])
        used += cells
        if used > width:
            break
        # Only a character with a cell of its own may come first behind the ellipsis.
        if cells:
            start = index
    return start
