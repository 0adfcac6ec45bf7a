"""The working day around the story: deployments, people, machines, the cluster's own business."""

from __future__ import annotations

import datetime as dt

from shapes import ids
from shapes.aws import Aws
from shapes.aws_life import (
    BOTO,
    CHROME,
    FIREFOX,
    Span,
    function,
    instance,
    old_key,
    person,
    secret_readers,
    trail_of_service,
)
from shapes.cloudtrail import Role, iam_user
from shapes.github import Token
from shapes.kubernetes import CREDENTIAL, Pod, User, call, node, of_aws, token_id
from shapes.telling import Key, Story, credential, event, identity

from harbourline.cast import (
    BOT,
    DEV_A,
    DEV_B,
    DEV_C,
    EKS_READER,
    GITHUB,
    KMS,
    KUBECTL,
    NODES,
    OFFICE,
    OIDC,
    PAY_API,
    PODS,
    PROD,
    RELEASE,
    RUNNER_CLI,
    RUNNERS,
    SECRET,
    SPAN,
    STOLEN,
    TOOLS,
    at,
)
from harbourline.workflows import federate, run_key, workflow_run


def life(aws: Aws) -> None:
    """Tell everything that is not the attack."""
    _deployments(aws)
    _machines(aws)
    _people(aws)
    _payments(aws)
    _developers(aws.story)
    _cluster(aws.story)
    _kubectl(aws)


def _deployments(aws: Aws) -> None:
    """Tell ten deployments of two repositories: run, web identity, hop into production, a service updated."""
    for number, moment in enumerate(SPAN.every(1400, "harbourline/deployments", 300)):
        repo, actor = (("deploy", BOT), ("web", DEV_B))[number % 2]
        run = 15_219_990_000 + number * 731
        workflow_run(aws.story, run, moment, repo, "deploy", actor, "push", seconds=180)
        subject = f"repo:harbourline/{repo}:ref:refs/heads/main"
        name = f"deploy/{number}"
        job, federated = federate(
            aws, name, moment + dt.timedelta(seconds=31), subject, RUNNERS[2 + number % 10]
        )
        aws.story.link(
            credential(run_key(run)),
            event(federated),
            "caused",
            "inferred",
            "GH-3",
            "The only run under way on this branch; the token names repository and branch, not the run.",
        )
        aws.reads(
            f"{name}/image",
            moment + dt.timedelta(seconds=35),
            job,
            "sts:GetCallerIdentity ecr:GetAuthorizationToken ecr:BatchCheckLayerAvailability ecr:DescribeImages",
        )
        hop = moment + dt.timedelta(seconds=70)
        release, _ = aws.chained(f"{name}/hop", hop, job, RELEASE, f"{repo}-{number}", agent=RUNNER_CLI)
        service = {"cluster": "checkout", "service": repo, "taskDefinition": f"{repo}:{300 + number}"}
        aws.call(
            f"{name}/update",
            hop + dt.timedelta(seconds=4),
            release,
            "ecs:UpdateService",
            service,
            read_only=False,
        )
        waiting = "ecs:DescribeServices " * 5 + "elasticloadbalancing:DescribeTargetHealth"
        aws.reads(f"{name}/wait", hop + dt.timedelta(seconds=6), release, waiting, step=15)


def _machines(aws: Aws) -> None:
    watching = "ec2:DescribeInstances monitoring:GetMetricData tag:GetResources"
    instance(
        aws, SPAN, Role(TOOLS, "observability"), "i-0b7d1e42c9a85f360", "198.51.100.60", watching, every=220
    )
    scaling = (
        "autoscaling:DescribeAutoScalingGroups ec2:DescribeLaunchTemplateVersions ec2:DescribeInstanceTypes"
    )
    instance(
        aws,
        SPAN,
        Role(PROD, "cluster-autoscaler"),
        "i-0e93c51b7fd20a846",
        "198.51.100.61",
        scaling,
        every=260,
    )
    calls = "dynamodb:DescribeTable sqs:GetQueueAttributes logs:DescribeLogStreams"
    function(aws, SPAN, Role(PROD, "invoice-mailer", "/service-role/"), "invoice-mailer", calls)
    function(
        aws,
        SPAN,
        Role(PROD, "settlement", "/service-role/"),
        "settlement",
        "rds:DescribeDBInstances",
        every=600,
    )
    old_key(
        aws,
        SPAN,
        PROD,
        "svc-metrics",
        "198.51.100.77",
        BOTO,
        "monitoring:GetMetricStatistics rds:DescribeDBInstances ec2:DescribeVolumes",
        every=200,
    )
    for account in (TOOLS, PROD):
        trail_of_service(aws, SPAN, account)


