"""The attack, second part: stolen instance credentials, the stopped trail, the way in, the repair."""

from __future__ import annotations

from shapes.cloudtrail import Caller, Record, RoleSession, assume_role, record, service

from northwind import world
from northwind.cast import APP_SERVER, BACKUP_KEY, DEPLOY_ADMIN, TRAIL_ARN
from northwind.story import Story, reads
from northwind.world import INSTANCE, MAIN, OUTSIDE

TRAIL_STOPPED = "11:42:10"
"""From here no record of MAIN is delivered to the trail …"""
TRAIL_COMPLETE = "12:30:31"
"""… until here, where management events are selected again; StartLogging (12:30:15) was not enough."""


def _selectors(include: bool) -> Record:
    return {
        "readWriteType": "All",
        "includeManagementEvents": include,
        "dataResources": [{"type": "AWS::S3::Object", "values": ["arn:aws:s3"]}],
        "excludeManagementEventSources": [],
    }


def instance(story: Story, admin: Caller) -> None:
    """Add the instance's role: two keys of one second, one used by the agent, one from elsewhere.

    EC2 hands out one credential by version 2 of the metadata service and one by version 1 in the same second;
    role and session name are the same for both, so only the key tells the two users apart.
    """
    sessions = []
    for number, (delivery, address, agent) in enumerate(
        (
            ("2.0", world.INSTANCE_ADDRESS, world.SSM_AGENT),
            ("1.0", world.INTRUDER_CLI, world.BOTO),
        )
    ):
        key = world.access_key("ASIA", MAIN, f"instance/{number}")
        session = RoleSession(
            APP_SERVER, INSTANCE, key, "10:58:21", address, agent, extra={"ec2RoleDelivery": delivery}
        )
        (made,) = assume_role(f"instance/issue/{number}", "10:58:21", service("ec2", MAIN), session)
        story.key_event(f"instance-key-{number + 1}", made, verb="issue_credential", kind="service")
        sessions.append(session.caller())
    agent_session, stolen = sessions
    at = world.moment("11:00:02")
    for number in range(6):
        made = record(
            f"instance/agent/{number}",
            world.clock(at + world.seconds(number * 1260)),
            agent_session,
            "ssm:UpdateInstanceInformation",
            {
                "instanceId": INSTANCE,
                "agentVersion": "3.3.1611.0",
                "platformType": "Linux",
                "agentName": "amazon-ssm-agent",
            },
            read_only=False,
        )
        if number == 0:
            story.key_event("instance-agent", made, verb="update", kind="nonhuman")
        else:
            story.add(made)
    hidden = "HIDDEN_DUE_TO_SECURITY_REASONS"
    sent = record(
        "send-command",
        "11:39:30",
        admin,
        "ssm:SendCommand",
        {
            "instanceIds": [INSTANCE],
            "documentName": "AWS-RunShellScript",
            "parameters": hidden,
            "interactive": False,
        },
        {
            "command": {
                "commandId": world.uuid("command"),
                "documentName": "AWS-RunShellScript",
                "documentVersion": "$DEFAULT",
                "comment": "",
                "expiresAfter": world.long_date(world.moment("13:39:30")),
                "parameters": hidden,
                "instanceIds": [INSTANCE],
                "targets": [],
                "requestedDateTime": world.long_date(world.moment("11:39:30")),
                "status": "Pending",
                "outputS3BucketName": "",
                "targetCount": 1,
                "completedCount": 0,
                "errorCount": 0,
                "interactive": False,
                "timeoutSeconds": 3600,
            }
        },
        read_only=False,
    )
    story.key_event(
        "send-command",
        sent,
        f"deploy-admin runs a command on {INSTANCE}; its text is hidden.",
        verb="execute",
    )
    used = record("instance/stolen/whoami", "11:39:36", stolen, "sts:GetCallerIdentity")
    story.key_event(
        "instance-key-stolen",
        used,
        "Six seconds later credentials of the instance are used from 203.0.113.99, not from the instance.",
        verb="read",
        kind="nonhuman",
    )
    reads(story, "instance/stolen", "11:39:44", stolen, "ec2:DescribeInstances ec2:DescribeSecurityGroups")
    refused = record(
        "instance/stolen/denied",
        "11:39:58",
        stolen,
        "ec2:CreateKeyPair",
        {"keyName": "maint"},
        read_only=False,
        error=("Client.UnauthorizedOperation", "You are not authorized to perform this operation."),
    )
    story.key_event("stolen-denied", refused, verb="issue_credential", outcome="denied", kind="nonhuman")


