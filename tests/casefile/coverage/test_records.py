"""What single records say that no column holds: selectors, accounts in policies, times of making; in any wrapping."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workbench.casefile.coverage.records import accounts_in, made_at, selectors_of


def put(**request: object) -> bytes:
    return json.dumps({"eventName": "PutEventSelectors", "requestParameters": request}).encode()


@pytest.mark.parametrize(
    ("request_of", "narrows"),
    [
        ({"eventSelectors": [{"includeManagementEvents": True, "readWriteType": "All"}]}, False),
        ({"eventSelectors": [{"includeManagementEvents": False, "readWriteType": "All"}]}, True),
        ({"eventSelectors": [{"includeManagementEvents": True, "readWriteType": "ReadOnly"}]}, True),
        (
            {
                "eventSelectors": [
                    {"includeManagementEvents": True, "excludeManagementEventSources": ["kms.amazonaws.com"]}
                ]
            },
            True,
        ),
        ({"eventSelectors": []}, True),
        (
            {
                "advancedEventSelectors": [
                    {"fieldSelectors": [{"field": "eventCategory", "equals": ["Management"]}]}
                ]
            },
            False,
        ),
        (
            {
                "advancedEventSelectors": [
                    {"fieldSelectors": [{"field": "eventCategory", "equals": ["Data"]}]}
                ]
            },
            True,
        ),
        ({"trailName": "main"}, None),
    ],
)
def test_selectors(request_of: dict[str, object], narrows: bool | None) -> None:
    record = put(**request_of)
    assert selectors_of(record, 0)[0] is narrows
    wrapped = json.dumps({"_source": {"event": {"original": record.decode()}}}).encode()
    assert selectors_of(wrapped, 0)[0] is narrows


def test_accounts_that_a_policy_names() -> None:
    policy = {
        "Statement": [
            {"Effect": "Allow", "Principal": {"AWS": ["arn:aws:iam::999988887777:root", "444455556666"]}},
            {
                "Effect": "Allow",
                "Principal": {"AWS": "111111111111"},
                "Condition": {"StringEquals": {"aws:SourceAccount": "222222222222"}},
            },
        ]
    }
    request = {"policyDocument": json.dumps(policy), "size": 123456789012}
    for record in (put(**request), put(policy=policy)):
        assert set(accounts_in(record)) >= {
            *("999988887777", "444455556666", "111111111111", "222222222222"),
        }
        assert "123456789012" not in accounts_in(record)


@pytest.mark.parametrize(
    "text",
    [
        '{"sessionContext":{"attributes":{"creationDate":"2026-06-09T11:44:00Z"}}}',
        r'{"original":"{\\"creationDate\\":\\"2026-06-09T11:44:00Z\\"}"}',
        "{sessioncontext={attributes={creationdate=2026-06-09T11:44:00Z}}}",
        '{"claims":{"iat":"1781005440"}}',
    ],
)
def test_when_a_credential_was_made(text: str) -> None:
    assert made_at(text.encode()) == 1_781_005_440_000_000


@given(st.binary(max_size=200), st.integers(0, 3))
def test_junk_says_nothing_and_breaks_nothing(data: bytes, part: int) -> None:
    selectors_of(data, part)
    accounts_in(data)
    made_at(data)
    made_at(data, bare=True)
