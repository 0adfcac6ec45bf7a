"""What ended sessions: the source's own end, or that a key was taken away; and what was done with the key after that."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from workbench.clock import SECOND
from workbench.model.event import Credential, Identity, Resource
from workbench.model.session import Basis, Strength, weakest
from workbench.sessions.assemble import Draft
from workbench.sessions.facts import ENDINGS, Notable, Span, may_revoke
from workbench.sessions.holders import Holder, presenter
from workbench.sessions.keys import method_of
from workbench.sessions.takings import (
    CREDENTIAL_WORDS,
    HELD_KINDS,
    TAKEN_BACK,
    Reach,
    Taking,
    more_of,
    slack_of,
    taking_of,
)
from workbench.sessions.world import World

_KEY = re.compile("|".join(CREDENTIAL_WORDS), re.IGNORECASE)

_TOKEN_HASH = "vault token hash"
_SIGN_OUT = "user.session.end"
_SIGNED_OUT = Taking(Reach.PRESENTED, "its session was ended", ("okta session",))
_ENDS_ANYHOW = frozenset({"workflows.completed_workflow_run", "session.end"})
"""Ends whose outcome is that of what was done in the session, or that have none."""


class Off(NamedTuple):
    """A stretch of time in which a credential was no good.

    Attributes:
        notable: The record that took it away.
        since: Its time, microseconds UTC.
        until: When it was given back; ``None``: never, as far as is shown.
        taking: What was done.
    """

    notable: Notable
    since: int
    until: int | None
    taking: Taking


def note_endings(world: World) -> None:
    """Note in each session when it was ended or its key taken away, if a record says so, and whether it went on nevertheless."""
    offs = _offs(world)
    for key, found in offs.items():
        for_good = [each for each in found if each.until is None and each.taking is not _SIGNED_OUT]
        if for_good:
            world.revoked[key] = min(for_good, key=lambda each: (each.since, each.notable.mark)).notable
    for notable in world.facts.notables:
        if _ends_session(notable) and notable.time is not None:
            draft = world.home(notable)
            if draft is not None and draft.anchor is not None:
                draft.ended_at = max(draft.ended_at or notable.time, notable.time)
                draft.end_basis = Basis.ENDED
    for key, notable in world.revoked.items():
        for draft in world.assembly.by_key.get(key, ()):
            its_own = key == draft.anchor or key.type == _TOKEN_HASH
            if its_own and draft.ended_at is None and notable.time is not None:
                draft.ended_at, draft.end_basis = notable.time, Basis.REVOKED
    _note_uses_after(world, offs)


class _Asked(NamedTuple):
    draft: Draft
    key: Credential
    off: Off
    span: Span
    slack: int


def _note_uses_after(world: World, offs: dict[Credential, list[Off]]) -> None:
    """Note what contradicts the end of a key: that it was used later and not refused."""
    asked = [
        _Asked(draft, key, off, span, slack)
        for key, found in offs.items()
        # A public key that is removed can be put back.
        if not method_of(key.type).chosen
        for draft in world.assembly.by_key.get(key, ())
        for off in found
        for span, slack in _spans_after(world, draft, key, off)
    ]
    late: dict[tuple[str, int], _Late] = {}
    soon: dict[str, _Late] = {}
    refused: dict[str, Draft] = {}
    for each, use in zip(asked, world.facts.accepted([one.span for one in asked]), strict=True):
        draft, off = each.draft, each.off
        if use is None:
            if off.until is None:  # then the stretch ends with an event
                refused[draft.id] = draft
            continue
        words = f"used {(use.time - off.since) / SECOND:,.0f} s after {off.taking.words}"
        if use.time <= off.since + each.slack:
            words = f"its key was {words}: within the {each.slack // SECOND} s that this may take"
            one = _Late(use.time, words, draft, off, use.event)
            soon[draft.id] = max(soon.get(draft.id, one), one, key=_by_time)
        else:
            world.used_after.add(each.key)
            place = draft.id, off.notable.event
            one = _Late(use.time, words + more_of(each.key.type), draft, off, use.event)
            late[place] = max(late.get(place, one), one, key=_by_time)
    for one in sorted(late.values(), key=lambda each: (each.off.since, each.off.notable.mark)):
        one.draft.caveats.append(f"contradiction: its key was {one.words}")
        one.draft.broken.append((f"contradiction: {one.words}", (one.off.notable.event, one.event)))
        one.draft.membership = weakest((one.draft.membership, Strength.INFERRED))
    for one in soon.values():
        if not one.draft.broken:
            one.draft.caveats.append(one.words)
    for draft in refused.values():
        if not draft.broken and draft.id not in soon:
            draft.refused_after_end = True
            draft.caveats.append("what was tried with its key after it was taken away was refused")


class _Late(NamedTuple):
    """The last use of a key of a session in a stretch in which it was no good."""

    time: int
    words: str
    draft: Draft
    off: Off
    event: int


def _by_time(one: _Late) -> tuple[int, str]:
    return one.time, one.words


def _spans_after(world: World, draft: Draft, key: Credential, off: Off) -> Iterator[tuple[Span, int]]:
    """Yield the stretches of trails of a session in which a key was presented while it was no good, with the slack of each."""
    source = world.trails[off.notable.trail].source
    for trail, run in draft.pieces:
        if run.first is None or run.last is None or key not in trail.presented:
            continue
        slack = slack_of(key.type, one_log=trail.source == source)
        # What follows a sign-out within moments is of the sign-out.
        first = off.since + 1 + (slack if off.taking is _SIGNED_OUT else 0)
        last = run.last if off.until is None else min(run.last, off.until - 1)
        if max(first, run.first) <= last:
            yield Span(trail.number, max(first, run.first), last), slack


def _ends_session(notable: Notable) -> bool:
    action = notable.act.action
    return action in ENDINGS and (notable.succeeded is True or action in _ENDS_ANYHOW)


def _offs(world: World) -> dict[Credential, list[Off]]:
    """Return when each credential was no good, as far as records say."""
    taking_acts = list(_taking_acts(world.facts.notables))
    known = _Known(world, taking_acts)
    off: dict[Credential, dict[int, tuple[Notable, Taking]]] = {}
    on: dict[Credential, list[tuple[int, str]]] = {}
    for notable in taking_acts:
        if notable.time is None or notable.succeeded is False:
            continue
        for taking, keys in _taken(world, known, notable):
            back = taking.back if not taking.either else notable.active
            for key in keys:
                if back is True:
                    # Nothing says that it stayed away if it may have been given back.
                    on.setdefault(key, []).append((notable.time, taking.family))
                elif back is False and notable.succeeded is True:
                    off.setdefault(key, {}).setdefault(notable.event, (notable, taking))
    found: dict[Credential, list[Off]] = {}
    for key, by_event in off.items():
        issued = [each.time for each, _ in world.issued.get(key, ()) if each.time is not None]
        given = on.get(key, [])
        latest = max([*issued, *[time for time, _ in given]], default=0)
        found[key] = offs = []
        for notable, taking in by_event.values():
            since, until = notable.time or 0, None
            if since < latest:
                again = [time for time, family in given if family and family == taking.family]
                until = min([time for time in (*again, *issued) if time > since], default=None)
            offs.append(Off(notable, since, until, taking))
    return found


def _taking_acts(notables: Iterable[Notable]) -> Iterator[Notable]:
    """Yield the acts that may take a credential away, or give it back: few of all."""
    # Records share the few acts there are, so each is judged once; the records hold them meanwhile.
    judged: dict[int, bool] = {}
    for notable in notables:
        act = notable.act
        takes = judged.get(id(act))
        if takes is None:
            takes = taking_of(act) is not None or may_revoke(act) or act.action == _SIGN_OUT
            judged[id(act)] = takes
        if takes:
            yield notable


def _taken(world: World, known: _Known, notable: Notable) -> Iterator[tuple[Taking, Iterable[Credential]]]:
    """Yield what an act does to which credentials."""
    taking = taking_of(notable.act)
    if taking is None and may_revoke(notable.act):
        taking = TAKEN_BACK
    if taking is not None:
        if taking.reach is Reach.NAMED:
            yield taking, known.named(notable.resources, taking)
        elif taking.reach is Reach.PRESENTED:
            yield taking, _presented(world, notable, taking)
        else:
            assert notable.time is not None
            account = world.trails[notable.trail].account
            yield taking, known.held(notable.resources, taking, notable.time, account)
    elif notable.act.action == _SIGN_OUT and _ends_session(notable):
        yield _SIGNED_OUT, _presented(world, notable, _SIGNED_OUT)


def _presented(world: World, notable: Notable, taking: Taking) -> list[Credential]:
    return [key for key in world.trails[notable.trail].presented if key.type.startswith(taking.kinds)]


class _Known:
    """The credentials of a case, to be found by their ids and by whom they are of."""

    def __init__(self, world: World, taking_acts: Sequence[Notable]) -> None:
        self._world = world
        self._acts = taking_acts
        self._by_id: dict[str, list[Credential]] = {}
        for key in dict.fromkeys((*world.assembly.by_key, *world.issued)):
            self._by_id.setdefault(key.native_id, []).append(key)
        self._since: dict[Credential, int] = {}
        self._places: dict[Credential, set[str | None]] = {}
        self._of: dict[str, set[Credential]] = {}
        self._of_user: dict[tuple[str | None, str], set[Credential]] = {}
        self._indexed = False
        self._asked: set[str] = set()

    def named(self, resources: Iterable[Resource], taking: Taking) -> Iterator[Credential]:
        """Yield the credentials that are among resources."""
        for each in resources:
            name = each.name
            if taking.kinds == ("gcp service account key",):
                name = name.rpartition("/keys/")[2]
            elif not _KEY.search(each.type or ""):
                continue
            system = (each.type or "").partition(":")[0]
            for key in self._by_id.get(name, ()):
                if method_of(key.type).counted and key.type.partition(" ")[0] != system:
                    continue  # every system counts its tokens
                if not taking.kinds or key.type.startswith(taking.kinds):
                    yield key

    def held(
        self, resources: Iterable[Resource], taking: Taking, time: int, account: str | None
    ) -> set[Credential]:
        """Return the credentials that principals among resources are known to have had before a time."""
        self._index()
        found: set[Credential] = set()
        for each in resources:
            if each.type not in taking.resources and not (each.type or "").startswith("iam:project"):
                continue
            for name in _names(each):
                found |= self._of.get(name, set())
            if each.type == "iam:user":
                user = each.name.rpartition("/")[2].rpartition(":")[2].casefold()
                found |= self._of_user.get((account, user), set())
        return {
            key
            for key in found
            if key.type.startswith(taking.kinds)
            and self._since.get(key, time) < time
            # Service accounts of two clusters have one name.
            and (key.type != "kubernetes credential" or account in self._places.get(key, (account,)))
        }

    def _index(self) -> None:
        """Note whose each credential is that an act on its holder takes away, and since when it is known."""
        if self._indexed:
            return
        self._indexed = True
        self._asked = set(_holders_asked(self._acts))
        for trail in self._world.facts.trails:
            if trail.identity is None or not self._is_asked(trail.identity):
                continue
            for key in trail.presented:
                if not key.type.startswith(HELD_KINDS):
                    continue
                self._note(key, trail.first)
                self._places.setdefault(key, set()).add(trail.account)
                for name in {trail.identity.canonical, trail.identity.native_id or ""} - {""}:
                    self._of.setdefault(name, set()).add(key)
                self._note_user(key, presenter(trail.identity))
        for key, issuers in self._world.issued.items():
            if not key.type.startswith(HELD_KINDS):
                continue
            for notable, one in issuers:
                self._note(key, notable.time)
                if one.to is not None:
                    self._of.setdefault(one.to, set()).add(key)
                    if key.type == "aws access key":
                        account = self._world.trails[notable.trail].account
                        self._of_user.setdefault((account, one.to.rpartition("/")[2].casefold()), set()).add(
                            key
                        )

    def _is_asked(self, identity: Identity) -> bool:
        """Whether any act is on a principal of this name."""
        last = identity.canonical.rpartition("/")[2].casefold()
        return not self._asked.isdisjoint((identity.canonical, identity.native_id, last))

    def _note(self, key: Credential, time: int | None) -> None:
        if time is not None:
            self._since[key] = min(self._since.get(key, time), time)

    def _note_user(self, key: Credential, holder: Holder | None) -> None:
        if holder is not None and holder.kind == "user" and holder.name is not None:
            self._of_user.setdefault((holder.account, holder.name.casefold()), set()).add(key)


def _holders_asked(notables: Iterable[Notable]) -> Iterator[str]:
    """Yield the names of the principals that acts take the credentials of; of users of AWS the last part, folded."""
    for notable in notables:
        taking = taking_of(notable.act)
        if taking is not None and taking.reach is Reach.HOLDER:
            for each in notable.resources:
                yield from _names(each)
                yield each.name.rpartition("/")[2].rpartition(":")[2].casefold()


def _names(resource: Resource) -> Iterator[str]:
    """Yield the names under which records can know a principal that is acted upon."""
    yield resource.name
    parts = resource.name.split("/")
    if resource.type == "kubernetes:serviceaccounts" and len(parts) == 4:
        yield f"system:serviceaccount:{parts[1]}:{parts[3]}"
    elif "serviceAccounts" in parts[:-1]:
        yield parts[parts.index("serviceAccounts") + 1]
