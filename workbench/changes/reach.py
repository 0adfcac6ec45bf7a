"""What a principal could have reached by the policies that the case knows of it: exposure (effect level E0), never access."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import NamedTuple

from workbench.changes.denials import (
    ATTACHED,
    INLINE,
    Denial,
    States,
    against,
    attached,
    document_in_force,
)
from workbench.changes.policy import Grant, in_words, joined, read_policy
from workbench.model.change import NOT_KNOWN, Basis, KnownValue, Silence


class Reach(NamedTuple):
    """One thing that a principal could have done, or a policy of which the case does not know what it says.

    Attributes:
        words: The grant, in words; empty if the policy is not in the case.
        policy: The policy: ``inline policy NAME``, or the ARN of an attached one; of a group, the group.
        event: The event or snapshot that says so.
        silent: Acts since then that may have changed that and do not say what; ``None``: none.
        group: The group whose policy it is; ``None``: the principal's own.
        member_by: Of a group: the event or snapshot that says that the principal is in it.
        against: Denials among all of these policies that stand against it, in words.
        grant: What is allowed or denied.
    """

    words: str
    policy: str
    event: int | None
    silent: Silence | None = None
    group: str | None = None
    member_by: int | None = None
    against: tuple[str, ...] = ()
    grant: Grant | None = None


class Group(NamedTuple):
    """A group that a principal is known to be in.

    Attributes:
        name: Its name.
        states: What is known of its fields.
        event: The event or snapshot that says that the principal is in it.
        silent: Acts since then that may have changed that and do not say what; ``None``: none.
    """

    name: str
    states: States
    event: int | None
    silent: Silence | None = None


def reach(states: States, policy_of: Callable[[str], States], groups: Iterable[Group] = ()) -> list[Reach]:
    """Return what the policies of a principal, and of the groups that it is known to be in, allow and deny.

    Boundaries, policies of the organisation and of the resources themselves can take away from what these allow or add to it;
    they are not looked at.

    Args:
        states: What is known of the fields of the principal.
        policy_of: Returns what is known of the fields of a policy, by its ARN.
        groups: The groups.
    """
    found = _of_policies(states, policy_of)
    for group in groups:
        given = _of_policies(group.states, policy_of) or [Reach("", group.name, group.event)]
        found += [
            each._replace(group=group.name, member_by=group.event, silent=group.silent or each.silent)
            for each in given
        ]
    denied = [
        Denial(each.grant, _place(each)) for each in found if each.grant and each.grant.effect == "deny"
    ]
    return [
        each._replace(against=against(each.grant, ATTACHED, denied))
        if denied and (each.grant is None or each.grant.effect == "allow")
        else each
        for each in found
    ]


def _place(each: Reach) -> str:
    return each.policy if each.group is None else f"{each.policy} of group {each.group}"


def _of_policies(states: States, policy_of: Callable[[str], States]) -> list[Reach]:
    found: list[Reach] = []
    for field, known in sorted(states.items()):
        if field.startswith(INLINE):
            found += _grants(known, field)
    known_attached = states.get(ATTACHED, NOT_KNOWN)
    for arn in attached(states):
        fields = policy_of(arn)
        document = document_in_force(fields)
        if document is None:
            found.append(Reach("", arn, known_attached.event, known_attached.silent))
            continue
        doubts = [
            each.silent
            for each in (known_attached, document, fields.get("default version"))
            if each is not None and each.silent
        ]
        found += [each._replace(silent=doubts[0] if doubts else None) for each in _grants(document, arn)]
    return found


def _grants(known: KnownValue, policy: str) -> Iterator[Reach]:
    if known.value is None:
        if known.basis is Basis.UNKNOWN:
            yield Reach("", policy, known.event, known.silent)
        return
    read = read_policy(known.value)
    if read is None:
        yield Reach("", policy, known.event, known.silent)
        return
    for grant in joined(read):
        yield Reach(in_words(grant), policy, known.event, known.silent, grant=grant)
