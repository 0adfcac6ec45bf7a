"""What responders say of events: tags and findings, with what they cite and how sure they are.

Nothing here is derived: every value is a person's word, kept as an entry of the journal and never edited. What a tag cites is
frozen as its author saw it, so that a later change of the derived layer shows.
"""

from __future__ import annotations

import enum
from collections.abc import Iterable
from typing import Generic, TypeVar

import msgspec

from workbench.model.session import Strength


class Grade(enum.StrEnum):
    """How well a claim is shown, by its author. Untagged is none of these: nobody has looked."""

    ATTRIBUTED = "attributed"
    INFERRED = "inferred"
    UNPROVEN = "unproven"
    EXCLUDED = "excluded"


_WEAKNESS = {Grade.EXCLUDED: 0, Grade.ATTRIBUTED: 0, Grade.INFERRED: 1, Grade.UNPROVEN: 2}


def weaker(grade: Grade, than: Grade) -> bool:
    """Whether a grade says less than another; excluded and attributed say equally much."""
    return _WEAKNESS[grade] > _WEAKNESS[than]


class Level(enum.StrEnum):
    """Whom a claim is about. Logs prove the first two; above them something that is no log is needed."""

    CREDENTIAL = "credential"
    SESSION = "session"
    DEVICE = "device"
    ACCOUNT_HOLDER = "account holder"
    ORGANISATION = "organisation"
    PERSON = "person"

    @property
    def rank(self) -> int:
        """Place from the credential, 0, to the person, 5."""
        return list(Level).index(self)


class ReasonCode(enum.StrEnum):
    """Why a claim is unproven."""

    NO_RECORD = "no_record"
    GAP = "gap"
    CONFLICTING = "conflicting"
    INSUFFICIENT = "insufficient"
    SOURCE_UNRELIABLE = "source_unreliable"
    AMBIGUOUS_IDENTITY = "ambiguous_identity"
    NOT_YET_EXAMINED = "not_yet_examined"


class Likelihood(enum.StrEnum):
    """The seven terms of ICD 203 (Analytic Standards, section D.6.e.2.a), one row, never 0 or 100 per cent."""

    ALMOST_NO_CHANCE = "almost no chance"
    VERY_UNLIKELY = "very unlikely"
    UNLIKELY = "unlikely"
    ROUGHLY_EVEN = "roughly even chance"
    LIKELY = "likely"
    VERY_LIKELY = "very likely"
    ALMOST_CERTAIN = "almost certain"

    @property
    def percent(self) -> tuple[int, int]:
        """The band of probabilities that the term stands for."""
        return _BANDS[self]


_BANDS = dict(
    zip(
        Likelihood,
        ((1, 5), (5, 20), (20, 45), (45, 55), (55, 80), (80, 95), (95, 99)),
        strict=True,
    )
)


class Confidence(enum.StrEnum):
    """How good the basis of a likelihood is: another question than how likely, and never in one sentence with it."""

    LOW = "low"
    MODERATE = "moderate"
    HIGH = "high"


class CitationKind(enum.StrEnum):
    """What can be cited."""

    EVENT = "event"
    RECORD = "record"
    DOCUMENT = "document"
    LINK = "link"
    SESSION = "session"
    GAP = "gap"
    TAG = "tag"
    FINDING = "finding"
    NOTE = "note"


