"""The attack: from a hijacked sign-in to production data, with the trail switched off on the way."""

from __future__ import annotations

import json
from dataclasses import replace

from shapes.cloudtrail import Caller, Record, RoleSession, assume_role, iam_user, record, s3_object

from northwind import world
from northwind.cast import BACKUP_KEY, DEPLOY_ADMIN, HARBOUR_DEPLOY, OPERATIONS, PROD_KMS
from northwind.signin import saml_sign_in
from northwind.story import Story, forwarded_decrypt, reads
from northwind.world import EAST, MAIN, OUTSIDE, PROD, WEST

TRUST = {
    "Version": "2012-10-17",
    "Statement": [
        {"Effect": "Allow", "Principal": {"AWS": f"arn:aws:iam::{MAIN}:root"}, "Action": "sts:AssumeRole"},
        {"Effect": "Allow", "Principal": {"AWS": f"arn:aws:iam::{OUTSIDE}:root"}, "Action": "sts:AssumeRole"},
    ],
}


def persistence(story: Story) -> None:
    """Add what the hijacked console session does: look around, make a user with a key, open a role."""
    session, names = saml_sign_in(story, "jdoe-hijack", "11:20:09", world.INTRUDER_BROWSER, world.FIREFOX)
    story.chain.append((names[0], "jdoe is federated through SAML; the record cannot show from where."))
    story.chain.append(
        (names[1], "In the same second the console is opened from 203.0.113.77, an address jdoe never used.")
    )
    looks = (
        ("11:20:14", "ec2:DescribeRegions ec2:DescribeAccountAttributes cloudtrail:DescribeTrails"),
        ("11:20:15", "health:DescribeEventAggregates ce:GetCostAndUsage notifications:ListNotificationHubs"),
        (
            "11:21:30",
            "iam:GetAccountSummary iam:ListAccountAliases iam:GetAccountPasswordPolicy iam:ListMFADevices",
        ),
        ("11:22:02", "iam:ListUsers iam:ListGroups iam:ListRoles iam:ListPolicies"),
        ("11:23:10", "ec2:DescribeInstances ec2:DescribeVolumes ec2:DescribeAddresses ec2:DescribeSnapshots"),
        ("11:23:55", "secretsmanager:ListSecrets kms:ListKeys kms:ListAliases"),
        ("11:24:40", "cloudtrail:GetTrailStatus cloudtrail:GetEventSelectors cloudtrail:LookupEvents"),
        ("11:28:44", "organizations:DescribeOrganization organizations:ListAccounts"),
        ("11:30:20", "iam:GetRole iam:ListAttachedRolePolicies iam:ListRolePolicies"),
    )
    for number, (clock, calls) in enumerate(looks):
        key = session.with_key(f"jdoe-hijack/console/{number}")
        reads(story, f"jdoe-hijack/look/{number}", clock, key, calls)

    acting = session.with_key("jdoe-hijack/console/act")
    missing = record(
        "get-user",
        "11:26:12",
        acting,
        "iam:GetUser",
        {"userName": "svc-backup"},
        error=("NoSuchEntityException", "The user with name svc-backup cannot be found."),
    )
    story.key_event("no-such-user", missing, verb="read", outcome="not_found", kind="human")
    refused = record(
        "create-saml-provider",
        "11:26:20",
        acting,
        "iam:CreateSAMLProvider",
        read_only=False,
        error=(
            "AccessDenied",
            f"User: {OPERATIONS.session_arn('jdoe')} is not authorized to perform: iam:CreateSAMLProvider on "
            f"resource: arn:aws:iam::{MAIN}:saml-provider/harbour-idp2 with an explicit deny",
        ),
    )
    story.key_event("saml-provider-denied", refused, verb="delegate", outcome="denied", kind="human")

    user_id = world.principal("AIDA", MAIN, "user/svc-backup")
    user_arn = f"arn:aws:iam::{MAIN}:user/svc-backup"
    created = record(
        "create-user",
        "11:26:31",
        acting,
        "iam:CreateUser",
        {"userName": "svc-backup", "tags": [{"key": "owner", "value": "platform"}]},
        {
            "user": {
                "path": "/",
                "userName": "svc-backup",
                "userId": user_id,
                "arn": user_arn,
                "createDate": world.long_date(world.moment("11:26:31")),
            }
        },
        read_only=False,
    )
    story.key_event(
        "create-user", created, "The session creates the IAM user svc-backup.", verb="create", kind="human"
    )
    attached = record(
        "attach-policy",
        "11:27:02",
        acting,
        "iam:AttachUserPolicy",
        {"userName": "svc-backup", "policyArn": "arn:aws:iam::aws:policy/AdministratorAccess"},
        read_only=False,
    )
    story.key_event(
        "attach-policy", attached, "svc-backup becomes an administrator.", verb="delegate", kind="human"
    )
    issued = record(
        "create-access-key",
        "11:27:20",
        session.with_key("jdoe-hijack/console/act2"),
        "iam:CreateAccessKey",
        {"userName": "svc-backup"},
        {
            "accessKey": {
                "accessKeyId": BACKUP_KEY,
                "status": "Active",
                "userName": "svc-backup",
                "createDate": world.long_date(world.moment("11:27:20")),
            }
        },
        read_only=False,
    )
    story.key_event(
        "create-access-key",
        issued,
        f"A long-term key is issued for svc-backup: {BACKUP_KEY}.",
        verb="issue_credential",
        kind="human",
    )
    opened = record(
        "update-trust",
        "11:31:47",
        session.with_key("jdoe-hijack/console/act3"),
        "iam:UpdateAssumeRolePolicy",
        {"roleName": "deploy-admin", "policyDocument": json.dumps(TRUST, indent=4)},
        read_only=False,
    )
    story.key_event(
        "update-trust",
        opened,
        f"The role deploy-admin is opened to account {OUTSIDE}, which nobody at Northwind Harbour owns.",
        verb="delegate",
        kind="human",
    )