_PAGES = (
    "ec2:DescribeInstances ec2:DescribeVpcs ec2:DescribeSubnets|rds:DescribeDBInstances rds:DescribeDBSnapshots|"
    "secretsmanager:ListSecrets kms:ListAliases|ecs:ListClusters ecs:DescribeServices|monitoring:DescribeAlarms "
    "logs:DescribeLogGroups logs:GetLogEvents|ec2:DescribeSecurityGroups ec2:DescribeRouteTables"
)


def _people(aws: Aws) -> None:
    person(aws, PROD, "m.okafor", at("08:14:22"), OFFICE, CHROME, _PAGES, secret=(SECRET, KMS), pause=900)
    person(aws, TOOLS, "l.brandt", at("09:02:51"), OFFICE, FIREFOX, _PAGES, pause=1200)
    person(aws, PROD, "l.brandt", at("10:31:08"), OFFICE, FIREFOX, _PAGES)
    person(aws, PROD, "t.reyes", at("08:41:17"), "192.0.2.34", CHROME, _PAGES, recorded=False)


def _payments(aws: Aws) -> None:
    """Tell how the payment service, a pod, gets a role by its service account's token and reads its secret."""
    subject = "system:serviceaccount:pay:api"
    for number, moment in enumerate(SPAN.every(3300, "harbourline/irsa", 60)):
        pod = PODS[1 + number % 2]
        session, federated = aws.web_identity(
            f"pay-api/{number}",
            moment,
            PAY_API,
            f"eks-pay-production-{pod.name}-{ids.uuid(f'harbourline/irsa/{number}')}"[:64],
            subject,
            OIDC,
            pod.address,
            "aws-sdk-java/2.31.6 md/io#sync ua/2.1 os/Linux lang/java#21.0.6",
        )
        aws.story.link(
            identity(subject),
            event(federated),
            "same_identity",
            "inferred",
            "K8S-3",
            "The subject is a service account's name; no record says that this cluster is the token's issuer.",
        )
        span = Span(moment, moment + dt.timedelta(seconds=3200))
        secret_readers(aws, span, session, f"pay-api/{number}/secret", SECRET, KMS, every=300)


def _developers(story: Story) -> None:
    """Tell what developers do on GitHub; one makes a token and uses it."""
    laptop = "git/2.39.5 (Apple Git-154)"
    tokens = {
        DEV_A: STOLEN,
        DEV_B: Token(7002, "fine-grained personal access token", "contents:write"),
        DEV_C: Token(7010, "fine-grained personal access token", "contents:write"),
    }
    new = at("08:52:10.250000")
    made = story.tell(
        GITHUB.event(
            "harbourline/new-token",
            new,
            DEV_C,
            "personal_access_token.access_granted",
            operation="create",
            user=DEV_C.name,
            issues=(("github token id", "7010"),),
            token_id=7010,
            user_programmatic_access_name="laptop-2026",
        )
    )
    story.session(
        tokens[DEV_C].keys[0],
        "undecided",
        event(made),
        "proven",
        "A token made this morning: its uses give the number that its making gives.",
    )
    actions = ("git.fetch", "git.fetch", "git.push", "git.clone", "git.fetch")
    for actor, token in tokens.items():
        for number, moment in enumerate(SPAN.every(480, f"harbourline/{actor.name}", 400)):
            if token.number == 7010 and moment <= new:
                continue
            action = actions[ids.number(f"harbourline/{actor.name}/{number}/act", len(actions))]
            story.tell(
                GITHUB.event(
                    f"harbourline/{actor.name}/{number}",
                    moment + dt.timedelta(milliseconds=ids.number(f"ms/{actor.name}/{number}", 1000)),
                    actor,
                    action,
                    ("web", "deploy", "ledger")[number % 3],
                    token=token,
                    agent=laptop,
                    operation="modify" if action == "git.push" else "access",
                    transport_protocol_name="http",
                )
            )
            if number % 3 == 0:
                opened = moment + dt.timedelta(seconds=75)
                story.tell(
                    GITHUB.event(
                        f"harbourline/{actor.name}/{number}/pull",
                        opened,
                        actor,
                        "pull_request.create" if number % 2 else "pull_request.merge",
                        ("web", "deploy", "ledger")[number % 3],
                        operation="create" if number % 2 else "modify",
                        pull_request_id=2_400_000_000 + number,
                    )
                )
    for number, moment in enumerate(SPAN.every(600, "harbourline/checks", 200)):
        workflow_run(
            story,
            15_219_800_000 + number * 977,
            moment,
            "web",
            "checks",
            DEV_B,
            "pull_request",
            seconds=140,
            branch=f"fix-{number}",
        )