class Citation(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Something cited, as it was when it was cited.

    Attributes:
        kind: What it is.
        ref: Its reference or id.
        says: What it said, in a line.
        source: The log it is of, or the custodian of a document: premises of different ones are independent.
        strength: Of a link: how well it showed what it says.
        grade: Of a tag: what it said.
        rule: Of a link: the rule and its version.
        seen: Hash of what it was (:mod:`workbench.claims.staleness` compares it).
        shows: Of a document: what it shows of whom or of what, in the words of whoever cites it. Nobody else has read it.
    """

    kind: CitationKind
    ref: str
    says: str = ""
    source: str | None = None
    strength: Strength | None = None
    grade: Grade | None = None
    rule: str | None = None
    seen: str | None = None
    shows: str | None = None

    @property
    def short(self) -> str:
        """The form for people: of a record eight digits of its hash and the offset, else the id."""
        head, colon, tail = self.ref.partition(":")
        place, mark, part = tail.partition("#")
        return f"{head[:8]}:{place.partition('+')[0]}{mark}{part}" if colon else self.ref


class Alternative(msgspec.Struct, frozen=True, omit_defaults=True):
    """Who or what else it could have been.

    Attributes:
        text: In the author's words.
        excluded_by: References and ids that the words name as excluding it.
    """

    text: str
    excluded_by: tuple[str, ...] = ()


class Choice(enum.StrEnum):
    """How the events of a tag were chosen."""

    LISTED = "listed"
    SESSION = "session"
    FILTER = "filter"


class Scope(msgspec.Struct, frozen=True, kw_only=True):
    """The events that a tag covers.

    Attributes:
        choice: How they were chosen.
        text: The ids of the sessions, or the query of the filter; empty if they were listed.
        events: How many there are.
        bound: How many of them have a proven binding of their own at the tag's level.
        places: Their record references, by content hash: ``offset+length`` or ``offset+length#part``, by blanks.
        start: The first of them, RFC 3339; ``None`` if none has a time.
        end: The last of them.
        credentials: Native ids of the credentials that they present.
        sources: The logs they are of.
        actions: What they do, each as service and operation; empty if that is too much to list, or was not kept.
    """

    choice: Choice
    text: str
    events: int
    bound: int
    places: dict[str, str]
    start: str | None = None
    end: str | None = None
    credentials: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()
    actions: tuple[str, ...] = ()


class MachineView(msgspec.Struct, frozen=True, kw_only=True):
    """What the links support by themselves, beside what the responder says and never mixed with it.

    Attributes:
        level: The strongest level to which every event is bound by a proven binding; ``None`` if there is none.
        subjects: What they are bound to: ids of credentials or sessions.
        identities: Whom the records name with them.
        why: Why it is that level.
        beyond: Why it is not the next one.
        contradictions: What speaks against the binding.
        outside: Why events are not inside the validity of their credential.
        caveats: What else must be said with it.
    """

    level: Level | None
    subjects: tuple[str, ...] = ()
    identities: tuple[str, ...] = ()
    why: str = ""
    beyond: str = ""
    contradictions: tuple[str, ...] = ()
    outside: tuple[str, ...] = ()
    caveats: tuple[str, ...] = ()

    def same(self, other: MachineView) -> bool:
        """Whether another view says the same: several subjects or caveats come in no order."""
        return all(
            sorted(one) == sorted(two) if isinstance(one, tuple) else one == two
            for one, two in zip(msgspec.structs.astuple(self), msgspec.structs.astuple(other), strict=True)
        )


class Tag(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A claim that certain events were, or were not, a subject's acts, at a level.

    Attributes:
        grade: How well that is shown.
        subject: Of whom, or of which credential or session.
        typed: What its author typed for it, where all records know that under the name that stands as the subject.
        level: What kind of thing the subject is taken for.
        reason: Why; a sentence of at least three words.
        scope: The events.
        machine: What the links supported when it was committed.
        cites: What it rests on.
        against: What is cited as speaking against it and not resolved.
        alternatives: Who else it could have been.
        assumptions: What is taken for granted.
        would_change: What would falsify or raise it.
        closes: How what an earlier version named as able to falsify it was settled.
        likelihood: How likely, of an inferred one.
        confidence: How good the basis of that is.
        reason_code: Why it is unproven.
        resolve: What would resolve an unproven one.
        gaps: Ids of the gaps that could break its binding when it was committed: its author could see them.
        override: Why it was committed against a rule.
        overrode: What was overridden: the rule and what it said.
        carried: Which earlier version the override was given for, where it stays on this one.
        found_wrong: Errors that reviewers found in earlier versions on the same events, and nobody has answered.
        answers: What its author answers to errors that reviewers found.
        reaffirms: Whether it says again what an earlier version said, of what the records say now.
        was_stale: What had made the version stale whose place it takes; nothing if it was not.
    """

    grade: Grade
    subject: str
    level: Level
    reason: str
    scope: Scope
    machine: MachineView
    typed: str | None = None
    cites: tuple[Citation, ...] = ()
    against: tuple[Citation, ...] = ()
    alternatives: tuple[Alternative, ...] = ()
    assumptions: tuple[str, ...] = ()
    would_change: str | None = None
    closes: str | None = None
    likelihood: Likelihood | None = None
    confidence: Confidence | None = None
    reason_code: ReasonCode | None = None
    resolve: str | None = None
    gaps: tuple[str, ...] = ()
    override: str | None = None
    overrode: tuple[str, ...] = ()
    carried: str | None = None
    found_wrong: tuple[str, ...] = ()
    answers: str | None = None
    reaffirms: bool = False
    was_stale: tuple[str, ...] = ()


class Review(msgspec.Struct, frozen=True, kw_only=True):
    """A second person's word on one version of a tag or finding.

    Attributes:
        reviewer: Who.
        time: When, RFC 3339.
        approves: Whether they sign it; an objection opens the duty to demote.
        text: What they say.
        sampled: How many of the events they looked at one by one.
        errors: How many of those were wrong.
    """

    reviewer: str
    time: str
    approves: bool
    text: str = ""
    sampled: int = 0
    errors: int = 0


class TakenOver(msgspec.Struct, frozen=True, kw_only=True):
    """A journal of another copy of the case that was taken over into this one.

    Attributes:
        people: Who wrote in it after the copies parted.
        root: Its root, hexadecimal.
        merged_at: Place of the entry here that took it over.
    """

    people: tuple[str, ...]
    root: str
    merged_at: int


class Origin(msgspec.Struct, frozen=True, kw_only=True):
    """Where a version of something in the record stands.

    Attributes:
        id: ``T-``, ``F-``, ``N-`` or ``H-`` and twelve hexadecimal digits: the same for all versions.
        version: From 1.
        entry: SHA-256 of the journal entry's bytes.
        seq: The entry's place in its journal.
        time: When it was written, RFC 3339 by the machine's clock.
        author: Who wrote it, as they named themselves.
        supersedes: ``entry`` of the version before.
        superseded_by: ``entry`` of the version after, or of the entry that took it back; ``None`` if it stands.
        retracted: Why it was taken back without another in its place.
        journal: The journal in which the entry has its place; ``None`` for that of the case itself.
    """

    id: str
    version: int
    entry: str
    seq: int
    time: str
    author: str
    supersedes: str | None = None
    superseded_by: str | None = None
    retracted: str | None = None
    journal: TakenOver | None = None

    @property
    def place(self) -> str:
        """Which entry of which journal it is, in words."""
        if self.journal is None:
            return f"journal entry {self.seq}"
        whose = f"{self.journal.people[0]}'s journal"
        if len(self.journal.people) > 1:
            whose = f"the journal of {', '.join(self.journal.people)}"
        return (
            f"entry {self.seq} of {whose} (root {self.journal.root[:16]}, taken over by entry"
            f" {self.journal.merged_at} here)"
        )

    @property
    def stands(self) -> bool:
        """Whether no later entry supersedes it."""
        return self.superseded_by is None


def version_name(id: str, entry: str) -> str:  # noqa: A002
    """Return the name of one version of something: of the first its id, else its letter and the start of its own entry."""
    return f"{id[:2]}{entry[:12]}"


class Rival(msgspec.Struct, frozen=True):
    """What another copy of the case says otherwise than a version, and nobody has settled.

    Attributes:
        name: Id of the claim, or name of the version, that says so; ``None`` for a review or a taking back.
        says: What it says, and who said it.
    """

    name: str | None
    says: str

    def __str__(self) -> str:
        return self.says if self.name is None else f"{self.name} ({self.says})"


Body = TypeVar("Body")


class Kept(msgspec.Struct, Generic[Body], frozen=True, kw_only=True):
    """A version of something in the record, with its place and what reviewers said of it."""

    origin: Origin
    body: Body
    reviews: tuple[Review, ...] = ()
    missing: int = 0
    """Events of a tag that are not, or no longer, in the derived layer."""
    rivals: tuple[Rival, ...] = ()
    """What of a merged copy says otherwise; empty once a person has settled it."""

    @property
    def conflict(self) -> str:
        """With what it is in conflict and how that is settled, empty if it is in none."""
        if not self.rivals:
            return ""
        listed = "; ".join(map(str, self.rivals))
        return f"in conflict with {listed}: settle by superseding one, or by taking one back"


class EventTag(msgspec.Struct, frozen=True):
    """A standing tag as it is shown with an event that it covers.

    Attributes:
        id: Its id.
        grade: What it says.
        subject: Of whom.
        level: At which level.
        rule: Of a tag by filter: the query by which the event came under it; else ``None``.
        override: Why it was committed against a rule; ``None`` if it was not.
    """

    id: str
    grade: Grade
    subject: str
    level: Level
    rule: str | None = None
    override: str | None = None


def weakest_grade(grades: Iterable[Grade]) -> Grade | None:
    """Return the one word for an event under several tags: the weakest; excluded only if none says more.

    ``None`` stands for untagged.
    """
    found = set(grades)
    for grade in (Grade.UNPROVEN, Grade.INFERRED, Grade.ATTRIBUTED, Grade.EXCLUDED):
        if grade in found:
            return grade
    return None
