"""Changes: what one event did to one field of one resource, and how well the state before it is known.

All of it is derived from events and records; nothing here is evidence. A value is JSON text, so that it can be compared,
stored and shown without knowing what it means.
"""

from __future__ import annotations

import enum
from typing import NamedTuple

import msgspec

from workbench.model.event import OutcomeStatus
from workbench.model.references import RecordRef
from workbench.model.session import id_of


class Operation(enum.StrEnum):
    """What a statement says was done.

    ``create`` and ``delete`` are about a whole resource, ``set`` about a field as a whole, ``clear`` takes a field away, ``add``
    and ``remove`` put one member into a field that holds a set, or take it out. ``observe`` is no act: a snapshot saw the field.
    """

    CREATE = "create"
    SET = "set"
    CLEAR = "clear"
    ADD = "add"
    REMOVE = "remove"
    DELETE = "delete"
    OBSERVE = "observe"


class Shape(enum.StrEnum):
    """How two values of a field are compared.

    ``policy``: an IAM-style policy, by statement; ``set``: members without an order; ``json``: by JSON path.
    """

    JSON = "json"
    SET = "set"
    POLICY = "policy"


class Basis(enum.StrEnum):
    """How a side of a change is known.

    ``logged``: the record says it. ``reconstructed``: it follows from an earlier event of the case, which is named.
    ``snapshot``: from an imported snapshot, which is named. ``unknown``: nothing in the case says it.
    """

    LOGGED = "logged"
    RECONSTRUCTED = "reconstructed"
    SNAPSHOT = "snapshot"
    UNKNOWN = "unknown"


class ResourceKey(NamedTuple):
    """What makes two records speak of one resource.

    Attributes:
        family: Whose name space it is (``aws``, else the name of the source).
        kind: Kind of thing, ``service:kind``; empty where the name alone is unique.
        name: Its name without what only some records write: of an ARN the last part.
        account: The account or tenant that owns it, empty where names are global or the records do not say.
        region: The region, empty where the service has none.
    """

    family: str
    kind: str
    name: str
    account: str = ""
    region: str = ""

    @property
    def id(self) -> str:
        """Return its id: ``R-`` and twelve digits of a hash."""
        return id_of("R", *self)


class Statement(msgspec.Struct, frozen=True, gc=False):
    """What one record says was done to one field of one resource, before it is compared with anything.

    Attributes:
        resource: Which resource.
        title: The fullest name of the resource that the record holds.
        field: The field, empty for the resource as a whole.
        operation: What was done.
        shape: How values of the field are compared.
        after: The new value as JSON text; of ``add`` and ``remove`` the member. ``None``: not stated, or none.
        before: The old value as the record itself states it; ``None`` where it does not.
        empty: Of a creation: a new resource of this kind has none of the fields that the record does not name.
        remark: What is to be known about the statement (a value that the log withheld), if anything.
    """

    resource: ResourceKey
    title: str
    field: str
    operation: Operation
    shape: Shape = Shape.JSON
    after: str | None = None
    before: str | None = None
    empty: bool = False
    remark: str | None = None


class Placed(msgspec.Struct, frozen=True, gc=False):
    """A statement with its place among the events of a case.

    Attributes:
        event: Row number of the event, or the negative one of the snapshot's record. Never exported.
        position: Which statement of the event.
        time: Microseconds UTC, ``None`` if the record has none.
        coarse: Whether the source writes whole seconds, so that order inside one is unknown.
        outcome: How the act ended.
        mark: What names the record in every case, for an order that does not depend on row numbers.
        statement: The statement.
    """

    event: int
    position: int
    time: int | None
    coarse: bool
    outcome: OutcomeStatus
    mark: str
    statement: Statement


class Change(msgspec.Struct, frozen=True, gc=False):
    """What one event did to one field of one resource.

    Attributes:
        event: Row number of the event; negative: of the record of a snapshot. Never exported.
        position: Which change of the event.
        time: Microseconds UTC.
        outcome: How the act ended. Only ``success`` is a change; ``denied``, ``failed`` and ``not_found`` are attempts, and of
            ``unknown`` the log does not say whether anything was changed.
        resource: Which resource.
        title: The fullest name that the record holds of it.
        field: The field, empty for the resource as a whole.
        operation: What was done.
        shape: How the two sides are compared.
        before: The old value as JSON text. ``None`` is *absent* if ``before_basis`` is a known one.
        before_basis: How it is known.
        before_event: The event (or, negative, the snapshot) that it follows from.
        after: The new value; ``None`` is absent if ``after_basis`` is a known one.
        after_basis: How it is known.
        member: Of ``add`` and ``remove`` the member, as JSON text; before and after then say whether it was there.
        caveats: What speaks against reading it as it stands.
    """

    event: int
    position: int
    time: int | None
    outcome: OutcomeStatus
    resource: ResourceKey
    title: str
    field: str
    operation: Operation
    shape: Shape
    before: str | None
    before_basis: Basis
    before_event: int | None
    after: str | None
    after_basis: Basis
    member: str | None = None
    caveats: tuple[str, ...] = ()

    @property
    def attempted(self) -> bool:
        """Whether the act was denied or failed, so that nothing was changed."""
        return self.outcome not in (OutcomeStatus.SUCCESS, OutcomeStatus.UNKNOWN)