_READS = (
    ("list", "pods", ""),
    ("get", "configmaps", "settings"),
    ("list", "endpointslices", ""),
    ("get", "deployments", "main"),
    ("watch", "pods", ""),
)


def _cluster(story: Story) -> None:
    """Tell the cluster's own business: leases, tokens for pods, what the pods' service accounts read."""
    for name, address in NODES.items():
        for number, moment in enumerate(SPAN.every(240, f"harbourline/{name}", 9)):
            story.tell(
                call(
                    f"harbourline/lease/{name}/{number}",
                    moment + dt.timedelta(microseconds=ids.number(f"{name}/{number}", 1_000_000)),
                    node(name, address),
                    "update",
                    "leases",
                    namespace="kube-node-lease",
                    name=name,
                )
            )
    manager = User(
        "system:kube-controller-manager",
        ("system:authenticated",),
        "192.0.2.5",
        "kube-controller-manager/v1.31.4",
    )
    for number, moment in enumerate(SPAN.every(300, "harbourline/manager", 40)):
        story.tell(
            call(
                f"harbourline/manager/{number}",
                moment + dt.timedelta(microseconds=ids.number(f"manager/{number}", 1_000_000)),
                manager,
                "update",
                "leases",
                namespace="kube-system",
                name="kube-controller-manager",
            )
        )
    for pod in PODS:
        _pod(story, pod)


def _pod(story: Story, pod: Pod) -> None:
    """Tell an hourly token, asked for by the pod's kubelet, and what is done with each; the first is from before."""
    label = f"harbourline/{pod.namespace}/{pod.name}"
    kubelet = node(pod.node, NODES[pod.node])
    token = token_id(f"{label}/before")
    story.session(
        (CREDENTIAL, token),
        "nonhuman",
        None,
        "unproven",
        "A pod's token that was issued before the evidence begins.",
    )
    renewed = SPAN.start - dt.timedelta(minutes=ids.number(f"{label}/age", 45))
    for number, moment in enumerate(SPAN.every(230, label, 60)):
        moment += dt.timedelta(microseconds=ids.number(f"{label}/{number}", 1_000_000))
        if moment - renewed > dt.timedelta(minutes=50):
            renewed = moment - dt.timedelta(seconds=3)
            token = token_id(f"{label}/{number}")
            issued: Key = (CREDENTIAL, token)
            story.tell(
                call(
                    f"{label}/token/{number}",
                    renewed,
                    kubelet,
                    "create",
                    "serviceaccounts",
                    namespace=pod.namespace,
                    name=pod.account,
                    part="token",
                    issues=(issued,),
                )
            )
        verb, resource, name = _READS[number % len(_READS)]
        stages = ("ResponseStarted", "ResponseComplete") if verb == "watch" else ("ResponseComplete",)
        story.tell(
            call(
                f"{label}/{number}",
                moment,
                pod.user(token),
                verb,
                resource,
                namespace=pod.namespace,
                name=name,
                reason=f'RBAC: allowed by RoleBinding "{pod.account}" of Role "{pod.account}"',
                stages=stages,
            )
        )


def _kubectl(aws: Aws) -> None:
    """Tell two people with keys of their own who look into the cluster by a role."""
    for name, first in (("m.okafor", "08:20:00"), ("d.silva", "10:02:30")):
        key = ids.access_key("AKIA", PROD, f"harbourline/{name}")
        laptop = iam_user(PROD, name, key, OFFICE, RUNNER_CLI.replace("linux#6.8.0-1021-azure", "macos#15.4"))
        for number in range(3):
            begun = at(first) + dt.timedelta(minutes=34 * number)
            reader, _ = aws.chained(f"kubectl/{name}/{number}", begun, laptop, EKS_READER, name)
            aws.reads(f"kubectl/{name}/{number}/eks", begun, reader, "eks:DescribeCluster")
            user = of_aws(reader, ("viewers",), OFFICE, KUBECTL.replace("linux/amd64", "darwin/arm64"))
            for step in range(9):
                verb, resource, thing = _READS[step % 4]
                aws.story.tell(
                    call(
                        f"harbourline/kubectl/{name}/{number}/{step}",
                        begun + dt.timedelta(seconds=7 + 23 * step, microseconds=411_203 + step),
                        user,
                        verb,
                        resource,
                        namespace="pay",
                        name=thing,
                        reason='RBAC: allowed by ClusterRoleBinding "viewers" of ClusterRole "view" to Group "viewers"',
                    )
                )
