"""The guard on negative statements: whether “no evidence of X” may be stated at all, and in which words.

The rule (evidence notes, 1.5): such a statement names its sources and its period, shows that these recorded that kind of act
then, and lists the gaps in the way. An empty search proves nothing by itself.
"""

from __future__ import annotations

import enum
from collections.abc import Callable, Iterable, Sequence

import msgspec

from workbench.coverage.facts import SLOT, ActCount, Stream
from workbench.coverage.making import between, count, listed
from workbench.coverage.naming import ARN, as_arn
from workbench.model.digest import Validation
from workbench.model.event import Verb
from workbench.model.gap import Breakable, Gap


class Absence(enum.StrEnum):
    """What may be said of the absence of an act."""

    RULED_OUT = "ruled out"
    QUALIFIED = "qualified"
    NOT_STATABLE = "not statable"


class Question(msgspec.Struct, frozen=True, kw_only=True):
    """The negative statement that somebody would like to make: that in a period nobody did this to that.

    Attributes:
        verb: What was not done.
        object: What it was not done to: a native name (an ARN) or a type (``s3:object``, ``exchange:mailbox``).
        start: From when, microseconds UTC.
        end: To when.
        source: In which log; ``None``: in all that would have recorded it.
        account: In which account; ``None``: the object says, or it is not limited to one.
        found: How many records of it a search has found.
        named: What those records name: the thing under another name, or what holds it.
        known: Logs on hand that hold records of it or of its like, each with the type (``github:repository``) it gives them.
    """

    verb: Verb
    object: str
    start: int
    end: int
    source: str | None = None
    account: str | None = None
    found: int = 0
    named: tuple[str, ...] = ()
    known: tuple[tuple[str, str | None], ...] = ()


class Recorder(msgspec.Struct, frozen=True, kw_only=True):
    """A part of a log that would have recorded an act.

    Attributes:
        source: The log.
        category: Its category, if only one records such acts.
        service: The service whose records these are, if the log has several.
        account: In which account.
        region: In which region, if the object lies in one.
        by_default: Whether it records such acts without being told to.
        why: What says so.
        beside: Whether it records only acts upon the thing itself, not those upon what it holds: alone it shows nothing.
    """

    source: str
    category: str | None = None
    service: str | None = None
    account: str | None = None
    region: str | None = None
    by_default: bool = True
    why: str
    beside: bool = False


class Proof(msgspec.Struct, frozen=True, kw_only=True):
    """How far a part of a log is shown to have recorded such acts then.

    Attributes:
        recorder: Which part.
        same_kind: Records of the same service and verb in the period; where nobody has counted those, in the case.
        in_period: Records of this part of the log in the period.
        complete: Whether digests prove that nothing of it is missing in the period.
    """

    recorder: Recorder
    same_kind: int
    in_period: int
    complete: bool


class Answer(msgspec.Struct, frozen=True, kw_only=True):
    """What may be said.

    Attributes:
        absence: Whether anything may.
        sentence: The one that is allowed, word for word.
        proofs: The logs that would have recorded it, with what shows that they did so then.
        gaps: The gaps in the way.
        caveats: Gaps that do not bear on absence, and must be named beside it.
        lacking: What would have to be there for more.
    """

    absence: Absence
    sentence: str
    proofs: tuple[Proof, ...]
    gaps: tuple[Gap, ...]
    caveats: tuple[Gap, ...]
    lacking: tuple[str, ...]


_READS = frozenset({Verb.READ, Verb.READ_SECRET})

_UPON_CONTENT = frozenset({Verb.READ, Verb.READ_SECRET, Verb.CREATE, Verb.UPDATE, Verb.DELETE})
"""What is done to a bucket is done to its objects, unless a record says otherwise."""

_DATA_PLANE = frozenset({"dynamodb", "sqs", "sns", "kinesis"})
"""Services whose reads and writes of data are data events (AWS CloudTrail user guide, "Logging data events")."""


def recorders(question: Question) -> list[Recorder]:
    """Return the parts of logs that would have recorded an act, by the documentation of each log."""
    question = msgspec.structs.replace(question, object=as_arn(question.object))
    found = _recorders_of_known(question) or _recorders(question)
    if question.source is None:
        return found
    own = [each for each in found if each.source == question.source]
    asked = Recorder(
        source=question.source, account=question.account, by_default=False, why="the log that was asked about"
    )
    return own or ([] if found else [asked])


def _recorders_of_known(question: Question) -> list[Recorder]:
    """Return the parts of the logs on hand that name the thing or its like, by what they say it is."""
    if ARN.match(question.object):
        return []
    found: list[Recorder] = []
    for source, kind in question.known:
        documented = _recorders(msgspec.structs.replace(question, object=kind)) if kind else []
        own = [each for each in documented if each.source in {each for each, _ in question.known}]
        found += own or [
            Recorder(
                source=source,
                account=question.account,
                by_default=False,
                why="it holds records of such things",
            )
        ]
    return list(dict.fromkeys(found))


