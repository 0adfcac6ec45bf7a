"""What a principal could have reached by the policies that the case knows of it: exposure (effect level E0), never access."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import NamedTuple

from workbench.changes.policy import in_words, joined, read_policy
from workbench.changes.values import members_of, value_of
from workbench.model.change import Basis, KnownValue, Silence

States = Mapping[str, KnownValue]


class Reach(NamedTuple):
    """One thing that a principal could have done, or a policy of which the case does not know what it says.

    Attributes:
        words: The grant, in words; empty if the policy is not in the case.
        policy: The policy: ``inline policy NAME``, or the ARN of an attached one.
        event: The event or snapshot that says so.
        silent: Acts since then that may have changed that and do not say what; ``None``: none.
    """

    words: str
    policy: str
    event: int | None
    silent: Silence | None = None


def reach(states: States, policy_of: Callable[[str], States]) -> list[Reach]:
    """Return what the policies of a principal allow and deny.

    Boundaries, policies of the organisation and of the resources themselves can take away what these allow; they are not
    looked at.

    Args:
        states: What is known of the fields of the principal.
        policy_of: Returns what is known of the fields of a policy, by its ARN.
    """
    found: list[Reach] = []
    for field, known in sorted(states.items()):
        if field.startswith("inline policy "):
            found += _grants(known, field)
    attached = states.get("attached policies")
    if attached is not None:
        arns = members_of(attached.value) or [
            member for member, there in sorted(attached.members.items()) if there
        ]
        for arn in (str(value_of(each)) for each in arns):
            fields = policy_of(arn)
            version = fields.get("default version")
            name = value_of(version.value) if version is not None and version.value is not None else None
            document = fields.get(f"version {name}") or fields.get("policy")
            if document is None:
                found.append(Reach("", arn, attached.event, attached.silent))
                continue
            doubts = [
                each.silent for each in (attached, document, version) if each is not None and each.silent
            ]
            found += [each._replace(silent=doubts[0] if doubts else None) for each in _grants(document, arn)]
    return found


def _grants(known: KnownValue, policy: str) -> list[Reach]:
    if known.value is None:
        return [] if known.basis is not Basis.UNKNOWN else [Reach("", policy, known.event, known.silent)]
    read = read_policy(known.value)
    if read is None:
        return [Reach("", policy, known.event, known.silent)]
    return [Reach(in_words(grant), policy, known.event, known.silent) for grant in joined(read)]
