"""Plain life in AWS accounts, such as surrounds every incident: machines, functions, people, keys that nobody rotates."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, replace

from shapes import ids
from shapes.aws import Aws, temporary
from shapes.cloudtrail import (
    EAST,
    Caller,
    Role,
    RoleSession,
    console_session,
    iam_user,
    resource,
    service,
)
from shapes.telling import Key, Told

CHROME = (
    "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/135.0.0.0 Safari/537.36"
)
FIREFOX = "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:137.0) Gecko/20100101 Firefox/137.0"
AGENT = "aws-sdk-go/1.55.5 (go1.23.4; linux; amd64) CWAgent/1.300051.0"
LAMBDA = "Boto3/1.37.3 md/Botocore#1.37.3 lang/python#3.13.2 exec-env/AWS_Lambda_python3.13"
BOTO = "Boto3/1.37.3 md/Botocore#1.37.3 ua/2.1 os/linux#6.8.0 md/arch#x86_64 lang/python#3.12.3"
TERRAFORM = "APN/1.0 HashiCorp/1.0 Terraform/1.11.3 (+https://www.terraform.io) terraform-provider-aws/5.93.0"


@dataclass(frozen=True)
class Span:
    """A stretch of time.

    Attributes:
        start: Its beginning.
        end: Its end.
    """

    start: dt.datetime
    end: dt.datetime

    def every(self, seconds: int, label: str, spread: int = 0) -> list[dt.datetime]:
        """Return moments some seconds apart, each moved by up to ``spread`` seconds that depend on the label."""
        count = int((self.end - self.start).total_seconds()) // seconds
        return [
            self.start
            + dt.timedelta(
                seconds=number * seconds + (ids.number(f"{label}/{number}", spread) if spread else 0)
            )
            for number in range(count)
        ]


def instance(
    aws: Aws,
    span: Span,
    role: Role,
    name: str,
    address: str,
    calls: str,
    *,
    every: int = 300,
    agent: str = AGENT,
) -> None:
    """Tell what an instance does with its role: a key from before the evidence begins, then one every hour.

    Args:
        aws: The accounts.
        span: From when to when.
        role: The instance's role.
        name: The instance's id.
        address: Where its calls come from.
        calls: What it calls each time.
        every: Seconds between rounds.
        agent: Its client.
    """
    label = f"instance/{name}"
    extra = {"ec2RoleDelivery": "2.0"}
    created = span.start - dt.timedelta(minutes=23)
    session = RoleSession(
        role, name, aws.key(f"{label}/before", role.account), created, address, agent, extra=extra
    )
    aws.story.session(
        temporary(str(session.key)),
        "nonhuman",
        None,
        "unproven",
        "The instance got this key before the evidence begins.",
    )
    renewed = created
    for number, at in enumerate(span.every(every, label, 20)):
        if at - renewed > dt.timedelta(hours=1):
            renewed = at - dt.timedelta(seconds=9)
            session = replace(session, key=aws.key(f"{label}/{number}", role.account), created=renewed)
            aws.assume(f"{label}/{number}/assume", renewed, service("ec2", role.account), session)
        aws.reads(f"{label}/{number}", at, session.caller(), calls, step=1)


def function(
    aws: Aws, span: Span, role: Role, name: str, calls: str, *, every: int = 900, address: str = ""
) -> None:
    """Tell what a function does: Lambda takes on its role for it now and then, and it calls from its own address."""
    label = f"function/{name}"
    scope = {
        "inScopeOf": {
            "issuerType": "AWS::Lambda::Function",
            "credentialsIssuedTo": f"arn:aws:lambda:{EAST}:{role.account}:function:{name}",
        }
    }
    for number, at in enumerate(span.every(every, label, 90)):
        issued = at - dt.timedelta(seconds=2 + ids.number(f"{label}/{number}/cold", 40))
        session = RoleSession(
            role,
            name,
            aws.key(f"{label}/{number}", role.account),
            issued,
            address or "198.51.100.201",
            LAMBDA,
            beside=scope,
        )
        aws.assume(f"{label}/{number}/assume", issued, service("lambda", role.account), session)
        aws.reads(f"{label}/{number}", at, session.caller(), calls, step=1)


def person(
    aws: Aws,
    account: str,
    name: str,
    at: dt.datetime,
    address: str,
    agent: str,
    pages: str,
    *,
    secret: tuple[str, str] | None = None,
    recorded: bool = True,
    pause: int = 420,
) -> Key:
    """Tell a day at the console: second factor, sign-in, and pages under a dozen temporary keys.

    Args:
        aws: The accounts.
        account: The account.
        name: The user's name.
        at: When they sign in.
        address: Where they sit.
        agent: Their browser.
        pages: The calls of each page, pages separated by ``|``.
        secret: A secret that they look at on the third page, and the key that it is encrypted with.
        recorded: Whether the sign-in is in the evidence.
        pause: Seconds between pages at most.

    Returns:
        The console session.
    """
    label = f"person/{name}/{ids.stamp(at)}"
    user = iam_user(account, name, None, address, agent)
    login = _login(aws, label, at, user)
    login.delivered = recorded
    anchor = aws.console(at, login, user.identity["arn"], "A person at the console.")
    session = console_session(user, at, f"{aws.label}/{label}", mfa=True)
    when = at + dt.timedelta(seconds=4)
    for number, calls in enumerate(pages.split("|")):
        aws.pages(f"{label}/{number}", when, session, anchor, calls)
        if secret is not None and number == 2:
            viewer = session.with_key(f"{aws.label}/{label}/{number}")
            _look(aws, f"{label}/secret", when + dt.timedelta(seconds=9), viewer, *secret)
        when += dt.timedelta(seconds=30 + ids.number(f"{aws.label}/{label}/{number}/pause", pause))
    return anchor


def _login(aws: Aws, label: str, at: dt.datetime, user: Caller) -> Told:
    return aws.call(
        f"{label}/login",
        at,
        user,
        "signin:ConsoleLogin",
        None,
        {"ConsoleLogin": "Success"},
        read_only=False,
        event_type="AwsConsoleSignIn",
        extra={
            "LoginTo": f"https://{EAST}.console.aws.amazon.com/console/home?region={EAST}",
            "MobileVersion": "No",
            "MFAIdentifier": user.identity["arn"].replace(":user/", ":mfa/"),
            "MFAUsed": "Yes",
        },
        kind_is="human",
    )


def _look(aws: Aws, label: str, at: dt.datetime, viewer: Caller, secret: str, kms: str) -> None:
    aws.call(f"{label}/describe", at, viewer, "secretsmanager:DescribeSecret", {"secretId": secret})
    aws.secret(label, at + dt.timedelta(seconds=6), viewer, secret, kms, late=1)


def secret_readers(
    aws: Aws, span: Span, caller: Caller, label: str, secret: str, kms: str, *, every: int = 600
) -> None:
    """Tell how a service reads its secret again and again; every fourth time twice within a second.

    Each reading makes Secrets Manager ask for a decryption. Where two readings lie that close, none of the two
    decryptions can be told to belong to either.
    """
    for number, at in enumerate(span.every(every, f"{aws.label}/{label}", 45)):
        name = f"{label}/{number}"
        if number % 4 != 3:
            aws.secret(name, at, caller, secret, kms, late=number % 2)
            continue
        first = aws.call(f"{name}/a", at, caller, "secretsmanager:GetSecretValue", {"secretId": secret})
        later = at + dt.timedelta(seconds=1)
        second = aws.call(f"{name}/b", later, caller, "secretsmanager:GetSecretValue", {"secretId": secret})
        aws.decrypt(f"{name}/a/kms", later, caller, secret, kms, first, second)
        aws.decrypt(f"{name}/b/kms", later, caller, secret, kms, first, second)


def old_key(
    aws: Aws, span: Span, account: str, user: str, address: str, agent: str, calls: str, *, every: int = 240
) -> Key:
    """Tell what a user with a long-term key does that was made long before; returns the key."""
    key = ids.access_key("AKIA", account, f"{aws.label}/{user}")
    caller = iam_user(account, user, key, address, agent)
    for number, at in enumerate(span.every(every, f"{aws.label}/{user}", 30)):
        aws.reads(f"old-key/{user}/{number}", at, caller, calls, step=1)
    return "aws access key", key


def trail_of_service(aws: Aws, span: Span, account: str, every: int = 1800) -> None:
    """Tell what CloudTrail does by itself: it looks at the bucket it writes to."""
    trail = Caller(
        {"type": "AWSService", "invokedBy": "cloudtrail.amazonaws.com"},
        account,
        "cloudtrail.amazonaws.com",
        "cloudtrail.amazonaws.com",
        over_network=False,
    )
    for number, at in enumerate(span.every(every, f"{aws.label}/trail/{account}", 60)):
        aws.call(
            f"trail/{account}/{number}",
            at,
            trail,
            "s3:GetBucketAcl",
            {"bucketName": f"trail-{account}", "Host": f"trail-{account}.s3.amazonaws.com"},
            resources=[resource("AWS::S3::Bucket", f"arn:aws:s3:::trail-{account}", account)],
        )
