"""What a rule says of a claim: refused, or lacking something."""

from __future__ import annotations

from typing import NamedTuple


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
