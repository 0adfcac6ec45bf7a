"""What sessions and links are derived from: trails, and the few events that rules look at one by one."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

import msgspec

from workbench.model.event import Act, Issued, Resource, Verb
from workbench.sessions.takings import deletes, taking_of
from workbench.sessions.trails import Trail

ENDINGS = frozenset(
    {
        "user.session.end",
        "session.end",
        "workflows.completed_workflow_run",
        "UserLoggedOff",
        "slo",
        "SIGNOUT",
    }
)
"""Acts by which a native session ends: Okta, Teleport, GitHub Actions, Microsoft 365, Auth0."""

DELEGATES_DOMAIN = frozenset({"AUTHORIZE_API_CLIENT_ACCESS"})
"""Acts of the Workspace directory that give a client id rights over all users (domain-wide delegation)."""


def watched(act: Act) -> bool:
    """Whether rules look at every event of this act."""
    return (
        act.verb in (Verb.AUTHENTICATE, Verb.ISSUE_CREDENTIAL)
        or act.action in ENDINGS
        or act.action == "git.push"
        or act.action in DELEGATES_DOMAIN
        or (act.verb is Verb.EXECUTE and act.service == "ssm")
        or taking_of(act) is not None
    )


def may_revoke(act: Act) -> bool:
    """Whether an event of this act takes back a credential if it acts upon one."""
    return deletes(act)


class Notable(msgspec.Struct, frozen=True):
    """An event that a rule looks at: it issues, signs in, ends, executes, or shares its act with another.

    Attributes:
        event: Row number in this case file.
        mark: What names it in every case: its source and native id, else what its record says.
        trail: Number of its trail.
        time: Microseconds UTC.
        act: What was done.
        succeeded: Whether the record says that it did (``None``: it does not say).
        resources: What was acted upon.
        issued: Credentials handed out.
        shared_id: The id that several records of one act share.
        request_id: The id that the service gave the request, or the operation, that the record is about.
        active: Of an act that switches a key on or off: whether on, as far as the record says.
    """

    event: int
    mark: str
    trail: int
    time: int | None
    act: Act
    succeeded: bool | None
    resources: tuple[Resource, ...] = ()
    issued: tuple[Issued, ...] = ()
    shared_id: str | None = None
    active: bool | None = None
    request_id: str | None = None


class Span(NamedTuple):
    """A stretch of time of a trail.

    Attributes:
        trail: Its number.
        first: Microseconds UTC.
        last: Likewise; events at both ends are in it.
    """

    trail: int
    first: int
    last: int


class Use(NamedTuple):
    """An event that presented a credential, and was not refused.

    Attributes:
        time: Microseconds UTC.
        event: Row number.
    """

    time: int
    event: int


class Call(msgspec.Struct, frozen=True):
    """A call that a service forwarded, or one that it may have been made for.

    Attributes:
        event: Row number.
        trail: Number of its trail.
        time: Microseconds UTC.
        act: What was done.
        resources: Number of its set of resources.
    """

    event: int
    trail: int
    time: int
    act: Act
    resources: int


class Cause(NamedTuple):
    """A call that can have caused a forwarded one.

    Attributes:
        event: Row number.
        trail: Number of its trail.
        time: Microseconds UTC.
    """

    event: int
    trail: int
    time: int


class Forwarded(NamedTuple):
    """A forwarded call, and the calls that can have caused it."""

    call: Call
    causes: tuple[Cause, ...]


class Copies(msgspec.Struct, frozen=True):
    """What two logs say of the time of acts that both recorded.

    Attributes:
        source: One log.
        other: The other.
        low: The least by which the other gives a later time, microseconds.
        high: The most.
        count: Acts that were compared.
        evidence: Row numbers of the events of the two extremes.
    """

    source: str
    other: str
    low: int
    high: int
    count: int
    evidence: tuple[int, ...]


class Disputed(NamedTuple):
    """An event of which the case holds another version: a record of the same id that says something else.

    Attributes:
        trail: Number of its trail.
        time: Microseconds UTC.
        number: How many versions there are, this one included.
        others: Row numbers of the others, if they are few.
        differ: In what of it that rules look at the versions differ, in words.
    """

    trail: int
    time: int | None
    number: int
    others: tuple[int, ...]
    differ: tuple[str, ...]

    def __str__(self) -> str:
        return f"stands in {self.number:,} versions under one id, which differ in {', '.join(self.differ)}"


class Facts(msgspec.Struct):
    """All of it.

    Attributes:
        trails: Every trail of the case.
        notables: Events that rules look at one by one, by time.
        forwarded: Calls that services made with a principal's rights.
        accepted: Gives the last event of each of some stretches of trails that was not refused, ``None`` if all were.
        made: Gives when the key of events was made, microseconds UTC, of those (by row number) whose records say so.
        copies: Logs that recorded the same acts.
        unverified: Sources whose reader was checked against no sample: links through them are at most inferred.
        altered: Row numbers of events of files that were changed after delivery: links that rest on them are at most inferred.
        disputed: Events of which another version stands that differs in what rules look at, by row number: likewise.
    """

    trails: list[Trail]
    notables: list[Notable]
    forwarded: Sequence[Forwarded]
    accepted: Callable[[Sequence[Span]], list[Use | None]]
    made: Callable[[Sequence[int]], dict[int, int]]
    copies: tuple[Copies, ...] = ()
    unverified: frozenset[str] = frozenset()
    altered: frozenset[int] = frozenset()
    disputed: Mapping[int, Disputed] = {}
