"""For whom temporary keys are issued, by name and by the id that is given out once."""

from __future__ import annotations

from typing import Any

import pytest

from workbench.sources.aws_cloudtrail.credentials import issued_by

_KEY = {"accessKeyId": "ASIA5HQ3TESTA1"}


@pytest.mark.parametrize(
    ("part", "to", "to_id"),
    [
        (
            {"assumedRoleUser": {"arn": "arn:aws:sts::1:assumed-role/a/s", "assumedRoleId": "AROA1:s"}},
            "arn:aws:sts::1:assumed-role/a/s",
            "AROA1:s",
        ),
        (
            {"assumedroleuser": {"ARN": "arn:aws:sts::1:assumed-role/a/s"}},
            "arn:aws:sts::1:assumed-role/a/s",
            None,
        ),
        (
            {"federatedUser": {"arn": "arn:aws:sts::1:federated-user/ann", "federatedUserId": "1:ann"}},
            "arn:aws:sts::1:federated-user/ann",
            "1:ann",
        ),
        (
            {"assumedRoleUser": {"arn": "a", "assumedRoleId": 7}},
            "a",
            None,
        ),
        ({}, None, None),
    ],
)
def test_the_response_names_the_holder_and_his_id(
    part: dict[str, Any], to: str | None, to_id: str | None
) -> None:
    (one,) = issued_by("AssumeRole", None, {"credentials": _KEY, **part})
    assert (one.to, one.to_id) == (to, to_id)
