"""For whom an AWS key was made, against who presents it: records of one key that name two principals contradict each other.

What is compared is the unique id where both records hold one (a user that is renamed keeps it), else the name. IAM names are
compared without regard to case (IAM user guide, "IAM and STS character limits"), and a role without its path, which the ARN of
a role session leaves out ("IAM identifiers").
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple

from workbench.model.event import Identity, Issued
from workbench.sessions.facts import Notable
from workbench.sessions.keys import AWS_PRINCIPAL
from workbench.sessions.trails import Trail

_ARN = re.compile(
    r"arn:[^:]*:(?:iam|sts)::(?P<account>\d{12}):(?P<kind>role|assumed-role|user|federated-user)/(?P<path>.+)\Z",
    re.IGNORECASE,
)
_UNIQUE = re.compile(r"((?:AIDA|AROA)[A-Z0-9]{12,124})(?::(.*))?\Z", re.DOTALL)
_ACCOUNT = re.compile(r"\d{12}\Z")
_AUTHENTICATOR = re.compile(r"aws-iam-authenticator:(\d{12}):(.+)\Z", re.DOTALL)
_MASK = re.compile(r"([X0*#.])\1{3,}")
"""What a log that was cleaned writes over the letters of an id."""

_KINDS = {"role": "role", "assumed-role": "role", "user": "user", "federated-user": "federated user"}

_OF_CALLER = frozenset({"GetSessionToken"})
"""Acts whose keys are the caller's own, so that the response names nobody (AWS STS API reference)."""


class Holder(NamedTuple):
    """A principal of AWS, as far as a record names it.

    Attributes:
        kind: ``role``, ``user`` or ``federated user``; ``None`` if only its id is known.
        name: Without its path.
        session: The name of the role session.
        unique: Its unique id.
        account: The account it belongs to.
    """

    kind: str | None
    name: str | None
    session: str | None
    unique: str | None
    account: str | None

    def __str__(self) -> str:
        name = self.name or self.unique or "an unnamed principal"
        return f"{name}/{self.session}" if self.session else name


def presenter(identity: Identity) -> Holder | None:
    """Return who presents a key, ``None`` if the record names no user or role of AWS."""
    of_arn = _of_arn(identity.canonical)
    unique, session = _unique(identity.native_id or identity.canonical)
    if of_arn is None:
        return None if unique is None else Holder(None, None, session, unique, identity.account)
    if of_arn.kind == "role" and of_arn.session is None:
        # A role session is its role; its own name follows the role's.
        label = of_arn.name or ""
        head, joint, tail = identity.name.partition("/")
        session = tail if joint and head.casefold() == label.casefold() else session
        of_arn = of_arn._replace(session=session or None)
    return of_arn._replace(unique=unique)


def presented_by(trail: Trail) -> Holder | None:
    """Return who presents a key of AWS, in whatever log: a cluster of EKS names the principal in fields of its own.

    The mapped user name of the cluster says nothing of him, the ARN and the unique id in ``uid`` do (Amazon EKS user guide,
    "IAM authenticator").
    """
    if trail.identity is None:
        return None
    arn = next((each.native_id for each in trail.keys if each.type == AWS_PRINCIPAL), None)
    uid = _AUTHENTICATOR.match(trail.identity.native_id or "")
    of_arn = None if arn is None else _of_arn(arn)
    unique = None if uid is None else _unique(uid[2])[0]
    if of_arn is not None:
        return of_arn._replace(unique=unique)
    if unique is not None and uid is not None:
        return Holder(None, None, None, unique, uid[1])
    return presenter(trail.identity)


def made_for(notable: Notable, trail: Trail, issued: Issued) -> Holder | None:
    """Return for whom a key was made, ``None`` if the record does not say.

    Args:
        notable: The act.
        trail: Its trail.
        issued: What it handed out.
    """
    if notable.act.action in _OF_CALLER:
        return None if trail.identity is None else presenter(trail.identity)
    if issued.to is None:
        return None
    of_arn = _of_arn(issued.to)
    if of_arn is not None:
        unique, session = _unique(issued.to_id or "")
        return of_arn._replace(unique=unique, session=of_arn.session or session)
    if notable.act.action == "CreateAccessKey" and "/" not in issued.to and ":" not in issued.to:
        # A key is made for a user of the account in which the act is recorded.
        return Holder("user", issued.to, None, None, trail.account)
    return None


def contradiction(one: Holder, other: Holder, names: Mapping[str, Iterable[str]]) -> str | None:
    """Return what two records of one key say differently of its holder, ``None`` if they can mean one.

    Args:
        one: Whom one record names.
        other: Whom the other names.
        names: Under which names records know a unique id, folded: a user that was renamed has several.
    """
    if one.account is not None and other.account is not None and one.account != other.account:
        if _ACCOUNT.match(one.account) and _ACCOUNT.match(other.account):
            return f"{one} of account {one.account} and {other} of account {other.account}"
        return None
    if one.unique is not None and other.unique is not None:
        if _bare(one.unique) and _bare(other.unique) and one.unique != other.unique:
            return f"{one} with the unique id {one.unique} and {other} with {other.unique}"
    elif one.name is not None and other.name is not None:
        same = one.kind == other.kind and one.name.casefold() == other.name.casefold()
        if not same and not (one.kind == other.kind and _renamed(one, other, names)):
            return f"{one} and {other}"
    if one.session and other.session and one.session != other.session:
        return f"{one} and {other}"
    return None


def names_of_ids(trails: Iterable[Trail]) -> dict[str, set[str]]:
    """Return the names under which records know each unique id, folded."""
    found: dict[str, set[str]] = {}
    for holder in _holders(trails):
        if holder.unique is not None and holder.name is not None:
            found.setdefault(holder.unique, set()).add(holder.name.casefold())
    return found


def _holders(trails: Iterable[Trail]) -> Iterator[Holder]:
    for identity in {trail.identity for trail in trails if trail.identity is not None}:
        holder = presenter(identity)
        if holder is not None:
            yield holder


def _renamed(one: Holder, other: Holder, names: Mapping[str, Iterable[str]]) -> bool:
    """Tell whether the id that one of them has was seen under the name of the other."""
    return any(
        each.unique is not None and (peer.name or "").casefold() in names.get(each.unique, ())
        for each, peer in ((one, other), (other, one))
    )


def _of_arn(arn: str) -> Holder | None:
    match = _ARN.match(arn)
    if match is None:
        return None
    written, path = match["kind"].lower(), match["path"]
    if written == "assumed-role":
        name, _, session = path.partition("/")
        return Holder("role", name, session or None, None, match["account"])
    return Holder(_KINDS[written], path.rpartition("/")[2], None, None, match["account"])


def _unique(value: str) -> tuple[str | None, str | None]:
    match = _UNIQUE.match(value)
    return (None, None) if match is None else (match[1], match[2])


def _bare(unique: str) -> bool:
    """Tell whether an id says anything: not one of the documentation's, nor all of it written over."""
    return not unique.endswith("EXAMPLE") and bool(_MASK.sub("", unique[4:]))
