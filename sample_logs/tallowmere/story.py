"""The whole story, and what did not reach the responders."""

from __future__ import annotations

from shapes.aws import SOURCE, Aws
from shapes.exports import trail_slot
from shapes.telling import Story

from tallowmere import aws_life, okta_life
from tallowmere.attack import attack
from tallowmere.cast import ACCOUNT, COMPANY, MISSING_SLOT, SPAN, STARTED, STOPPED


def tell() -> Story:
    """Return the story."""
    story = Story(f"Ground truth of the fictitious incident at {COMPANY}; written by make_samples.py.")
    aws = Aws(story, COMPANY, "tallowmere")
    attack(aws)
    okta_life.life(story)
    aws_life.life(aws)
    trail = [each for each in story.told if each.source == SOURCE]
    for each in trail:
        each.delivered = not STOPPED < each.at < STARTED and trail_slot(each) != MISSING_SLOT
    missing = [each.at for each in trail if trail_slot(each) == MISSING_SLOT]
    story.gap(
        "missing_file",
        "aws.cloudtrail",
        f"{ACCOUNT} us-east-1",
        min(missing),
        max(missing),
        "A digest lists a trail file that was not handed over.",
        events=len(missing),
    )
    story.gap(
        "no_data_events",
        "aws.cloudtrail",
        "s3 object events",
        SPAN.start,
        SPAN.end,
        "The trail does not record reads and writes of objects.",
    )
    story.gap(
        "missing_region",
        "aws.cloudtrail",
        "every region but us-east-1",
        SPAN.start,
        SPAN.end,
        "Trail files of one region alone were handed over.",
    )
    for application in ("People", "Webmail"):
        story.gap(
            "missing_source",
            "okta.system",
            application,
            SPAN.start,
            SPAN.end,
            "People sign on to it all day; its own log was not handed over.",
        )
    return story
