"""The story: a stolen session cookie, a token made with it, the AWS console, a key that stays, a trail that is stopped."""

from __future__ import annotations

import json

from shapes.aws import Aws, long_term, temporary
from shapes.cloudtrail import Caller
from shapes.okta import SESSION, log_event, okta_id, target
from shapes.telling import Key, Told, credential, event, identity

from tallowmere.cast import (
    ACCOUNT,
    ADMIN_APP,
    ADMINS,
    BACKUP_ROLE,
    FEDERATED_ADMIN,
    FEDERATED_READER,
    INTRUDER,
    JDOE,
    JDOE_SESSION,
    JDOE_TOKEN,
    KEY_B1,
    LINDQVIST,
    NEW_TOKEN,
    OFFICE,
    OUTSIDE,
    REQUESTS,
    RUIZ,
    STEALTH,
    at,
)
from tallowmere.federation import sign_on
from tallowmere.okta_life import signed_in
from tallowmere.silence import long_term_key, tampering


def attack(aws: Aws) -> None:
    """Tell the whole attack."""
    _hijack(aws)
    token = _token(aws)
    _token_acts(aws, token)
    console, anchor = _console(aws)
    made = _persistence(aws, console)
    admin = long_term_key(aws, made)
    tampering(aws, admin)
    aws.story.decoy(
        credential(anchor),
        credential(long_term(KEY_B1)),
        "The key was made in the console session; who presents it later is not thereby the same person.",
    )


def _hijack(aws: Aws) -> None:
    """Tell jdoe's sign-in at home, and the first use of the cookie elsewhere."""
    story = aws.story
    started = signed_in(story, JDOE, at("10:52:10.204000"), JDOE_SESSION)
    story.session(
        JDOE_SESSION,
        "human",
        event(started),
        "proven",
        "jdoe's sign-in session. From 11:03 it is also presented from 203.0.113.77 without the device's cookie: "
        "one session, two clients.",
    )
    story.link(
        event(started),
        credential(JDOE_SESSION),
        "issued",
        "proven",
        "OKT-1",
        "The session begins with this event, which names it.",
    )
    for number, clock in enumerate(("10:58:31.115000", "11:09:02.870000", "11:24:44.031000")):
        story.tell(
            log_event(
                f"tallowmere/jdoe/mail/{number}",
                at(clock),
                JDOE,
                "user.authentication.sso",
                targets=(target("AppInstance", okta_id("0oa", "mail"), "Webmail", "Webmail"),),
                session=JDOE_SESSION,
                tries=True,
            )
        )
    first = story.tell(
        log_event(
            "tallowmere/hijack",
            at("11:03:17.442000"),
            JDOE,
            "user.session.access_admin_app",
            targets=(ADMIN_APP,),
            session=JDOE_SESSION,
            address=INTRUDER,
            agent=REQUESTS,
            device=None,
            tries=True,
        )
    )
    story.link(
        credential(JDOE_SESSION),
        event(first),
        "used",
        "proven",
        "OKT-1",
        "The event names the session; that another client presents it makes it no other session.",
    )


def _token(aws: Aws) -> Told:
    story = aws.story
    created = story.tell(
        log_event(
            "tallowmere/token",
            at("11:06:30.908000"),
            JDOE,
            "system.api_token.create",
            targets=(target("Token", JDOE_TOKEN[1], "monitoring"),),
            session=JDOE_SESSION,
            address=INTRUDER,
            agent=REQUESTS,
            device=None,
            issues=(JDOE_TOKEN,),
        )
    )
    story.session(
        JDOE_TOKEN,
        "nonhuman",
        credential(JDOE_SESSION),
        "proven",
        "An API token made in jdoe's session: its requests show jdoe as a user, a program makes them.",
    )
    story.link(
        event(created),
        credential(JDOE_TOKEN),
        "issued",
        "proven",
        "OKT-2",
        "The target of the event is the token's id.",
    )
    return created


def _token_acts(aws: Aws, created: Told) -> None:
    steps = (
        ("11:08:02.310000", "user.account.reset_password", (RUIZ.target(),)),
        ("11:08:40.771000", "user.mfa.factor.deactivate", (RUIZ.target(),)),
        ("11:10:15.006000", "group.user_membership.add", (RUIZ.target(), ADMINS)),
        ("11:12:28.654000", "group.user_membership.add", (JDOE.target(), ADMINS)),
    )
    for number, (clock, act, targets) in enumerate(steps):
        made = aws.story.tell(
            log_event(
                f"tallowmere/token/{number}",
                at(clock),
                JDOE,
                act,
                targets=targets,
                token=JDOE_TOKEN,
                address=INTRUDER,
                agent=REQUESTS,
                device=None,
                uri="/api/v1/users",
            )
        )
        aws.story.link(
            credential(JDOE_TOKEN),
            event(made),
            "used",
            "proven",
            "OKT-2",
            "The event names the token that was presented.",
        )
    aws.story.decoy(
        event(created),
        credential(NEW_TOKEN),
        "Another API token made on the same day, by somebody else.",
        never=True,
    )


