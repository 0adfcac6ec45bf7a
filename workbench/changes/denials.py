"""What denies: statements of the same policy, or of another policy of the same principal, that stand against what is allowed.

An explicit deny overrides any allow (AWS IAM User Guide, "Policy evaluation logic"). Whether it takes all of what is allowed, or
its conditions hold, is not decided here: it is said in words beside what is allowed.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import NamedTuple

from workbench.changes.policy import Grant, account_of, in_words, joined, read_policy
from workbench.changes.values import members_of, value_of
from workbench.model.change import KnownValue

States = Mapping[str, KnownValue]

INLINE = "inline policy "
ATTACHED = "attached policies"
DEFAULT = "default version"

_OF_RESOURCES = ("trust policy", "bucket policy", "key policy", "resource policy", "repository policy")
_WILD = re.compile(r"[*?]")
_TOLD = 3
"""Denials that are told in words; of more it is said how many there are."""


class Denial(NamedTuple):
    """A statement in force that denies.

    Attributes:
        grant: What it denies.
        policy: Where it stands: the field that holds the policy, or the ARN of an attached one.
    """

    grant: Grant
    policy: str


def document_in_force(fields: States) -> KnownValue | None:
    """Return the document of a managed policy that is in force, by what is known of its fields; ``None`` if it is not known."""
    version = fields.get(DEFAULT)
    name = value_of(version.value) if version is not None and version.value is not None else None
    return fields.get(f"version {name}") or fields.get("policy")


def attached(states: States) -> list[str]:
    """Return the ARNs of the managed policies that are known to be attached to a principal."""
    known = states.get(ATTACHED)
    if known is None:
        return []
    members = members_of(known.value) or [each for each, there in sorted(known.members.items()) if there]
    return [str(value_of(each)) for each in members]


def denials(states: States, policy_of: Callable[[str], States]) -> list[Denial]:
    """Return what the policies of a principal or resource deny, as far as the case knows them.

    Args:
        states: What is known of the fields of the principal or resource.
        policy_of: Returns what is known of the fields of a managed policy, by its ARN.
    """
    found: list[Denial] = []
    for field, known in sorted(states.items()):
        if field.startswith(INLINE) or field in _OF_RESOURCES:
            found += _denied(known, field)
    for arn in attached(states):
        found += _denied(document_in_force(policy_of(arn)), arn)
    if DEFAULT in states:
        found += _denied(document_in_force(states), DEFAULT)
    return found


def _denied(known: KnownValue | None, policy: str) -> Iterator[Denial]:
    if known is None or known.value is None:
        return
    for grant in joined(read_policy(known.value) or ()):
        if grant.effect == "deny":
            yield Denial(grant, policy)


def against(allowed: Grant | None, field: str, denied: Sequence[Denial]) -> tuple[str, ...]:
    """Return in words what stands against something that is allowed.

    Args:
        allowed: What is allowed; ``None``: a policy of which the case does not know what it says.
        field: The field that allows it: only what is weighed together with it counts.
        denied: What is denied.
    """
    told = [
        f"{in_words(each.grant)} ({each.policy})"
        for each in denied
        if _weighed_together(field, each.policy) and (allowed is None or meets(each.grant, allowed))
    ]
    more = len(told) - _TOLD
    return (*told[:_TOLD], f"and {more:,} more") if more > 0 else tuple(told)


def _weighed_together(field: str, policy: str) -> bool:
    if field in _OF_RESOURCES or field == DEFAULT:
        return policy == field
    return policy.startswith((INLINE, "arn:"))


def meets(denied: Grant, allowed: Grant) -> bool:
    """Whether a denial may take away something of what is allowed."""
    return (
        _principals_meet(denied, allowed)
        and _lists_meet(denied.actions, denied.not_actions, allowed.actions, allowed.not_actions)
        and _lists_meet(denied.resources, denied.not_resources, allowed.resources, allowed.not_resources)
    )


def _principals_meet(denied: Grant, allowed: Grant) -> bool:
    if not denied.principals or not allowed.principals:
        return True
    if denied.not_principals or allowed.not_principals:
        outside, inside = (denied, allowed) if denied.not_principals else (allowed, denied)
        return inside.not_principals or not set(inside.principals) <= set(outside.principals)
    return any(_who_meets(one, other) for one in denied.principals for other in allowed.principals)


def _who_meets(one: str, other: str) -> bool:
    if one == other or "aws:*" in (one, other):
        return True
    account = account_of(one)
    # An account stands for its principals; two names of one account are two principals.
    return account is not None and account == account_of(other) and f"aws:{account}" in (one, other)


def _lists_meet(one: tuple[str, ...], not_one: bool, other: tuple[str, ...], not_other: bool) -> bool:
    if not one or not other or (not_one and not_other):
        return True
    if not_one or not_other:
        but, listed = (one, other) if not_one else (other, one)
        return any(not any(_covers(each, name) for each in but) for name in listed)
    return any(_patterns_meet(a, b) for a in one for b in other)


def _covers(pattern: str, name: str) -> bool:
    return pattern == "*" or pattern == name or (not _WILD.search(name) and _matches(pattern, name))


def _patterns_meet(one: str, other: str) -> bool:
    """Whether something may fit both of two patterns. Of two with signs in their middles only beginnings and ends decide."""
    if not _WILD.search(other):
        return _matches(one, other)
    if not _WILD.search(one):
        return _matches(other, one)
    first, second = _WILD.split(one), _WILD.split(other)
    return _agree(first[0], second[0]) and _agree(first[-1][::-1], second[-1][::-1])


def _agree(one: str, other: str) -> bool:
    return one.startswith(other) or other.startswith(one)


def _matches(pattern: str, name: str) -> bool:
    words = "".join(".*" if one == "*" else "." if one == "?" else re.escape(one) for one in pattern)
    return re.fullmatch(words, name, re.DOTALL) is not None
