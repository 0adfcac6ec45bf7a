"""The check of a whole case: evidence by its hash, the derived layer by rebuilding it, the record by its Merkle tree.

It names what is wrong and where, and says what it cannot show. It reads only, and needs nothing but the case file.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from workbench.casefile.claims.check import check_claims
from workbench.casefile.connection import storage_errors
from workbench.casefile.evidence.check import CheckedEvidence
from workbench.casefile.reader import CaseReader
from workbench.casefile.schema import RECORD_TABLES, expected_tables
from workbench.errors import CancelledError, ForeignSchemaError, NotACaseFileError, WorkbenchError
from workbench.journal.check import CANNOT_SHOW, Outside, check_record
from workbench.journal.note import PublicKey
from workbench.journal.record import Finding, Record
from workbench.text import visible

if TYPE_CHECKING:
    from workbench.casework.record.compare import Rebuilt

Told = Callable[[str, int, int], None]
"""Told what is being done, how far it has come, and of how much."""

LAYERS = ("file", "evidence", "derived", "record")
"""In which order findings are told."""


class Verification(msgspec.Struct, frozen=True):
    """What a check of a case found.

    Attributes:
        findings: What is wrong, and what is worth knowing, by layer.
        record: The journal as read; ``None`` if it could not be.
        evidence: What came of hashing all evidence; ``None`` if it could not be read.
        rebuilt: Digest of the derived layer made anew and the events compared; ``None`` if that was not asked for.
        whole: Whether all of the derived layer was held against it, and nothing had to be left out.
        outside: How many checkpoints from outside the journal was held against; none if it could not be read.
        cannot_show: What this check cannot show, whatever its outcome.
        quick: Whether only the pages of the file and the record were checked.
    """

    findings: tuple[Finding, ...]
    record: Record | None
    evidence: CheckedEvidence | None
    rebuilt: tuple[str, int] | None
    whole: bool
    outside: int
    cannot_show: tuple[str, ...]
    quick: bool = False

    @property
    def failed(self) -> bool:
        """Whether anything is wrong."""
        return any(finding.failed for finding in self.findings)

    def failures(self, layer: str) -> int:
        """Return how many things are wrong with a layer."""
        return sum(1 for finding in self.findings if finding.failed and finding.layer == layer)


def verify(
    case: Path,
    *,
    outside: Sequence[Outside] = (),
    keys: Sequence[PublicKey] = (),
    trust: bytes | None = None,
    deep: bool = False,
    quick: bool = False,
    told: Told = lambda _, __, ___: None,
) -> Verification:
    """Check a case.

    Args:
        case: The case file.
        outside: Checkpoints that others hold.
        keys: Public keys of the keepers of the case, from elsewhere than the case file.
        trust: Certificates (PEM) of timestamp authorities that the checker trusts.
        deep: Whether the derived layer is made anew and compared.
        quick: Whether only the pages of the file and the record are checked; ``deep`` is then of no effect.
        told: Told how far it has come; may raise to give up.

    Raises:
        CaseFileError: If there is no such file, a newer workbench wrote it, or it is busy.
    """
    if not case.is_file():
        CaseReader.open(case).close()  # says that there is none
    done = _Done(case, outside, keys, trust, told)
    try:
        done.check(None, quick=quick, indexes=deep and not quick)
        if deep and not quick:
            done.rebuild()
    except ForeignSchemaError as error:
        done.findings.append(Finding("file", "schema", "file", visible(error.what)))
        done.go_on(quick=quick)
    except NotACaseFileError as error:
        done.findings.append(Finding("file", "schema", "file", visible(error.what)))
    done.findings.sort(key=lambda finding: (LAYERS.index(finding.layer), not finding.failed))
    compared = 0 if done.record is None else len(outside)
    return Verification(
        tuple(done.findings),
        done.record,
        done.evidence,
        done.rebuilt,
        done.whole,
        compared,
        _limits(done, compared > 0, deep=deep, quick=quick),
        quick,
    )


class _Done:
    """A check as far as it has come: what was found until something stops it counts."""

    def __init__(
        self,
        case: Path,
        outside: Sequence[Outside],
        keys: Sequence[PublicKey],
        trust: bytes | None,
        told: Told,
    ) -> None:
        self._case = case
        self._outside = outside
        self._keys = keys
        self._trust = trust
        self._told = told
        self.findings: list[Finding] = []
        self.record: Record | None = None
        self.evidence: CheckedEvidence | None = None
        self.rebuilt: tuple[str, int] | None = None
        self.whole = False

    def go_on(self, *, quick: bool) -> None:
        """Check what can be read of a file whose schema was altered: all of it, or else the journal."""
        for needed in (expected_tables(), RECORD_TABLES):
            try:
                self.check(needed, quick=quick or needed is RECORD_TABLES)
                return
            except ForeignSchemaError:
                continue  # the schema was told of already
            except NotACaseFileError as error:
                self.findings.append(Finding("file", "schema", "file", visible(error.what)))
                return

    def check(self, needed: frozenset[str] | None, *, quick: bool, indexes: bool = False) -> None:
        """Check pages, record and evidence; with ``RECORD_TABLES`` the record alone."""
        with storage_errors(self._case), CaseReader.open(self._case, needed) as reader:
            self.findings += [
                Finding("file", "pages", "file", f"SQLite finds its pages damaged: {visible(line)}")
                for line in reader.check_pages(indexes=indexes)
            ]
            record = check_record(
                reader.journal(), stored=reader.stored_record(), outside=self._outside, keys=self._keys
            )
            self.record = record
            self.findings += record.findings
            if needed is not RECORD_TABLES:
                self.findings += reader.check_recorded(record)
                self.findings += check_claims(self._case)
            self.findings += _timestamps(record, self._trust)
            if not quick:
                self.evidence = reader.check_evidence(
                    record, lambda done, total: self._told("hashing", done, total)
                )
                self.findings += self.evidence.findings
                self.findings += _derived(reader)

    def rebuild(self) -> None:
        """Make the derived layer anew and compare."""
        result, differences = _rebuilt(self._case, self._told)
        self.findings += differences
        if result is not None and result.digest:
            self.rebuilt, self.whole = (result.digest, result.events), result.whole


def _timestamps(record: Record, trust: bytes | None) -> list[Finding]:
    if not any(stated.kind == "timestamp.received" for stated in record.checkpoints):
        return []
    from workbench.casework.record.timestamps import check_timestamps  # loads the libraries of certificates

    return check_timestamps(record, trust)


def _derived(reader: CaseReader) -> list[Finding]:
    """Check what of the derived layer can be checked without making it anew."""
    findings = []
    try:
        balances, current = reader.summary().accounting.balances, reader.derived.current()
    except (ValueError, TypeError, KeyError) as error:
        # What a damaged file holds there may be anything; msgspec's errors are ValueErrors.
        what = f"it cannot be read: {visible(str(error))}"
        return [Finding("derived", "unreadable", "derived layer", what)]
    if not balances:
        what = "the sums over bytes and records do not add up: see `workbench info`"
        findings.append(Finding("derived", "accounting", "sums", what))
    if not current:
        what = "not brought up to date since evidence was added: run `workbench derive`"
        findings.append(Finding("derived", "outdated", "sessions and links", what, failed=False))
    return findings


def _rebuilt(case: Path, told: Told) -> tuple[Rebuilt | None, list[Finding]]:
    from workbench.casework.record.rebuild import rebuild  # loads every reader of logs

    try:
        result = rebuild(case, told)
    except CancelledError:
        raise
    except WorkbenchError as error:
        what = f"cannot be made anew: {visible(str(error))}"
        return None, [Finding("derived", "rebuild", "derived layer", what)]
    except (ValueError, TypeError, KeyError) as error:
        what = f"what the case file holds cannot be compared: {visible(str(error))}"
        return None, [Finding("derived", "unreadable", "derived layer", what)]
    return result, result.findings


def _limits(done: _Done, outside: bool, *, deep: bool, quick: bool) -> tuple[str, ...]:
    record, evidence = done.record, done.evidence
    limits = []
    if quick:
        limits.append("Whether the evidence is what was added: that takes the check without --quick.")
    elif evidence is None:
        limits.append("Whether the evidence is what was added: it could not be read.")
    if record is None:
        limits.append(
            "Whether the journal is what was written: it could not be read, nor held against anything."
        )
    elif not outside:
        limits.append(
            "Whether the journal was rewritten as a whole: that takes a checkpoint from outside (--against CHECKPOINT)."
        )
    derived = "Whether events, sessions and links are what the evidence gives"
    if quick or not deep:
        limits.append(f"{derived}: that takes --deep.")
    elif done.rebuilt is None:
        limits.append(f"{derived}: they could not be made anew.")
    elif not done.whole:
        limits.append(f"{derived}: a part of them could not be compared, as the notes say.")
    if evidence is not None and evidence.packed:
        limits.append(
            f"That {evidence.packed:,} files had the SHA-256 the journal has: they came packed and are kept unpacked."
        )
    if record is not None and record.tail.entries and outside:
        limits.append(
            f"Anything about the last {record.tail.entries:,} entries: no outside anchor covers them."
        )
    return (*limits, *CANNOT_SHOW)
