"""Which keys make a session, and what stands in place of a key without being one."""

from __future__ import annotations

import base64
import hashlib
import uuid

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workbench.model.event import Credential
from workbench.sessions.keys import METHODS, KeyClass, anchor_of, method_of, names_nothing

KINDS = (
    *METHODS,
    "jwt subject",
    "saml assertion",
    "oauth client",
    "acme session",
    "acme token",
    "acme badge",
)

credentials = st.builds(
    Credential, st.sampled_from(KINDS), st.sampled_from(["a1b2", "a1b3", "A1B2", "REDACTED", "0"])
)


@given(st.lists(credentials, max_size=6), st.randoms())
def test_the_anchor_does_not_depend_on_the_order_of_keys(
    keys: list[Credential], chance: st.DataObject
) -> None:
    shuffled = list(keys)
    chance.shuffle(shuffled)  # type: ignore[attr-defined]
    assert anchor_of(shuffled) == anchor_of(keys)


@given(st.lists(credentials, max_size=6))
def test_the_anchor_is_of_the_highest_class_and_never_context_or_a_mask(keys: list[Credential]) -> None:
    anchor = anchor_of(keys)
    fitting = [
        key
        for key in keys
        if key.native_id.startswith(("a", "A")) and method_of(key.type).key_class is not KeyClass.CONTEXT
    ]
    if anchor is None:
        assert not fitting
    else:
        assert anchor in fitting
        assert all(method_of(key.type).key_class <= method_of(anchor.type).key_class for key in fitting)


@given(st.lists(credentials, min_size=1, max_size=6))
def test_presenting_a_key_twice_changes_nothing(keys: list[Credential]) -> None:
    assert anchor_of([*keys, *keys]) == anchor_of(keys)


def test_a_token_that_acts_by_itself_goes_before_the_session_beside_it() -> None:
    session, token = Credential("okta session", "102x"), Credential("okta api token", "00Tx")
    assert anchor_of([session, token]) == token
    assert anchor_of([session, Credential("okta oauth token", "oar1")]) == session


@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        ("acme session", KeyClass.SESSION),
        ("acme token", KeyClass.TOKEN),
        ("acme accessor", KeyClass.TOKEN),
        ("acme badge", KeyClass.LASTING),
        ("jwt subject", KeyClass.CONTEXT),
        ("federated subject", KeyClass.CONTEXT),
    ],
)
def test_kinds_of_mapping_files_are_judged_by_their_last_word(kind: str, expected: KeyClass) -> None:
    assert method_of(kind).key_class is expected


@pytest.mark.parametrize("kind", METHODS)
def test_every_kind_says_what_would_show_its_origin(kind: str) -> None:
    method = method_of(kind)
    assert method.birth
    assert method.why
    assert method.rule == method.rule.lower().replace(" ", "-")


MASKS = (
    "", "-", "null", "None", "unknown", "n/a", "REDACTED", "[redacted]", "<REDACTED: token>", "***", "masked",
    "HIDDEN_DUE_TO_SECURITY_REASONS", "Value hidden due to security reasons.", "0", "00000000-0000-0000-0000-000000000000",
    "AAAAAAAAAAAAAAAAAAAAAA", "ASIAXXXXXXXXXXXXXXXX", "AKIA****************", "ghp_xxxxxxxxxxxxxxxxxxxx", "AKIAIOSFODNN7EXAMPLE",
    "JTI=00000000-0000-0000-0000-000000000000", "hmac-sha256:****************",
    base64.b64encode(hashlib.sha256(b"").digest()).decode(), hashlib.sha256(b"").hexdigest(),
    "SHA256:" + base64.b64encode(hashlib.sha256(b"").digest()).decode().rstrip("="),
    base64.b64encode(str(uuid.UUID(int=0)).encode()).decode(),
)  # fmt: skip


@pytest.mark.parametrize("mask", MASKS)
def test_masks_name_nothing(mask: str) -> None:
    assert names_nothing(mask)
    assert anchor_of([Credential("okta session", mask)]) is None


@given(
    st.one_of(
        st.uuids(version=4).map(str),
        st.binary(min_size=10, max_size=10).map(lambda b: "ASIA" + base64.b32encode(b).decode()),
        st.binary(min_size=32, max_size=32).map(
            lambda b: base64.b64encode(hashlib.sha256(b).digest()).decode()
        ),
        st.integers(1, 10**12).map(str),
        st.uuids(version=4).map(lambda u: f"JTI={u}"),
    )
)
def test_real_ids_name_something(native_id: str) -> None:
    """But for the few that chance alone makes look like a mask."""
    letters = [letter for letter in native_id if letter.isalnum()]
    if len(set(letters)) > 1 and "XXXXXXXX" not in native_id and not native_id.endswith("EXAMPLE"):
        assert not names_nothing(native_id)