def new_key(story: Story) -> tuple[Caller, Caller]:
    """Add the first use of the new key and the two role hops. Returns both role sessions."""
    backup = iam_user(MAIN, "svc-backup", BACKUP_KEY, world.INTRUDER_CLI, world.CLI_INTRUDER)
    asking = replace(backup, agent=f"{backup.agent}sts.get-caller-identity")
    first = record("backup/whoami", "11:33:05", asking, "sts:GetCallerIdentity")
    story.key_event(
        "first-use",
        first,
        "The new key is used for the first time, from 203.0.113.99 with a command line client.",
        verb="read",
        kind="undecided",
    )
    reads(
        story,
        "backup/look",
        "11:33:20",
        backup,
        "s3:ListBuckets iam:ListUsers iam:ListRoles ec2:DescribeInstances",
    )

    admin_key = world.access_key("ASIA", MAIN, "deploy-admin/backup")
    admin_session = RoleSession(
        DEPLOY_ADMIN, "backup-job", admin_key, "11:34:20", world.INTRUDER_CLI, world.CLI_INTRUDER
    )
    (hop,) = assume_role("hop-1", "11:34:20", backup, admin_session)
    story.key_event(
        "assume-deploy-admin",
        hop,
        "The new key assumes deploy-admin in the same account.",
        verb="issue_credential",
        kind="undecided",
    )
    admin = admin_session.caller()

    prod_key = world.access_key("ASIA", PROD, "harbour-deploy/backup")
    prod_session = RoleSession(
        HARBOUR_DEPLOY, "backup-job", prod_key, "11:34:52", world.INTRUDER_CLI, world.CLI_INTRUDER
    )
    ours, theirs = assume_role("hop-2", "11:34:52", admin, prod_session)
    story.key_event(
        "assume-prod",
        ours,
        "deploy-admin assumes harbour-deploy in the production account (the copy that names its key).",
        verb="issue_credential",
    )
    story.key_event(
        "assume-prod-copy",
        theirs,
        "The same act as the production account recorded it: the same sharedEventID, no key of the caller.",
        verb="issue_credential",
    )
    return admin, prod_session.caller()


