"""Versions and platforms of clients: what an upgrade or another machine looks like, and what differs from call to call."""

from __future__ import annotations

import pytest

from tests.sessions.world_maker import MINUTE, Story, Who
from workbench.model.event import Credential, Identity, UserAgent
from workbench.model.session import ClientVersions
from workbench.sessions.agents import version_of, versions_of
from workbench.sources.user_agents import read_user_agent

CLI = "aws-cli/2.15.0 Python/3.11.6 Darwin/23.1.0 exe/x86_64 prompt/off command/"
NEWER = "aws-cli/2.15.0 md/awscrt#0.19 ua/2.0 os/macos#23.1 md/arch#x86_64 lang/python#3.11 cfg/retry-mode#standard md/command#"
GO = "aws-sdk-go-v2/1.32.3 os/linux lang/go#1.23.1 md/GOOS#linux md/GOARCH#amd64 "


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("git/2.39.5 (Apple Git-154)", "git/2.49.0", False),
        ("git/2.39.5", "git/2.39.5 (Apple Git-154)", False),
        (CLI + "s3.ls", CLI + "sts.get-caller-identity", True),
        (CLI + "s3.ls", CLI.replace("Darwin/23.1.0", "Linux/6.8.0") + "s3.ls", False),
        (NEWER + "s3.ls", NEWER + "iam.list-users", True),
        (NEWER + "s3.ls", NEWER.replace("macos#23.1", "linux#6.8.0") + "s3.ls", False),
        (GO + "api/sts#1.26.2", GO + "api/ec2#1.63.1 m/E", True),
        ("Boto3/1.26.165 Botocore/1.29.165", "[Boto3/1.26.165 Botocore/1.29.165]", True),
        (
            "APN/1.0 HashiCorp/1.0 Terraform/1.1.2 (+https://www.terraform.io) run-1",
            "APN/1.0 HashiCorp/1.0 Terraform/1.1.2 (+https://www.terraform.io) run-2",
            True,
        ),
        ("Terraform/1.1.2", "Terraform/1.11.3", False),
        ("google-cloud-sdk gcloud/512.0.0", "google-cloud-sdk gcloud/515.0.0", False),
        ("stratus-red-team_01190e38-873e-4cc4", "stratus-red-team_018e6dc0-e908-42d1", True),
        ("S3Console/0.4, aws-internal/3", "S3Console/0.5, aws-internal/3", True),
        (
            "Mozilla/5.0 (X11; Linux x86_64; rv:102.0) Gecko/20100101 Firefox/102.0",
            "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:102.0) Gecko/20100101 Firefox/102.0",
            False,
        ),
    ],
)
def test_versions_and_platforms_are_told_and_run_ids_are_not(one: str, other: str, same: bool) -> None:
    assert bool(versions_of([read_user_agent(one), read_user_agent(other)])) is not same


def test_two_programs_are_no_two_versions() -> None:
    assert versions_of([UserAgent("git/2.39", "git"), UserAgent("curl/8.1", "curl")]) == ()


def test_the_words_are_the_agents_own() -> None:
    assert version_of(read_user_agent("git/2.39.5 (Apple Git-154)")) == "git/2.39.5 (Apple Git-154)"


def test_a_session_and_its_credential_say_that_one_client_comes_in_two_versions() -> None:
    story = Story()
    key = Credential("github token", "h4sh3d1+=")
    who = Who(Identity("dev-a", "dev-a", "501", None), key, source="github.audit", account="acme")
    first = who._replace(agent=UserAgent("git/2.39.5 (Apple Git-154)", "git"))
    second = who._replace(agent=UserAgent("git/2.49.0", "git"))
    done = story.does(first)
    story.does(second, at=MINUTE)
    outcome = story.outcome()
    session = outcome.session(done)
    told = (ClientVersions("git", ("git/2.39.5 (Apple Git-154)", "git/2.49.0"), 2),)
    assert (session.client_count, session.versions) == (1, told)
    (credential,) = outcome.derived.credentials
    assert (credential.clients, credential.versions) == (1, told)
