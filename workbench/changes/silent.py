"""Acts that may have changed a resource and whose records do not say what: what was known of it before is doubtful after.

Which acts these are follows from the kind of act (its verb), and from what an act of that kind can alter at all:

- To create, update, delete and delegate alters what it is done to; so does an act of which no rule knows what it is.
- To read, to sign in and to run something alters no configuration. Where a log calls it running that code is put in place
  (Google Cloud's functions, containers added to a pod), the description is altered.
- Making a credential alters what is said of credentials, and nothing else.
- Content is no configuration: objects of a bucket, mail, files, commits, rows. Giving somebody access to it is.
- Whether a thing exists only an act that makes or ends something can alter, or one of an unknown kind.
- Of Kubernetes, ``status`` alters the status alone, and some kinds are no state (heartbeats, notices, questions).
- What ends ends what lies in it, see :func:`containers`.
- Of Google Cloud, bindings are altered by what sets a policy, which is to delegate, and end with what they are of.

Where a rule does not decide it, the act counts: a caveat too many is better than a state that is wrong.
"""

from __future__ import annotations

import bisect
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from workbench.changes import aws
from workbench.changes.whole import PASSING
from workbench.clock import SECOND
from workbench.model.change import Basis, Change, Operation, Placed, ResourceKey
from workbench.model.event import Act, OutcomeStatus, Resource, Verb

_ALTERING = frozenset({Verb.CREATE, Verb.UPDATE, Verb.DELETE, Verb.DELEGATE, Verb.UNCLASSIFIED})
_MAKING_OR_ENDING = frozenset({Verb.CREATE, Verb.DELETE, Verb.UNCLASSIFIED})
_DATA = frozenset({"Data", "data_access"})
"""Categories of CloudTrail and of Google Cloud's audit log that record how content was used."""

_DEPLOYING = ("gcp.audit", "override: deploys code")

_CONTENT: dict[str, tuple[str, ...]] = {
    "github.audit": (
        *("git.", "pull_request", "issue", "commit_comment", "checks.", "workflows.", "discussion", "packages."),
        *("protected_branch.rejected_ref_update", "protected_branch.policy_override"),
    ),
    "gitlab.audit": ("repository_git_operation",),
}  # fmt: skip
"""How the acts of sources begin that alter content: commits, reviews, runs."""

_MAIL_AND_FILES = frozenset(
    {
        *("create", "send", "sendas", "sendonbehalf", "copy", "forward", "reply", "update", "move", "softdelete", "harddelete"),
        *("movetodeleteditems", "recorddelete", "messagesent", "fileuploaded", "fileuploadedpartial", "filecopied"),
        *("filesyncuploadedfull", "filesyncuploadedpartial", "filemodified", "filemodifiedextended", "filecheckedin"),
        *("filecheckedout", "filecheckoutdiscarded", "filerenamed", "filemoved", "filerestored", "folderrenamed"),
    }
)  # fmt: skip
"""Operations of Microsoft 365 on messages and files ("Audit log activities"), in lower case."""

_CREDENTIALS = ("key", "credential", "secret", "password", "token", "certificate", "factor", "mfa")
"""What names of fields hold that say which credentials there are."""

_PATHS = frozenset({"gcp.audit", "k8s.audit", "azure.activity"})
"""Sources whose names are paths that hold the kind; the kind beside them is written in more ways than one."""


class SilentUse(NamedTuple):
    """An act that may have changed a resource and does not say what.

    Attributes:
        event: Row number of the event.
        time: Microseconds UTC, ``None`` if the record has none: it may lie anywhere.
        coarse: Whether the source writes whole seconds.
        source: Whose record.
        act: What was done.
    """

    event: int
    time: int | None
    coarse: bool
    source: str
    act: Act


class Instant(NamedTuple):
    """When something was, and whether its source writes whole seconds, so that order inside one is unknown."""

    time: int | None
    coarse: bool


def may_alter(source: str, act: Act) -> bool:
    """Whether an act may alter what is described of a resource, if it succeeds."""
    if act.verb is Verb.EXECUTE:
        if source == "k8s.audit":
            return act.action.endswith("/ephemeralcontainers")
        return (source, act.verb_rule) == _DEPLOYING
    if act.verb not in _ALTERING and act.verb is not Verb.ISSUE_CREDENTIAL and not act.tampers_logging:
        return False
    if act.category in _DATA:
        return act.verb is Verb.DELEGATE
    if source == "aws.cloudtrail":
        return not aws.leaves_no_state(act)
    if source == "k8s.audit":
        what, _, part = act.action.partition(" ")[2].partition("/")
        return what not in PASSING and part != "token"
    if source == "m365.ual":
        return act.action.lower() not in _MAIL_AND_FILES
    return not act.action.startswith(_CONTENT.get(source, ("\0",)))


def may_alter_field(source: str, act: Act, field: str) -> bool:
    """Whether an act that may alter something (:func:`may_alter`) may alter one field.

    Args:
        source: Whose act.
        act: The act.
        field: The field, empty for whether the resource exists.
    """
    if not field:
        return act.verb in _MAKING_OR_ENDING
    if source == "k8s.audit" and act.action.endswith(("/status", "/approval")):
        return field.startswith("/status")
    if act.verb is Verb.ISSUE_CREDENTIAL:
        return any(word in field.lower() for word in _CREDENTIALS)
    if source == "gcp.audit" and field.startswith(("bindings", "audit config")):
        return act.verb in (Verb.DELEGATE, Verb.DELETE, Verb.UNCLASSIFIED)
    return True


