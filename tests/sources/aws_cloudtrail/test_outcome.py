from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workbench.model.event import Outcome, OutcomeStatus
from workbench.sources.aws_cloudtrail.outcome import read_outcome


def outcome(
    code: str | None = None,
    *,
    message: bool = False,
    answer: str | None = None,
    has_result: bool = True,
    name: str = "",
) -> Outcome:
    return read_outcome(code, failed_message=message, answer=answer, has_result=has_result, name=name)


@pytest.mark.parametrize(
    ("code", "status"),
    [
        ("AccessDenied", "denied"),
        ("AccessDeniedException", "denied"),
        ("Client.UnauthorizedOperation", "denied"),
        ("UnauthorizedException", "denied"),
        ("NotAuthorizedException", "denied"),
        ("VpceAccessDenied", "denied"),
        ("AuthorizationErrorException", "denied"),
        ("Forbidden", "denied"),
        ("403", "denied"),
        ("Client.AuthFailure", "denied"),
        ("NoSuchBucketPolicy", "not_found"),
        ("NoSuchEntityException", "not_found"),
        ("ResourceNotFoundException", "not_found"),
        ("ObjectLockConfigurationNotFoundError", "not_found"),
        ("Client.InvalidVpcID.NotFound", "not_found"),
        ("InvocationDoesNotExist", "not_found"),
        ("AWS.SimpleQueueService.NonExistentQueue", "not_found"),
        ("404", "not_found"),
        ("ThrottlingException", "failed"),
        ("BucketNotEmpty", "failed"),
        ("Client.VpcLimitExceeded", "failed"),
        ("Client.DryRunOperation", "failed"),
        ("InvalidInstanceId", "failed"),
        ("Error4031", "failed"),
        ("never heard of", "failed"),
    ],
)
def test_codes(code: str, status: str) -> None:
    assert outcome(code) == Outcome(OutcomeStatus(status), code)


def test_without_a_code() -> None:
    assert outcome() == Outcome(OutcomeStatus.SUCCESS)
    assert outcome(answer="Success", has_result=False) == Outcome(OutcomeStatus.SUCCESS)
    assert outcome(answer="Failure", message=True) == Outcome(OutcomeStatus.DENIED, "Failure")
    assert outcome(message=True) == Outcome(OutcomeStatus.FAILED)
    assert outcome(has_result=False) == Outcome(OutcomeStatus.UNKNOWN)
    assert outcome(name="RotationFailed") == Outcome(OutcomeStatus.FAILED)


@given(st.text(min_size=1))
def test_any_code_is_kept_and_is_no_success(code: str) -> None:
    read = outcome(code)
    assert read.code == code
    assert read.status not in (OutcomeStatus.SUCCESS, OutcomeStatus.UNKNOWN)