def data(story: Story, prod: Caller) -> None:
    """Add what is taken from the production account, whose own trail nobody stops."""
    denied_text = f"User: {HARBOUR_DEPLOY.session_arn('backup-job')} is not authorized to perform: "
    story.add(record("prod/whoami", "11:35:01", prod, "sts:GetCallerIdentity"))
    for number in range(9):
        action = ("ListUsers", "ListRoles", "GetAccountAuthorizationDetails")[number % 3]
        made = record(
            f"prod/iam-denied/{number}",
            world.clock(world.moment("11:35:08") + world.seconds(number // 2)),
            prod,
            f"iam:{action}",
            error=("AccessDenied", f"{denied_text}iam:{action} on resource: arn:aws:iam::{PROD}:user/"),
        )
        if number == 0:
            story.key_event("prod-iam-denied", made, verb="read", outcome="denied")
        else:
            story.add(made)
    reads(
        story,
        "prod/look",
        "11:35:22",
        prod,
        "rds:DescribeDBInstances secretsmanager:ListSecrets kms:ListAliases",
    )
    reads(
        story,
        "prod/look-west",
        "11:35:50",
        prod,
        "ec2:DescribeInstances rds:DescribeDBInstances",
        region=WEST,
    )

    no_secret = record(
        "prod/no-secret",
        "11:35:58",
        prod,
        "secretsmanager:GetSecretValue",
        {"secretId": "prod/database"},
        error=("ResourceNotFoundException", "Secrets Manager can't find the specified secret."),
    )
    story.key_event("no-such-secret", no_secret, verb="read_secret", outcome="not_found")
    version = world.uuid("secret/version")
    secret = record(
        "prod/secret",
        "11:36:03",
        prod,
        "secretsmanager:GetSecretValue",
        {"secretId": "prod/db", "versionId": version},
    )
    story.key_event("get-secret", secret, "The session reads the secret prod/db.", verb="read_secret")
    decrypt = forwarded_decrypt(
        "prod/secret/decrypt",
        "11:36:03",
        prod,
        "secretsmanager",
        PROD_KMS,
        {"SecretARN": world.SECRET_ARN, "SecretVersionId": version},
    )
    story.key_event(
        "secret-decrypt",
        decrypt,
        "Secrets Manager decrypts it for the session (forward access session under a key of its own).",
        kind="service",
    )
    bucket = world.MANIFESTS
    story.add(s3_object("prod/list", "11:37:02", prod, "ListObjects", bucket, "2026/"))
    for number in range(38):
        # Two sweeps: before and during the silence of the other account's trail.
        start = "11:37:10" if number < 14 else "11:58:30"
        clock = world.clock(world.moment(start) + world.seconds(number % 14 * 2 // 3 * 2))
        made = s3_object(
            f"prod/object/{number}",
            clock,
            prod,
            "GetObject",
            bucket,
            f"2026/{number // 12 + 1:02d}/manifest-{number:04d}.parquet",
            size=48_000 + world.number(f"size/{number}", 90_000),
        )
        if number == 0:
            story.key_event(
                "get-object", made, "It downloads 38 manifests from production storage.", verb="read"
            )
        else:
            story.add(made)
    story.key_event(
        "object-denied",
        s3_object(
            "prod/object-denied",
            "11:38:40",
            prod,
            "GetObject",
            "northwind-harbour-payroll",
            "2026/02.csv",
            error=("AccessDenied", "Access Denied"),
        ),
        verb="read",
        outcome="denied",
    )
    story.key_event(
        "object-missing",
        s3_object(
            "prod/object-missing",
            "11:38:52",
            prod,
            "GetObject",
            bucket,
            "2026/index.json",
            error=("NoSuchKey", "The specified key does not exist."),
        ),
        verb="read",
        outcome="not_found",
    )
    shared = record(
        "prod/share-snapshot",
        "12:02:11",
        prod,
        "ec2:ModifySnapshotAttribute",
        {
            "snapshotId": world.SNAPSHOT,
            "createVolumePermission": {"add": {"items": [{"userId": OUTSIDE}]}},
            "attributeType": "CREATE_VOLUME_PERMISSION",
        },
        {"requestId": world.uuid("request/prod/share-snapshot"), "_return": True},
        read_only=False,
    )
    story.key_event(
        "share-snapshot",
        shared,
        f"A database snapshot is shared with account {OUTSIDE}, under the session from {world.INTRUDER_CLI}.",
        verb="delegate",
    )


def insight(story: Story) -> None:
    """Add the CloudTrail Insights pair about the burst of refused IAM calls in PROD, one shared id."""
    session = HARBOUR_DEPLOY.session_arn("backup-job")
    for state, start, minutes in (("Start", "11:35:00", 1), ("End", "11:37:00", 2)):
        rate = 9 / minutes
        attributions = (
            ("userIdentityArn", session),
            ("userAgent", world.CLI_INTRUDER),
            ("errorCode", "AccessDenied"),
        )
        made: Record = {
            "eventVersion": "1.09",
            "eventTime": world.stamp(world.moment(start)),
            "awsRegion": EAST,
            "eventID": world.uuid(f"event/insight/{state}"),
            "eventType": "AwsCloudTrailInsight",
            "recipientAccountId": PROD,
            "sharedEventID": world.uuid("shared/insight"),
            "insightDetails": {
                "state": state,
                "eventSource": "iam.amazonaws.com",
                "eventName": "ListUsers",
                "insightType": "ApiErrorRateInsight",
                "errorCode": "AccessDenied",
                "insightContext": {
                    "statistics": {
                        "baseline": {"average": 0.0004},
                        "insight": {"average": rate},
                        "insightDuration": minutes,
                        "baselineDuration": 10080,
                    },
                    "attributions": [
                        {"attribute": name, "insight": [{"value": value, "average": rate}], "baseline": []}
                        for name, value in attributions
                    ],
                },
            },
            "eventCategory": "Insight",
        }
        story.key_event(f"insight-{state.lower()}", made, outcome="unknown")
