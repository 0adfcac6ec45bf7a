"""A credential that one record hands out is the one that other records present: the strongest link there is.

Rules AWS-1, AWS-2, K8S-1, K8S-2, ENT-1, ENT-2, OKT-2, GH-2, GCP-1, VLT-1 and SSH-1 of the join table.
"""

from __future__ import annotations

from collections.abc import Iterator

from workbench.clock import SECOND
from workbench.model.event import Credential, Issued, Verb
from workbench.model.session import Basis, End, EndKind, Link, Relation, Strength
from workbench.sessions.assemble import Draft
from workbench.sessions.facts import Notable
from workbench.sessions.keys import KeyClass, method_of
from workbench.sessions.world import NOT_CHECKED, Rule, World, event_end, make_link, session_end

SAME_CLOCK_SLACK = 2 * SECOND
"""Microseconds by which two records of one log may stand in the wrong order: most logs write whole seconds."""

CLOCK_SLACK = 300 * SECOND
"""The same for records of two logs, whose clocks differ."""

_VALID_FOR = {"SendSSHPublicKey": 60 * SECOND}
"""How long what an act hands out is good where its record does not say (EC2 Instance Connect API reference: 60 seconds)."""

VERSION = 1


def issued_keys(world: World) -> Iterator[Link]:
    """Link every act that issued a credential with the sessions that present it, and say which were never used."""
    for key, issuers in world.issued.items():
        # Of the copies of one act, the one that names who asked leads further back.
        first, one = min(
            issuers,
            key=lambda each: (
                each[0].time is None,
                each[0].time or 0,
                world.trails[each[0].trail].credential is None,
                each[0].mark,
            ),
        )
        same = [
            each
            for each, _ in issuers
            if each is not first and first.shared_id and each.shared_id == first.shared_id
        ]
        others = [each for each, _ in issuers if each is not first and each not in same]
        users = world.assembly.by_key.get(key, [])
        home = world.home(first)
        if not users:
            yield _kept(key, first, same, "no use of it was seen in the evidence")
        for draft in users:
            if draft is not home:
                yield _link(world, key, first, one, same, others, draft)
            elif key == draft.anchor:
                _open(draft, first, one)
            else:
                yield _kept(
                    key, first, same, f"it was used in the session in which it was issued, {draft.id}"
                )


def rule_of(key: Credential) -> Rule:
    """Return the rule by which keys of this kind join."""
    method = method_of(key.type)
    return Rule(method.rule, VERSION, method.why)


def _open(draft: Draft, notable: Notable, issued: Issued) -> None:
    """Note the event that opens a session of which it is itself the first event (a login that names its session)."""
    draft.opened_by, draft.opened_at = notable.event, notable.time
    draft.start_basis = Basis.SIGNED_IN if notable.act.verb is Verb.AUTHENTICATE else Basis.ISSUED
    draft.strength = draft.chain = Strength.PROVEN
    draft.expires = issued.expires


def _kept(key: Credential, notable: Notable, same: list[Notable], caveat: str) -> Link:
    """Return the link from an issue to the credential itself, where no other session presents it."""
    return make_link(
        rule_of(key),
        Relation.ISSUED,
        Strength.PROVEN,
        event_end(notable),
        End(EndKind.CREDENTIAL, f"{key.type} {key.native_id}"),
        fields=(f"issued {key.type}: {key.native_id}",),
        evidence=(notable.event, *(each.event for each in same)),
        caveats=(caveat,),
    )


def _link(
    world: World,
    key: Credential,
    notable: Notable,
    issued: Issued,
    same: list[Notable],
    others: list[Notable],
    draft: Draft,
) -> Link:
    source = world.trails[notable.trail].source
    first, first_event, last, sources = _use(draft, key)
    caveats = []
    contradicted = False
    slack = SAME_CLOCK_SLACK if sources == {source} else CLOCK_SLACK
    if notable.time is not None and first is not None and first < notable.time - slack:
        caveats.append(f"contradiction: used {_seconds(notable.time - first)} before it was issued")
        contradicted = True
    expires = issued.expires
    if expires is None and notable.time is not None and notable.act.action in _VALID_FOR:
        expires = notable.time + _VALID_FOR[notable.act.action]
    if expires is not None and last is not None and last > expires + slack:
        caveats.append(f"contradiction: used {_seconds(last - expires)} after it expired")
        contradicted = True
    if notable.succeeded is None:
        caveats.append("the record does not say whether the act succeeded")
    if others:
        caveats.append(f"{len(others) + 1} events name it as issued; the earliest is cited")
    strength = Strength.PROVEN
    if world.unverified(source, *sources):
        caveats.append(NOT_CHECKED)
        strength = Strength.INFERRED
    if key == draft.anchor and draft.opened_by is None:
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
        evidence=(notable.event, *(each.event for each in same), first_event),
        delta=None if first is None or notable.time is None else first - notable.time,
        caveats=caveats,
        contradicted=contradicted,
    )


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
