"""Sessions from trails: which events belong together, and on what that rests."""

from __future__ import annotations

import bisect
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import TypeVar

import msgspec

from workbench.clock import SECOND
from workbench.model.event import Credential, Identity, IdentityKind, KindReason, Verb
from workbench.model.session import CLIENTS_SHOWN, Basis, Client, ClientVersions, Session, Strength, id_of
from workbench.sessions.agents import versions_of
from workbench.sessions.facts import Call, Disputed, Facts, Notable
from workbench.sessions.holders import names_of_ids
from workbench.sessions.keys import SIGN_IN, KeyClass, anchor_of, method_of
from workbench.sessions.principals import two_principals
from workbench.sessions.trails import IDLE, Run, Trail, runs_of, starts_of
from workbench.sessions.unique_ids import Bearers, family_of, unique_id

TEMPORARY_KEY = "aws temporary key"

_FORWARDED = "calls of a service"
_BY_CLIENT = "same identity and client"
_ENTRY = "sign-in that opened no session seen"
_UNUSED = "issue of a key that was not used"
_RUNS = "workflow runs of which only the start was seen"

_HOLDERS = 3
"""Principals that a contradiction names."""

_SIGN_IN_TAKES = 300 * SECOND
"""Microseconds for which a sign-in goes on under its session's id before it has succeeded: its policies and factors."""

_KIND_ORDER = (IdentityKind.HUMAN, IdentityKind.NONHUMAN, IdentityKind.SERVICE, IdentityKind.UNDECIDED)