def _console(aws: Aws) -> tuple[Caller, Key]:
    """Tell the sign-on to AWS from the intruder's browser, and a dozen pages of the console."""
    session, anchor, signed_on, saml, _ = sign_on(
        aws,
        "jdoe/aws",
        JDOE,
        JDOE_SESSION,
        at("11:20:02.118000"),
        FEDERATED_ADMIN,
        wait=7,
        address=INTRUDER,
        agent=STEALTH,
        device=None,
        says="A console session as jdoe from 203.0.113.77, under twelve keys; which person sits there is not shown.",
    )
    other = sign_on(
        aws,
        "lindqvist/aws",
        LINDQVIST,
        _session_of_lindqvist(aws),
        at("11:20:05.903000"),
        FEDERATED_READER,
        wait=7,
        address=OFFICE,
        agent=LINDQVIST.agent,
    )
    for number in range(3):
        aws.pages(
            f"lindqvist/{number}",
            other[3].at.replace(minute=21 + 5 * number),
            other[0],
            other[1],
            "ec2:DescribeInstances ec2:DescribeVolumes rds:DescribeDBInstances",
        )
    aws.story.decoy(
        event(signed_on),
        event(other[3]),
        "Somebody else's sign-on to AWS in the same seconds: the user name differs.",
        never=True,
    )
    aws.story.decoy(
        event(other[2]),
        event(saml),
        "Somebody else's sign-on to AWS in the same seconds: the user name differs.",
        never=True,
    )
    clock = at("11:20:16")
    for number in range(11):
        aws.pages(
            f"jdoe/page/{number}",
            clock.replace(minute=20 + number // 2, second=16 + 30 * (number % 2)),
            session,
            anchor,
            (
                "iam:ListUsers iam:ListRoles",
                "iam:GetAccountSummary",
                "cloudtrail:DescribeTrails s3:ListBuckets",
            )[number % 3],
        )
    return session, anchor


def _session_of_lindqvist(aws: Aws) -> Key:
    key: Key = (SESSION, "102LindqvistMorning0000001")
    started = signed_in(aws.story, LINDQVIST, at("09:47:33.500000"), key)
    aws.story.session(key, "human", event(started), "proven", "A person at work.")
    return key


def _persistence(aws: Aws, console: Caller) -> Told:
    story = aws.story
    page = console.with_key("tallowmere/jdoe/page/iam")
    story.named_otherwise.add(temporary(str(page.key)))
    user = {"userName": "svc-backup"}
    arn = f"arn:aws:iam::{ACCOUNT}:user/svc-backup"
    aws.call(
        "persist/user",
        at("11:26:40"),
        page,
        "iam:CreateUser",
        user,
        {
            "user": {
                "path": "/",
                "userName": "svc-backup",
                "arn": arn,
                "createDate": "Jun 9, 2026, 11:26:40 AM",
            }
        },
        read_only=False,
    )
    made = aws.call(
        "persist/key",
        at("11:27:05"),
        page,
        "iam:CreateAccessKey",
        user,
        {"accessKey": {"userName": "svc-backup", "accessKeyId": KEY_B1, "status": "Active"}},
        read_only=False,
        issues=(long_term(KEY_B1),),
    )
    aws.call(
        "persist/policy",
        at("11:27:31"),
        page,
        "iam:AttachUserPolicy",
        {**user, "policyArn": "arn:aws:iam::aws:policy/AdministratorAccess"},
        read_only=False,
    )
    trust = {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Effect": "Allow",
                "Principal": {"AWS": f"arn:aws:iam::{OUTSIDE}:root"},
                "Action": "sts:AssumeRole",
            }
        ],
    }
    opened = aws.call(
        "persist/trust",
        at("11:29:12"),
        page,
        "iam:UpdateAssumeRolePolicy",
        {"roleName": BACKUP_ROLE.name, "policyDocument": json.dumps(trust)},
        read_only=False,
    )
    story.link(
        event(made),
        credential(long_term(KEY_B1)),
        "issued",
        "proven",
        "AWS-2",
        "The answer holds the key id and names the user.",
    )
    story.link(
        event(made),
        identity(arn),
        "issued",
        "proven",
        "AWS-2",
        "The key was made for this user.",
    )
    story.gap(
        "unseen_account",
        "aws.cloudtrail",
        OUTSIDE,
        opened.at,
        at("13:00:00"),
        "A role was opened to an account of which no log is on hand.",
        evidence=[opened.id],
    )
    return made
