"""People at the console, jdoe among them, on the morning of the incident and when it is found."""

from __future__ import annotations

from dataclasses import replace

from shapes.cloudtrail import Caller, record

from northwind import world
from northwind.signin import mfa_sign_in, saml_sign_in
from northwind.story import Story, reads
from northwind.world import EAST, WEST


def people(story: Story) -> Caller:
    """Add three people at the console, jdoe among them. Returns the session of the engineer on call."""
    jdoe, _ = saml_sign_in(story, "jdoe-morning", "10:06:02", world.JDOE_OFFICE, world.CHROME)
    for number, clock in enumerate(("10:06:08", "10:07:40", "10:15:21")):
        calls = (
            "monitoring:ListDashboards ec2:DescribeInstances support:DescribeCases monitoring:DescribeAlarms"
        )
        reads(story, f"jdoe-morning/{number}", clock, jdoe.with_key(f"jdoe-morning/{number}"), calls)

    novak = mfa_sign_in(story, "a.novak", "10:12:45", world.CHROME)
    pages = (
        ("10:12:51", EAST, "ec2:DescribeInstances ec2:DescribeVpcs ec2:DescribeSubnets ec2:DescribeTags"),
        ("10:19:10", EAST, "rds:DescribeDBInstances rds:DescribeDBSnapshots kms:ListAliases"),
        ("10:24:33", EAST, "s3:ListBuckets s3:GetBucketVersioning s3:GetBucketTagging s3:GetBucketLogging"),
        (
            "10:41:05",
            WEST,
            "lambda:ListFunctions20150331 lambda:GetAccountSettings20160819 logs:DescribeLogGroups",
        ),
        ("11:02:19", WEST, "lambda:GetFunction20150331v2 lambda:ListTags20170331 logs:DescribeLogStreams"),
        ("11:51:30", WEST, "lambda:ListFunctions20150331 ec2:DescribeInstances monitoring:DescribeAlarms"),
        ("12:11:42", EAST, "ec2:DescribeInstances ec2:DescribeSecurityGroups ec2:DescribeVolumes"),
    )
    for number, (clock, region, calls) in enumerate(pages):
        session = novak.with_key(f"a.novak/console/{number}")
        if calls.startswith("s3:"):
            session = replace(session, agent=world.S3_CONSOLE)
        reads(story, f"a.novak/{number}", clock, session, calls, region=region)
    story.add(
        record(
            "a.novak/tag",
            "10:25:02",
            novak.with_key("a.novak/console/2"),
            "s3:GetBucketTagging",
            {"bucketName": world.ARTIFACTS},
            error=("NoSuchTagSet", "The TagSet does not exist"),
        ),
        record(
            "a.novak/dry",
            "10:13:30",
            novak.with_key("a.novak/console/0"),
            "ec2:StartInstances",
            {"instancesSet": {"items": [{"instanceId": world.INSTANCE}]}, "dryRun": True},
            read_only=False,
            error=("Client.DryRunOperation", "Request would have succeeded, but DryRun flag is set."),
        ),
        record(
            "a.novak/function",
            "11:03:02",
            novak.with_key("a.novak/console/4"),
            "lambda:UpdateFunctionConfiguration20150331v2",
            {"functionName": "invoice-render", "memorySize": 512},
            {"functionName": "invoice-render", "memorySize": 512},
            region=WEST,
            read_only=False,
        ),
    )

    on_call = mfa_sign_in(story, "r.lindqvist", "12:24:10", world.CHROME)
    repair = (
        ("12:24:16", EAST, "ec2:DescribeRegions health:DescribeEventAggregates cloudtrail:DescribeTrails"),
        ("12:26:40", EAST, "cloudtrail:GetTrailStatus cloudtrail:GetEventSelectors cloudtrail:LookupEvents"),
        (
            "12:31:20",
            EAST,
            "iam:ListUsers iam:ListAccessKeys iam:GetAccessKeyLastUsed iam:ListAttachedUserPolicies",
        ),
        ("12:36:05", EAST, "iam:GetRole iam:ListRoles access-analyzer:ListFindings"),
        ("12:44:31", WEST, "ec2:DescribeInstances lambda:ListFunctions20150331"),
    )
    for number, (clock, region, calls) in enumerate(repair):
        session = on_call.with_key(f"r.lindqvist/console/{number}")
        reads(story, f"r.lindqvist/{number}", clock, session, calls, region=region)
    return on_call
