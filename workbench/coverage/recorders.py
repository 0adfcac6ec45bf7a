"""Which parts of which logs would have recorded an act, by the documentation of each log."""

from __future__ import annotations

import msgspec

from workbench.coverage.naming import ARN, as_arn
from workbench.model.event import Verb


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
        at_least: Whether the search stopped there, and there may be more.
        untold: How many records of the service and verb do not tell whether they are of it.
        unnamed: The type that was asked about, if no log is known to name things of it.
        first: References of the first records found, or else of the first that do not tell.
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
    at_least: bool = False
    untold: int = 0
    unnamed: str | None = None
    first: tuple[str, ...] = ()
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
