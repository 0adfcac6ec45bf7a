"""Who and what the story at Harbourline names."""

from __future__ import annotations

import datetime as dt

from shapes import ids
from shapes.aws_life import Span
from shapes.cloudtrail import EAST, Role
from shapes.github import Actor, Organization, Token
from shapes.kubernetes import Pod

DAY = dt.date(2026, 5, 12)
TOOLS = "222233334444"
"""Account of the build system and the shared tools."""
PROD = "555566667777"
"""Account of production: the payment cluster and its database."""

COMPANY = "Harbourline"


def at(clock: str) -> dt.datetime:
    """Return the moment of a clock time (UTC) on the day of the incident."""
    return dt.datetime.combine(DAY, dt.time.fromisoformat(clock), dt.UTC)


SPAN = Span(at("08:00:00"), at("12:00:00"))

# Addresses: documentation ranges of RFC 5737 only.
OFFICE = "192.0.2.20"
INTRUDER = "203.0.113.50"
RUNNERS = tuple(f"198.51.100.{130 + number}" for number in range(12))

# Clients.
ACTIONS = (
    "aws-sdk-js/3.782.0 ua/2.1 os/linux#6.8.0-1021-azure lang/js md/nodejs#20.19.0 configure-aws-credentials"
)
RUNNER_CLI = (
    "aws-cli/2.27.2 md/awscrt#0.25.4 ua/2.1 os/linux#6.8.0-1021-azure md/arch#x86_64 lang/python#3.13.2"
)
INTRUDER_CLI = (
    "aws-cli/2.22.12 md/awscrt#0.23.4 ua/2.0 os/linux#6.12.13-amd64 md/arch#x86_64 md/distrib#kali.2025"
)
KUBECTL = "kubectl/v1.31.2 (linux/amd64) kubernetes/5864a46"
CURL = "curl/8.13.0"

# GitHub.
GITHUB = Organization("harbourline", "harbourline-group")
SUBJECT = "repo:harbourline/deploy:ref:refs/heads/main"
"""What the token says that a workflow of the main branch gets."""
ISSUER = "token.actions.githubusercontent.com"
DEV_A, DEV_B, DEV_C = (Actor(f"harbourline-dev-{letter}") for letter in "abc")
BOT = Actor("harbourline-release[bot]", "nonhuman")
STOLEN = Token(7001, "personal access token (classic)", "repo,workflow")
"""The token of dev-a, of which somebody else has a copy."""
RUN = 15_220_000_555
DECOY_RUN = 15_220_000_556

# AWS.
CI_DEPLOY = Role(TOOLS, "ci-deploy")
DEPLOY_ADMIN = Role(PROD, "DeployAdmin")
RELEASE = Role(PROD, "release")
PAY_API = Role(PROD, "pay-api")
EKS_READER = Role(PROD, "eks-reader")
OIDC = f"oidc.eks.{EAST}.amazonaws.com/id/{ids.digest('harbourline/oidc').hex()[:32].upper()}"
SECRET = f"arn:aws:secretsmanager:{EAST}:{PROD}:secret:prod/db-hY3kLq"
KMS = f"arn:aws:kms:{EAST}:{PROD}:key/{ids.uuid('harbourline/kms')}"

# The cluster.
NODES = {f"ip-192-0-2-{number}.ec2.internal": f"192.0.2.{number}" for number in (101, 102, 103)}
_NODES = tuple(NODES)
RUNNER = Pod(
    "pay",
    "runner-6c9f7d5b88-q2x7k",
    "runner",
    _NODES[2],
    "192.0.2.143",
    "runner/2.323.0 (linux/amd64) kubernetes-client",
)
PODS = (
    RUNNER,
    Pod("pay", "api-74d9c6f9b5-4kzqp", "api", _NODES[0], "192.0.2.111", "okhttp/4.12.0"),
    Pod("pay", "api-74d9c6f9b5-w8mfn", "api", _NODES[1], "192.0.2.112", "okhttp/4.12.0"),
    Pod("pay", "ledger-5f6b8c-x7d2j", "ledger", _NODES[1], "192.0.2.113", "okhttp/4.12.0"),
    Pod(
        "kube-system",
        "coredns-6b9575c64c-9lq5t",
        "coredns",
        _NODES[0],
        "192.0.2.121",
        "coredns/1.11.4 linux/amd64",
    ),
    Pod(
        "kube-system",
        "aws-node-k2v9d",
        "aws-node",
        _NODES[2],
        "192.0.2.122",
        "aws-k8s-agent/v1.19.3 linux/amd64",
    ),
    Pod(
        "monitoring",
        "prometheus-0",
        "prometheus",
        _NODES[1],
        "192.0.2.123",
        "Prometheus/3.2.1",
    ),
    Pod(
        "argo",
        "argo-controller-0",
        "argo-controller",
        _NODES[2],
        "192.0.2.124",
        "argocd-application-controller/v2.14.9",
    ),
)
