"""Sessions, links, identities and credentials in memory, with the interface of ``casefile.derived.reader``."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING

import msgspec

from workbench.casefile.derived.reader import SessionRow
from workbench.casework.gaps import GapDecision
from workbench.casework.identities import Decision, Word
from workbench.model.event import Credential, Identity, IdentityKind, KindReason
from workbench.model.references import RecordRef
from workbench.model.session import (
    HOLE,
    Alias,
    Basis,
    Client,
    End,
    EndKind,
    KnownCredential,
    KnownIdentity,
    Link,
    Match,
    Relation,
    Session,
    Skew,
    Strength,
    id_of,
)

if TYPE_CHECKING:
    from tests.tui.fake_case import FakeCases

SHA = "ab" * 32
START = 1_688_989_338_000_000
MINUTE = 60_000_000
DANA = "arn:aws:iam::111122223333:user/dana"
DEPLOY = "arn:aws:iam::111122223333:role/ci-deploy-production-eu"


def session(
    name: str,
    *,
    who: str = DANA,
    kind: IdentityKind = IdentityKind.HUMAN,
    method: str = "console sign-in",
    start: int | None = START,
    minutes: int = 30,
    parent: str | None = None,
    parent_link: str | None = None,
    strength: Strength = Strength.UNPROVEN,
    events: int = 12,
    clients: Sequence[Client] = (),
    end_basis: Basis = Basis.OPEN,
    opened_by: int | None = None,
    anchor: str | None = "anchor",
) -> Session:
    end = None if start is None else start + minutes * MINUTE
    shown = tuple(clients) or (Client("192.0.2.7", "Boto3", events, start, end),)
    return Session(
        id=id_of("S", name),
        method=method,
        anchor=None if anchor is None else Credential("aws temporary key", f"{anchor} {name}"),
        membership=Strength.PROVEN,
        identity=Identity(who, who.rsplit("/", 1)[-1], None, "111122223333"),
        identities=1,
        kind=KindReason(kind, "because the test says so"),
        sources=("aws.cloudtrail",),
        account="111122223333",
        start=start,
        start_basis=Basis.ISSUED if parent else Basis.FIRST_USE,
        end=end,
        end_basis=end_basis,
        events=events,
        forwarded=3,
        forwarded_open=1,
        verbs={"read": events - 2, "delegate": 2},
        keys=1,
        clients=shown,
        client_count=len(shown),
        opened_by=opened_by,
        parent=parent,
        parent_link=parent_link,
        strength=strength,
        chain=strength,
        caveats=("times of whole seconds",),
    )


def link(
    rule: str,
    source: End,
    target: End,
    strength: Strength,
    *,
    relation: Relation = Relation.ISSUED,
    evidence: Sequence[int] = (),
    rivals: Sequence[End] = (),
    fields: Sequence[str] = ("issued key = presented key: ASIAEXAMPLE",),
    closes: str | None = None,
    caveats: Sequence[str] = (),
) -> Link:
    return Link(
        id=id_of("L", rule, source.kind, source.id, target.kind, target.id),
        rule=rule,
        version=1,
        relation=relation,
        strength=strength,
        source=source,
        target=target,
        fields=tuple(fields),
        evidence=tuple(evidence),
        delta=6_000_000,
        rivals=tuple(rivals),
        rival_count=len(rivals),
        caveats=tuple(caveats),
        closes=closes,
    )


def mark(event: int) -> End:
    return End(EndKind.EVENT, f"mark {event}", event)


class Derivation:
    """What was derived; tests change it and raise the version of the case.

    A sign-in, the role that was assumed in it, a workload that a command started there; a long-term key that nothing
    explains; and calls of a service.
    """

    def __init__(self, hostile: str = "", calls: int = 4) -> None:
        self.current = True
        self.decided: list[Decision] = []
        self.said: list[GapDecision] = []
        self.hostile = hostile
        sign_in = session(
            "sign-in" + hostile,
            who=DANA + hostile,
            clients=[
                Client("192.0.2.7" + hostile, "browser" + hostile, 8, START, START + 20 * MINUTE),
                Client("203.0.113.9", "aws-cli", 4, START + 10 * MINUTE, START + 30 * MINUTE),
            ],
        )
        hole = link(
            "origin",
            HOLE,
            End(EndKind.SESSION, sign_in.id),
            Strength.UNPROVEN,
            closes="the sign-in event" + hostile,
            evidence=[1],
            fields=[],
        )
        sign_in = msgspec.structs.replace(sign_in, parent_link=hole.id)
        role = session(
            "role" + hostile,
            who=DEPLOY + hostile,
            kind=IdentityKind.NONHUMAN,
            method="temporary key" + hostile,
            start=START + 5 * MINUTE,
            parent=sign_in.id,
            strength=Strength.PROVEN,
            end_basis=Basis.EXPIRY,
            opened_by=4,
        )
        issued = link(
            "aws-key" + hostile, mark(4), End(EndKind.SESSION, role.id), Strength.PROVEN, evidence=[4, 5]
        )
        role = msgspec.structs.replace(role, parent_link=issued.id)
        work = session(
            "work" + hostile,
            who=DEPLOY + hostile,
            kind=IdentityKind.NONHUMAN,
            method="temporary key",
            start=START + 6 * MINUTE,
            parent=role.id,
            strength=Strength.INFERRED,
        )
        caused = link(
            "remote-command",
            End(EndKind.SESSION, role.id),
            End(EndKind.SESSION, work.id),
            Strength.INFERRED,
            relation=Relation.CAUSED,
            evidence=[6, 7],
            rivals=[mark(8), mark(9)],
            caveats=["the command is hidden" + hostile],
        )
        work = msgspec.structs.replace(work, parent_link=caused.id)
        key = session(
            "key" + hostile,
            who="arn:aws:iam::111122223333:user/svc-backup",
            kind=IdentityKind.UNDECIDED,
            method="long-term key",
            start=START - 60 * MINUTE,
            events=1_938,
        )
        called = [
            session(
                f"call {n}",
                who=DANA + hostile,
                kind=IdentityKind.SERVICE,
                method="calls of a service",
                start=START + n * MINUTE,
                minutes=0,
                events=1,
            )
            for n in range(calls)
        ]
        self.sessions: list[Session] = [key, sign_in, role, work, *called]
        self.edges: list[tuple[str, str, Link]] = [
            ("", sign_in.id, hole),
            (sign_in.id, role.id, issued),
            (role.id, work.id, caused),
        ]
        self.sign_in, self.role, self.work, self.key = sign_in, role, work, key
        self.homes = dict.fromkeys(range(5, 20), role.id) | {1: sign_in.id, 4: role.id}
        self.identities = [
            self._identity(
                "I-000000000001", DANA + hostile, IdentityKind.HUMAN, ("dana" + hostile, "dana.old")
            ),
            self._identity("I-000000000002", "dana@example.org", IdentityKind.UNDECIDED, ("dana",)),
            self._identity("I-000000000003", DEPLOY, IdentityKind.NONHUMAN, ("ci-deploy",)),
        ]
        self.matches = [
            Match(
                id="M-000000000001",
                one="I-000000000001",
                other="I-000000000002",
                score=91,
                names=("dana", "dana"),
                reason="the names are alike" + hostile,
            )
        ]
        self.credentials = [
            self._credential("ASIAEXAMPLE" + hostile, DEPLOY, 4, events=12, clients=2),
            self._credential(
                "AKIAEXAMPLE", None, None, events=0, warnings=("used after it expired" + hostile,)
            ),
        ]
        self.skews: list[Skew] = []

    @staticmethod
    def _identity(key: str, canonical: str, kind: IdentityKind, names: Sequence[str]) -> KnownIdentity:
        return KnownIdentity(
            id=key,
            canonical=canonical,
            kind=kind,
            reasons=((kind.value, "the test says so", 3),),
            aliases=tuple(
                Alias(name, START + n * MINUTE, START + 9 * MINUTE, 5) for n, name in enumerate(names)
            ),
            native_ids=("AIDAEXAMPLE",),
            sources=("aws.cloudtrail",),
            account="111122223333",
            events=12,
            sessions=2,
            first=START,
            last=START + 30 * MINUTE,
        )

    @staticmethod
    def _credential(
        key: str,
        who: str | None,
        issued_by: int | None,
        *,
        events: int,
        clients: int = 1,
        warnings: tuple[str, ...] = (),
    ) -> KnownCredential:
        return KnownCredential(
            id=id_of("C", key),
            type="aws temporary key",
            native_id=key,
            identity=who,
            identities=1,
            issued_at=START if issued_by else None,
            issued_by=issued_by,
            expires=START + 60 * MINUTE,
            revoked_at=None,
            revoked_by=None,
            first=START if events else None,
            last=START + 50 * MINUTE if events else None,
            events=events,
            sessions=1,
            clients=clients,
            account="111122223333",
            warnings=warnings,
        )

    def rows(self) -> list[SessionRow]:
        return [
            SessionRow(
                one.id,
                one.parent,
                one.start,
                one.end,
                one.events,
                one.kind.kind.value,
                one.strength.value,
                one.identity.canonical if one.identity else None,
                one.method,
                one.anchor.native_id if one.anchor else None,
            )
            for one in sorted(self.sessions, key=lambda one: (one.start is None, one.start or 0, one.id))
        ]

    def decide(self, actor: str, one: str, other: str, decision: Word, reason: str) -> Decision:
        seq = 42 + len(self.decided)
        if self.decided:
            self.decided[-1] = msgspec.structs.replace(self.decided[-1], superseded_by=seq)
        made = Decision(
            seq=seq,
            time="2026-03-04T11:42:18Z",
            actor=actor,
            decision=decision,
            one=one,
            other=other,
            names=(one, other),
            reason=reason,
        )
        self.decided.append(made)
        return made


class FakeDerived:
    """One reader of a ``Derivation``."""

    def __init__(self, case: FakeCases) -> None:
        self._case = case

    @property
    def _all(self) -> Derivation:
        return self._case.derivation

    def current(self) -> bool:
        return self._all.current

    def session_rows(self) -> list[SessionRow]:
        return self._all.rows()

    def sessions(self, ids: Sequence[str] | None = None) -> Iterator[Session]:
        self._case.sessions_read.append(len(ids or ()))
        yield from (one for one in self._all.sessions if ids is None or one.id in set(ids))

    def session_or_none(self, node: str) -> Session | None:
        return next((one for one in self._all.sessions if one.id == node), None)

    def sessions_of(self, events: Iterable[int]) -> dict[int, str]:
        homes = self._all.homes
        return {event: homes[event] for event in events if event in homes}

    def edges_into(self, node: str) -> list[tuple[Link, str]]:
        return [(link, source) for source, target, link in self._all.edges if target == node]

    def edges_out_of(self, node: str) -> list[tuple[Link, str]]:
        return [(link, target) for source, target, link in self._all.edges if source == node]

    def links_of_event(self, event: int) -> list[Link]:
        return [link for _, _, link in self._all.edges if event in link.evidence]

    def forwarded(self, *, session: str | None = None, events: Sequence[int] | None = None) -> Iterator[Link]:
        if session == self._all.role.id:
            for number in (10, 11, 12):
                yield link(
                    "aws-forwarded",
                    mark(5),
                    mark(number),
                    Strength.INFERRED,
                    relation=Relation.FORWARDED,
                    evidence=(number, 5),
                )

    def refs(self, events: Iterable[int]) -> dict[int, RecordRef]:
        return {event: RecordRef(SHA, 1000 * event, 900) for event in events}

    def identities(self) -> list[KnownIdentity]:
        return list(self._all.identities)

    def matches(self) -> list[Match]:
        return list(self._all.matches)

    def credentials(self) -> Iterator[KnownCredential]:
        yield from self._all.credentials

    def skews(self) -> list[Skew]:
        return list(self._all.skews)
