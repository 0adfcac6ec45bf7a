"""Gaps, coverage and checklists for people. All log text passes through visible()."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Iterator, Mapping, Sequence

from workbench.casework.gaps import GapDecision, standing
from workbench.casework.session_text import period
from workbench.clock import SECOND, rfc3339
from workbench.coverage.checklists import ALWAYS, Checklist
from workbench.coverage.facts import writable
from workbench.coverage.making import between, count, listed
from workbench.coverage.negative import Answer
from workbench.model.digest import FileState, Validation
from workbench.model.gap import Cell, CellState, CoverageRow, Gap
from workbench.model.references import RecordRef
from workbench.text import cell_width, cut_middle, visible

GLYPHS = {
    CellState.RECEIVED: "█",
    CellState.COMPLETE: "✓",
    CellState.QUIET: "▁",
    CellState.HOLE: "▒",
    CellState.OFF: "×",
    CellState.UNKNOWN: "?",
}
"""How the states of a stretch are drawn; the legend always gives the words."""

_RANK = (
    CellState.OFF,
    CellState.HOLE,
    CellState.RECEIVED,
    CellState.COMPLETE,
    CellState.QUIET,
    CellState.UNKNOWN,
)
"""Of several states in one column the first is drawn: a hole is never hidden behind what lies beside it."""

_WIDTH = 100


def gap_lines(
    gap: Gap, refs: Mapping[int, RecordRef], decisions: Sequence[GapDecision] = ()
) -> Iterator[str]:
    """Yield a gap with everything that is needed to check it, and what was said of it."""
    word = standing(decisions).get(gap.id)
    said = f"  [{word.word}]" if word else ""
    yield f"{gap.id}  {gap.certainty}  {gap.kind}  {visible(gap.source)}: {visible(gap.scope.text)}{said}"
    yield f"    {between(gap.start, gap.end)}" + _sure(gap)
    yield from _text(f"effect: {gap.effect}")
    yield from _text(f"detected: {gap.detected}  (rule {gap.rule} {gap.version})")
    cited = [refs[event].short for event in gap.evidence if event in refs]
    cited += [f"{reference[:8]}:{reference.partition(':')[2].partition('+')[0]}" for reference in gap.records]
    if cited:
        yield from _text(f"cites: {', '.join(cited)}")
    yield from _text(f"ask for: {gap.request}")
    yield from _text(
        f"can break {'; '.join(sorted(each.value for each in gap.breaks))}; a caveat against everything else"
    )
    for each in decisions:
        if each.gap == gap.id:
            over = f", superseded by {each.superseded_by}" if each.superseded_by else ""
            yield from _text(
                f"journal {each.seq}: {each.word} by {visible(each.actor)} {each.time}: {visible(each.reason)}{over}"
            )


def _sure(gap: Gap) -> str:
    if gap.sure_start is None and gap.sure_end is None:
        return ""
    return f"; for certain {between(gap.sure_start, gap.sure_end)}"


def _text(text: str, indent: str = "    ") -> Iterator[str]:
    yield from textwrap.wrap(
        visible(text),
        _WIDTH,
        initial_indent=indent,
        subsequent_indent=indent + "  ",
        break_long_words=False,
        break_on_hyphens=False,
    )


def row_label(row: CoverageRow) -> str:
    """Return what a row of the matrix is called."""
    if row.label is not None:
        return f"{visible(row.key.source)} {visible(row.label)}"
    parts = (row.key.source, row.key.account or row.key.tenant, row.key.region, row.key.category)
    return " ".join(visible(part) for part in parts if part)


def column_states(cells: Iterable[Cell], start: int, step: int, columns: int) -> list[CellState]:
    """Return the state of each column of a heatmap."""
    found = [CellState.UNKNOWN] * columns
    seen: list[set[CellState]] = [set() for _ in range(columns)]
    for cell in cells:
        low = max((cell.start - start) // step, 0)
        high = min((cell.end - 1 - start) // step, columns - 1)
        for column in range(low, high + 1):
            seen[column].add(cell.state)
    for column, states in enumerate(seen):
        found[column] = next((state for state in _RANK if state in states), CellState.UNKNOWN)
    return found


def coverage_lines(
    rows: Sequence[CoverageRow],
    start: int,
    step: int,
    columns: int,
    width: int,
    decisions: Iterable[GapDecision] = (),
) -> Iterator[str]:
    """Yield the matrix as a heatmap: a glyph a stretch, then how many records.

    Args:
        rows: From :func:`workbench.coverage.matrix.matrix`.
        start: Start of the first column, microseconds UTC.
        step: Microseconds of a column.
        columns: How many columns.
        width: Cells of the labels.
        decisions: What responders said of gaps.
    """
    words = standing(decisions)
    head = (
        f"{rfc3339(writable(start))} – {rfc3339(writable(start + step * columns))}, a column is {_span(step)}"
    )
    yield " " * (width + 2) + head
    for row in rows:
        label = cut_middle(row_label(row), width)
        drawn = "".join(GLYPHS[state] for state in column_states(row.cells, start, step, columns))
        gaps = list(dict.fromkeys(gap for cell in row.cells for gap in cell.gaps))
        tail = f"{row.events:>9,}" if row.label is None else " " * 9
        named = " ".join(_with_word(gap, words) for gap in gaps[:3])
        yield f"{label}{' ' * (width - cell_width(label))}  {drawn}  {tail}  {named}".rstrip()
    yield ""
    yield "  ".join(f"{GLYPHS[state]} {state.value}" for state in GLYPHS)


def _with_word(gap: str, words: Mapping[str, GapDecision]) -> str:
    return f"{gap} [{words[gap].word}]" if gap in words else gap


def _span(step: int) -> str:
    seconds = step // SECOND
    for length, name in ((86_400, "day"), (3_600, "hour"), (60, "minute")):
        if seconds % length == 0:
            return count(seconds // length, name)
    return count(seconds, "second")


def validation_lines(validation: Validation) -> Iterator[str]:
    """Yield what digests prove."""
    for digest in validation.digests:
        state = "proves its files complete" if digest.proves else "does not prove its files complete"
        altered = ", altered" if digest.altered else ""
        by = f" ({digest.by})" if digest.by else ""
        yield (
            f"digest {visible(digest.path.rpartition('/')[2])}  {period(digest.start, digest.end)}  signature:"
            f" {digest.signature}{by}"
            f"{altered}; {digest.intact} of {digest.files} files intact: {state}"
        )
    for file in validation.files:
        if file.state is not FileState.INTACT:
            yield f"file {visible(file.path.rpartition('/')[2])}  {file.state}  {period(file.oldest, file.newest)}"
    for each in validation.extra:
        yield f"file {visible(each.name)}  listed by no digest of its time"
    for gone in validation.missing:
        yield f"digest {visible(gone.path.rpartition('/')[2])}  named by the one after it, and not on hand"


def answer_lines(answer: Answer, decisions: Iterable[GapDecision] = ()) -> Iterator[str]:
    """Yield what may be said of an absence, with what it rests on."""
    words = standing(decisions)
    yield f"{answer.absence}. You may say:"
    yield from _text(answer.sentence, "  ")
    for each in answer.proofs:
        recorder = each.recorder
        where = " ".join(
            part for part in (recorder.source, recorder.category, recorder.account, recorder.region) if part
        )
        yield from _text(
            f"would have recorded it: {where} ({recorder.why}): {count(each.in_period, 'record')} of the period,"
            f" {count(each.same_kind, 'record')} of this kind then,"
            f" {'proven complete' if each.complete else 'not proven complete'}"
            + (
                f"; not shown to have recorded such acts in {_stretches(each.unshown)}"
                if each.unshown
                else ""
            ),
            "  ",
        )
    for gap in answer.gaps:
        # The sentence says of what each is.
        yield from _text(f"in the way: {_with_word(gap.id, words)} {gap.certainty}: {gap.effect}", "  ")
    for more in answer.lacking:
        yield from _text(f"for more: {more}", "  ")


def _stretches(stretches: Sequence[tuple[int, int]]) -> str:
    return listed((period(*each) for each in stretches), most=3)


def checklist_lines(source: str, title: str, needs: str, told: Checklist | None) -> Iterator[str]:
    """Yield what to ask of a custodian for a log."""
    yield f"{visible(title)}  ({visible(source)})"
    for each in told.ask if told else (needs,):
        yield from _text(f"ask   {each}", "  ")
    for each in told.commands if told else ():
        # A command is never broken over lines: it is there to be copied.
        yield f"  run   {each}"
    for each in told.lost if told else ():
        yield from _text(f"lost  {each}", "  ")


def always_lines() -> Iterator[str]:
    """Yield what to ask for with every log."""
    yield "with every log"
    for each in ALWAYS:
        yield from _text(f"ask   {each}", "  ")