class SilentEvent(NamedTuple):
    """An act that may have changed a resource and whose record does not say what.

    Attributes:
        event: Row number of the event. Never exported.
        ref: Its reference.
        time: Microseconds UTC, ``None`` if the record has none.
        service: Its service.
        action: What was done.
        outcome: How it ended: ``success``, or ``unknown``.
    """

    event: int
    ref: RecordRef
    time: int | None
    service: str
    action: str
    outcome: OutcomeStatus


class Silence(NamedTuple):
    """Acts since something was known that may have changed it and do not say what.

    Attributes:
        events: How many.
        first: The first few of them.
    """

    events: int
    first: tuple[SilentEvent, ...]


class KnownValue(NamedTuple):
    """What is known of a field at a time.

    Attributes:
        value: JSON text; ``None`` is absent if the basis is a known one.
        basis: How it is known.
        event: The event or snapshot that says so.
        members: Members known to be in it (true) or not (false) where the whole is not known, as JSON texts.
        silent: Acts since then that may have changed it and do not say what; ``None``: none, or not looked for.
        tied: Row numbers of acts at one instant of which the last decides what it is, and nobody can tell which that is.
    """

    value: str | None
    basis: Basis
    event: int | None
    members: dict[str, bool]
    silent: Silence | None = None
    tied: tuple[int, ...] = ()


NOT_KNOWN = KnownValue(None, Basis.UNKNOWN, None, {})


class ExposureKind(enum.StrEnum):
    """What kind of opening an act left."""

    CREDENTIAL = "credential"
    TRUST = "trust"
    GRANT = "grant"
    PERSISTENCE = "persistence"
    LOGGING = "logging"
    NETWORK = "network"
    SHARED = "shared"


class Fate(enum.StrEnum):
    """What became of something that was left behind, as far as the evidence shows.

    ``standing``: nothing undid it. ``inactive``: it is there and was switched off; one call makes it active again. ``perhaps``:
    what would undo it bears the same time, so which came last is unknown, or only a snapshot that is dated by its file does not
    have it. ``gone``: a later snapshot does not have it any more, or what it hung on was made anew, and no act in the evidence
    took it away. ``untold``: the record does not say what was made, so that nothing can be recognised as its undoing.
    ``undone``: a later act undid it.
    """

    STANDING = "standing"
    INACTIVE = "inactive"
    PERHAPS = "perhaps"
    GONE = "gone"
    UNTOLD = "untold"
    UNDONE = "undone"


class Exposure(msgspec.Struct, frozen=True):
    """Something an act left behind that lets somebody in, keeps them in, or keeps their acts out of the logs.

    Attributes:
        event: The event that made it.
        time: Microseconds UTC.
        kind: What kind.
        resource: The resource it is on.
        title: Its name.
        what: What was opened, in words.
        rule: The rule that says so.
        undone_by: The later event that undid it; ``None``: nothing in the evidence did.
        undone_at: When.
        undone_how: What undid it, in words.
        untold: Whether the record does not say what was made, so that nothing can be recognised as its undoing.
        remark: What else bears on whether it still stands, in words; ``None``: nothing.
        remark_event: The event (or, negative, the snapshot) that the remark is about.
        perhaps: Whether that event may have undone it: it bears the same time, or is a snapshot dated by its file.
        gone: Whether that is a later snapshot that does not have it any more, or made anew what it hung on.
        inactive: Whether that event switched it off: it is there, and can be made active again.
        against: Denials in force that stand against it, in words.
    """

    event: int
    time: int | None
    kind: ExposureKind
    resource: ResourceKey
    title: str
    what: str
    rule: str
    undone_by: int | None = None
    undone_at: int | None = None
    undone_how: str | None = None
    untold: bool = False
    remark: str | None = None
    remark_event: int | None = None
    perhaps: bool = False
    gone: bool = False
    inactive: bool = False
    against: tuple[str, ...] = ()

    @property
    def fate(self) -> Fate:
        """What became of it."""
        if self.undone_by is not None:
            return Fate.UNDONE
        if self.untold:
            return Fate.UNTOLD
        if self.perhaps:
            return Fate.PERHAPS
        if self.inactive:
            return Fate.INACTIVE
        return Fate.GONE if self.gone else Fate.STANDING