def _recorders(question: Question) -> list[Recorder]:
    arn = ARN.match(question.object)
    service, _, kind = question.object.partition(":")
    account, region = question.account, None
    if arn is not None:
        service, kind = arn["service"], arn["rest"]
        account, region = account or arn["account"] or None, arn["region"] or None
        return _aws(question, service, kind, account, region, is_object=service == "s3" and "/" in kind)
    reads = question.verb in _READS
    if service == "exchange":
        return [
            Recorder(
                source="m365.ual",
                service="Exchange",
                by_default=not reads,
                why="mailbox auditing; MailItemsAccessed by licence",
            )
        ]
    if service == "kubernetes" or question.object.startswith("namespaces/"):
        return [
            Recorder(source="k8s.audit", why="the audit policy; every level but None records the request")
        ]
    if service == "github":
        return [
            Recorder(
                source="github.audit",
                account=account,
                by_default=not reads,
                why="the audit log; git events are kept for seven days",
            )
        ]
    if service == "okta":
        return [Recorder(source="okta.system", why="the System Log records every change and sign-on")]
    if service == "entra":
        if question.verb is Verb.AUTHENTICATE:
            return [Recorder(source="entra.signin", why="the four categories of sign-ins")]
        return [
            Recorder(
                source="graph.activity" if reads else "entra.audit",
                by_default=not reads,
                why="the audit log records changes, Graph activity reads",
            )
        ]
    if service == "vault":
        return [Recorder(source="vault.audit", why="an audit device records every request")]
    if service in ("storage", "gcp", "bigquery", "iamcredentials") and kind.startswith(
        ("gcs", "gcp", "bigquery", "service")
    ):
        return [
            Recorder(
                source="gcp.audit",
                category="data_access" if reads else "activity",
                service=service,
                account=account,
                by_default=not reads,
                why="Cloud Audit Logs: data access is recorded only where it was switched on",
            )
        ]
    if service.startswith("microsoft.keyvault"):
        return [Recorder(source="azure.keyvault", by_default=False, why="AuditEvent by diagnostic setting")]
    if service.startswith("microsoft.storage"):
        return [
            Recorder(
                source="azure.storage", by_default=False, why="StorageRead and its like by diagnostic setting"
            )
        ]
    if service.startswith("microsoft."):
        return (
            []
            if reads
            else [Recorder(source="azure.activity", why="the Activity log records writes, never reads")]
        )
    if kind:
        return _aws(question, service, kind, account, region, is_object=question.object == "s3:object")
    return []


def _aws(
    question: Question, service: str, kind: str, account: str | None, region: str | None, *, is_object: bool
) -> list[Recorder]:
    bucket = service == "s3" and not is_object and question.verb in _UPON_CONTENT
    holds = bucket or service in _DATA_PLANE
    data = is_object or holds or (service == "lambda" and question.verb is Verb.EXECUTE)
    found = [
        Recorder(
            source="aws.cloudtrail",
            category="Data" if data else "Management",
            service=service,
            account=account,
            region=region,
            by_default=not data,
            why="data events, where a trail's selectors ask for them"
            if data
            else "management events of a trail",
        )
    ]
    if is_object or bucket:
        found.append(
            Recorder(
                source="aws.s3access",
                by_default=False,
                why="server access logging of the bucket, best effort",
            )
        )
    if holds:
        found.append(
            Recorder(
                source="aws.cloudtrail",
                category="Management",
                service=service,
                account=account,
                region=region,
                why="management events of a trail: acts upon it, not upon what it holds",
                beside=True,
            )
        )
    return found


