"""What events add up to: identities, credentials, sessions, and the links between them, each with its reason.

All of it is derived: a function of the evidence that can be thrown away and rebuilt. Ids are hashes of native identifiers,
so that a rebuild, another order or another cut of the files gives the same ids.
"""

from __future__ import annotations

import enum
import hashlib
from collections.abc import Iterable
from typing import NamedTuple

import msgspec

from workbench.model.event import Credential, Identity, IdentityKind, KindReason


class Strength(enum.StrEnum):
    """How well a link is shown (design, section 2)."""

    PROVEN = "proven"
    INFERRED = "inferred"
    ASSERTED = "asserted"
    UNPROVEN = "unproven"


_WEAKNESS = {Strength.PROVEN: 0, Strength.INFERRED: 1, Strength.ASSERTED: 2, Strength.UNPROVEN: 3}


def weakest(strengths: Iterable[Strength]) -> Strength:
    """Return the strength of a chain: that of its weakest hop; proven if there is none.

    An asserted hop caps a chain at inferred at best, and stays visible as asserted.
    """
    return max(strengths, key=_WEAKNESS.__getitem__, default=Strength.PROVEN)


class Relation(enum.StrEnum):
    """What a link says about its two ends."""

    ISSUED = "issued"
    SIGNED_IN = "signed in"
    FORWARDED = "forwarded"
    SAME_ACT = "same act"
    SAME_SUBJECT = "same subject"
    CAUSED = "caused"
    HELD_SECRET = "held a secret"
    SAME_CLIENT = "same client"


class EndKind(enum.StrEnum):
    """What stands at the end of a link."""

    EVENT = "event"
    SESSION = "session"
    CREDENTIAL = "credential"
    IDENTITY = "identity"
    NOTHING = "nothing"


class End(NamedTuple):
    """One end of a link.

    Attributes:
        kind: What it is.
        id: Its id: of an event its mark (:func:`event_mark`), of a hole an empty text.
        event: Row number of the event in this case file, where the end is one. Never exported.
    """

    kind: EndKind
    id: str
    event: int | None = None


HOLE = End(EndKind.NOTHING, "")
"""The end of a link that leads out of the evidence."""


class Basis(enum.StrEnum):
    """What the start or the end of a session rests on."""

    ISSUED = "issued"
    SIGNED_IN = "signed in"
    NATIVE = "native"
    FIRST_USE = "first use"
    LAST_USE = "last use"
    EXPIRY = "expiry"
    ENDED = "ended"
    REVOKED = "revoked"
    OPEN = "open"


class Client(msgspec.Struct, frozen=True):
    """Where the events of a session came from: one address and one kind of agent.

    Attributes:
        address: The address as logged; ``None`` if the records have none.
        agent: The product the agent names itself, or its whole text where it names none.
        events: How many events.
        first: The first of them, microseconds UTC.
        last: The last of them.
    """

    address: str | None
    agent: str | None
    events: int
    first: int | None
    last: int | None


class ClientVersions(NamedTuple):
    """A client that names itself in several versions or on several platforms.

    Attributes:
        client: The product the agents name.
        versions: What they say of version and platform; at most :data:`VERSIONS_SHOWN`.
        number: How many there are.
    """

    client: str
    versions: tuple[str, ...]
    number: int


VERSIONS_SHOWN = 6
"""Versions of a client that are listed; it is said how many there are."""


