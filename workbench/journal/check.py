"""Checking a journal: that its entries are those that were appended, as far as anything outside the case file can show.

Three things bear witness, each worth more than the one before: hashes that the case file itself keeps (whoever can write the
file can make them anew), checkpoints signed with a key (whoever has the key can sign anew), and checkpoints that somebody
else holds. Standard library alone; as a program it checks a journal that ``workbench journal CASE --json`` wrote:
``python -m workbench.journal.check JOURNAL [CHECKPOINT …]``.
"""

from __future__ import annotations

import itertools
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from workbench.clock import span_text
from workbench.journal.merkle import Frontier, MerkleTree, leaf_hash
from workbench.journal.note import Checkpoint, NoteError, PublicKey
from workbench.journal.record import Finding, Record, StatedCheckpoint, origin_of, read_record
from workbench.journal.words import from_words

_ORIGIN = origin_of("")
_SIGNATURE = "\u2014 "


@dataclass(frozen=True)
class Stored:
    """What the case file keeps beside the entries.

    Attributes:
        altered: Places of entries whose hash is not the one kept beside them.
        missing: Places of which a hash is kept, but no entry.
        head: The head of the tree; ``None`` if there is none, or none that can be read.
        case_id: Id of the case, as the case file says.
        merged: Entries of journals that were taken over, by the place of the entry that commits to them.
    """

    altered: Sequence[int]
    missing: Sequence[int]
    head: Frontier | None
    case_id: str
    merged: Mapping[int, Sequence[bytes]]


@dataclass(frozen=True)
class Outside:
    """A checkpoint that somebody holds outside the case file.

    Attributes:
        name: Where it comes from, for people.
        checkpoint: It.
    """

    name: str
    checkpoint: Checkpoint


def read_outside(text: str) -> Checkpoint:
    """Read a checkpoint from a file or from what was copied from paper: as a note, or with the root in 24 words.

    It may stand in a longer text, as ``workbench anchor print`` writes it: note, words and QR code one after the other. Where
    a text holds it in both forms they must agree, for then one of them was altered.

    Raises:
        NoteError: If there is none, or there are several that differ.
    """
    lines = [line.strip() for line in text.strip().splitlines()]
    if _spoken(lines[2:]):
        return _from_words(lines[:2], " ".join(lines[2:]).split())
    try:
        return Checkpoint.parse(text)
    except NoteError:
        found = list(_within(lines))
        if not found:
            raise
    if any(each.text != found[0].text for each in found):
        raise NoteError("it holds several checkpoints, or the words are not those of the signed text")
    return found[0].with_signatures(*(signature for each in found for signature in each.signatures))


def _within(lines: Sequence[str]) -> Iterator[Checkpoint]:
    """Yield the checkpoints that stand in a longer text; each begins with the line that names its journal."""
    begun = [place for place, line in enumerate(lines) if line.startswith(_ORIGIN)]
    for start, end in zip(begun, [*begun, len(lines)][1:], strict=True):
        part = list(lines[start:end])
        words = list(itertools.takewhile(lambda line: _spoken([line]), part[2:]))
        if len(words) > 1:
            yield _from_words(part[:2], " ".join(words).split())
            continue
        signed = list(itertools.takewhile(lambda line: line.startswith(_SIGNATURE), part[4:]))
        yield Checkpoint.parse("\n".join([*part[:4], *signed, ""]) if signed else "\n".join(part[:3]))


def _spoken(lines: Sequence[str]) -> bool:
    words = " ".join(lines).split()
    return len(words) > 1 and all(word.isalpha() and word.isascii() for word in words)


def _from_words(head: Sequence[str], words: list[str]) -> Checkpoint:
    if len(head) < 2 or not head[1].isdecimal():
        raise NoteError("before the words stand the origin and, on a line of its own, the number of entries")
    try:
        return Checkpoint(head[0], int(head[1]), from_words(words))
    except ValueError as error:
        raise NoteError(str(error)) from error


def check_record(
    entries: Iterable[bytes],
    *,
    stored: Stored | None = None,
    outside: Sequence[Outside] = (),
    keys: Sequence[PublicKey] = (),
) -> Record:
    """Check a journal.

    Args:
        entries: The bytes of its entries, in order.
        stored: What the case file keeps beside them.
        outside: Checkpoints that others hold.
        keys: Public keys that the checker got from elsewhere; signatures then count only if made with one of them.

    Returns:
        The journal as read, with all that was found.
    """
    record = read_record(entries)
    if not record.tree.size:
        record.fail("journal-empty", "journal", "it has no entries, not even that the case was created")
    if stored is not None:
        _check_stored(record, stored)
    for stated in record.checkpoints:
        _check_stated(record, stated, keys)
    for held in outside:
        _check_outside(record, held, keys)
    _check_clocks(record)
    return record


