"""What two journals say differently after they parted."""

from __future__ import annotations

import hashlib

from workbench.clock import ClockReading
from workbench.journal.canonical import canonical
from workbench.journal.entry import Entry, EntryKind
from workbench.journal.merge import common_length, conflicts

CLOCK = ClockReading(0, None, None, "+00:00")


def entry(seq: int, kind: EntryKind, body: dict, actor: str = "A") -> bytes:
    return Entry(seq=seq, clock=CLOCK, actor=actor, kind=kind, body=body).canonical()


def raw(seq: int, kind: str, body: dict, actor: str) -> bytes:
    """An entry of a kind that is not known here."""
    return canonical({"actor": actor, "body": body, "clock": {"boot": None, "monotonic": None, "zone": "+00:00"}, "form": 2,
                      "kind": kind, "seq": seq, "time": "1970-01-01T00:00:00.000000Z"})  # fmt: skip


COMMON = [entry(1, EntryKind.CASE_CREATED, {"case_id": "1"}), entry(2, EntryKind.CASE_OPENED, {})]
PAIR = {
    "one": {"id": "I-1", "canonical": "ann"},
    "other": {"id": "I-2", "canonical": "ann@x"},
    "supersedes": None,
}


def found(ours: list[bytes], theirs: list[bytes]) -> list[tuple[int, int, str]]:
    return [(each.ours, each.theirs, each.about) for each in conflicts([*COMMON, *ours], [*COMMON, *theirs])]


def test_where_they_part():
    assert common_length(COMMON, COMMON) == 2
    assert common_length([*COMMON, b"a"], [*COMMON, b"b", b"c"]) == 2
    assert common_length([], COMMON) == 0


def test_opposite_decisions_conflict_and_equal_ones_do_not():
    one = entry(3, EntryKind.IDENTITIES_MERGED, PAIR, "A")
    other = entry(3, EntryKind.IDENTITIES_KEPT_APART, PAIR, "B")
    assert found([one], [other]) == [(3, 3, "identities ann and ann@x")]
    assert found([one], [entry(3, EntryKind.IDENTITIES_MERGED, PAIR, "B")]) == []
    assert conflicts([*COMMON, one], [*COMMON, one]) == []


def test_both_replace_one_earlier_entry():
    one = raw(3, "note.written", {"supersedes": 2, "note": {"text": "x"}}, "A")
    other = raw(3, "note.written", {"supersedes": 2, "note": {"text": "y"}}, "B")
    assert found([one], [other]) == [(3, 3, "entry 2")]
    assert found([one], [raw(3, "note.written", {"supersedes": 2, "note": {"text": "x"}}, "B")]) == []
    # What each copy wrote by itself and then replaced is its own affair.
    own = raw(4, "note.written", {"supersedes": 3, "note": {"text": "z"}}, "A")
    assert (
        found(
            [raw(3, "note.written", {"note": {}}, "A"), own],
            [raw(3, "x", {}, "B"), raw(4, "y", {"entry": 3}, "B")],
        )
        == []
    )


def test_what_differs_past_what_is_printed_is_a_conflict_too():
    def note(text: str, actor: str) -> bytes:
        return raw(3, "note.written", {"supersedes": 2, "note": {"text": text}}, actor)

    long = "what was seen on the build server " * 20
    one, other = note(f"{long}before noon", "A"), note(f"{long}after noon", "B")
    (each,) = conflicts([*COMMON, one], [*COMMON, other])
    assert each.about == "entry 2"
    assert each.what.startswith("A says note.written note text what was seen")
    assert "{" not in each.what
    assert len(each.what) < 600


def test_claims_name_by_hash_what_they_supersede():
    """As tags, findings and notes are committed: two responders correct one note, or one corrects what the other takes back."""
    first = raw(3, "note.written", {"supersedes": None, "note": {"text": "x"}}, "A")
    named = hashlib.sha256(first).hexdigest()

    def corrected(text: str, actor: str) -> bytes:
        return raw(4, "note.written", {"supersedes": named, "note": {"text": text}}, actor)

    back = raw(4, "claim.retracted", {"entry": named, "reason": "no"}, "B")
    assert found([first, corrected("y", "A")], [first, corrected("z", "B")]) == [(4, 4, "entry 3")]
    assert found([first, corrected("y", "A")], [first, back]) == [(4, 4, "entry 3")]
    assert found([first, corrected("y", "A")], [first, corrected("y", "B")]) == []
    own = hashlib.sha256(corrected("y", "A")).hexdigest()
    later = raw(5, "note.written", {"supersedes": own, "note": {"text": "w"}}, "A")
    assert found([first, corrected("y", "A"), later], [first]) == []


def test_one_event_tagged_differently():
    def tag(grade: str, actor: str) -> bytes:
        scope = {"places": {"ab" * 32: "0+10 20+10"}}
        return raw(
            3,
            "tag.committed",
            {"tag": {"grade": grade, "subject": "s", "level": "session", "scope": scope}},
            actor,
        )

    assert found([tag("attributed", "A")], [tag("unproven", "B")]) == [(3, 3, "event abababababab:0+10")]
    assert found([tag("attributed", "A")], [tag("attributed", "B")]) == []