class Draft(msgspec.Struct):
    """A session that is being put together.

    Attributes:
        id: Its id.
        method: What makes its events one session.
        anchor: The key that they hold.
        pieces: The runs of trails it consists of.
        membership: How well its events belong to it.
        calls: Forwarded calls folded into it: how many.
        open_calls: Forwarded calls that several of its own calls fit: how many.
        call_keys: The keys that those of them present that hold the session's own key.
        opened_by: Row number of the event that opened it.
        opened_at: Its time.
        start_basis: What the start rests on.
        ended_at: When something ended it.
        end_basis: What ended it.
        expires: When its key stops to work.
        human: Why a person stands behind it, where an event beside it says so.
        inherited: What stands behind the session in which its key provably was issued, where its own records decide nothing.
        parent: The session in which its key was issued.
        parent_link: Id of the link that says so.
        strength: How well.
        chain: The weakest hop or membership to the first credential use.
        caveats: What must be said with it.
        broken: What was done with its key after it was taken away: in words, with the two events.
        refused_after_end: Whether all that was tried after its end was refused.
        first: Time of the first own event. This and what follows is not given but follows from the pieces; it is asked for
            often.
        last: Time of the last own event.
        first_event: Row number of a first own event.
        identity: The principal of most of its events.
    """

    id: str
    method: str
    anchor: Credential | None
    pieces: list[tuple[Trail, Run]]
    membership: Strength
    calls: int = 0
    open_calls: int = 0
    call_keys: set[Credential] = set()
    opened_by: int | None = None
    opened_at: int | None = None
    start_basis: Basis = Basis.FIRST_USE
    ended_at: int | None = None
    end_basis: Basis = Basis.LAST_USE
    expires: int | None = None
    human: str | None = None
    inherited: KindReason | None = None
    parent: Draft | None = None
    parent_link: str | None = None
    strength: Strength = Strength.UNPROVEN
    chain: Strength = Strength.UNPROVEN
    caveats: list[str] = []
    broken: list[tuple[str, tuple[int, int]]] = []
    refused_after_end: bool = False

    first: int | None = None
    last: int | None = None
    first_event: int = 0
    identity: Identity | None = None

    def __post_init__(self) -> None:
        """Work out what follows from the pieces."""
        if len(self.pieces) == 1:  # as of most sessions
            ((trail, run),) = self.pieces
            self.first, self.last, self.first_event = run.first, run.last, run.first_event
            self.identity = trail.identity
            return
        runs = [run for _, run in self.pieces]
        self.first = min([run.first for run in runs if run.first is not None], default=None)
        self.last = max([run.last for run in runs if run.last is not None], default=None)
        self.first_event = min((run.first is None, run.first or 0, run.first_event) for run in runs)[2]
        self.identity = _most([(trail.identity, run.events) for trail, run in self.pieces])

    @property
    def addresses(self) -> int:
        """From how many addresses its events came."""
        return len({trail.address.raw for trail, _ in self.pieces if trail.address is not None})

    def finished(self, case_last: int | None) -> Session:
        """Return the session as it is stored and shown.

        Args:
            case_last: The last event of the case, microseconds UTC.
        """
        start, start_basis = self.first, self.start_basis
        if self.opened_at is not None and start_basis is not Basis.FIRST_USE:
            if start is None or self.opened_at <= start:
                start = self.opened_at
            elif start_basis is Basis.ISSUED or self.opened_at - start > _SIGN_IN_TAKES:
                start_basis = Basis.FIRST_USE
        end, end_basis = self._end(case_last)
        events = 0
        verbs: dict[str, int] = {}
        identities: set[str] = set()
        sources: set[str] = set()
        keys = set(self.call_keys)
        for trail, run in self.pieces:
            events += run.events
            for verb, number in run.verbs.items():
                verbs[verb] = verbs.get(verb, 0) + number
            if trail.identity is not None:
                identities.add(trail.identity.canonical)
            if trail.credential is not None:
                keys.add(trail.credential)
            sources.add(trail.source)
        clients = self._clients()
        return Session(
            id=self.id,
            method=self.method,
            anchor=self.anchor,
            membership=self.membership,
            identity=self.identity,
            identities=len(identities),
            kind=self.kind(),
            sources=tuple(sorted(sources)),
            account=_most([(trail.account, run.events) for trail, run in self.pieces]),
            start=start,
            start_basis=start_basis,
            end=end,
            end_basis=end_basis,
            events=events,
            forwarded=self.calls,
            forwarded_open=self.open_calls,
            verbs=dict(sorted(verbs.items())),
            keys=len(keys),
            clients=clients[:CLIENTS_SHOWN],
            client_count=len(clients),
            versions=self._versions(),
            opened_by=self.opened_by,
            parent=self.parent.id if self.parent else None,
            parent_link=self.parent_link,
            strength=self.strength,
            chain=self.chain,
            caveats=tuple(self.caveats),
        )

    def kind(self) -> KindReason:
        """Decide what stands behind the session: a person if any event shows one, else a machine, else a service."""
        if self.inherited is not None:
            return self.inherited
        if self.human is not None:
            return KindReason(IdentityKind.HUMAN, self.human)
        if len(self.pieces) == 1:
            return self.pieces[0][0].kind
        counts: dict[KindReason, int] = {}
        for trail, run in self.pieces:
            counts[trail.kind] = counts.get(trail.kind, 0) + run.events
        if len(counts) == 1:
            return next(iter(counts))
        total = sum(counts.values())
        kind = next(kind for kind in _KIND_ORDER if any(each.kind is kind for each in counts))
        best = max(
            (each for each in counts if each.kind is kind), key=lambda each: (counts[each], each.reason)
        )
        if counts[best] == total:
            return best
        return KindReason(kind, f"{best.reason} (in {counts[best]:,} of {total:,} events)")

    def _end(self, case_last: int | None) -> tuple[int | None, Basis]:
        last = self.last
        if self.ended_at is not None and (last is None or self.ended_at >= last or self._tried_in_vain()):
            return self.ended_at, self.end_basis
        if self.expires is not None and case_last is not None:
            if self.expires > case_last:
                return last, Basis.OPEN
            if last is None or self.expires >= last:
                return self.expires, Basis.EXPIRY
        if last is not None and case_last is not None and case_last - last < IDLE and self.expires is None:
            return last, Basis.OPEN
        return last, Basis.LAST_USE

    def _tried_in_vain(self) -> bool:
        """Whether its last events are attempts, refused, after its end."""
        return self.refused_after_end and self.ended_at is not None and (self.first or 0) <= self.ended_at

    def _versions(self) -> tuple[ClientVersions, ...]:
        if len(self.pieces) == 1:
            return ()
        return versions_of({trail.user_agent for trail, _ in self.pieces if trail.user_agent is not None})

    def _clients(self) -> tuple[Client, ...]:
        if len(self.pieces) == 1:  # as of most sessions
            trail, run = self.pieces[0]
            return (Client(*trail.client, run.events, run.first, run.last),)
        found: dict[tuple[str | None, str | None], list[Run]] = {}
        for trail, run in self.pieces:
            found.setdefault(trail.client, []).append(run)
        clients = [
            Client(
                address,
                agent,
                sum([run.events for run in runs]),
                min([run.first for run in runs if run.first is not None], default=None),
                max([run.last for run in runs if run.last is not None], default=None),
            )
            for (address, agent), runs in found.items()
        ]
        return tuple(sorted(clients, key=lambda one: (-one.events, one.address or "", one.agent or "")))