def _check_stored(record: Record, stored: Stored) -> None:
    tree = record.tree
    if record.case_id is not None and record.case_id != stored.case_id:
        record.fail(
            "case-id", "journal", f"it is of case {record.case_id}, the file says it is case {stored.case_id}"
        )
    for first, last in _runs(stored.altered):
        record.fail(
            "entry-altered", _places(first, last), "not what was appended: the hash kept beside it is another"
        )
    for first, last in _runs(stored.missing):
        record.fail(
            "entry-removed",
            _places(first, last),
            "appended once, as a hash kept of it shows, and no longer there",
        )
    head = stored.head
    if head is None:
        record.fail("head-missing", "journal", "the head of its tree is missing or cannot be read")
    elif head.size != tree.size:
        missing = f"{head.size - tree.size} were removed" if head.size > tree.size else "some were slipped in"
        record.fail(
            "head-size", "journal", f"{tree.size} entries are there, {head.size} were appended: {missing}"
        )
    elif head.root() != tree.root():
        record.fail("head-root", "journal", "the head of its tree does not belong to these entries")
    for merged in record.merged:
        entries = stored.merged.get(merged.seq, ())
        found = MerkleTree(leaf_hash(entry) for entry in entries)
        if (found.size, found.root()) != (merged.size, merged.root):
            record.fail(
                "merged-altered",
                f"journal taken over by entry {merged.seq}",
                f"its {found.size} entries are not the {merged.size} that were taken over",
            )
        elif read_record(entries).case_id != merged.case_id:
            record.fail("merged-origin", f"entry {merged.seq}", "the journal taken over is of another case")
    strangers = stored.merged.keys() - {merged.seq for merged in record.merged}
    for seq in sorted(strangers):
        record.fail("merged-unknown", f"entry {seq}", "a journal is kept that no entry took over")


def _places(first: int, last: int) -> str:
    return f"entry {first}" if first == last else f"entries {first} to {last}"


def _runs(numbers: Sequence[int]) -> list[tuple[int, int]]:
    runs: list[tuple[int, int]] = []
    for number in numbers:
        if runs and runs[-1][1] == number - 1:
            runs[-1] = (runs[-1][0], number)
        else:
            runs.append((number, number))
    return runs


def _check_stated(record: Record, stated: StatedCheckpoint, keys: Sequence[PublicKey]) -> None:
    """Check a checkpoint that an entry holds: that it is of the entries before it, and whose signatures hold."""
    where, checkpoint = f"checkpoint in entry {stated.seq}", stated.checkpoint
    if checkpoint.origin != record.origin:
        record.fail("checkpoint-origin", where, f"it is of another journal ({checkpoint.origin})")
        return
    if checkpoint.size >= stated.seq or checkpoint.size > record.tree.size:
        record.fail(
            "checkpoint-size",
            where,
            f"it counts {checkpoint.size} entries, and there are not so many before it",
        )
        return
    if checkpoint.root != record.tree.root(checkpoint.size):
        record.fail("checkpoint-root", where, f"entries 1 to {checkpoint.size} are not those it was made of")
    if stated.kind == "key.replaced":
        replaced = PublicKey.from_vkey(str(stated.body["replaces"]))
        if not checkpoint.signed_by(replaced):
            record.fail(
                "key-replaced",
                where,
                f"the key it replaces ({replaced.name}) did not sign that it is replaced",
            )
    if stated.key is None:
        return
    cosigned = stated.kind == "checkpoint.cosigned"
    holds = checkpoint.cosigned_by(stated.key) if cosigned else checkpoint.signed_by(stated.key)
    if not holds:
        record.fail(
            "checkpoint-signature",
            where,
            f"it is not signed with the key that the entry names ({stated.key.name})",
        )
    elif cosigned and stated.key.key in {key.key for _, key in record.keys}:
        record.fail("checkpoint-reviewer", where, "its reviewer used a key that signs for the case itself")
    elif keys and not cosigned and stated.key.key not in {key.key for key in keys}:
        record.fail(
            "checkpoint-key",
            where,
            f"it is not signed with a key you trust: {stated.key.name} ({stated.key.fingerprint[:16]}) is none of those given",
        )


