"""What happens on any working day at Northwind Harbour: deployments, monitoring, functions, services."""

from __future__ import annotations

from shapes.cloudtrail import (
    Caller,
    Role,
    RoleSession,
    assume_role,
    credentials,
    iam_user,
    on_behalf,
    record,
    resource,
    s3_object,
    service,
)

from northwind import world
from northwind.cast import DEPLOY_ADMIN, HARBOUR_DEPLOY, OPERATIONS, PROD_KMS
from northwind.story import Story, forwarded_decrypt, reads
from northwind.world import EAST, MAIN, PROD, WEST

CI_DEPLOY = Role(MAIN, "ci-deploy")
OBSERVABILITY = Role(PROD, "observability-reader")
INVOICES = Role(MAIN, "invoice-render-role", "/service-role/")
MANIFEST_INDEX = Role(PROD, "manifest-index-role", "/service-role/")
CONFIG = Role(MAIN, "AWSServiceRoleForConfig", "/aws-service-role/config.amazonaws.com/")
GITHUB = f"arn:aws:iam::{MAIN}:oidc-provider/token.actions.githubusercontent.com"


def deployments(story: Story) -> None:
    """Add five runs of the deployment workflow: web identity, image, second account, stack, function code."""
    repository = "repo:northwind-harbour/deploy:ref:refs/heads/main"
    for run, clock in enumerate(("10:00:40", "10:47:12", "11:28:05", "12:36:30", "12:52:10")):
        address = world.RUNNERS[run]
        key = world.access_key("ASIA", MAIN, f"ci/{run}")
        workflow = Caller(
            {
                "type": "WebIdentityUser",
                "principalId": f"{GITHUB}:sts.amazonaws.com:{repository}",
                "userName": repository,
                "identityProvider": GITHUB,
            },
            MAIN,
            address,
            world.ACTIONS,
        )
        federated = record(
            f"ci/{run}/federate",
            clock,
            workflow,
            "sts:AssumeRoleWithWebIdentity",
            {"durationSeconds": 3600, "roleArn": CI_DEPLOY.arn, "roleSessionName": "GitHubActions"},
            {
                "credentials": credentials(key, f"ci/{run}", clock),
                "subjectFromWebIdentityToken": repository,
                "assumedRoleUser": {
                    "assumedRoleId": f"{CI_DEPLOY.unique_id}:GitHubActions",
                    "arn": CI_DEPLOY.session_arn("GitHubActions"),
                },
                "provider": GITHUB,
                "audience": "sts.amazonaws.com",
            },
            resources=[resource("AWS::IAM::Role", CI_DEPLOY.arn, MAIN)],
        )
        story.key_event(f"ci-federation-{run + 1}", federated, verb="issue_credential", kind="nonhuman")
        web = {"federatedProvider": GITHUB, "attributes": {}}
        session = RoleSession(
            CI_DEPLOY, "GitHubActions", key, clock, address, world.ACTIONS, web=web
        ).caller()
        story.add(record(f"ci/{run}/whoami", world.later(clock, 1), session, "sts:GetCallerIdentity"))
        token = record(f"ci/{run}/ecr", world.later(clock, 9), session, "ecr:GetAuthorizationToken")
        if run == 0:
            story.key_event("ecr-token", token, verb="issue_credential")
        else:
            story.add(token)
        image = {"registryId": MAIN, "repositoryName": "manifest-index"}
        calls = (
            "BatchCheckLayerAvailability",
            "InitiateLayerUpload",
            "UploadLayerPart",
            "CompleteLayerUpload",
        )
        for number, call in enumerate((*calls, "PutImage")):
            story.add(
                record(
                    f"ci/{run}/{call}",
                    world.later(clock, 12 + number // 2),
                    session,
                    f"ecr:{call}",
                    image,
                    read_only=call.startswith("Batch"),
                )
            )
        for number, name in enumerate(("bundle.zip", "bundle.zip.sha256")):
            made = s3_object(
                f"ci/{run}/put/{number}",
                world.later(clock, 16),
                session,
                "PutObject",
                world.ARTIFACTS,
                f"deploy/{run + 811}/{name}",
                size=90 if number else 2_400_000,
            )
            story.add(made)
        deploy_in_prod(story, run, world.later(clock, 20), session)


def deploy_in_prod(story: Story, run: int, clock: str, session: Caller) -> None:
    """Add the part of a deployment that runs in the production account."""
    name = f"deploy-{run + 811}"
    key = world.access_key("ASIA", PROD, f"ci/{run}/prod")
    target = RoleSession(HARBOUR_DEPLOY, name, key, clock, session.address, session.agent)
    story.add(*assume_role(f"ci/{run}/hop", clock, session, target))
    prod = target.caller()
    stack = {"stackName": "manifest-index"}
    story.add(
        record(
            f"ci/{run}/change",
            world.later(clock, 3),
            prod,
            "cloudformation:CreateChangeSet",
            stack,
            read_only=False,
        ),
        record(
            f"ci/{run}/exec",
            world.later(clock, 14),
            prod,
            "cloudformation:ExecuteChangeSet",
            stack,
            read_only=False,
        ),
    )
    reads(story, f"ci/{run}/wait", world.later(clock, 4), prod, "cloudformation:DescribeChangeSet " * 3)
    reads(
        story, f"ci/{run}/stack", world.later(clock, 15), prod, "cloudformation:DescribeStacks " * 3, step=6
    )
    forwarded = on_behalf(prod, "cloudformation", world.later(clock, 15), f"ci/{run}/forward")
    function = f"arn:aws:lambda:{EAST}:{PROD}:function:manifest-index"
    updated = record(
        f"ci/{run}/code",
        world.later(clock, 17),
        forwarded,
        "lambda:UpdateFunctionCode20150331v2",
        {"functionName": function, "s3Bucket": world.ARTIFACTS, "s3Key": f"deploy/{run + 811}/bundle.zip"},
        {
            "functionName": "manifest-index",
            "functionArn": function,
            "runtime": "python3.12",
            "version": "$LATEST",
        },
        read_only=False,
    )
    if run == 0:
        story.key_event("function-code", updated, verb="update", kind="service")
    else:
        story.add(updated)
    if run == 2:
        throttled = ("ThrottlingException", "Rate exceeded")
        for number in range(4):
            story.add(
                record(
                    f"ci/throttled/{number}",
                    world.later(clock, 24),
                    prod,
                    "cloudformation:DescribeStackEvents",
                    stack,
                    error=throttled,
                )
            )


def monitoring(story: Story) -> None:
    """Add the monitoring user: reads every quarter of an hour, in the second account every half."""
    key = world.access_key("AKIA", MAIN, "svc-grafana")
    user = iam_user(MAIN, "svc-grafana", key, world.GRAFANA_HOST, world.GRAFANA)
    for number in range(9):
        clock = world.later("10:03:11", number * 1200 + number * 7 % 11)
        reads(
            story, f"grafana/{number}", clock, user, "monitoring:DescribeAlarms ec2:DescribeInstances", step=1
        )
        if number % 2:
            continue
        fresh = world.access_key("ASIA", PROD, f"grafana/{number}")
        session = RoleSession(
            OBSERVABILITY, "grafana", fresh, world.later(clock, 2), world.GRAFANA_HOST, world.GRAFANA
        )
        story.add(*assume_role(f"grafana/{number}/hop", world.later(clock, 2), user, session))
        calls = (
            "monitoring:DescribeAlarms rds:DescribeDBInstances ec2:DescribeInstances logs:DescribeLogGroups"
        )
        reads(story, f"grafana/{number}/prod", world.later(clock, 3), session.caller(), calls, step=1)
        west = "monitoring:DescribeAlarms ec2:DescribeInstances"
        reads(
            story,
            f"grafana/{number}/west",
            world.later(clock, 5),
            session.caller(),
            west,
            region=WEST,
            step=1,
        )


def functions(story: Story) -> None:
    """Add two Lambda functions: one in each account, each with its own role and its own rhythm."""
    plans = (
        (INVOICES, "invoice-render", WEST, "10:05:30", 1260, "northwind-harbour-invoices", "198.51.100.201"),
        (MANIFEST_INDEX, "manifest-index", EAST, "10:09:44", 1380, world.MANIFESTS, "198.51.100.202"),
    )
    for role, name, region, first, every, bucket, address in plans:
        for number in range(8):
            clock = world.later(first, number * every)
            label = f"lambda/{name}/{number}"
            key = world.access_key("ASIA", role.account, label)
            arn = f"arn:aws:lambda:{region}:{role.account}:function:{name}"
            scope = {"inScopeOf": {"issuerType": "AWS::Lambda::Function", "credentialsIssuedTo": arn}}
            session = RoleSession(role, name, key, clock, address, world.LAMBDA, beside=scope)
            (issued,) = assume_role(label, clock, service("lambda", role.account), session, region=region)
            work = session.caller()
            wrote = s3_object(
                f"{label}/put",
                world.later(clock, 4),
                work,
                "PutObject",
                bucket,
                f"index/{number:03d}.json",
                region=region,
                size=4096,
            )
            if number == 0:
                story.key_event(
                    f"lambda-role-{role.account}", issued, verb="issue_credential", kind="service"
                )
                story.key_event(f"lambda-put-{role.account}", wrote, kind="nonhuman")
            else:
                story.add(issued, wrote)
            stream = {"logGroupName": f"/aws/lambda/{name}", "logStreamName": f"2026/03/04/{number}"}
            story.add(
                record(
                    f"{label}/stream",
                    world.later(clock, 1),
                    work,
                    "logs:CreateLogStream",
                    stream,
                    region=region,
                    read_only=False,
                ),
                s3_object(
                    f"{label}/get",
                    world.later(clock, 2),
                    work,
                    "GetObject",
                    bucket,
                    "state.json",
                    region=region,
                    size=2048,
                ),
            )
            if role is MANIFEST_INDEX:
                story.add(
                    forwarded_decrypt(
                        f"{label}/decrypt",
                        world.later(clock, 2),
                        work,
                        "s3",
                        PROD_KMS,
                        {"aws:s3:arn": f"arn:aws:s3:::{bucket}"},
                    )
                )


def services(story: Story) -> None:
    """Add what services do by themselves: a service-linked role, checks of a bucket, service events."""
    for number in range(6):
        clock = world.later("10:07:30", number * 1700)
        session = RoleSession(
            CONFIG,
            "AWSConfig-Describe",
            None,
            clock,
            "config.amazonaws.com",
            "config.amazonaws.com",
            beside={"invokedBy": "config.amazonaws.com"},
        ).caller()
        region = WEST if number % 3 == 2 else EAST
        calls = "ec2:DescribeVolumes s3:GetBucketPolicy iam:ListRoles"
        reads(story, f"config/{number}", clock, session, calls, region=region)
    for number in range(10):
        account = (MAIN, PROD)[number % 2]
        story.add(
            record(
                f"trail-acl/{number}",
                world.later("10:02:15", number * 1000),
                service("cloudtrail", account),
                "s3:GetBucketAcl",
                {
                    "bucketName": world.TRAIL_BUCKET,
                    "Host": f"{world.TRAIL_BUCKET}.s3.{EAST}.amazonaws.com",
                    "acl": "",
                },
                tail={"sharedEventID": world.uuid(f"shared/trail-acl/{number}")},
            )
        )
    for number, (clock, region) in enumerate((("10:33:00", EAST), ("11:49:30", WEST), ("12:18:00", WEST))):
        owner = Caller(
            {"accountId": PROD, "invokedBy": "kms.amazonaws.com"},
            PROD,
            "kms.amazonaws.com",
            "kms.amazonaws.com",
            over_network=False,
        )
        made = record(
            f"rotate/{number}",
            clock,
            owner,
            "kms:RotateKey",
            region=region,
            read_only=False,
            event_type="AwsServiceEvent",
            resources=[resource("AWS::KMS::Key", PROD_KMS.replace(EAST, region), PROD)],
            tail={"serviceEventDetails": {"keyId": PROD_KMS.rpartition("/")[2], "rotationType": "AUTOMATIC"}},
        )
        if number == 0:
            story.key_event("rotate-key", made, kind="service")
        else:
            story.add(made)


def legacy_roles(story: Story) -> None:
    """Add the role's own history: its trust policy was written that morning, so a "before" can be found."""
    user = iam_user(
        MAIN, "terraform", world.access_key("AKIA", MAIN, "terraform"), world.RUNNERS[0], world.TERRAFORM
    )
    document = (
        '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":'
        f'{{"AWS":"arn:aws:iam::{MAIN}:root"}},"Action":"sts:AssumeRole"}}]}}'
    )
    made = record(
        "terraform/trust",
        "10:52:40",
        user,
        "iam:UpdateAssumeRolePolicy",
        {"roleName": DEPLOY_ADMIN.name, "policyDocument": document},
        read_only=False,
    )
    story.key_event("trust-before", made, verb="delegate", kind="undecided")
    calls = "iam:GetRole iam:ListRolePolicies iam:ListAttachedRolePolicies iam:GetOpenIDConnectProvider"
    reads(story, "terraform/plan", "10:52:20", user, calls, step=2)
    story.add(
        record(
            "terraform/missing",
            "10:52:31",
            user,
            "iam:GetRole",
            {"roleName": f"{OPERATIONS.name}-old"},
            error=("NoSuchEntityException", "The role cannot be found."),
        )
    )
