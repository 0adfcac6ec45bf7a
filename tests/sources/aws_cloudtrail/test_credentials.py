"""Credentials handed out and assertions presented: on the real sets, and against what the record holds."""

from __future__ import annotations

import base64
import hashlib
import json
import subprocess
from pathlib import Path
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.sources.aws_cloudtrail.records import quick, record
from workbench.clock import rfc3339
from workbench.model.event import Event
from workbench.sources.aws_cloudtrail import CloudTrailReader
from workbench.sources.aws_cloudtrail.credentials import issued_by, keys_used, ssh_fingerprint, withheld_from
from workbench.sources.protocol import Context

READER = CloudTrailReader()


def both(document: dict[str, Any]) -> Event:
    """Read on both paths, which must agree."""
    event = READER.read(document, Context()).event
    assert event is not None
    assert quick(orjson.dumps(document)) in (event, None)
    return event


def test_a_temporary_key_is_issued_to_the_session_it_is_for() -> None:
    event = both(
        record(
            eventSource="sts.amazonaws.com",
            eventName="AssumeRole",
            requestParameters={"roleArn": "arn:aws:iam::111122223333:role/deploy", "roleSessionName": "s"},
            responseElements={
                "credentials": {
                    "accessKeyId": "ASIAIOSFODNN7EXAMPLE",
                    "sessionToken": "secret",
                    "expiration": "May 1, 2024, 11:00:00 AM",
                },
                "assumedRoleUser": {
                    "assumedRoleId": "AROAEXAMPLE:s",
                    "arn": "arn:aws:sts::111122223333:assumed-role/deploy/s",
                },
            },
        )
    )
    assert event.particulars is not None
    (issued,) = event.particulars.issued
    assert (issued.credential.type, issued.credential.native_id) == (
        "aws temporary key",
        "ASIAIOSFODNN7EXAMPLE",
    )
    assert issued.to == "arn:aws:sts::111122223333:assumed-role/deploy/s"
    assert issued.expires is not None
    assert rfc3339(issued.expires) == "2024-05-01T11:00:00Z"
    assert "secret" not in str(event)


def test_a_console_session_has_one_key_over_all_its_access_keys() -> None:
    identity = {
        "type": "IAMUser",
        "arn": "arn:aws:iam::111122223333:user/alice",
        "principalId": "AIDAEXAMPLE",
        "accessKeyId": "ASIAIOSFODNN7EXAMPLE",
        "sessionContext": {
            "attributes": {"creationDate": "2024-05-01T09:00:00Z", "mfaAuthenticated": "true"}
        },
    }
    event = both(record(userIdentity=identity))
    assert event.particulars is not None
    assert [(key.type, key.native_id) for key in event.particulars.used] == [
        ("aws sign-in session", "arn:aws:iam::111122223333:user/alice 2024-05-01T09:00:00Z")
    ]


@pytest.mark.parametrize("at_console", [True, False])
def test_a_role_at_the_console_has_one_key_too_elsewhere_its_access_key_names_it(at_console: bool) -> None:
    role = "arn:aws:iam::111122223333:role/admin"
    identity = {
        "type": "AssumedRole",
        "arn": "arn:aws:sts::111122223333:assumed-role/admin/jdoe",
        "principalId": "AROAEXAMPLE:jdoe",
        "accessKeyId": "ASIAIOSFODNN7EXAMPLE",
        "sessionContext": {
            "sessionIssuer": {"type": "Role", "arn": role, "userName": "admin"},
            "attributes": {"creationDate": "2024-05-01T09:00:00Z", "mfaAuthenticated": "false"},
        },
    }
    more = {"sessionCredentialFromConsole": "true"} if at_console else {}
    event = both(record(userIdentity=identity, **more))
    used = event.particulars.used if event.particulars else ()
    assert [(key.type, key.native_id) for key in used] == [
        ("aws sign-in session", "arn:aws:sts::111122223333:assumed-role/admin/jdoe 2024-05-01T09:00:00Z")
    ][: int(at_console)]


def test_what_is_kept_back_is_named() -> None:
    hidden = "HIDDEN_DUE_TO_SECURITY_REASONS"
    event = both(
        record(requestParameters={"documentName": "d", "parameters": hidden, "more": [{"value": hidden}]})
    )
    assert event.particulars is not None
    assert set(event.particulars.withheld) == {
        f"requestParameters.parameters: {hidden}",
        f"requestParameters.more.value: {hidden}",
    }


def test_a_subject_and_an_assertion_are_keys() -> None:
    subject = "repo:acme/deploy:ref:refs/heads/main"
    keys = keys_used({"SAMLAssertionID": "_a1"}, {"subjectFromWebIdentityToken": subject})
    assert {(key.type, key.native_id) for key in keys} == {
        ("jwt subject", subject),
        ("saml assertion", "_a1"),
    }


def test_the_fingerprint_is_the_one_that_openssh_prints(tmp_path: Path) -> None:
    key = tmp_path / "key"
    try:
        subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", key], check=True)
    except FileNotFoundError:
        pytest.skip("ssh-keygen is not installed")
    said = subprocess.run(
        ["ssh-keygen", "-lf", f"{key}.pub"], check=True, capture_output=True, text=True
    ).stdout
    assert ssh_fingerprint((tmp_path / "key.pub").read_text()) == said.split()[1]


@given(st.binary(max_size=80))
def test_the_fingerprint_is_of_the_blob(blob: bytes) -> None:
    text = base64.b64encode(blob).decode()
    if not text:
        return
    found = ssh_fingerprint(f"ssh-ed25519 {text} me@host")
    assert found is not None
    assert base64.b64decode(found.removeprefix("SHA256:") + "=") == hashlib.sha256(blob).digest()


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.sampled_from(["accessKeyId", "credentials", "expiration", "keyPairId", "omitted", "x"]),
            inner,
            max_size=4,
        )
    ),
    max_leaves=20,
)


@given(JSON, JSON)
def test_anything_is_read_and_nothing_is_made_up(request_part: object, response_part: object) -> None:
    text = json.dumps([request_part, response_part])
    for issued in issued_by("AssumeRole", request_part, response_part):
        assert json.dumps(issued.credential.native_id) in text
    for key in keys_used(request_part, response_part):
        assert json.dumps(key.native_id) in text
    withheld_from({"requestParameters": request_part})