class Session(msgspec.Struct, frozen=True, kw_only=True):
    """One identity, one credential or sign-in, a bounded time, a set of events.

    Attributes:
        id: ``S-`` and twelve hexadecimal digits, a hash of what defines the session.
        method: What makes these events one session, in words (``temporary key``, ``console sign-in``).
        anchor: The native key that all its events hold; ``None`` if they only share identity and client.
        membership: Proven if every own event holds the anchor, else inferred.
        identity: The principal of most of its events.
        identities: How many principals its events name.
        kind: Human, non-human, service or undecided, with the reason.
        sources: The logs it appears in.
        account: The account of most of its events.
        start: Microseconds UTC; ``None`` if no event has a time.
        start_basis: What the start rests on.
        end: Microseconds UTC.
        end_basis: What the end rests on.
        events: Own events.
        forwarded: Calls that services made on behalf of own events: each for one of them alone, or with its own key.
        forwarded_open: Such calls that several own events fit: which of them caused each is open.
        verbs: Own events by verb.
        keys: How many access keys or tokens its events present.
        clients: Where they came from, most events first; at most :data:`CLIENTS_SHOWN`.
        client_count: How many there are.
        versions: Those of them that come in several versions or from several platforms: perhaps two machines.
        opened_by: Row number of the event that signed in or issued the anchor.
        parent: Id of the session in which the anchor was issued.
        parent_link: Id of the link that says so.
        strength: How well it hangs on its parent; ``unproven`` where the chain ends in a hole.
        chain: The weakest hop from here to the first credential use, a hole at its end included: of the links, and of how
            well events belong to the sessions crossed, this one included.
        caveats: What must be said with it.
    """

    id: str
    method: str
    anchor: Credential | None
    membership: Strength
    identity: Identity | None
    identities: int
    kind: KindReason
    sources: tuple[str, ...]
    account: str | None
    start: int | None
    start_basis: Basis
    end: int | None
    end_basis: Basis
    events: int
    forwarded: int
    forwarded_open: int
    verbs: dict[str, int]
    keys: int
    clients: tuple[Client, ...]
    client_count: int
    versions: tuple[ClientVersions, ...] = ()
    opened_by: int | None = None
    parent: str | None = None
    parent_link: str | None = None
    strength: Strength = Strength.UNPROVEN
    chain: Strength = Strength.UNPROVEN
    caveats: tuple[str, ...] = ()


CLIENTS_SHOWN = 50
"""Clients that a session lists; it says how many there are."""


class Link(msgspec.Struct, frozen=True, kw_only=True):
    """A directed edge between two things, with everything that is needed to check it.

    Attributes:
        id: ``L-`` and twelve hexadecimal digits, a hash of rule, relation and ends.
        rule: Name of the rule (``aws-key``).
        version: Its version.
        relation: What is said.
        strength: How well.
        source: From.
        target: To; :data:`HOLE` where the chain cannot go on.
        fields: The joined fields with the value both hold, as ``field = field: value``.
        evidence: Row numbers of the cited events.
        delta: Microseconds from the cited cause to the effect, where both have a time.
        rivals: What else would fit as well: never empty for two equally good candidates.
        rival_count: How many rivals there are in all.
        caveats: What the link does not show, and what contradicts it.
        contradicted: Whether something contradicts it (use after expiry, impossible order); it is then not proven.
        closes: For a hole, what would close it.
    """

    id: str
    rule: str
    version: int
    relation: Relation
    strength: Strength
    source: End
    target: End
    fields: tuple[str, ...] = ()
    evidence: tuple[int, ...] = ()
    delta: int | None = None
    rivals: tuple[End, ...] = ()
    rival_count: int = 0
    caveats: tuple[str, ...] = ()
    contradicted: bool = False
    closes: str | None = None


RIVALS_SHOWN = 20
"""Rivals that a link lists; it says how many there are."""


class Alias(msgspec.Struct, frozen=True):
    """A name under which records know an identity, and the time in which they do."""

    name: str
    first: int | None
    last: int | None
    events: int


class KnownIdentity(msgspec.Struct, frozen=True, kw_only=True):
    """An identity of the case.

    Attributes:
        id: ``I-`` and twelve hexadecimal digits.
        canonical: Its most stable native identifier.
        kind: What stands behind it, over all its events; undecided where they differ.
        reasons: The deciding fields with how many events each decided.
        aliases: Names over time.
        native_ids: Identifiers that survive renaming.
        sources: The logs that name it.
        account: The account it belongs to.
        events: How many events it made.
        sessions: In how many sessions.
        first: First event, microseconds UTC.
        last: Last event.
        unique_id: The id that its system gave to no other (AIDA…, AROA…, the uid of a service account), if records hold one.
        namesakes: Ids of the other identities of this name: those whose records hold another unique id, and the one of the
            records that hold none. An identity with namesakes and no unique id is that one: whose they are is not known.
    """

    id: str
    canonical: str
    kind: IdentityKind
    reasons: tuple[tuple[str, str, int], ...]
    aliases: tuple[Alias, ...]
    native_ids: tuple[str, ...]
    sources: tuple[str, ...]
    account: str | None
    events: int
    sessions: int
    first: int | None
    last: int | None
    unique_id: str | None = None
    namesakes: tuple[str, ...] = ()