def is_of(named: ResourceKey, wanted: ResourceKey, act: Act, beside: Sequence[Resource]) -> bool:
    """Whether what an event names is a resource, so that its act was done to it. What one side leaves open excludes nothing.

    Args:
        named: What the event names.
        wanted: The resource.
        act: What was done.
        beside: All that the event names.
    """
    if named.family != wanted.family:
        return False
    ended = act.verb is Verb.DELETE and named.name in containers(wanted)
    if ended:
        return _agree(named.account, wanted.account)
    same = named.name == wanted.name
    if not same or not _agree(named.account, wanted.account) or not _agree(named.region, wanted.region):
        return False
    if named.kind == "s3:bucket" and any(each.type == "s3:object" for each in beside):
        return False  # what is done to an object is not done to its bucket
    return _agree(named.kind, wanted.kind) or (named.family in _PATHS and "/" in named.name)


def containers(key: ResourceKey) -> list[str]:
    """Return the names of what a resource lies in and ends with, though nobody names it then, where names tell that.

    Of Kubernetes the namespace and the collection (``namespaces/N/roles/R``), of Azure what the id begins with, down to the
    resource group.
    """
    parts = key.name.split("/")
    if key.family == "k8s.audit":
        return ["/".join(parts[:end]) for end in range(2 if len(parts) > 2 else 1, len(parts))]
    if key.family == "azure.activity" and not parts[0]:
        return ["/".join(parts[:end]) for end in (5, 9, 11, 13) if end < len(parts)]
    return []


def _agree(one: str, other: str) -> bool:
    return one == other or not one or not other


def in_line(acts: Iterable[SilentUse]) -> list[SilentUse]:
    """Return acts in the order of time, those without one last, as :func:`between` takes them."""
    return sorted(acts, key=lambda each: (_second(each), each.time or 0, each.event))


def between(acts: Sequence[SilentUse], start: Instant, end: Instant | None) -> list[SilentUse]:
    """Return the acts from one instant to another, in the same instants too, and those without a time.

    Args:
        acts: In order (:func:`in_line`).
        start: From when.
        end: Until when; ``None``: all from then on.
    """
    undated = bisect.bisect_left(acts, _NEVER, key=_second)
    low = 0 if start.time is None else bisect.bisect_left(acts, _second(start), key=_second)
    high = undated
    if end is not None and end.time is not None:
        high = bisect.bisect_right(acts, _second(end), key=_second, hi=undated)
    # Only within the first and the last second it matters how finely a source tells the time.
    inner, outer = low, high
    if start.time is not None:
        inner = bisect.bisect_right(acts, _second(start), lo=low, hi=max(low, high), key=_second)
    if end is not None and end.time is not None:
        outer = max(inner, bisect.bisect_left(acts, _second(end), hi=high, key=_second))

    def fits(each: SilentUse) -> bool:
        return _reaches(start, each) and (end is None or _reaches(each, end))

    return [
        *filter(fits, acts[low:inner]),
        *acts[inner:outer],
        *filter(fits, acts[outer:high]),
        *acts[undated:],
    ]


_NEVER = 2**63


def _second(one: SilentUse | Instant) -> int:
    return _NEVER if one.time is None else one.time // SECOND


def _reaches(one: SilentUse | Instant, other: SilentUse | Instant) -> bool:
    """Whether one may have been before, or in the same instant as, the other."""
    if one.time is None or other.time is None:
        return True
    if one.coarse or other.coarse:
        return one.time // SECOND <= other.time // SECOND
    return one.time <= other.time


def is_silent(source: str, act: Act, outcome: OutcomeStatus) -> bool:
    """Whether an act that states no change may have changed something all the same."""
    return outcome not in _NOTHING_DONE and may_alter(source, act)


_MEMBER = (Operation.ADD, Operation.REMOVE)
_NOTHING_DONE = frozenset({OutcomeStatus.DENIED, OutcomeStatus.FAILED, OutcomeStatus.NOT_FOUND})


def rests_on(ordered: Sequence[Placed], last: int, field: str) -> int:
    """Return the earliest event that what is known of a field rests on.

    A set that was once stated as a whole and then altered member by member is known by all of these acts; what is doubtful
    since the first of them is doubtful.

    Args:
        ordered: Statements about the resource, in order.
        last: Where the last statement stands of the last event that it follows from.
        field: The field.
    """
    found, by_members = ordered[last].event, False
    for at in range(last, -1, -1):
        each = ordered[at]
        statement = each.statement
        if each.outcome in _NOTHING_DONE:
            continue
        if statement.operation in (Operation.CREATE, Operation.DELETE):
            return each.event if by_members and statement.empty else found
        if statement.field == field:
            found = each.event
            by_members = statement.operation in _MEMBER
            if not by_members:
                return found
    return found


def rests_on_earlier(change: Change) -> bool:
    """Whether the state before a change follows from an earlier record, so that acts between make it doubtful."""
    return change.before_basis in (Basis.RECONSTRUCTED, Basis.SNAPSHOT) and change.before_event is not None
