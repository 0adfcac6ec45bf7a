"""The fictitious incidents against their ground truth, which is written from the story and never from the workbench.

All proven links found, no false proven link, inferred where the truth says inferred, no decoy fallen for; and the same from
both encodings.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from workbench.casefile.events.batch import unpack_native_id
from workbench.casefile.reader import CaseReader
from workbench.casework.add_evidence import add_evidence
from workbench.casework.derive import derive
from workbench.casework.new_case import new_case
from workbench.model.session import End, EndKind, Link, Relation, Session, Strength, weakest

SAMPLES = Path(__file__).resolve().parents[2] / "sample_logs"
INCIDENTS = ("harbourline", "tallowmere", "quillbank")

Name = tuple[str, ...]
"""An end as the truth names it: ``("event", id)``, ``("credential", type, id)``, ``("identity", canonical)``."""


def name_of(end: dict[str, Any] | None) -> Name:
    if end is None:
        return ("nothing",)
    if "event" in end:
        return ("event", end["event"])
    if "credential" in end:
        return ("credential", end["credential"]["type"], end["credential"]["id"])
    return ("identity", end["identity"])


class Rebuilt:
    """A case of one incident, with what the comparison asks for."""

    def __init__(self, case: Path) -> None:
        with CaseReader.open(case) as reader:
            connection = reader._connection
            self.sessions: dict[str, Session] = {one.id: one for one in reader.derived.sessions()}
            self.links: list[Link] = list(reader.derived.links())
            self.forwarded = list(reader.derived.forwarded())
            self.native: dict[int, str] = {}
            self.presented: dict[int, set[Name]] = defaultdict(set)
            sets = {
                number: {
                    ("credential", *row)
                    for row in connection.execute(
                        "SELECT c.type, c.native_id FROM key_set_member m JOIN credential c ON c.id = m.credential_id"
                        " WHERE m.set_id = ?",
                        (number,),
                    )
                }
                for (number,) in connection.execute("SELECT id FROM key_set").fetchall()
            }
            for number, native_id, request_id, kind, key, key_set in connection.execute(
                "SELECT e.id, e.native_id, e.request_id, c.type, c.native_id, e.key_set_id FROM event e"
                " LEFT JOIN credential c ON c.id = e.credential_id WHERE e.disposition < 2"
            ).fetchall():
                self.native[number] = unpack_native_id(native_id) or unpack_native_id(request_id) or ""
                self.presented[number] = set(sets.get(key_set, ()))
                if kind is not None:
                    self.presented[number].add(("credential", kind, key))
            self.home = reader.derived.sessions_of(self.native)
            self.issued: set[tuple[str, Name]] = {
                (self.native.get(event, ""), ("credential", kind, key))
                for event, kind, key in connection.execute(
                    "SELECT i.event_id, c.type, c.native_id FROM issued_credential i JOIN credential c ON c.id = i.credential_id"
                ).fetchall()
            }
        self.event: dict[str, int] = {native: number for number, native in self.native.items()}
        self.keys: dict[str, set[Name]] = defaultdict(set)
        self.events: dict[str, set[int]] = defaultdict(set)
        for number, session in self.home.items():
            self.keys[session] |= self.presented[number]
            self.events[session].add(number)
        for one in self.sessions.values():
            if one.anchor is not None:
                self.keys[one.id].add(("credential", one.anchor.type, one.anchor.native_id))

    def by_anchor(self, anchor: dict[str, str]) -> list[Session]:
        key = ("credential", anchor["type"], anchor["id"])
        return [
            one
            for one in self.sessions.values()
            if one.anchor is not None and one.anchor.type == anchor["type"] and key in self.keys[one.id]
        ]

    def names(self, end: End) -> set[Name]:
        """Everything that the truth could call an end of a link."""
        if end.kind is EndKind.NOTHING:
            return {("nothing",)}
        if end.kind is EndKind.SESSION:
            found = {("event", self.native[number]) for number in self.events[end.id]}
            identity = self.sessions[end.id].identity
            return self.keys[end.id] | found | ({("identity", identity.canonical)} if identity else set())
        if end.event is not None:
            own = {("event", self.native[end.event])}
            home = self.home.get(end.event)
            return own | (self.keys[home] if home else set())
        kind, _, value = end.id.rpartition(" ")
        return {("credential", kind, value), ("identity", end.id), ("credential", "jwt subject", end.id)}

    def pairs(self, link: Link) -> Iterator[tuple[str, Name]]:
        """The pairs of act and credential (or act and act) that a proven link states."""
        if link.relation is Relation.SAME_ACT:
            yield self.native[link.source.event or 0], ("event", self.native[link.target.event or 0])
        elif link.relation is Relation.ISSUED:
            for field in link.fields:
                what, _, key = field.partition(": ")
                kind = what.partition(" = ")[0].removeprefix("issued ")
                for event in link.evidence:
                    if (self.native.get(event, ""), ("credential", kind, key)) in self.issued:
                        yield self.native[event], ("credential", kind, key)

    def proven(self) -> set[tuple[str, Name]]:
        found = {pair for link in self.links if link.strength is Strength.PROVEN for pair in self.pairs(link)}
        for one in self.sessions.values():
            opened = one.opened_by is not None and one.start_basis.value in ("issued", "signed in")
            if opened and one.anchor is not None and one.strength is Strength.PROVEN:
                key = ("credential", one.anchor.type, one.anchor.native_id)
                found.add((self.native[one.opened_by or 0], key))
        return found

    def strengths(self, source: Name, target: Name) -> set[str]:
        """How well two things are joined: by a link, by an event's own key, by what opened a session, by a parent."""
        found = {
            link.strength.value
            for link in (*self.links, *self.forwarded)
            if source in self.names(link.source) and target in self.names(link.target)
        }
        if source[0] == "credential" and target[0] == "event":
            home = self.home.get(self.event[target[1]])
            if source in self.presented[self.event[target[1]]]:
                found.add("proven")
            elif home is not None and source in self.keys[home]:
                found.add("inferred")
        if (source[-1], target) in self.proven():
            found.add("proven")
        if source[0] == target[0] == "credential":
            for one in self.sessions.values():
                if one.parent is not None and target in self.keys[one.id] and source in self.keys[one.parent]:
                    found.add(one.strength.value)
        return found

    def is_hole(self, target: Name) -> bool:
        """Whether the origin of what holds a key is shown as a hole."""
        return any(
            link.source.kind is EndKind.NOTHING and target in self.names(link.target) for link in self.links
        )

    def reads_secret(self, source: Name) -> bool:
        """Whether the session of an event ends in the hole of a secret that was read."""
        home = self.home.get(self.event[source[1]])
        return any(link.target.kind is EndKind.NOTHING and link.source.id == home for link in self.links)