class Assembly:
    """All sessions of a case, and where each event belongs."""

    def __init__(self, facts: Facts) -> None:
        self.drafts: dict[str, Draft] = {}
        self.by_anchor: dict[Credential, list[Draft]] = {}
        self.by_key: dict[Credential, list[Draft]] = {}
        self._spans: dict[int, list[tuple[int | None, int | None, Draft]]] = {}
        self.waiting: list[Trail] = []
        """Trails of forwarded calls that no session, or more than one, holds by its key."""
        self.entries: dict[int, list[Notable]] = {}
        """Events without a key that sign in or issue one, by trail: they open sessions and belong to none."""
        self.names_of_ids = names_of_ids(facts.trails)
        """The names under which records know each unique id of AWS, folded."""
        self.bearers = Bearers(facts.trails)
        """Whom records mean by a name."""
        self._put_together(facts)

    def at(self, trail: int, time: int | None) -> Draft | None:
        """Return the session of an event of a trail."""
        for first, last, draft in self._spans.get(trail, ()):
            if (time is None) == (first is None) and (time is None or (first <= time <= last)):  # type: ignore[operator]
                return draft
        return None

    def memberships(self) -> Iterable[tuple[int, int | None, int | None, str]]:
        """Yield which stretch of which trail belongs to which session: trail, first and last time, session."""
        for trail, spans in self._spans.items():
            for first, last, draft in spans:
                yield trail, first, last, draft.id

    def settle(
        self, left: Mapping[int, Sequence[Call]], opened: Collection[int], trails: Mapping[int, Trail]
    ) -> None:
        """Make sessions of what is left: forwarded calls whose caller is not known, sign-ins that opened nothing.

        Args:
            left: The forwarded calls that no session took, by trail.
            opened: Row numbers of the events that opened a session.
            trails: All trails.
        """
        by_key: dict[Credential, list[Trail]] = {}
        for trail in self.waiting:
            calls = left.get(trail.number, ())
            if len(calls) < trail.events:  # a session took some of them, or some have no time
                runs = runs_of(sorted((call.time, call.event, call.act.verb.value) for call in calls))
                runs += [run for run in trail.runs if run.first is None]
                trail = msgspec.structs.replace(trail, runs=runs)
            if trail.runs and trail.credential is not None:
                by_key.setdefault(trail.credential, []).append(trail)
        for key, group in by_key.items():
            self._whole(_FORWARDED, key, group, "forwarded")
        entries: dict[tuple[str | None, ...], list[Trail]] = {}
        for number, notables in self.entries.items():
            unused = [each for each in notables if each.event not in opened]
            if not unused:
                continue
            trail = trails[number]
            runs = runs_of(
                sorted(
                    (each.time, each.event, each.act.verb.value) for each in unused if each.time is not None
                )
            )
            undated = [each for each in unused if each.time is None]
            if undated:
                verbs = dict(Counter(each.act.verb.value for each in undated))
                numbers = [each.event for each in undated]
                runs.append(Run(None, None, len(undated), min(numbers), max(numbers), verbs))
            signs_in = all(each.act.verb is Verb.AUTHENTICATE for each in unused)
            # Trails that differ in nothing a session is known by (the region, say) are one, or one would hide the other.
            runs_only = all(
                issued.credential.type == "github workflow run" for each in unused for issued in each.issued
            )
            words = _ENTRY if signs_in else _RUNS if runs_only else _UNUSED
            name = (words, *self._name_of(trail), *trail.client)
            entries.setdefault(name, []).append(msgspec.structs.replace(trail, runs=runs))
        for name, group in entries.items():
            self._runs(str(name[0]), None, group, name)

    def _put_together(self, facts: Facts) -> None:
        issued = {
            one.credential for each in facts.notables if each.succeeded is not False for one in each.issued
        }
        by_anchor: dict[Credential, list[Trail]] = {}
        loose: dict[tuple[str | None, ...], list[Trail]] = {}
        openers: dict[int, list[Notable]] = {}
        for each in facts.notables:
            if each.issued or each.act.verb is Verb.AUTHENTICATE:
                openers.setdefault(each.trail, []).append(each)
        forwarded = []
        for trail in facts.trails:
            if trail.forwarded:
                forwarded.append(trail)
                continue
            anchor = _anchor(trail, issued)
            if anchor is not None:
                by_anchor.setdefault(anchor, []).append(trail)
            elif len(openers.get(trail.number, ())) == trail.events:
                self.entries[trail.number] = openers[trail.number]
            else:
                loose.setdefault((*self._name_of(trail), *trail.client), []).append(trail)
        calls: dict[Credential, list[Trail]] = {}
        for trail in forwarded:
            home = next((key for key in trail.presented if key in by_anchor), None)
            if home is None:
                self.waiting.append(trail)
            else:
                calls.setdefault(home, []).append(trail)
        for anchor, trails in by_anchor.items():
            method = method_of(anchor.type)
            if method.key_class is KeyClass.LASTING or method.key_class is KeyClass.DECISIVE:
                self._by_client(method.words, anchor, trails)
            else:
                self._whole(method.words, anchor, trails)
        for anchor, trails in calls.items():
            drafts = self.by_anchor[anchor]
            if len(drafts) > 1:
                # Several sessions present this key: which of them a call was made for, only its cause can tell.
                self.waiting += trails
                continue
            for trail in trails:
                self._take(drafts[0], trail)
        for trails in loose.values():
            self._runs(_BY_CLIENT, None, trails, self._name_of(trails[0]))
        self._note_disputed(facts)
        for anchor, drafts in self.by_anchor.items():
            _disagree(anchor, drafts, self.names_of_ids)
        for draft in self.drafts.values():
            _doubt(draft)
            _unchecked(draft, facts.unverified)
            for key in {key for trail, _ in draft.pieces for key in trail.presented}:
                self.by_key.setdefault(key, []).append(draft)

    def _note_disputed(self, facts: Facts) -> None:
        """Note in sessions which of their records stand in the case in another version, too."""
        found: dict[str, list[Disputed]] = {}
        for one in facts.disputed.values():
            draft = self.at(one.trail, one.time)
            if draft is not None:
                found.setdefault(draft.id, []).append(one)
        for number, disputed in found.items():
            draft = self.drafts[number]
            words = sorted({word for one in disputed for word in one.differ})
            draft.caveats.append(
                f"contradiction: {len(disputed):,} of its records stand in the case in another version of the same id;"
                f" they differ in {', '.join(words)}"
            )
            if len(disputed) >= sum(run.events for _, run in draft.pieces):
                draft.membership = Strength.INFERRED

    def _name_of(self, trail: Trail) -> tuple[str | None, ...]:
        """Return what a session without a key is known by: its log and the principal's names.

        Where the name is borne by several, the unique id belongs to it: one session is of one of them.
        """
        identity = trail.identity
        if identity is None:
            return (trail.source, None, None)
        name = (trail.source, identity.canonical, identity.name)
        family = family_of(trail.source)
        if self.bearers.contested(family, identity.canonical):
            return (*name, unique_id(family, identity))
        return name

    def _take(self, draft: Draft, trail: Trail) -> None:
        """Count forwarded calls that hold the session's own key."""
        draft.calls += trail.events
        if trail.credential is not None:
            draft.call_keys.add(trail.credential)
        for run in trail.runs:
            self._spans.setdefault(trail.number, []).append((run.first, run.last, draft))

    def _by_client(self, words: str, anchor: Credential, trails: list[Trail]) -> None:
        by_client: dict[tuple[str | None, str | None], list[Trail]] = {}
        for trail in trails:
            by_client.setdefault(trail.client, []).append(trail)
        for (address, agent), group in by_client.items():
            self._runs(words, anchor, group, (anchor.type, anchor.native_id, address, agent))

    def _whole(self, words: str, anchor: Credential, trails: list[Trail], *more: str) -> None:
        draft = Draft(
            id_of("S", anchor.type, anchor.native_id, *more),
            words,
            anchor,
            [(trail, run) for trail in trails for run in trail.runs],
            Strength.INFERRED if anchor.type == SIGN_IN else Strength.PROVEN,
            caveats=[],
            call_keys=set(),
        )
        self._keep(draft)

    def _runs(
        self, words: str, anchor: Credential | None, trails: list[Trail], name: tuple[str | None, ...]
    ) -> None:
        """Make a session of each stretch without a long silence."""
        stretches = starts_of([run for trail in trails for run in trail.runs])
        starts = [first for first in stretches if first is not None]
        pieces: list[list[tuple[Trail, Run]]] = [[] for _ in stretches]
        client = trails[0].client
        for trail in trails:
            for run in trail.runs:
                place = (
                    len(stretches) - 1 if run.first is None else bisect.bisect_right(starts, run.first) - 1
                )
                pieces[place].append((trail, run))
        for first, held in zip(stretches, pieces, strict=True):
            draft = Draft(
                id_of("S", *name, *client, first),
                words,
                anchor,
                held,
                Strength.PROVEN if anchor else Strength.INFERRED,
                caveats=[],
                call_keys=set(),
            )
            self._keep(draft)

    def _keep(self, draft: Draft) -> None:
        self.drafts[draft.id] = draft
        if draft.anchor is not None:
            self.by_anchor.setdefault(draft.anchor, []).append(draft)
        for trail, run in draft.pieces:
            self._spans.setdefault(trail.number, []).append((run.first, run.last, draft))


