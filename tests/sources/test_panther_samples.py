from __future__ import annotations

import difflib
from pathlib import Path

import pytest

from tests.sources import panther_fill
from workbench.sources.parts import BAD_TIME, NO_TIME

SOURCES: dict[str, set[str]] = {
    "AWS.BedrockModelInvocation": {"aws.bedrock"},
    "AWS.CloudTrail": {"aws.cloudtrail"},
    "AWS.S3ServerAccess": {"aws.s3access"},
    "Amazon.EKS.Audit": {"k8s.audit"},
    "Anthropic.Activity": {"anthropic.activity"},
    "Auth0.Events": {"auth0.log"},
    "Azure.Audit": {"entra.audit", "entra.signin"},
    "Azure.MonitorActivity": {"azure.activity", "azure.storage", "azure.keyvault", "k8s.audit"},
    "GCP.AuditLog": {"gcp.audit", "k8s.audit"},
    "GSuite.ActivityEvent": {"workspace.activity"},
    "GitHub.Audit": {"github.audit"},
    "Gravitational.TeleportAudit": {"teleport.audit"},
    "Microsoft365.Audit.AzureActiveDirectory": {"m365.ual"},
    "Microsoft365.Audit.SharePoint": {"m365.ual"},
    "Okta.SystemLog": {"okta.system"},
    "OnePassword.ItemUsage": {"onepassword.item_usage"},
    "OnePassword.SignInAttempt": {"onepassword.signin"},
    "OpenAI.Audit": {"openai.audit"},
    "Snowflake.LoginHistory": {"snowflake.login"},
    "Snowflake.QueryHistory": {"snowflake.query"},
}
"""The sources that each file may hold. Clusters of AKS and GKE log by way of Azure Monitor and Google Cloud."""

NO_EVENT: dict[tuple[str, int], str] = {}
"""Lines that are no event, with what is wrong with them."""


@pytest.fixture(scope="module")
def outcomes(datasets: Path) -> list[panther_fill.Outcome]:
    assert (datasets / "panther-samples").samefile(panther_fill.PANTHER)
    return list(panther_fill.outcomes())


def test_every_line_is_an_event_of_the_right_source(outcomes: list[panther_fill.Outcome]) -> None:
    wrong = [
        f"{outcome.file}.jsonl:{outcome.line} {outcome.source}"
        for outcome in outcomes
        if outcome.source not in SOURCES.get(outcome.file, set())
        and NO_EVENT.get((outcome.file, outcome.line)) != outcome.source
    ]
    assert not wrong, "\n".join(wrong)


def test_the_lists_here_name_what_is_there(outcomes: list[panther_fill.Outcome]) -> None:
    assert {outcome.file for outcome in outcomes} == set(SOURCES)
    assert {(outcome.file, outcome.line) for outcome in outcomes if outcome.event is None} == set(NO_EVENT)


def test_a_fragment_without_time_says_so(outcomes: list[panther_fill.Outcome]) -> None:
    for outcome in outcomes:
        if outcome.event is not None and outcome.event.time.micros is None:
            assert {NO_TIME, BAD_TIME}.intersection(outcome.event.warnings), outcome


def test_no_reader_fills_less_than_before(outcomes: list[panther_fill.Outcome]) -> None:
    kept = panther_fill.TABLE.read_text(encoding="utf-8")
    difference = "\n".join(
        difflib.unified_diff(
            kept.splitlines(), panther_fill.table().splitlines(), "kept", "now", lineterm="", n=0
        )
    )
    assert not difference, f"{difference}\nif this is meant: .venv/bin/python -m tests.sources.panther_fill"
