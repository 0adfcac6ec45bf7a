"""What acts left behind, of a session or of the whole case, and whether a later act in the evidence undid it."""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Iterator, Sequence

import msgspec

from workbench.casefile.reader import CaseReader
from workbench.casework.silent_acts import SilentActs
from workbench.changes.chain import chained, with_states
from workbench.changes.denials import Denial, States, denials
from workbench.changes.exposure import KEYS, exposures
from workbench.changes.keys import aws_key
from workbench.changes.undoing import AGAIN
from workbench.changes.values import value_of
from workbench.clock import rfc3339
from workbench.model.change import Change, Exposure, ExposureKind, Placed, ResourceKey, Silence
from workbench.model.event import OutcomeStatus

LASTING = frozenset(
    {
        *("aws access key", "okta api token", "github token", "github token id", "gitlab token", "github app installation"),
        *("gcp service account key", "gcp api key", "gcp hmac key", "openai api key", "anthropic api key"),
        *("anthropic admin api key", "anthropic service key", "1password service account token", "ssh key"),
        *("entra application key", "entra federated credential", "azure storage account key", "workspace consumer key"),
    }
)  # fmt: skip
"""Types of credentials that stay good until somebody takes them back. Sessions and temporary keys end by themselves."""

_CREDENTIAL = "credential"
"""Family of what stands for a credential that no resource of the case holds."""


_SWITCHES_OFF = re.compile(r"disable|deactivate|suspend|inactive", re.IGNORECASE)
"""What acts are called that switch a credential off and leave it there."""


class LeftBehind(msgspec.Struct, frozen=True):
    """One exposure with the session that made it.

    Attributes:
        exposure: What was left behind.
        session: The session.
        silent: Of what nothing undid: acts since that may have undone it and do not say what they changed; ``None``: none.
    """

    exposure: Exposure
    session: str | None
    silent: Silence | None = None


def left_behind(reader: CaseReader, events: Sequence[int] | None = None) -> list[LeftBehind]:
    """Return what events left behind, the earliest first.

    Args:
        reader: The case.
        events: Row numbers of the events; ``None``: all of the case.
    """
    changes = reader.changes
    wanted = None if events is None else set(events)
    resources = [each.id for each in changes.resources()] if events is None else changes.resources_of(events)
    accounts = changes.accounts()
    elsewhere: dict[str, list[Change]] | None = None
    buckets = _log_buckets(reader)
    policies: dict[str, States] = {}
    found: list[Exposure] = []
    for statements in changes.statements(resources):
        tampering = changes.tampering({each.event for each in statements if each.event > 0})
        if elsewhere is None and any(each.statement.field == KEYS for each in statements):
            elsewhere = _keys_elsewhere(reader)
        found += exposures(
            chained(statements),
            accounts=accounts,
            tampering=tampering,
            elsewhere=elsewhere,
            log_buckets=buckets,
            denied=_Denied(reader, statements, policies),
        )
    known = {(each.event, each.kind) for each in found}
    found += [each for each in _credentials(reader) if (each.event, each.kind) not in known]
    if wanted is not None:
        found = [each for each in found if each.event in wanted]
    found.sort(key=lambda each: (each.time is None, each.time or 0, each.title, each.what))
    sessions = reader.derived.sessions_of({each.event for each in found})
    silent = _silent(reader, found)
    return [
        LeftBehind(each, sessions.get(each.event), silences)
        for each, silences in zip(found, silent, strict=True)
    ]


class _Denied:
    """Looks, once it is asked, for what the policies of one resource deny at the end of the evidence."""

    def __init__(self, reader: CaseReader, statements: Sequence[Placed], policies: dict[str, States]) -> None:
        self._reader = reader
        self._statements = statements
        self._policies = policies
        self._found: list[Denial] | None = None

    def __call__(self) -> Sequence[Denial]:
        if self._found is None:
            self._found = denials(_at_the_end(self._statements), self._policy)
        return self._found

    def _policy(self, arn: str) -> States:
        if arn not in self._policies:
            known = self._reader.changes.statements([aws_key("iam:policy", arn, None, None).id])
            self._policies[arn] = _at_the_end(next(known, []))
        return self._policies[arn]