def may_state_absence(
    question: Question,
    *,
    streams: Sequence[Stream],
    acts: Sequence[ActCount],
    gaps: Sequence[Gap],
    validation: Validation,
    same_kind: Callable[[Recorder], int] | None = None,
) -> Answer:
    """Answer whether it may be stated that something did not happen, and give the sentence that is allowed.

    Args:
        question: The statement.
        streams: Every part of every log on hand.
        acts: What was recorded how often.
        gaps: What the evidence cannot show.
        validation: What digests prove.
        same_kind: Counts the records of the same service and verb in the period. Without it nothing is ruled out: that such acts
            are recorded at some time does not show that they were then.
    """
    would = recorders(question)
    proofs = tuple(_proof(each, question, streams, acts, validation, same_kind) for each in would)
    near = [
        gap
        for gap in gaps
        if gap.meets(question.start, question.end) and any(_concerns(gap, each) for each in would)
    ]
    in_the_way = tuple(gap for gap in near if Breakable.ABSENCE in gap.breaks)
    caveats = tuple(gap for gap in near if Breakable.ABSENCE not in gap.breaks)
    what = f"{question.verb.value} of {question.object}"
    period = f"{between(question.start, question.end)} (UTC)"
    shown = [each for each in proofs if each.in_period and (each.same_kind or each.recorder.by_default)]
    main = [each for each in shown if not each.recorder.beside]
    whole = [each for each in main if each.complete and each.same_kind]
    lacking = () if question.found else tuple(_lacking(proofs, would))
    if question.found:
        absence = Absence.NOT_STATABLE
        named = listed(question.named) or question.object
        sentence = (
            f"There {'is' if question.found == 1 else 'are'} {count(question.found, 'record')} of"
            f" {question.verb.value} of {named} {period}: the absence of {what} cannot be stated."
        )
    elif not would:
        absence = Absence.NOT_STATABLE
        sentence = f"Whether there was any {what} {period} can be neither shown nor ruled out: no log is known that records it."
    elif not main:
        absence = Absence.NOT_STATABLE
        names = listed(dict.fromkeys(_name(each) for each in would if not each.beside))
        sentence = (
            f"Whether there was any {what} {period} can be neither shown nor ruled out: {names} would have recorded it,"
            " and the evidence does not show that it did so then"
            + (f" ({_ids(in_the_way)})." if in_the_way else ".")
        )
    elif in_the_way:
        absence = Absence.QUALIFIED
        sentence = (
            f"No record of {what} was found in {_told(shown)} {period}. That it did not happen is not shown: {_ids(in_the_way)}"
            f" {'lies' if len(in_the_way) == 1 else 'lie'} in the way ({listed(gap.scope.text for gap in in_the_way)})."
        )
    elif whole and all(each.complete for each in proofs if each.recorder.beside):
        absence = Absence.RULED_OUT
        sentence = (
            f"No {what} is recorded in {_told(whole)} {period}; signed digests prove the records of that period"
            " complete and unaltered, and acts of this kind were recorded"
            f" ({count(sum(each.same_kind for each in whole), 'record')} of them then)."
        )
    else:
        absence = Absence.QUALIFIED
        sentence = (
            f"No record of {what} was found in {_told(shown)} {period}. No gap is known there;"
            " that the records are complete is not proven."
        )
    if caveats:
        sentence += f" Beside it: {_ids(caveats)}."
    return Answer(
        absence=absence, sentence=sentence, proofs=proofs, gaps=in_the_way, caveats=caveats, lacking=lacking
    )


def _proof(
    recorder: Recorder,
    question: Question,
    streams: Iterable[Stream],
    acts: Iterable[ActCount],
    validation: Validation,
    same_kind: Callable[[Recorder], int] | None,
) -> Proof:
    own = [
        each
        for each in streams
        if each.key.source == recorder.source
        and recorder.category in (None, each.key.category)
        and recorder.account in (None, each.key.account)
        and recorder.region in (None, each.key.region)
    ]
    low, high = question.start // SLOT, question.end // SLOT
    places = {(each.key.account, each.key.region) for each in own}
    return Proof(
        recorder=recorder,
        same_kind=same_kind(recorder)
        if same_kind is not None
        else sum(
            each.events
            for each in acts
            if each.source == recorder.source
            and each.verb == question.verb.value
            and recorder.category in (None, each.category)
            and recorder.account in (None, each.account)
            and recorder.service in (None, each.service)
        ),
        in_period=sum(events for each in own for slot, events in each.slots.items() if low <= slot <= high),
        complete=bool(places)
        and same_kind is not None
        and recorder.account is not None
        and recorder.source == "aws.cloudtrail"
        and all(
            any(
                (each.account, each.region) == place
                and each.start <= question.start
                and question.end <= each.end
                for each in validation.complete
            )
            for place in places
        ),
    )


def _concerns(gap: Gap, recorder: Recorder) -> bool:
    """Whether a gap is about what a recorder would have recorded; what is not known counts as concerned."""
    if gap.source != recorder.source:
        return False
    scope = gap.scope
    if recorder.account is not None and scope.accounts and recorder.account not in scope.accounts:
        return False
    if recorder.region is not None and (
        (scope.regions and recorder.region not in scope.regions) or recorder.region in scope.beside
    ):
        return False
    if recorder.category is not None and scope.categories and recorder.category not in scope.categories:
        return False
    return recorder.service is None or not (
        (scope.services and recorder.service not in scope.services)
        or recorder.service in scope.beside_services
    )


def _lacking(proofs: Iterable[Proof], would: Sequence[Recorder]) -> Iterable[str]:
    if not would:
        yield "a log that records such acts"
    for each in proofs:
        if not each.in_period:
            yield f"{_name(each.recorder)} of the period ({each.recorder.why})"
        elif not each.same_kind:
            yield f"a record of this kind in {_name(each.recorder)}: that it records them is not shown"
        elif not each.complete:
            yield f"proof that {_name(each.recorder)} is complete in the period"


def _told(proofs: Iterable[Proof]) -> str:
    return listed(
        f"{_name(each.recorder)} ({count(each.in_period, 'record')} of the period)" for each in proofs
    )


def _name(recorder: Recorder) -> str:
    parts = (recorder.source, recorder.category, recorder.account, recorder.region)
    return " ".join(part for part in parts if part)


def _ids(gaps: Iterable[Gap]) -> str:
    return listed(gap.id for gap in gaps)
