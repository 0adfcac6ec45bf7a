"""A hash as 24 words, to be read over the telephone or copied by hand from paper.

All 256 bits are spoken: whoever keeps a case may be the one who prepared two histories of it, and of a shorter form two that
agree could be found. The words are those of BIP-39 (github.com/bitcoin/bips, English list): they differ in their first four
letters, and the last word holds eight bits of a checksum, so that a word misheard is noticed.
"""

from __future__ import annotations

import functools
import hashlib
from pathlib import Path

COUNT = 24
"""Words of a hash."""

_BITS = 11
_CHECKSUM_BITS = 8


@functools.cache
def word_list() -> tuple[str, ...]:
    """Return the 2,048 words in their order."""
    return tuple(Path(__file__).with_name("words.txt").read_text(encoding="ascii").split())


def to_words(digest: bytes) -> list[str]:
    """Return 32 bytes as 24 words."""
    number = int.from_bytes(digest + hashlib.sha256(digest).digest()[:1])
    words = word_list()
    return [words[number >> _BITS * place & len(words) - 1] for place in reversed(range(COUNT))]


def from_words(words: list[str]) -> bytes:
    """Return the 32 bytes that 24 words stand for; the first four letters of each are enough.

    Raises:
        ValueError: If there are not 24 of them, one is not in the list, or the checksum says that one is wrong.
    """
    if len(words) != COUNT:
        raise ValueError(f"{len(words)} words instead of {COUNT}")
    places = {word[:4]: place for place, word in enumerate(word_list())}
    number = 0
    for count, word in enumerate(words, 1):
        place = places.get(word.lower()[:4])
        if place is None or not word_list()[place].startswith(word.lower()):
            raise ValueError(f"word {count} ({word}) is not in the list")
        number = number << _BITS | place
    digest = (number >> _CHECKSUM_BITS).to_bytes(32)
    if hashlib.sha256(digest).digest()[0] != number & (1 << _CHECKSUM_BITS) - 1:
        raise ValueError("the checksum does not hold: one of the words is another, or two are exchanged")
    return digest
