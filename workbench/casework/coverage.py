"""The coverage matrix of a case in as many columns as fit."""

from __future__ import annotations

from typing import Protocol

import msgspec

from workbench.coverage.facts import HOUR, SLOT, Stream, span
from workbench.coverage.matrix import matrix
from workbench.model.digest import Validation
from workbench.model.gap import CoverageRow, Gap


class Covered(Protocol):
    """What a matrix is made of; ``CaseReader.coverage`` is one."""

    def streams(self) -> list[Stream]:
        """Return every part of every log."""
        ...

    def gaps(self) -> list[Gap]:
        """Return all gaps."""
        ...

    def validation(self) -> Validation:
        """Return what digests prove."""
        ...


_STEPS = (1, 3, 6, 12, 36, 72, 144, 288, 2016, 8640, 105_120)
"""Lengths of a column in stretches of five minutes: 5, 15, 30 minutes, 1, 3, 6, 12 hours, a day, a week, a month, a year."""


class Matrix(msgspec.Struct, frozen=True):
    """The coverage matrix of a case.

    Attributes:
        rows: A row for each part of each log, and for parts that could be expected.
        start: Start of the first column, microseconds UTC.
        step: Microseconds of a column.
        columns: How many columns.
    """

    rows: list[CoverageRow]
    start: int
    step: int
    columns: int


def coverage_matrix(
    covered_by: Covered,
    *,
    columns: int | None = None,
    start: int | None = None,
    end: int | None = None,
) -> Matrix:
    """Return the coverage matrix of a case.

    Args:
        covered_by: What the case covers.
        columns: How many columns there may be; hours if not given, or days where there would be more than ten thousand.
        start: From when, microseconds UTC; the case's first record by default.
        end: To when; its last record by default.
    """
    streams = covered_by.streams()
    covered = span(streams)
    low = start if start is not None else covered[0] if covered else 0
    high = end if end is not None else covered[1] if covered else low
    if columns is None:
        step = HOUR if (high - low) // HOUR <= 10_000 else 24 * HOUR
    else:
        step = next(
            (each * SLOT for each in _STEPS if high // (each * SLOT) - low // (each * SLOT) < columns),
            _STEPS[-1] * SLOT * 100,
        )
    rows = matrix(streams, covered_by.gaps(), covered_by.validation(), (low, high), step)
    return Matrix(rows, low // step * step, step, high // step - low // step + 1)
