"""What a rule says of a claim: refused, or lacking something."""

from __future__ import annotations

from typing import NamedTuple

from workbench.errors import ClaimRefusedError
from workbench.model.people import folded

SENTENCE = 3
"""Words that a reason, an answer, or what a document shows has at least."""

MEANINGS = {
    "P1": "any claim gives a reason and cites a record",
    "P2": "what was unproven is not attributed in one step without a new record",
    "P3": "what was inferred is raised by a new record or a settled doubt, not by other words",
    "P4": "a claim is no stronger than what it rests on",
    "P5": "a claim on many events is no stronger than the least bound of them, and is sampled by a reviewer",
    "P6": "a second person signs; nobody reviews their own claim",
    "A1": "a direct record of every event carries the identifier that binds it",
    "A2": "a second recorded fact binds that identifier to the subject",
    "A3": "the time lies inside the identifier's validity, and no gap can break the binding",
    "A4": "a named alternative is excluded by evidence",
    "A5": "no record contradicts it without an answer",
    "A6": "a second reviewer has signed",
    "B1": "two premises of independent sources, or one and a named rule",
    "B2": "the inference is written down",
    "B3": "its assumptions are named",
    "B4": "an alternative is named",
    "B5": "what would falsify or raise it is named",
    "B6": "likelihood and confidence are given, each by itself",
    "U1": "why it is unproven is given as a code",
    "U2": "what would resolve it is named",
    "E0": "could have been reached",
    "E1": "was attempted",
    "E2": "access was recorded",
    "E3": "the log records an effect",
    "E4": "the impact is proven",
    "EN": "cannot be determined, because of gaps",
    "EX": "ruled out",
}
"""What each rule asks for and each level of effect says, in a line (evidence, sections 1.4 and 1.5)."""


class Refusal(NamedTuple):
    """Why a claim cannot be committed as it is.

    Attributes:
        rule: The rule (``A1``, ``P3``; evidence, sections 1.4 and 1.5).
        what: What is missing or wrong.
        remedy: What would be accepted.
    """

    rule: str
    what: str
    remedy: str

    def __str__(self) -> str:
        return f"{self.rule}: {self.what}; {self.remedy}"


class Lack(NamedTuple):
    """What a committed claim lacks for its release.

    Attributes:
        rule: The rule.
        what: What is lacking, as it is read after "lacks".
    """

    rule: str
    what: str

    def __str__(self) -> str:
        return f"{self.what} ({self.rule})"


def is_sentence(text: str | None) -> bool:
    """Whether a text says something: at least :data:`SENTENCE` words."""
    return len((text or "").split()) >= SENTENCE


def override_given(override: str | None) -> str | None:
    """Return why a rule is overridden, if it is.

    Raises:
        ClaimRefusedError: If the reason is blank.
    """
    if override is None:
        return None
    if not folded(override):
        raise ClaimRefusedError(
            "the reason to override is blank: it is printed wherever the claim is",
            "say in words why a rule is set aside, or leave --override out",
        )
    return override.strip()