def endpoint(story: Story) -> None:
    """Add the network activity event: an outsider's credential refused at a VPC endpoint of MAIN."""
    stranger = Caller(
        {
            "type": "AWSAccount",
            "principalId": world.principal("AIDA", OUTSIDE, "stranger"),
            "accountId": OUTSIDE,
        },
        MAIN,
        world.INSTANCE_INSIDE,
        world.BOTO,
        over_network=False,
    )
    made = record(
        "endpoint",
        "11:40:31",
        stranger,
        "s3:PutObject",
        read_only=False,
        category="NetworkActivity",
        event_type="AwsVpceEvent",
        error=("VpceAccessDenied", "The request was denied due to a VPC endpoint policy"),
        tail={
            "sharedEventID": world.uuid("shared/endpoint"),
            "vpcEndpointId": "vpce-0b7d2c9e41f8a6350",
            "vpcEndpointAccountId": MAIN,
        },
    )
    for absent in ("userAgent", "managementEvent"):
        del made[absent]
    story.key_event(
        "endpoint-denied",
        made,
        f"From inside the network a credential of account {OUTSIDE} is refused by the endpoint policy.",
        outcome="denied",
    )


def silence(story: Story, admin: Caller) -> None:
    """Add the switching off of the trail and what only the event history of MAIN still knows."""
    narrowed = record(
        "selectors-off",
        "11:41:02",
        admin,
        "cloudtrail:PutEventSelectors",
        {"trailName": world.TRAIL, "eventSelectors": [_selectors(False)]},
        {"trailARN": TRAIL_ARN, "eventSelectors": [_selectors(False)]},
        read_only=False,
    )
    story.key_event(
        "selectors-off", narrowed, "Management events are taken out of the trail.", verb=None, tampers=True
    )
    stopped = record(
        "stop-logging", "11:42:10", admin, "cloudtrail:StopLogging", {"name": TRAIL_ARN}, read_only=False
    )
    story.key_event("stop-logging", stopped, "The trail is stopped.", verb="update", tampers=True)

    outside = Caller(
        {
            "type": "AWSAccount",
            "principalId": world.principal("AROA", OUTSIDE, "role/ops") + ":operator",
            "accountId": OUTSIDE,
        },
        OUTSIDE,
        world.OUTSIDE_HOST,
        world.BOTO,
    )
    key = world.access_key("ASIA", MAIN, "deploy-admin/outside")
    session = RoleSession(DEPLOY_ADMIN, "operator", key, "11:52:30", world.OUTSIDE_HOST, world.BOTO)
    (entered,) = assume_role("outside", "11:52:30", outside, session, unseen=OUTSIDE)
    story.key_event(
        "assume-from-outside",
        entered,
        f"Account {OUTSIDE} walks in by the opened role. Its own copy of the record is out of reach.",
        verb="issue_credential",
    )
    inside = session.caller()
    reads(story, "outside/look", "11:53:02", inside, "sts:GetCallerIdentity iam:ListRoles ec2:DescribeVpcs")
    west = "ec2:DescribeInstances lambda:ListFunctions20150331"
    reads(story, "outside/look-west", "11:54:20", inside, west, region=world.WEST)
    made = record(
        "outside/role",
        "11:56:18",
        inside,
        "iam:CreateLoginProfile",
        {"userName": "svc-backup", "passwordResetRequired": False},
        {
            "loginProfile": {
                "userName": "svc-backup",
                "createDate": world.long_date(world.moment("11:56:18")),
                "passwordResetRequired": False,
            }
        },
        read_only=False,
    )
    story.key_event(
        "login-profile",
        made,
        "It gives svc-backup a console password.",
        verb="issue_credential",
    )


def repair(story: Story, on_call: Caller) -> None:
    """Add what the engineer on call does when she finds the trail stopped."""
    started = record(
        "start-logging", "12:30:15", on_call, "cloudtrail:StartLogging", {"name": TRAIL_ARN}, read_only=False
    )
    story.key_event("start-logging", started, verb="update", kind="human")
    selected = record(
        "selectors-on",
        "12:30:31",
        on_call.with_key("on-call/selectors"),
        "cloudtrail:PutEventSelectors",
        {"trailName": world.TRAIL, "eventSelectors": [_selectors(True)]},
        {"trailARN": TRAIL_ARN, "eventSelectors": [_selectors(True)]},
        read_only=False,
    )
    story.key_event("selectors-on", selected, verb=None, kind="human", tampers=True)
    inactive = record(
        "key-inactive",
        "12:33:40",
        on_call.with_key("on-call/key"),
        "iam:UpdateAccessKey",
        {"userName": "svc-backup", "accessKeyId": BACKUP_KEY, "status": "Inactive"},
        read_only=False,
    )
    story.key_event("key-inactive", inactive, verb="update", kind="human")