def _check_outside(record: Record, held: Outside, keys: Sequence[PublicKey]) -> None:
    """Check the journal against a checkpoint that somebody else holds."""
    checkpoint, tree = held.checkpoint, record.tree
    if checkpoint.origin != record.origin:
        record.fail(
            "outside-origin",
            held.name,
            f"it is of another case ({checkpoint.origin}), or this file was replaced",
        )
        return
    if checkpoint.size > tree.size:
        record.fail(
            "outside-size",
            held.name,
            f"it counts {checkpoint.size} entries, here are {tree.size}: the last ones were removed, or this is an older copy",
        )
        return
    if checkpoint.root != tree.root(checkpoint.size):
        record.fail(
            "outside-root",
            held.name,
            f"entries 1 to {checkpoint.size} are not those it was made of: {_narrowed(record, checkpoint.size)}",
        )
    known = [*keys, *(key for _, key in record.keys), *(each.key for each in record.checkpoints if each.key)]
    judged = [checkpoint.signed_by(key) for key in known] + [checkpoint.cosigned_by(key) for key in known]
    if False in judged:
        record.fail("outside-signature", held.name, "a signature on it does not hold: it was altered")
    elif checkpoint.signatures and True not in judged:
        record.findings.append(
            Finding(
                "record", "outside-key", held.name, "no signature on it is of a key known here", failed=False
            )
        )


def _narrowed(record: Record, size: int) -> str:
    """Say which entries can be the altered ones, by the other checkpoints in the journal that still hold."""
    good = [
        each.checkpoint.size
        for each in record.checkpoints
        if each.checkpoint.size < size and each.checkpoint.root == record.tree.root(each.checkpoint.size)
    ]
    if not good:
        return "which of them was altered cannot be told"
    return f"by the checkpoints inside, something after entry {max(good)} was altered, or they were made anew too"


def _check_clocks(record: Record) -> None:
    for seq, step, told in record.steps:
        where = f"entry {seq}"
        if step.by >= 0:
            what = f"the wall clock was set forward by {span_text(step.by)} since entry {seq - 1}"
            record.findings.append(Finding("record", "clock-forward", where, what, failed=False))
        elif told:
            what = f"the wall clock was set back by {span_text(-step.by)}; the entry says so"
            record.findings.append(Finding("record", "clock-back", where, what, failed=False))
        else:
            record.fail(
                "clock-hidden",
                where,
                f"its time is {span_text(-step.by)} behind that of entry {seq - 1}, and no entry says that the clock was set",
            )


CANNOT_SHOW = (
    "Whether an entry was true when it was written: only originals and witnesses can tell.",
    "Who wrote an entry: the name in it is what its writer gave. A signature proves the use of a key, not who used it.",
    "Anything about entries after the newest checkpoint that somebody outside holds: whoever has the file can rewrite them.",
    "Hashes and checkpoints inside the case file alone catch accidents and naive edits: whoever can write it can make them anew.",
    "When something was written: the clock is the machine's. A timestamp shows that it existed by then, not since when.",
    "What was in an older copy that nobody kept a checkpoint of.",
)
"""What a check of a journal cannot show, whatever its outcome."""


def main(arguments: Sequence[str]) -> int:
    """Check a journal in a file of one entry a line, against checkpoints in further files; return the exit status."""
    if not arguments:
        print("usage: check.py JOURNAL [CHECKPOINT ...]", file=sys.stderr)  # noqa: T201
        return 2
    try:
        entries = Path(arguments[0]).read_bytes().split(b"\n")
        held = [Outside(name, read_outside(Path(name).read_text(encoding="utf-8"))) for name in arguments[1:]]
    except (OSError, ValueError) as error:
        print(f"{error}", file=sys.stderr)  # noqa: T201
        return 2
    if entries and not entries[-1]:
        entries.pop()
    record = check_record(entries, outside=held)
    for finding in record.findings:
        print(ascii(f"{'WRONG' if finding.failed else 'note'}  {finding.where}: {finding.what}")[1:-1])  # noqa: T201
    failed = any(finding.failed for finding in record.findings)
    verdict = "NOT the journal that was kept" if failed else "no contradiction found"
    print(f"{record.tree.size} entries, root {record.tree.root().hex()}: {verdict}")  # noqa: T201
    for line in CANNOT_SHOW:
        print(f"This cannot show: {line}")  # noqa: T201
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
