"""The whole story."""

from __future__ import annotations

from shapes.telling import Story

from quillbank.attack import attack
from quillbank.cast import COMPANY
from quillbank.life import life


def tell() -> Story:
    """Return the story."""
    story = Story(f"Ground truth of the fictitious incident at {COMPANY}; written by make_samples.py.")
    attack(story)
    life(story)
    return story
