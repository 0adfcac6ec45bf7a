"""The long-term key at work, the trail stopped with it, and what the engineer on call puts right."""

from __future__ import annotations

from shapes.aws import Aws, long_term, temporary
from shapes.aws_life import FIREFOX
from shapes.cloudtrail import Caller, iam_user
from shapes.okta import SESSION
from shapes.telling import Key, Told, credential, event

from tallowmere.cast import (
    ACCOUNT,
    FEDERATED_ADMIN,
    INTRUDER_CLI,
    INTRUDER_CLI_HOST,
    KEY_B1,
    KMS,
    ON_CALL,
    OUTSIDE,
    SECRET,
    STOPPED,
    TRAIL,
    TRAIL_ARN,
    at,
)
from tallowmere.federation import sign_on
from tallowmere.okta_life import signed_in


def long_term_key(aws: Aws, made: Told) -> Caller:
    """Tell the first uses of the new key, from another address; returns it as a caller."""
    admin = iam_user(ACCOUNT, "svc-backup", KEY_B1, INTRUDER_CLI_HOST, INTRUDER_CLI)
    found = aws.reads(
        "b1/look", at("11:33:20"), admin, "sts:GetCallerIdentity iam:ListUsers s3:ListBuckets", step=9
    )
    asked, _ = aws.secret("b1/secret", at("11:36:48"), admin, SECRET, KMS)
    found += aws.reads(
        "b1/more", at("11:38:03"), admin, "cloudtrail:DescribeTrails cloudtrail:GetTrailStatus"
    )
    aws.story.session(
        long_term(KEY_B1),
        "undecided",
        event(made),
        "proven",
        "The long-term key of svc-backup, made in the console and used from 203.0.113.99 with another client.",
    )
    for each in (*found, asked):
        aws.story.link(
            credential(long_term(KEY_B1)), event(each), "used", "proven", "AWS-2", "The record names the key."
        )
    aws.story.link(
        event(asked),
        None,
        "secret_used",
        "unproven",
        "SEC-1",
        "The database's password was read; no log on hand shows where it was used.",
    )
    return admin


def tampering(aws: Aws, admin: Caller) -> None:
    """Tell how the trail is silenced, what happens meanwhile, and the repair."""
    selected = aws.call(
        "tamper/selectors",
        at("11:41:02"),
        admin,
        "cloudtrail:PutEventSelectors",
        {
            "trailName": TRAIL,
            "eventSelectors": [
                {"readWriteType": "All", "includeManagementEvents": False, "dataResources": []}
            ],
        },
        read_only=False,
    )
    stopped = aws.call(
        "tamper/stop", STOPPED, admin, "cloudtrail:StopLogging", {"name": TRAIL_ARN}, read_only=False
    )
    # What happens now is in no trail; Okta goes on recording.
    aws.reads("silent", at("11:45:10"), admin, "s3:ListBuckets rds:DescribeDBSnapshots ec2:DescribeSnapshots")
    aws.call(
        "silent/share",
        at("11:52:36"),
        admin,
        "rds:ModifyDBSnapshotAttribute",
        {
            "dBSnapshotIdentifier": "claims-nightly",
            "attributeName": "restore",
            "valuesToAdd": [OUTSIDE],
        },
        read_only=False,
    )
    key: Key = (SESSION, "102AdeyemiOnCall0000000001")
    started = signed_in(aws.story, ON_CALL, at("12:22:48.610000"), key)
    aws.story.session(key, "human", event(started), "proven", "The engineer on call.")
    repairer, *_ = sign_on(
        aws,
        "on-call/aws",
        ON_CALL,
        key,
        at("12:24:11.330000"),
        FEDERATED_ADMIN,
        wait=6,
        address=ON_CALL.address,
        agent=FIREFOX,
        says="The engineer on call at the console.",
    )
    page = repairer.with_key("tallowmere/on-call/page")
    aws.story.named_otherwise.add(temporary(str(page.key)))
    started_again = aws.call(
        "repair/start", at("12:30:15"), page, "cloudtrail:StartLogging", {"name": TRAIL_ARN}, read_only=False
    )
    selected_again = aws.call(
        "repair/selectors",
        at("12:31:20"),
        page,
        "cloudtrail:PutEventSelectors",
        {
            "trailName": TRAIL,
            "eventSelectors": [
                {"readWriteType": "All", "includeManagementEvents": True, "dataResources": []}
            ],
        },
        read_only=False,
    )
    aws.call(
        "repair/key",
        at("12:33:02"),
        page,
        "iam:UpdateAccessKey",
        {"userName": "svc-backup", "accessKeyId": KEY_B1, "status": "Inactive"},
        read_only=False,
    )
    aws.call(
        "b1/refused",
        at("12:41:57"),
        admin,
        "sts:GetCallerIdentity",
        error=("InvalidClientTokenId", "The security token included in the request is invalid."),
    )
    aws.story.gap(
        "logging_off",
        "aws.cloudtrail",
        TRAIL_ARN,
        selected.at,
        selected_again.at,
        "Management events are taken out of the trail, which takes a minute to show, then it is stopped; it is started again "
        "at 12:30:15, and asked for management events again a minute later. What happened meanwhile is in no file.",
        evidence=[selected.id, stopped.id, started_again.id, selected_again.id],
    )
