from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workbench.sources.user_agents import read_user_agent


@pytest.mark.parametrize(
    ("raw", "client"),
    [
        (
            "APN/1.0 HashiCorp/1.0 Terraform/1.5.1 (+https://www.terraform.io) aws-sdk-go/1.44.157",
            "Terraform",
        ),
        ("[APN/1.0 HashiCorp/1.0 Terraform/1.5.1]", "Terraform"),
        ("[Boto3/1.26.165 Python/3.10.6 Botocore/1.29.165]", "Boto3"),
        ("aws-cli/2.15.0 Python/3.11 exe/x86_64 prompt/off command/s3.ls", "aws-cli"),
        ("[S3Console/0.4, aws-internal/3 aws-sdk-java/1.12.488]", "console"),
        ("RDS Console, aws-internal/3", "console"),
        ("console.ec2.amazonaws.com", "console"),
        ("Mozilla/5.0 (X11; Linux x86_64) Firefox/102.0", "browser"),
        ("AWS Internal", "aws service"),
        ("secretsmanager.amazonaws.com", "aws service"),
        ("aws-sdk-go/1.41.4 (go1.18.3; linux; amd64) amazon-ssm-agent/", "amazon-ssm-agent"),
        ("aws-sdk-go-v2/1.17.0 os/linux", "aws-sdk-go-v2"),
        ("kubectl/v1.29", "kubectl"),
        ("???", None),
        ("", None),
        ("[]", None),
    ],
)
def test_clients(raw: str, client: str | None) -> None:
    agent = read_user_agent(raw)
    assert (agent.raw, agent.client) == (raw, client)


@given(st.text())
def test_any_text_is_kept(raw: str) -> None:
    assert read_user_agent(raw).raw == raw
