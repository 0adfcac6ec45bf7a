"""Whether one grant of a policy allows all that another one allows: what replaces it may be wider and leave it in force.

``*`` and ``?`` stand for any text and any character (AWS IAM User Guide, "IAM JSON policy elements: Action" and "Resource"). An
account stands for its principals, which it may let in (User Guide, "AWS JSON policy elements: Principal"). Where that cannot be
decided, a grant does not cover another.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from workbench.changes.policy import Grant, account_of

_ANYONE = "aws:*"


def covering(part: Grant, policy: Iterable[Grant]) -> Grant | None:
    """Return the grant of a policy that allows all that one grant allows; ``None`` if no single one does."""
    return next((each for each in sorted(policy) if covers(each, part)), None)


def covers(wide: Grant, part: Grant) -> bool:
    """Whether one grant allows all that another allows."""
    return (
        wide.effect == part.effect == "allow"
        and wide.literal == part.literal
        and set(wide.conditions) <= set(part.conditions)
        and _principals_cover(wide, part)
        and _lists_cover(wide.actions, wide.not_actions, part.actions, part.not_actions)
        and _lists_cover(wide.resources, wide.not_resources, part.resources, part.not_resources)
    )


def _principals_cover(wide: Grant, part: Grant) -> bool:
    if not part.principals and not wide.principals:
        return True
    if part.not_principals:
        same = wide.not_principals and set(wide.principals) <= set(part.principals)
        return same or (not wide.not_principals and _ANYONE in wide.principals)
    if not part.principals or not wide.principals:
        return False
    if wide.not_principals:
        named = {*wide.principals, *map(account_of, wide.principals)}
        return all(
            each.startswith("aws:") and "*" not in each and account_of(each) is not None
            and not {each, account_of(each)} & named
            for each in part.principals
        )  # fmt: skip
    return all(any(_includes(one, each) for one in wide.principals) for each in part.principals)


def _includes(wide: str, one: str) -> bool:
    if wide == one:
        return True
    kind = one.partition(":")[0]
    if wide == _ANYONE:
        return kind in ("aws", "canonicaluser")
    return wide == f"{kind}:*" or (kind == "aws" and wide == f"aws:{account_of(one)}")


def _lists_cover(wide: tuple[str, ...], not_wide: bool, part: tuple[str, ...], not_part: bool) -> bool:
    if not part and not wide:
        return True
    if not_part:
        return (not_wide and set(wide) <= set(part)) or (not not_wide and "*" in wide)
    if not part or not wide:
        return False
    if not_wide:
        return not any(_matches(one, each) or _matches(each, one) for one in wide for each in part)
    return all(any(_matches(one, each) for one in wide) for each in part)


def _matches(pattern: str, text: str) -> bool:
    """Whether a pattern stands for all that another pattern, or a name, stands for."""
    words = "".join(".*" if one == "*" else "[^*]" if one == "?" else re.escape(one) for one in pattern)
    return re.fullmatch(words, text, re.DOTALL) is not None