def _anchor(trail: Trail, issued: Collection[Credential]) -> Credential | None:
    """Return the key that makes the session of a trail.

    A temporary key whose issue is in the case is a session by itself (``GetSessionToken``), although its records also tell
    when it was made.
    """
    anchor = anchor_of(trail.presented)
    own = trail.credential
    if anchor is not None and anchor.type == SIGN_IN and own is not None and own in issued:
        return own
    return anchor


def _doubt(draft: Draft) -> None:
    """Note in a session what its key leaves open: it is counted by every server, or chosen by whoever makes it."""
    if draft.anchor is None:
        return
    method = method_of(draft.anchor.type)
    if not (method.counted or method.held):
        return
    places = {trail.account for trail, _ in draft.pieces if trail.account is not None}
    holders = sorted({trail.identity.canonical for trail, _ in draft.pieces if trail.identity is not None})
    if method.counted and len(places) > 1:
        draft.membership = Strength.INFERRED
        draft.caveats.append(f"{len(places):,} places name this number, which every server counts anew")
    elif method.counted and not places and len(holders) > 1:
        draft.membership = Strength.INFERRED
        draft.caveats.append(
            f"{len(holders):,} principals present this number, which every server counts anew, and no record names its server"
        )
    if method.held and len(holders) > 1:
        # Whoever makes a key of this kind can give it the id of another's (see Method.held).
        draft.membership = Strength.INFERRED
        draft.caveats.append(f"contradiction: one key, presented by {', '.join(holders[:_HOLDERS])}")


