from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.sources.aws_cloudtrail.records import ROLE, struct_text
from workbench.sources.aws_cloudtrail.athena import read_struct

NAMES = st.from_regex(r"[a-z_][a-z0-9_]{0,12}", fullmatch=True)
TEXTS = st.from_regex(r"[A-Za-z0-9+=,.@:/_-]{1,20}", fullmatch=True).filter(lambda text: text != "null")
VALUES = st.recursive(
    st.one_of(st.none(), TEXTS),
    lambda inner: st.dictionaries(NAMES, inner, min_size=1, max_size=4),
    max_leaves=12,
)


@given(st.dictionaries(NAMES, VALUES, min_size=1, max_size=6))
def test_a_written_struct_reads_back(value: dict[str, Any]) -> None:
    assert read_struct(struct_text(value)) == value


@given(st.lists(st.dictionaries(NAMES, TEXTS, min_size=1, max_size=3), min_size=1, max_size=4))
def test_an_array_of_structs_reads_back(value: list[dict[str, str]]) -> None:
    assert read_struct(struct_text(value)) == value


def test_a_session_name_may_hold_commas_and_equal_signs() -> None:
    read = read_struct("{type=AssumedRole, principalid=AROAX:a,b=c, arn=arn:aws:sts::1:assumed-role/r/a,b=c}")
    assert read == {
        "type": "AssumedRole",
        "principalid": "AROAX:a,b=c",
        "arn": "arn:aws:sts::1:assumed-role/r/a,b=c",
    }


def test_a_whole_identity_reads_back() -> None:
    read = read_struct(struct_text(ROLE))
    assert isinstance(read, dict)
    assert read["sessioncontext"]["sessionissuer"]["arn"] == ROLE["sessionContext"]["sessionIssuer"]["arn"]  # type: ignore[index]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "plain",
        "{",
        "{}x",
        "{a=1",
        "{=1}",
        "{a=1}}",
        "[",
        "{AssumedRole, AROAX}",
        "{a=" * 50_000,
    ],
)
def test_other_text_is_refused(text: str) -> None:
    assert read_struct(text) is None


@given(st.text(alphabet="{}[]=, ab"))
def test_no_text_raises(text: str) -> None:
    read_struct(text)
