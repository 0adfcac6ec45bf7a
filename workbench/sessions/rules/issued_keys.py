"""A credential that one record hands out is the one that other records present: the strongest link there is.

Rules AWS-1, AWS-2, K8S-1, K8S-2, ENT-1, ENT-2, OKT-2, GH-2, GCP-1, VLT-1 and SSH-1 of the join table.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping

from workbench.clock import SECOND
from workbench.model.event import Credential, Issued, Verb
from workbench.model.session import Basis, End, EndKind, Link, Relation, Strength
from workbench.sessions.assemble import TEMPORARY_KEY, Draft
from workbench.sessions.facts import Notable
from workbench.sessions.holders import contradiction, made_for, presented_by
from workbench.sessions.keys import KeyClass, method_of, names_nothing
from workbench.sessions.trails import Run, Trail
from workbench.sessions.world import NOT_CHECKED, Rule, World, event_end, make_link, session_end

SAME_CLOCK_SLACK = 2 * SECOND
"""Microseconds by which two records of one log may stand in the wrong order: most logs write whole seconds."""

CLOCK_SLACK = 300 * SECOND
"""The same for records of two logs, whose clocks differ."""

_AGAINST = 3
"""Contradictions of one kind that a link lists."""

_VALID_FOR = {"SendSSHPublicKey": 60 * SECOND}
"""How long what an act hands out is good where its record does not say (EC2 Instance Connect API reference: 60 seconds)."""

_CLOUDTRAIL = "aws.cloudtrail"

_NOT_CHECKED = "read by a reader that no sample of its log has checked"

VERSION = 3

_UUID = re.compile(r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}\Z")


def issued_keys(world: World) -> Iterator[Link]:
    """Link every act that issued a credential with the sessions that present it, and say which were never used."""
    made = _made(world)
    for key, issuers in world.issued.items():
        users = world.assembly.by_key.get(key, [])
        first, one, same, others = _act(world, issuers)
        if not users:
            yield _kept(world, key, first, same, others, "no use of it was seen in the evidence")
        for draft in users:
            if method_of(key.type).chosen:
                good = [each for each in issuers if _good_at(each, _use(draft, key)[0])]
                first, one, same, others = _act(world, good or issuers, latest=True)
            if others and draft.anchor == key and method_of(key.type).counted:
                draft.membership = Strength.INFERRED
                draft.caveats.append(
                    f"this number was given {len(others) + 1:,} times: it may be several sessions"
                )
            if draft is not world.home(first):
                yield _link(world, key, first, one, same, others, draft, made)
            elif key == draft.anchor:
                _open(world, draft, first, one, several=bool(others))
            else:
                used = f"it was used in the session in which it was issued, {draft.id}"
                yield _kept(world, key, first, same, others, used)


def made_expected(trails: Iterable[Trail], notables: Iterable[Notable]) -> list[int]:
    """Return the events of which :func:`issued_keys` may ask when their key was made, before sessions are known."""
    handed_out = {
        one.credential
        for notable in notables
        for one in notable.issued
        if one.credential.type == TEMPORARY_KEY
    }
    return [
        run.first_event
        for trail in trails
        if trail.source == _CLOUDTRAIL and trail.credential in handed_out and not trail.forwarded
        for run in trail.runs
    ]


def _made(world: World) -> dict[int, int]:
    """Return when records of temporary keys that acts handed out say that their key was made, by row number."""
    return world.facts.made(
        [
            run.first_event
            for key in world.issued
            if key.type == TEMPORARY_KEY
            for draft in world.assembly.by_key.get(key, ())
            for trail, run in _first_runs(draft, key)
        ]
    )


def _first_runs(draft: Draft, key: Credential) -> Iterator[tuple[Trail, Run]]:
    """Yield the first run of each trail of CloudTrail in a session that presents a key: its records agree in all that it is."""
    seen = set()
    for trail, run in draft.pieces:
        if trail.source == _CLOUDTRAIL and trail.number not in seen and key == trail.credential:
            seen.add(trail.number)
            yield trail, run


def _made_otherwise(
    notable: Notable, draft: Draft, key: Credential, slack: int, made: Mapping[int, int]
) -> Iterator[tuple[str, int]]:
    """Yield what records say of the making of a temporary key against the act that handed it out, with one of them."""
    if notable.time is None or key.type != TEMPORARY_KEY:
        return
    found: dict[int, int] = {}
    for _, run in _first_runs(draft, key):
        moment = made.get(run.first_event)
        if moment is not None and abs(moment - notable.time) > slack:
            found[moment] = min(found.get(moment, run.first_event), run.first_event)
    for moment, event in sorted(found.items())[:_AGAINST]:
        side = "after" if moment > notable.time else "before"
        yield (
            f"contradiction: its records say that it was made {_seconds(abs(moment - notable.time))} {side} that act",
            event,
        )


def _act(
    world: World, issuers: list[tuple[Notable, Issued]], *, latest: bool = False
) -> tuple[Notable, Issued, list[Notable], list[Notable]]:
    """Return the record of the first (or latest) issue of a key, what it says, its copies, and those of other acts."""

    # Of the copies of one act, the one that names who asked leads further back.
    def order(each: tuple[Notable, Issued]) -> tuple[bool, int, bool, str]:
        time = each[0].time
        return (
            time is None,
            -(time or 0) if latest else time or 0,
            world.trails[each[0].trail].credential is None,
            each[0].mark,
        )

    first, one = min(issuers, key=order)
    same = [
        each for each, also in issuers if each is not first and _one_act(world, (first, one), (each, also))
    ]
    others = [each for each, _ in issuers if each is not first and each not in same]
    return first, one, same, others


def acts_that_issued(world: World, key: Credential) -> int:
    """Return how many acts handed a key out; of a public key, which anybody may put anywhere, always one."""
    if method_of(key.type).chosen:
        return 1
    _, _, _, others = _act(world, world.issued[key])
    return 1 + len(others)


def _good_at(issuer: tuple[Notable, Issued], first: int | None) -> bool:
    """Tell whether what was handed out could be used at a time."""
    notable, one = issuer
    if notable.time is None or first is None:
        return True
    expires = _expiry(notable, one)
    return notable.time - CLOCK_SLACK <= first and (expires is None or first <= expires + CLOCK_SLACK)


def _expiry(notable: Notable, issued: Issued) -> int | None:
    if issued.expires is None and notable.time is not None and notable.act.action in _VALID_FOR:
        return notable.time + _VALID_FOR[notable.act.action]
    return issued.expires


_Record = tuple[Notable, Issued]


def _one_act(world: World, one: _Record, other: _Record) -> bool:
    """Tell whether two records of the issue of one key report one act: copies in two accounts, two logs, two exports.

    Only an id that is given to one act shows it, and only where the records agree in what one act cannot have twice: that
    two acts fall into one second shows nothing.
    """
    (first, issued), (second, also) = one, other
    ids = zip(_ids_of(first), _ids_of(second), strict=True)
    if not any(here is not None and here == there for here, there in ids):
        return False
    here, there = world.trails[first.trail], world.trails[second.trail]
    slack = SAME_CLOCK_SLACK if here.source == there.source else CLOCK_SLACK
    # The copy that an account keeps of a call from another one names no key: only what both name can differ.
    callers: tuple[object, object] = (here.credential, there.credential)
    if callers == (None, None):
        callers = (here.identity, there.identity)
    return not (
        (first.time is not None and second.time is not None and abs(first.time - second.time) > slack)
        or any(
            None not in pair and pair[0] != pair[1]
            for pair in (callers, (issued.to, also.to), (issued.to_id, also.to_id))
        )
    )


def _ids_of(notable: Notable) -> tuple[str | None, ...]:
    """Return the ids that records of one act have in common: of the event, in whatever log; of the act; of the request."""
    event = notable.mark.partition(" ")[2]
    return tuple(
        None if value is None or names_nothing(value) else value
        for value in (
            event if _UUID.match(event) else notable.mark,
            notable.shared_id,
            notable.request_id,
        )
    )


def rule_of(key: Credential) -> Rule:
    """Return the rule by which keys of this kind join."""
    method = method_of(key.type)
    return Rule(method.rule, VERSION, method.why)


def _open(world: World, draft: Draft, notable: Notable, issued: Issued, *, several: bool) -> None:
    """Note the event that opens a session of which it is itself the first event (a login that names its session)."""
    strength, against = world.opening(draft, notable)
    draft.opened_by, draft.opened_at = notable.event, notable.time
    draft.start_basis = Basis.SIGNED_IN if notable.act.verb is Verb.AUTHENTICATE else Basis.ISSUED
    draft.strength = draft.chain = Strength.INFERRED if several else strength
    draft.caveats += [each for each in against if each not in draft.caveats]
    draft.expires = issued.expires


def _kept(
    world: World, key: Credential, notable: Notable, same: list[Notable], others: list[Notable], caveat: str
) -> Link:
    """Return the link from an issue to the credential itself, where no other session presents it."""
    unchecked = world.unverified(world.trails[notable.trail].source)
    # One public key may be put in many places: each act is one of its own and takes nothing from the others.
    rivals = [] if method_of(key.type).chosen else others
    return make_link(
        rule_of(key),
        Relation.ISSUED,
        Strength.INFERRED if unchecked else Strength.PROVEN,
        event_end(notable),
        End(EndKind.CREDENTIAL, f"{key.type} {key.native_id}"),
        fields=(f"issued {key.type}: {key.native_id}",),
        evidence=(notable.event, *(each.event for each in same), *(each.event for each in rivals)),
        rivals=[event_end(each) for each in rivals],
        caveats=(caveat, *([_handed_out(rivals)] if rivals else ()), *([_NOT_CHECKED] if unchecked else ())),
    )


def _handed_out(rivals: list[Notable]) -> str:
    return f"{len(rivals) + 1} acts handed it out, so its id is not the mark of one of them; the earliest is cited"


def _link(
    world: World,
    key: Credential,
    notable: Notable,
    issued: Issued,
    same: list[Notable],
    others: list[Notable],
    draft: Draft,
    made: Mapping[int, int],
) -> Link:
    source = world.trails[notable.trail].source
    first, first_event, last, sources = _use(draft, key)
    caveats = []
    contradicted = False
    slack = SAME_CLOCK_SLACK if sources == {source} else CLOCK_SLACK
    expires = _expiry(notable, issued)
    orders = (
        (first, notable.time, "before it was issued"),
        (expires, last, "after it expired"),
    )
    for earlier, later, words in orders:
        if earlier is None or later is None or earlier >= later:
            continue
        said = f"used {_seconds(later - earlier)} {words}"
        if later - earlier > slack:
            caveats.append(f"contradiction: {said}")
            contradicted = True
        else:
            caveats.append(f"{said}: within the {_seconds(slack)} that clocks may differ by")
    against = [
        *_made_otherwise(notable, draft, key, slack, made),
        *_other_holders(world, key, notable, issued, draft),
    ]
    caveats += [words for words, _ in (*against, *draft.broken)]
    contradicted |= bool(against or draft.broken)
    if notable.succeeded is None:
        caveats.append("the record does not say whether the act succeeded")
    strength = Strength.PROVEN
    doubts = _doubts(world, key, notable, issued, draft)
    if world.unverified(source, *sources):
        doubts.append(NOT_CHECKED)
    if doubts:
        caveats += doubts
        strength = Strength.INFERRED
    rivals = [each for each in others if _fits(key, each, first, slack)]
    if rivals:
        caveats.append(_handed_out(rivals))
    if key == draft.anchor and draft.opened_by is None and not rivals:
        draft.opened_by, draft.opened_at, draft.expires = notable.event, notable.time, expires
        draft.start_basis = (
            Basis.FIRST_USE if method_of(key.type).key_class is KeyClass.LASTING else Basis.ISSUED
        )
    return make_link(
        rule_of(key),
        Relation.ISSUED,
        strength,
        event_end(notable),
        session_end(draft),
        fields=(f"issued {key.type} = presented {key.type}: {key.native_id}",),
        evidence=(
            notable.event,
            *(each.event for each in same),
            first_event,
            *(event for _, event in against),
            *(event for _, events in draft.broken for event in events),
        ),
        delta=None if first is None or notable.time is None else first - notable.time,
        rivals=[event_end(each) for each in rivals],
        caveats=caveats,
        contradicted=contradicted,
    )


def _fits(key: Credential, other: Notable, first: int | None, slack: int) -> bool:
    """Tell whether another act that handed a key out can be the one by which it came to be used.

    An id that is to be made once and yet was handed out twice marks neither act, whenever that was. A public key can be put
    somewhere again later, which takes nothing from its first use.
    """
    if not method_of(key.type).chosen:
        return True
    return other.time is None or first is None or other.time <= first + slack


def _other_holders(
    world: World, key: Credential, notable: Notable, issued: Issued, draft: Draft
) -> Iterator[tuple[str, int]]:
    """Yield what records that present a key of AWS say against the one that issued it, each with one of them."""
    if not key.type.startswith("aws "):
        return
    meant = made_for(notable, world.trails[notable.trail], issued)
    if meant is None:
        return
    found: dict[str, int] = {}
    for trail, run in draft.pieces:
        if trail.identity is None or not (key == trail.credential or key in trail.keys):
            continue
        holder = presented_by(trail)
        words = None if holder is None else contradiction(meant, holder, world.assembly.names_of_ids)
        if words is not None:
            found[words] = min(found.get(words, run.first_event), run.first_event)
    yield from (
        (f"contradiction: issued to one and presented by another: {words}", event)
        for words, event in sorted(found.items())[:_AGAINST]
    )


def _doubts(world: World, key: Credential, notable: Notable, issued: Issued, draft: Draft) -> list[str]:
    """Return why an equal id is less than a proof, by the kind of key."""
    method = method_of(key.type)
    found = []
    holders = [
        trail.identity
        for trail, _ in draft.pieces
        if trail.identity is not None and (key == trail.credential or key in trail.keys)
    ]
    if method.held and issued.to is not None:
        others = sorted(
            {each.canonical for each in holders if issued.to not in (each.canonical, each.native_id)}
        )
        if others:
            found.append(f"made for {issued.to}, presented by {', '.join(others[:3])}")
    if method.chosen:
        found.append("a public key is nobody's secret: anybody could have put it there, at any time")
    if method.counted:
        trail = world.trails[notable.trail]
        names = {trail.identity.canonical} if trail.identity is not None else set()
        if issued.to is not None:
            names.add(issued.to)
        places = {trail.account} - {None}
        if not (
            places & {each.account for each, _ in draft.pieces}
            or any(names & {each.canonical, each.name} for each in holders)
        ):
            found.append(
                "every server counts these ids anew: that both records are of one server is not shown"
            )
    return found


def _use(draft: Draft, key: Credential) -> tuple[int | None, int, int | None, set[str]]:
    """Return first use, its event, last use and the logs of a key within a session."""
    used = [(trail, run) for trail, run in draft.pieces if key == trail.credential or key in trail.keys]
    _, first = min(
        used, key=lambda piece: (piece[1].first is None, piece[1].first or 0, piece[1].first_event)
    )
    last = max((run.last for _, run in used if run.last is not None), default=None)
    return first.first, first.first_event, last, {trail.source for trail, _ in used}


def _seconds(micros: int) -> str:
    seconds = micros / SECOND
    return f"{seconds:,.0f} s" if seconds >= 1 else f"{seconds:.3f} s"
