"""What people and machines do in AWS on any day."""

from __future__ import annotations

import datetime as dt

from shapes.aws import Aws
from shapes.aws_life import (
    BOTO,
    CHROME,
    TERRAFORM,
    function,
    instance,
    old_key,
    person,
    secret_readers,
    trail_of_service,
)
from shapes.cloudtrail import Role, iam_user
from shapes.okta import session_key
from shapes.telling import event

from tallowmere.cast import ACCOUNT, FEDERATED_READER, KMS, OFFICE, OTHERS, SECRET, SPAN, at
from tallowmere.federation import sign_on
from tallowmere.okta_life import signed_in

_PAGES = (
    "ec2:DescribeInstances ec2:DescribeVpcs|rds:DescribeDBInstances|secretsmanager:ListSecrets kms:ListAliases|"
    "monitoring:DescribeAlarms logs:DescribeLogGroups|ec2:DescribeVolumes ec2:DescribeTags"
)


def life(aws: Aws) -> None:
    """Tell the day in AWS."""
    watching = "ec2:DescribeInstances monitoring:GetMetricData tag:GetResources"
    instance(
        aws, SPAN, Role(ACCOUNT, "observability"), "i-04d8be71c2f3a9056", "198.51.100.70", watching, every=200
    )
    batch = "sqs:GetQueueAttributes rds:DescribeDBInstances"
    instance(
        aws, SPAN, Role(ACCOUNT, "claims-batch"), "i-0ba35c9d417fe8026", "198.51.100.71", batch, every=240
    )
    calls = "dynamodb:DescribeTable sqs:GetQueueAttributes logs:DescribeLogStreams"
    function(aws, SPAN, Role(ACCOUNT, "letters", "/service-role/"), "letters", calls, every=500)
    function(
        aws, SPAN, Role(ACCOUNT, "triage", "/service-role/"), "triage", "rds:DescribeDBInstances", every=420
    )
    plan = "ec2:DescribeInstances iam:ListRoles s3:ListBuckets rds:DescribeDBInstances"
    key = old_key(aws, SPAN, ACCOUNT, "terraform", "198.51.100.72", TERRAFORM, plan, every=300)
    reader = iam_user(ACCOUNT, "claims-api", f"{key[1][:16]}AB2C", "198.51.100.73", BOTO)
    secret_readers(aws, SPAN, reader, "claims-api", SECRET, KMS, every=240)
    person(aws, ACCOUNT, "break-glass", at("09:21:40"), OFFICE, CHROME, _PAGES, secret=(SECRET, KMS))
    trail_of_service(aws, SPAN, ACCOUNT)
    _federated(aws)


def _federated(aws: Aws) -> None:
    """Tell six people who open the console through Okta."""
    for number in range(6):
        who = OTHERS[number * 4]
        begun = SPAN.start + dt.timedelta(minutes=11 + 34 * number)
        key = session_key(f"tallowmere/{who.login}/aws")
        started = signed_in(aws.story, who, begun, key)
        aws.story.session(key, "human", event(started), "proven", "A person at work.")
        label = f"federated/{who.name}"
        session, anchor, _, _, login = sign_on(
            aws,
            label,
            who,
            key,
            begun + dt.timedelta(seconds=41, milliseconds=300),
            FEDERATED_READER,
            wait=4 + number,
            address=who.address,
            agent=who.agent,
        )
        for page, calls in enumerate(_PAGES.split("|")):
            aws.pages(
                f"{label}/{page}", login.at + dt.timedelta(seconds=5 + 190 * page), session, anchor, calls
            )
