"""The story: from a stolen token of the build system to a token of a service account in the payment cluster."""

from __future__ import annotations

from shapes.aws import Aws, temporary
from shapes.cloudtrail import Caller
from shapes.kubernetes import CREDENTIAL, call, of_aws, service_account, token_id
from shapes.telling import Key, Story, Told, credential, event, identity

from harbourline.cast import (
    BOT,
    CURL,
    DECOY_RUN,
    DEPLOY_ADMIN,
    DEV_A,
    GITHUB,
    INTRUDER,
    INTRUDER_CLI,
    KMS,
    KUBECTL,
    PROD,
    RELEASE,
    RUN,
    RUNNER_CLI,
    RUNNERS,
    SECRET,
    STOLEN,
    SUBJECT,
    at,
)
from harbourline.workflows import federate, run_key, workflow_run

TOKEN: Key = (CREDENTIAL, token_id("harbourline/J1"))
"""The token of the service account pay:runner that the intruder asks for."""
ADMINS = 'RBAC: allowed by ClusterRoleBinding "deploy-admins" of ClusterRole "cluster-admin" to Group "deploy-admins"'
RUNNERS_RIGHT = 'RBAC: allowed by ClusterRoleBinding "runner" of ClusterRole "cluster-admin" to ServiceAccount "runner/pay"'


def attack(aws: Aws) -> None:
    """Tell the whole attack, and the other run on the same branch that looks like it."""
    story = aws.story
    push = story.tell(
        GITHUB.event(
            "harbourline/push",
            at("09:58:00.412000"),
            DEV_A,
            "git.push",
            "deploy",
            token=STOLEN,
            agent="git/2.49.0",
            transport_protocol_name="http",
        )
    )
    workflow_run(story, RUN, at("10:00:05"), "deploy", "deploy", DEV_A, "push")
    workflow_run(
        story, DECOY_RUN, at("10:00:20"), "deploy", "smoke-test", BOT, "workflow_dispatch", seconds=250
    )
    story.link(
        event(push),
        credential(run_key(RUN)),
        "caused",
        "inferred",
        "GH-2",
        "The run was started by a push of this actor to this repository; the log does not say by which push.",
    )
    stolen, federated = federate(aws, "run/555", at("10:00:40"), SUBJECT, RUNNERS[0])
    smoke, other = federate(aws, "run/556", at("10:01:05"), SUBJECT, RUNNERS[1])
    _which_run(story, federated, other, stolen, smoke)
    _smoke_test(aws, smoke)
    aws.reads("run/555/who", at("10:00:44"), stolen, "sts:GetCallerIdentity")
    admin, copies = aws.chained(
        "run/555/hop", at("10:01:02"), stolen, DEPLOY_ADMIN, "deploy", agent=RUNNER_CLI
    )
    _first_hop(story, stolen, admin, federated, copies)
    read = _data(aws, admin)
    _cluster(story, admin, read)


def _which_run(story: Story, federated: Told, other: Told, stolen: Caller, smoke: Caller) -> None:
    runs = (run_key(RUN), run_key(DECOY_RUN))
    for call_made, session, first, rival in ((federated, stolen, 0, 1), (other, smoke, 1, 0)):
        story.link(
            credential(runs[first]),
            event(call_made),
            "caused",
            "inferred",
            "GH-3",
            "The token names repository and branch, not the run; both runs were under way on this branch.",
            [credential(runs[rival])],
        )
        story.link(
            credential(("jwt subject", SUBJECT)),
            event(call_made),
            "same_identity",
            "proven",
            "GH-3",
            "GitHub signed that the token is for this repository and branch; who runs there is not in it.",
        )
        story.decoy(
            credential(runs[rival]),
            event(call_made),
            "The other run on the same branch in the same minute: fits as well, and proves nothing.",
        )
        story.link(
            event(call_made),
            credential(temporary(str(session.key))),
            "issued",
            "proven",
            "AWS-1",
            "The answer holds the key id.",
        )
    story.decoy(
        event(other),
        credential(temporary(str(stolen.key))),
        "Same role, same session name, same minute, another key.",
        never=True,
    )


def _smoke_test(aws: Aws, smoke: Caller) -> None:
    aws.reads("run/556/who", at("10:01:09"), smoke, "sts:GetCallerIdentity ecr:GetAuthorizationToken")
    release, _ = aws.chained("run/556/hop", at("10:01:20"), smoke, RELEASE, "smoke", agent=RUNNER_CLI)
    aws.reads(
        "run/556/look",
        at("10:01:24"),
        release,
        "ecs:DescribeServices ecs:ListTasks elasticloadbalancing:DescribeTargetHealth eks:DescribeCluster",
        step=9,
    )