class Match(msgspec.Struct, frozen=True, kw_only=True):
    """A proposal that two identities are one person or workload. It is never more than inferred and never merges by itself.

    Attributes:
        id: ``M-`` and twelve hexadecimal digits.
        one: Id of an identity.
        other: Id of the other.
        score: Likeness of the names, 0 to 100.
        names: The two names compared.
        reason: What was compared, in words.
        alike: Whether they can be one by what they are: no role or workload beside somebody's account.
    """

    id: str
    one: str
    other: str
    score: int
    names: tuple[str, str]
    reason: str
    alike: bool = True


class KnownCredential(msgspec.Struct, frozen=True, kw_only=True):
    """A credential of the case: where it came from, how long it was good for, who used it.

    Attributes:
        id: ``C-`` and twelve hexadecimal digits.
        type: What it is.
        native_id: Its public identifier.
        identity: Canonical name of the identity that presented it most; of one never used, whom it was issued to.
        identities: How many identities presented it.
        issued_at: Microseconds UTC; ``None`` if no event of the case issued it.
        issued_by: Row number of that event.
        opened_at: Of one that no event issued: when the sign-in was that opened its session.
        opened_by: Row number of that event.
        opened_strength: How well this is shown.
        expires: Microseconds UTC, if a record says so.
        revoked_at: When an event of the case took it back.
        revoked_by: Row number of that event.
        first: First use.
        last: Last use.
        events: How many events presented it.
        sessions: In how many sessions.
        clients: From how many clients (address and agent).
        versions: Those of them that come in several versions or from several platforms.
        account: For AWS key ids the account they encode, else ``None``.
        warnings: What is odd: an account that differs from the record's, use after expiry or revocation.
    """

    id: str
    type: str
    native_id: str
    identity: str | None
    identities: int
    issued_at: int | None
    issued_by: int | None
    expires: int | None
    revoked_at: int | None
    revoked_by: int | None
    first: int | None
    last: int | None
    events: int
    sessions: int
    clients: int
    account: str | None
    warnings: tuple[str, ...] = ()
    versions: tuple[ClientVersions, ...] = ()
    opened_at: int | None = None
    opened_by: int | None = None
    opened_strength: Strength | None = None


class Skew(msgspec.Struct, frozen=True, kw_only=True):
    """What two logs say about the difference of their clocks; it is shown and never applied.

    Attributes:
        source: One log.
        other: The other.
        low: The other's clock is ahead by at least this many microseconds; ``None`` if nothing bounds it.
        high: And by at most this many.
        copies: Pairs of records of one act that were compared.
        pairs: Pairs of issue and use.
        evidence: Row numbers of the events of the tightest bounds.
    """

    source: str
    other: str
    low: int | None
    high: int | None
    copies: int
    pairs: int
    evidence: tuple[int, ...] = ()


def id_of(letter: str, *parts: str | int | None) -> str:
    """Return an id: a letter and the first twelve digits of a hash of what defines the thing.

    Args:
        letter: ``S`` session, ``L`` link, ``I`` identity, ``C`` credential, ``M`` match.
        parts: What defines it. Lengths are hashed too, so that no two lists run together.
    """
    text = ""
    for part in parts:
        if part is None:
            text += "0:-"
        else:
            part = str(part)
            text += f"{len(part)}:+{part}"
    digest = hashlib.sha256(text.encode("utf-8", "surrogatepass"))
    return f"{letter}-{digest.hexdigest()[:12]}"