def _at_the_end(statements: Sequence[Placed]) -> States:
    """Return what is known of the fields of a resource after all that is stated of it."""
    return next((after() for _, after in deque(with_states(statements), maxlen=1)), {})


def _keys_elsewhere(reader: CaseReader) -> dict[str, list[Change]]:
    """Return, of each access key that records of several users name, all that was done to it.

    A key is named by its id, and its user by a name that can be changed.
    """
    found: dict[str, list[Change]] = {}
    for key, resources in reader.changes.shared_keys().items():
        fields = KEYS, f"access key {value_of(key)} status"
        found[key] = [
            each
            for statements in reader.changes.statements(resources)
            for each in chained(statements)
            if each.outcome is OutcomeStatus.SUCCESS
            and (each.member == key if each.field == KEYS else each.field == fields[1])
        ]
    return found


def events_of_exposures(found: Sequence[LeftBehind]) -> set[int]:
    """Return the events that exposures name: what made them, what undid them, what else bears on them."""
    listed = [each.exposure for each in found]
    named = {number for each in listed for number in (each.event, each.undone_by, each.remark_event)}
    return {number for number in named if number is not None and number > 0}


def _log_buckets(reader: CaseReader) -> frozenset[str]:
    """Return the names of the buckets that trails deliver to, as far as events or snapshots say so."""
    trails = [each.id for each in reader.changes.resources() if each.key.kind == "cloudtrail:trail"]
    return frozenset(
        name
        for statements in reader.changes.statements(trails)
        for each in statements
        if each.statement.field == "s3bucketname" and each.statement.after is not None
        if isinstance(name := value_of(each.statement.after), str)
    )


def _silent(reader: CaseReader, found: Sequence[Exposure]) -> Iterator[Silence | None]:
    """Yield of each exposure the acts since that may have undone it without saying so."""
    acts = SilentActs(reader)

    def standing(each: Exposure) -> bool:
        return each.undone_by is None and not each.untold and each.resource.family != _CREDENTIAL

    acts.load({each.resource: each.title for each in found if standing(each)})
    for each in found:
        since = acts.since(each.resource, each.title, each.event) if standing(each) else None
        yield since if since is not None and since.events else None


def _credentials(reader: CaseReader) -> Iterator[Exposure]:
    """Yield the lasting credentials that events handed out, as far as no change of a resource shows them."""
    lasting = [
        each
        for each in reader.derived.credentials()
        if each.issued_by is not None and each.expires is None and each.type in LASTING
    ]
    ends = {each.revoked_by for each in lasting if each.revoked_by is not None}
    paused = {
        stored.id
        for stored in (reader.events(sorted(ends)) if ends else ())
        if _SWITCHES_OFF.search(stored.event.act.action)
    }
    for each in lasting:
        if each.issued_by is None:
            continue
        inactive = each.revoked_by is not None and each.revoked_by in paused
        ended = each.revoked_by if not inactive else None
        yield Exposure(
            event=each.issued_by,
            time=each.issued_at,
            kind=ExposureKind.CREDENTIAL,
            resource=ResourceKey(_CREDENTIAL, each.type, each.native_id),
            title=each.identity or each.native_id,
            what=f"{each.type} {each.native_id}",
            rule="credential without an end",
            undone_by=ended,
            undone_at=None if ended is None else each.revoked_at,
            undone_how=None if ended is None else "revoked",
            inactive=inactive,
            remark=f"made inactive {rfc3339(each.revoked_at or 0, 0)}: {AGAIN}" if inactive else None,
            remark_event=each.revoked_by if inactive else None,
        )