def _unchecked(draft: Draft, unverified: Collection[str]) -> None:
    """Note in a session of which a log was read by a reader that no sample has checked that it is no proof."""
    if not unverified:
        return
    sources = sorted({trail.source for trail, _ in draft.pieces} & set(unverified))
    if sources:
        draft.membership = Strength.INFERRED
        draft.caveats.append(f"read by a reader that no sample of its log has checked: {', '.join(sources)}")


def _disagree(anchor: Credential, drafts: Sequence[Draft], names: Mapping[str, Collection[str]]) -> None:
    """Note in the sessions of a key that is issued to one that its records name two who present it.

    All sessions of the key are looked at together: those of one that is kept for long are parted by client.
    """
    pieces = [piece for draft in drafts for piece in draft.pieces]
    if len({(trail.source, trail.identity, trail.keys) for trail, _ in pieces}) < 2:
        return  # they say the same of who presents it
    words = two_principals(anchor, ((trail, run.events) for trail, run in pieces), names)
    if words is None:
        return
    for draft in drafts:
        draft.membership = Strength.INFERRED
        draft.caveats.append(f"contradiction: one key, presented by {words}")


Value = TypeVar("Value", Identity, str)


def _most(counted: Sequence[tuple[Value | None, int]]) -> Value | None:
    """Return the value of most events; of equal ones the first by name."""
    if len(counted) == 1:
        return counted[0][0]
    counts: dict[Value, int] = {}
    for value, events in counted:
        if value is not None:
            counts[value] = counts.get(value, 0) + events
    if len(counts) < 2:
        return next(iter(counts), None)
    most = max(counts.values())
    return min((value for value, count in counts.items() if count == most), key=str)


def sessions_of(drafts: Mapping[str, Draft], case_last: int | None) -> list[Session]:
    """Return all sessions, the earliest first."""
    found = [draft.finished(case_last) for draft in drafts.values()]
    return sorted(found, key=lambda one: (one.start is None, one.start or 0, one.id))