@pytest.fixture(scope="module", params=INCIDENTS)
def incident(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(scope="module")
def truth(incident: str) -> dict[str, Any]:
    return dict(json.loads((SAMPLES / incident / "truth.json").read_text()))


def build(folder: Path, case: Path) -> Rebuilt:
    new_case(case, title="truth", examiner="t")
    add_evidence(case, [folder], actor="t")
    derive(case, actor="t")
    return Rebuilt(case)


@pytest.fixture(scope="module")
def rebuilt(incident: str, tmp_path_factory: pytest.TempPathFactory) -> Rebuilt:
    return build(SAMPLES / incident / "evidence", tmp_path_factory.mktemp("native") / "a.case")


def test_every_event_has_a_session(rebuilt: Rebuilt) -> None:
    assert rebuilt.home.keys() == rebuilt.native.keys()


def test_all_proven_links_are_found_and_none_is_false(rebuilt: Rebuilt, truth: dict[str, Any]) -> None:
    stated = {
        (name_of(pair["from"])[1], name_of(pair["to"]))
        for pair in truth["proven"]
        if name_of(pair["from"])[0] == "event"
    }
    same = {(target[1], ("event", source)) for source, target in stated if target[0] == "event"}
    found = rebuilt.proven()
    assert found - stated - same == set()
    assert {pair for pair in stated - found if (pair[1][-1], ("event", pair[0])) not in found} == set()


def test_what_is_proven_beside_issues_and_copies_is_a_subject(rebuilt: Rebuilt) -> None:
    others = {
        link.rule
        for link in rebuilt.links
        if link.strength is Strength.PROVEN and link.relation not in (Relation.ISSUED, Relation.SAME_ACT)
    }
    assert others <= {"workload-subject"}


def test_sessions_are_those_of_the_truth(rebuilt: Rebuilt, truth: dict[str, Any]) -> None:
    wrong = []
    strengths = {link.id: link.strength for link in rebuilt.links}
    for told in truth["sessions"]:
        found = rebuilt.by_anchor(told["anchor"])
        said = {
            "own": sum(one.events for one in found),
            "forwarded": sum(one.forwarded for one in found),
            "kinds": {one.kind.kind.value for one in found},
            # The truth tells how well the event is shown that opened it, not the session that this event belongs to.
            "strengths": {strengths.get(one.parent_link or "", one.strength).value for one in found},
        }
        if (
            said["own"] != told["own"]
            or said["forwarded"] != told["forwarded"]
            or told["kind"] not in said["kinds"]
            or told["strength"] not in said["strengths"]
        ):
            wrong.append((told, said))
    assert wrong == []


def test_nothing_hangs_on_another_session_by_more_than_the_whole_way_bears(rebuilt: Rebuilt) -> None:
    """A workflow run leads to a role session by way of an event: the key is proven, the run is not."""
    links = {link.id: link for link in rebuilt.links}
    for one in rebuilt.sessions.values():
        if one.parent is None or one.parent_link is None:
            continue
        last = links[one.parent_link]
        before = [
            link
            for link in rebuilt.links
            if link.target.id == last.source.id and link.source.id == one.parent and link is not last
        ]
        way = [last, *before[:1]]
        assert weakest([one.strength, *(link.strength for link in way)]) is one.strength
        assert not any(link.rival_count for link in way), "no origin is chosen among rivals"


def test_links_are_as_strong_as_the_truth_says(rebuilt: Rebuilt, truth: dict[str, Any]) -> None:
    wrong = []
    for told in truth["links"]:
        source, target = name_of(told["from"]), name_of(told["to"])
        if told["strength"] == "unproven":
            fits = rebuilt.reads_secret(source) if told["rule"] == "SEC-1" else rebuilt.is_hole(target)
            fits = fits and "proven" not in rebuilt.strengths(source, target)
        else:
            fits = told["strength"] in rebuilt.strengths(source, target)
        if not fits:
            wrong.append((told["rule"], source, target, told["strength"], rebuilt.strengths(source, target)))
    assert wrong == []


def test_no_decoy_is_fallen_for(rebuilt: Rebuilt, truth: dict[str, Any]) -> None:
    for told in truth["decoys"]:
        source, target = name_of(told["from"]), name_of(told["to"])
        between = [
            link
            for link in rebuilt.links
            if source in rebuilt.names(link.source) and target in rebuilt.names(link.target)
            # That a key was made in a session does not say who presents it; of that speaks the other kind of decoy.
            if link.relation is not Relation.SAME_SUBJECT
            and not (link.relation is Relation.ISSUED and source[0] == "credential")
        ]
        assert all(link.strength is not Strength.PROVEN for link in between), told
        direct = [link for link in between if (link.source.event, source[0]) != (None, "event")]
        if told["never_linked"]:
            assert [link for link in direct if link.relation is not Relation.SAME_CLIENT] == [], told


def test_both_encodings_give_the_same_sessions_and_links(
    incident: str, rebuilt: Rebuilt, tmp_path: Path
) -> None:
    other = build(SAMPLES / incident / "evidence-siem", tmp_path / "b.case")
    assert other.sessions.keys() == rebuilt.sessions.keys()
    assert {link.id: link.strength for link in other.links} == {
        link.id: link.strength for link in rebuilt.links
    }
    homes = {other.native[number]: session for number, session in other.home.items()}
    assert homes == {rebuilt.native[number]: session for number, session in rebuilt.home.items()}
