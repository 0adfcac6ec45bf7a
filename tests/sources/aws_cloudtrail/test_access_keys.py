from __future__ import annotations

import base64

from hypothesis import given
from hypothesis import strategies as st

from workbench.sources.aws_cloudtrail.access_keys import account_of_key, credential_of


def key_of(account: int, rest: int, prefix: str = "ASIA") -> str:
    """Build a key id of an account: the reverse of what the reader does, from the description of the format."""
    bits = (1 << 79) | (account << 39) | rest
    return prefix + base64.b32encode(bits.to_bytes(10, "big")).decode()


@given(st.integers(0, 999_999_999_999), st.integers(0, 2**39 - 1))
def test_the_account_of_a_key_is_read_back(account: int, rest: int) -> None:
    assert account_of_key(key_of(account, rest)) == f"{account:012d}"


def test_a_real_key_names_the_account_of_its_files() -> None:
    assert account_of_key("ASIATFQR7NSC36DZQP7P") == "218007301253"


@given(st.text())
def test_no_text_raises(text: str) -> None:
    account_of_key(text)
    account_of_key("ASIA" + text)


def test_what_cannot_be_decoded_names_no_account() -> None:
    for key in (
        "AKIATFQR7NSC8Q4X20BJ",
        "AKIAIOSFODNN7EXAMPLE",
        "",
        "ASIA",
        "ASIATFQR7NSC36DZQP7PX",
        "REDACTED",
    ):
        assert account_of_key(key) is None


def test_the_prefix_tells_the_kind() -> None:
    assert credential_of("AKIAIOSFODNN7EXAMPLE").type == "aws access key"
    assert credential_of("ASIAIOSFODNN7EXAMPLE").type == "aws temporary key"
    assert credential_of("user@example").type == "aws credential"
    assert credential_of("ASIAIOSFODNN7EXAMPLE") is credential_of("ASIAIOSFODNN7EXAMPLE")
