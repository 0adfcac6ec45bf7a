"""What a cited event says of an effect."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Sequence
from typing import NamedTuple

from workbench.clock import to_micros
from workbench.model.claim import Citation, CitationKind
from workbench.model.event import OutcomeStatus, Verb
from workbench.model.finding import Finding

_LISTING = re.compile(r"(list|describe)(?![a-z])|(list|describe)(?=[A-Z])", re.IGNORECASE)


class Witness(NamedTuple):
    """What a cited event says of an effect.

    Attributes:
        ref: Its reference.
        source: Its log.
        action: The operation.
        verb: The kind of act.
        outcome: How it ended.
        objects: What it names as acted upon.
        who: Whose act it was, as the record names them best.
        names: All that its subject may be called: identity, names, credential, and the session it is proven to belong to.
        attributed: To whom cited tags attribute it above the session, which takes a record that is no log (A2).
        time: When, microseconds UTC; ``None`` if it has no time.
    """

    ref: str
    source: str
    action: str
    verb: Verb
    outcome: OutcomeStatus
    objects: tuple[str, ...]
    who: str
    names: frozenset[str]
    attributed: frozenset[str] = frozenset()
    time: int | None = None

    @property
    def short(self) -> str:
        """Its reference for people."""
        return Citation(kind=CitationKind.EVENT, ref=self.ref).short


def names(witness: Witness, objects: Sequence[str]) -> bool:
    """Whether an event names one of the objects, by its whole name or what follows a border in it."""
    for wanted in objects:
        folded = wanted.casefold()
        for name in witness.objects:
            have = name.casefold()
            if have == folded or have.endswith((f"/{folded}", f":{folded}")):
                return True
    return False


def is_access(witness: Witness) -> bool:
    """Whether a success is access to the object itself and not to a list in which it stands.

    A list of Kubernetes returns the objects whole: whoever may list secrets reads them
    (https://kubernetes.io/docs/concepts/security/rbac-good-practices/#secrets).
    """
    if witness.verb is not Verb.READ or witness.source == "k8s.audit":
        return True
    return _LISTING.match(witness.action) is None


def does(witness: Witness, verb: str) -> bool:
    """Whether a verb is the event's: of the model, or the operation itself. Who reads a secret reads."""
    said = verb.casefold().replace(" ", "_")
    action = witness.action.casefold()
    own = {witness.verb.value, action.replace(" ", "_")}
    if " " in action:  # "create clusterrolebindings": the log's own verb comes first
        own.add(action.split()[0])
    if witness.verb is Verb.READ_SECRET:
        own.add(Verb.READ.value)
    return said in own


def within(witness: Witness, finding: Finding) -> bool:
    """Whether an event lies in the period of a finding; one without a time lies only in a period that is open at both ends."""
    start, end = (
        None if each is None else to_micros(dt.datetime.fromisoformat(each))
        for each in (finding.period.start, finding.period.end)
    )
    if witness.time is None:
        return start is None and end is None
    return (start is None or start <= witness.time) and (end is None or witness.time <= end)
