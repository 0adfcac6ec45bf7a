"""Runs of workflows, as GitHub's audit log shows them, and the sessions that they get from AWS."""

from __future__ import annotations

import datetime as dt

from shapes.aws import Aws
from shapes.cloudtrail import Caller
from shapes.github import Actor
from shapes.telling import Key, Story, Told

from harbourline.cast import ACTIONS, CI_DEPLOY, GITHUB, ISSUER


def run_key(run: int) -> Key:
    """Return a run as a credential: the log's own number of it."""
    return "github workflow run", str(run)


def workflow_run(
    story: Story,
    run: int,
    at: dt.datetime,
    repo: str,
    name: str,
    actor: Actor,
    trigger: str,
    *,
    seconds: int = 215,
    branch: str = "main",
) -> Told:
    """Tell a run: created, its job prepared, completed. Returns its creation.

    Args:
        story: Where it goes.
        run: Its number.
        at: When it was created.
        repo: The repository.
        name: The workflow's name.
        actor: Who started it.
        trigger: The event that started it.
        seconds: How long it took.
        branch: The branch that it runs on.
    """
    label = f"harbourline/run/{run}"
    common = {"name": name, "head_branch": branch, "workflow_id": 90_000_000 + len(name), "run_attempt": 1}
    steps = (
        ("created_workflow_run", 0, {"event": trigger, **common}),
        (
            "prepared_workflow_job",
            7,
            {
                "job_name": "deploy" if name == "deploy" else "build",
                "job_workflow_ref": f"harbourline/{repo}/.github/workflows/{name}.yml@refs/heads/{branch}",
                "is_hosted_runner": True,
                "runner_labels": ["ubuntu-24.04"],
                "secrets_passed": ["SLACK_WEBHOOK"] if name == "deploy" else [],
            },
        ),
        ("completed_workflow_run", seconds, {"event": trigger, "conclusion": "success", **common}),
    )
    found = [
        GITHUB.event(
            f"{label}/{action}",
            at + dt.timedelta(seconds=later, milliseconds=run % 1000),
            actor,
            f"workflows.{action}",
            repo,
            operation="create" if later == 0 else "modify",
            run=run,
            **more,
        )
        for action, later, more in steps
    ]
    return story.tell(*found)


def federate(aws: Aws, label: str, at: dt.datetime, subject: str, address: str) -> tuple[Caller, Told]:
    """Tell how a job takes on the deployment role with its token; all jobs use the same session name."""
    return aws.web_identity(label, at, CI_DEPLOY, "GitHubActions", subject, ISSUER, address, ACTIONS)
