"""A hash survives being read aloud, and a mistake in it is noticed."""

from __future__ import annotations

import contextlib
import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workbench.journal.words import from_words, to_words, word_list


def test_the_list_is_that_of_bip_39():
    text = "".join(f"{word}\n" for word in word_list())
    assert (
        hashlib.sha256(text.encode()).hexdigest()
        == "2f5eed53a4727b4bf8880d8f3f199efc90e58503646d9ff8eff3a2ed3b24dbda"
    )
    assert len({word[:4] for word in word_list()}) == 2048


@pytest.mark.parametrize(
    ("digest", "last"), [("00" * 32, "art"), ("7f" * 32, "title"), ("80" * 32, "bless"), ("ff" * 32, "vote")]
)
def test_published_vectors(digest, last):
    """The 256-bit vectors of BIP-39 end in these words (github.com/trezor/python-mnemonic, vectors.json)."""
    assert to_words(bytes.fromhex(digest))[-1] == last


@given(st.binary(min_size=32, max_size=32), st.integers(0, 23), st.integers(0, 2047))
def test_there_and_back(digest, place, other):
    words = to_words(digest)
    assert len(words) == 24
    assert from_words(words) == digest
    assert from_words([word[:4].upper() for word in words]) == digest
    changed = [*words[:place], word_list()[other], *words[place + 1 :]]
    found = None
    with contextlib.suppress(ValueError):
        found = from_words(changed)
    assert found != digest or changed == words


def test_what_is_no_hash():
    words = to_words(bytes(32))
    for wrong, said in (
        (words[:-1], "23 words"),
        (["zzzz", *words[1:]], "not in the list"),
        ([*words[1:], "zoo"], "checksum"),
    ):
        with pytest.raises(ValueError, match=said):
            from_words(wrong)
