"""The whole story, and what nothing that was handed over can show of it."""

from __future__ import annotations

from shapes.aws import Aws
from shapes.telling import Story

from harbourline.attack import attack
from harbourline.cast import COMPANY, SPAN
from harbourline.life import life


def tell() -> Story:
    """Return the story."""
    story = Story(f"Ground truth of the fictitious incident at {COMPANY}; written by make_samples.py.")
    aws = Aws(story, COMPANY, "harbourline")
    attack(aws)
    life(aws)
    start, end = SPAN.start, SPAN.end
    story.gap(
        "no_body",
        "k8s.audit",
        "every resource: level Metadata",
        start,
        end,
        "Bodies are not recorded: not what the new cluster role binding grants, nor to whom, nor its name.",
    )
    story.gap(
        "no_body",
        "k8s.audit",
        "secrets of namespace pay",
        start,
        end,
        "A list of secrets returns all their values; which there are is not recorded.",
    )
    story.gap(
        "redacted",
        "github.audit",
        "harbourline",
        start,
        end,
        "Source addresses are not switched on: where the push came from is not recorded.",
    )
    story.gap(
        "no_data_events",
        "aws.cloudtrail",
        "s3 object events",
        start,
        end,
        "No trail records reads and writes of objects.",
    )
    story.gap(
        "missing_region",
        "aws.cloudtrail",
        "every region but us-east-1",
        start,
        end,
        "Trail files of one region alone were handed over.",
    )
    return story
