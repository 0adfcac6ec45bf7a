from __future__ import annotations

import base64
import string
import uuid

from hypothesis import given
from hypothesis import strategies as st

from workbench.sources.microsoft import tokens

# A published record of a sign-in holds these two side by side.
REQUEST = "58f8ce73-9fc8-4f02-8ea8-1908964f842e"
SHORT = "c874WMifAk-OqBkIlk-ELg"


def test_the_short_form_is_the_guid_in_the_order_of_windows() -> None:
    assert tokens.request_id_of(SHORT) == REQUEST


@given(st.uuids())
def test_all_three_forms_name_one_request(request: uuid.UUID) -> None:
    short = base64.urlsafe_b64encode(request.bytes_le).decode().rstrip("=")
    long = base64.b64encode(str(request).encode()).decode()
    forms = (short, long, str(request), str(request).upper())
    assert {tokens.request_id_of(form) for form in forms} == {str(request)}
    for form in forms:
        # Whatever two records write, they have one credential in common.
        assert tokens.token(form)[-1].native_id == str(request)
    assert [each.native_id for each in tokens.token(short)] == [short, str(request)]
    assert len(tokens.token(str(request))) == 1


@given(st.uuids(), st.sampled_from(string.ascii_letters + string.digits + "-_"))
def test_a_changed_last_character_is_another_token_or_none(request: uuid.UUID, last: str) -> None:
    short = base64.urlsafe_b64encode(request.bytes_le).decode().rstrip("=")
    other = short[:-1] + last
    assert (tokens.request_id_of(other) == str(request)) == (other == short)


@given(st.text(max_size=60))
def test_any_text_is_a_token_id(text: str) -> None:
    assert tokens.token(text) == () if not text else tokens.token(text)[0].type == tokens.TOKEN


def test_a_masked_id_stays_as_it_is() -> None:
    assert [each.native_id for each in tokens.token("C" + "X" * 21)] == ["C" + "X" * 21]
    assert tokens.token(None) == ()


def test_guids_are_told_apart_without_regard_to_case() -> None:
    assert tokens.known(tokens.SESSION, REQUEST.upper()) == tokens.known(tokens.SESSION, REQUEST)
    assert tokens.known(tokens.SESSION, "Session-A")[0].native_id == "Session-A"
    assert tokens.known(tokens.SESSION, None) == ()