def _first_hop(story: Story, stolen: Caller, admin: Caller, federated: Told, copies: list[Told]) -> None:
    first, second = temporary(str(stolen.key)), temporary(str(admin.key))
    story.session(
        first,
        "nonhuman",
        event(federated),
        "proven",
        "The workflow's session in the tools account, got with a token that names repository and branch.",
    )
    story.session(
        second,
        "undecided",
        credential(first),
        "proven",
        "DeployAdmin in production, taken on by the workflow's session. Begins on the runner, goes on at 203.0.113.50, "
        "which is seen in the cluster's log too.",
    )
    story.link(
        credential(first),
        credential(second),
        "assumed",
        "proven",
        "AWS-1",
        "The copy in the tools account holds the key that asked and the key that was given.",
    )
    story.link(
        event(copies[0]),
        event(copies[1]),
        "same_act",
        "proven",
        "AWS-5",
        "One call, recorded in both accounts under one shared id.",
    )
    for copy in copies:
        story.link(
            event(copy),
            credential(second),
            "issued",
            "proven",
            "AWS-1",
            "The answer holds the key id.",
        )


def _data(aws: Aws, admin: Caller) -> Told:
    aws.reads("admin/look", at("10:01:31"), admin, "sts:GetCallerIdentity secretsmanager:ListSecrets")
    read, _ = aws.secret("admin/secret", at("10:02:10"), admin, SECRET, KMS)
    outside = Caller(admin.identity, PROD, INTRUDER, INTRUDER_CLI)
    aws.reads(
        "admin/cluster", at("10:03:02"), outside, "sts:GetCallerIdentity eks:ListClusters eks:DescribeCluster"
    )
    aws.story.link(
        event(read),
        None,
        "secret_used",
        "unproven",
        "SEC-1",
        "The database's password was read; no log on hand shows where it was used.",
    )
    aws.story.decoy(
        event(read),
        identity(f"arn:aws:iam::{PROD}:user/svc-metrics"),
        "A long-term key is used after the secret was read; nothing says that the secret held it.",
        never=True,
    )
    return read


def _cluster(story: Story, admin: Caller, read: Told) -> None:
    user = of_aws(admin, ("deploy-admins",), INTRUDER, KUBECTL)
    key = temporary(str(admin.key))
    listed = call(
        "harbourline/pods", at("10:03:41.118203"), user, "list", "pods", namespace="pay", reason=ADMINS
    )
    executed = call(
        "harbourline/exec",
        at("10:04:05.702418"),
        user,
        "create",
        "pods",
        namespace="pay",
        name="api-74d9c6f9b5-4kzqp",
        part="exec",
        query="command=sh&command=-c&command=env&container=api&stderr=true&stdout=true",
        reason=ADMINS,
        stages=("ResponseStarted", "ResponseComplete"),
    )
    asked = call(
        "harbourline/token",
        at("10:05:00.330917"),
        user,
        "create",
        "serviceaccounts",
        namespace="pay",
        name="runner",
        part="token",
        reason=ADMINS,
        issues=(TOKEN,),
    )
    story.tell(listed, executed, asked)
    for made in (listed, executed, asked):
        story.link(
            credential(key),
            event(made),
            "used",
            "proven",
            "K8S-1",
            "The authenticator of the cluster writes the AWS key id into the event.",
        )
    runner = service_account("pay", "runner", TOKEN[1], INTRUDER, CURL)
    secrets = call(
        "harbourline/secrets",
        at("10:05:40.551204"),
        runner,
        "list",
        "secrets",
        namespace="pay",
        reason=RUNNERS_RIGHT,
    )
    bound = call(
        "harbourline/bind",
        at("10:07:12.094377"),
        runner,
        "create",
        "clusterrolebindings",
        reason=RUNNERS_RIGHT,
    )
    denied = call(
        "harbourline/nodes",
        at("10:08:30.773120"),
        runner,
        "get",
        "nodes",
        name="ip-192-0-2-250.ec2.internal",
        code=404,
        reason=RUNNERS_RIGHT,
    )
    story.tell(secrets, bound, denied)
    story.session(
        TOKEN,
        "nonhuman",
        credential(key),
        "proven",
        "A token of the service account pay:runner, asked for by the DeployAdmin session; presented from 203.0.113.50, "
        "not by a pod.",
    )
    story.link(
        event(asked),
        credential(TOKEN),
        "issued",
        "proven",
        "K8S-2",
        "The request for a token is annotated with the id of the token that was issued.",
    )
    for made in (secrets, bound, denied):
        story.link(
            credential(TOKEN), event(made), "used", "proven", "K8S-2", "The event names the token by its id."
        )
    story.link(
        event(secrets),
        None,
        "secret_used",
        "unproven",
        "SEC-1",
        "All secrets of the namespace were read, their names are in no log, nor is what was done with them.",
    )
    story.decoy(
        event(read),
        event(executed),
        "The secret was read before the command ran in the pod; nothing shows that the one served the other.",
    )
