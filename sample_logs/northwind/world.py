"""The fictitious company: accounts, addresses, clients, resources."""

from __future__ import annotations

from shapes.ids import (
    DAY,
    access_key,
    clock,
    digest,
    later,
    letters,
    long_date,
    moment,
    number,
    principal,
    seconds,
    stamp,
    uuid,
)

__all__ = [
    "DAY",
    "access_key",
    "clock",
    "digest",
    "later",
    "letters",
    "long_date",
    "moment",
    "number",
    "principal",
    "seconds",
    "stamp",
    "uuid",
]

COMPANY = "Northwind Harbour"

MAIN = "111122223333"
"""Account of identities, CI roles and the application server ("A" in the story)."""
PROD = "444455556666"
"""Account of production data: the secret ``prod/db`` and the manifests bucket ("B")."""
OUTSIDE = "999988887777"
"""Account that Northwind Harbour does not own."""

EAST, WEST = "us-east-1", "eu-west-1"

# Addresses: documentation ranges of RFC 5737 only.
OFFICE = "192.0.2.31"
JDOE_OFFICE = "192.0.2.40"
GRAFANA_HOST = "198.51.100.10"
INSTANCE_ADDRESS = "198.51.100.45"
INSTANCE_INSIDE = "192.0.2.200"
RUNNERS = ("198.51.100.120", "198.51.100.121", "198.51.100.122", "198.51.100.123", "198.51.100.124")
INTRUDER_BROWSER = "203.0.113.77"
INTRUDER_CLI = "203.0.113.99"
OUTSIDE_HOST = "203.0.113.140"

# Clients.
FIREFOX = "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:135.0) Gecko/20100101 Firefox/135.0"
CHROME = (
    "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/133.0.0.0 Safari/537.36"
)
REQUESTS = "python-requests/2.32.3"
CLI_INTRUDER = "aws-cli/2.15.30 Python/3.11.8 Linux/6.6.9-amd64 exe/x86_64.kali.2024 prompt/off command/"
BOTO = "Boto3/1.35.20 md/Botocore#1.35.20 ua/2.0 os/linux#6.6.9-amd64 md/arch#x86_64 lang/python#3.12.2"
GRAFANA = "grafana/11.4.0 aws-sdk-go/1.55.5 (go1.23.4; linux; amd64)"
ACTIONS = (
    "aws-sdk-js/3.632.0 ua/2.1 os/linux#6.8.0-1021-azure lang/js md/nodejs#20.18.2 configure-aws-credentials"
)
TERRAFORM = "APN/1.0 HashiCorp/1.0 Terraform/1.9.8 (+https://www.terraform.io) terraform-provider-aws/5.82.2"
SSM_AGENT = "aws-sdk-go/1.55.5 (go1.22.9; linux; amd64) amazon-ssm-agent/3.3.1611.0"
LAMBDA = "Boto3/1.34.145 md/Botocore#1.34.145 lang/python#3.12.7 exec-env/AWS_Lambda_python3.12"
S3_CONSOLE = (
    "[S3Console/0.4, aws-internal/3 aws-sdk-java/1.12.780 Linux/5.10.230 OpenJDK_64-Bit_Server_VM/25.432]"
)

TRAIL = "northwind-main"
TRAIL_BUCKET = "northwind-harbour-trail"
MANIFESTS = "northwind-harbour-manifests"
ARTIFACTS = "northwind-harbour-artifacts"
INSTANCE = "i-0a1b2c3d4e5f60718"
SECRET_ARN = f"arn:aws:secretsmanager:{EAST}:{PROD}:secret:prod/db-Qm7RtK"
SNAPSHOT = "snap-0c4e81f2a9d7b3560"
