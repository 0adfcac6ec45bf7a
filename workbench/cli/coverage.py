"""What the evidence covers and what it cannot show: coverage, gaps, request letters, checklists. Only a word on a gap writes."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from workbench.cli.group import CASE, EXAMINER, JSON, main
from workbench.cli.sessions import warn_if_outdated
from workbench.text import visible

if TYPE_CHECKING:
    from workbench.casefile.reader import CaseReader
    from workbench.model.gap import Gap


@main.command()
@CASE
@JSON
@click.option(
    "--absent",
    nargs=2,
    metavar="VERB OBJECT",
    help="Ask whether it may be stated that nobody did this to that; exit status 1 if not, if a gap lies in the way, or if it"
    " holds for some hours only.",
)
@click.option("--account", metavar="ID", help="With --absent: in this account.")
@click.option("--source", metavar="SOURCE", help="With --absent: in this log.")
@click.option("--from", "start", metavar="TIME", help="From when, UTC (2026-06-09T11:00).")
@click.option("--to", "end", metavar="TIME", help="To when, UTC, to the end of that day, minute or second.")
@click.option("--digests", is_flag=True, help="Print what CloudTrail digest files prove, file by file.")
def coverage(
    case: Path,
    as_json: bool,
    absent: tuple[str, str] | None,
    account: str | None,
    source: str | None,
    start: str | None,
    end: str | None,
    digests: bool,
) -> None:
    """Print what is known of each part of each log over time: received, quiet, hole, off, proven complete, unknown.

    \b
    workbench coverage acme.case
    workbench coverage acme.case --digests
    workbench coverage acme.case --absent read_secret 'arn:aws:secretsmanager:us-east-1:111122223333:secret:*'
    """
    from workbench.casefile.reader import CaseReader
    from workbench.casework.as_json import json_line
    from workbench.casework.coverage import coverage_matrix
    from workbench.casework.gap_json import coverage_object, validation_objects
    from workbench.casework.gap_text import coverage_lines, row_label, validation_lines
    from workbench.casework.gaps import gap_decisions
    from workbench.text import cell_width

    low, high = _instant(start), _instant(end, last=True)
    with CaseReader.open(case) as reader:
        warn_if_outdated(reader, case)
        if absent is not None:
            _say_absence(reader, *absent, account, source, low, high, as_json=as_json)
            return
        if digests:
            validation = reader.coverage.validation()
            if as_json:
                for each in validation_objects(validation):
                    click.echo(json_line(each))
            else:
                for line in validation_lines(validation):
                    click.echo(line)
            if not validation.digests:
                click.echo("the case holds no CloudTrail digest files", err=True)
            return
        width = 48
        columns = max(
            20, (shutil.get_terminal_size((150, 24)).columns if sys.stdout.isatty() else 150) - width - 30
        )
        found = coverage_matrix(reader.coverage, columns=None if as_json else columns, start=low, end=high)
        decisions = gap_decisions(reader)
    if as_json:
        for row in found.rows:
            click.echo(json_line(coverage_object(row)))
        return
    if not found.rows:
        click.echo(f"the case holds no events yet: workbench add {visible(str(case))} FOLDER", err=True)
        return
    width = min(width, max(cell_width(row_label(row)) for row in found.rows))
    for line in coverage_lines(found.rows, found.start, found.step, found.columns, width, decisions):
        click.echo(line)


def _say_absence(
    reader: CaseReader,
    verb: str,
    target: str,
    account: str | None,
    source: str | None,
    start: int | None,
    end: int | None,
    *,
    as_json: bool,
) -> None:
    from workbench.casework.absence import ask_absence
    from workbench.casework.as_json import json_line
    from workbench.casework.gap_json import answer_object
    from workbench.casework.gap_text import answer_lines
    from workbench.casework.gaps import gap_decisions
    from workbench.coverage.negative import Absence
    from workbench.model.event import Verb

    try:
        meant = Verb(verb)
    except ValueError:
        raise click.UsageError(f"VERB is one of {', '.join(each.value for each in Verb)}") from None
    answer = ask_absence(
        reader, verb=meant, target=target, account=account, source=source, start=start, end=end
    )
    if as_json:
        click.echo(json_line(answer_object(answer)))
    else:
        for line in answer_lines(answer, gap_decisions(reader)):
            click.echo(line)
    if answer.absence is Absence.NOT_STATABLE or answer.gaps or answer.partial:
        sys.exit(1)


def _instant(text: str | None, *, last: bool = False) -> int | None:
    """Return the first instant of a time on the command line, or its last: as ``time:[a TO b]`` reads them."""
    if text is None:
        return None
    from workbench.search.times import read_span

    try:
        start, end = read_span(text.strip())
    except ValueError as error:
        raise click.UsageError(f"{visible(text)} is not a time: {error}") from None
    return end - 1 if last else start


@main.command()
@CASE
@JSON
@click.option("--kind", metavar="KIND", help="Only these (logging_off, missing_issuance …).")
@click.option("--source", metavar="SOURCE", help="Only those of this log.")
@click.option("--dispute", metavar="ID", help="Say that a gap is none. It is written into the journal.")
@click.option("--accept", metavar="ID", help="Say that a gap stands as a limit of the case.")
@click.option("--close", "closed", metavar="ID", help="Say that a gap was closed.")
@click.option("--reason", help="Why, or what closed it.")
@click.option(
    "--letter",
    "letter_of",
    metavar="ID[,ID…]",
    multiple=True,
    help="Print a letter to the custodian that asks for what closes these gaps: ids with commas, or the option again for each"
    " (`all`: every one that is not closed).",
)
@click.option("--to", "custodian", metavar="NAME", help="With --letter: whom it is to.")
@EXAMINER
def gaps(
    case: Path,
    as_json: bool,
    kind: str | None,
    source: str | None,
    dispute: str | None,
    accept: str | None,
    closed: str | None,
    reason: str | None,
    letter_of: tuple[str, ...],
    custodian: str | None,
    examiner: str | None,
) -> None:
    """Print what the evidence of CASE cannot show: where, when, how that was found, what it prevents, what to ask for.

    \b
    workbench gaps acme.case
    workbench gaps acme.case --letter G-b0530a4eba81 --to "ACME cloud team"
    workbench gaps acme.case --accept G-4fde9853ec20 --reason "the custodian confirms that data events were off"
    """
    from workbench.casefile.reader import CaseReader
    from workbench.casework.actor import current_actor
    from workbench.casework.as_json import json_line
    from workbench.casework.gap_json import gap_object
    from workbench.casework.gap_text import gap_lines
    from workbench.casework.gaps import GapWord, decide_gap, gap_decisions

    words = [
        (word, which)
        for word, which in (
            (GapWord.DISPUTED, dispute),
            (GapWord.ACCEPTED, accept),
            (GapWord.CLOSED, closed),
        )
        if which is not None
    ]
    if len(words) > 1:
        raise click.UsageError("one of --dispute, --accept and --close")
    if words:
        if not reason:
            raise click.UsageError("say why: --reason is missing")
        done = decide_gap(
            case, actor=current_actor(examiner), gap=words[0][1], word=words[0][0], reason=reason
        )
        click.echo(f"journal entry {done.seq}: {done.gap} {done.word}: {visible(done.scope)}", err=True)
        return
    with CaseReader.open(case) as reader:
        warn_if_outdated(reader, case)
        found = [
            gap
            for gap in reader.coverage.gaps()
            if kind in (None, gap.kind.value) and source in (None, gap.source)
        ]
        decisions = gap_decisions(reader)
        refs = reader.derived.refs({event for gap in found for event in gap.evidence})
        if letter_of:
            _print_letter(reader, found, letter_of, current_actor(examiner), custodian)
            return
    for gap in found:
        if as_json:
            click.echo(json_line(gap_object(gap, refs, decisions)))
        else:
            for line in gap_lines(gap, refs, decisions):
                click.echo(line)
    if not found:
        click.echo("no rule found a gap; that does not show that there is none", err=True)


def _print_letter(
    reader: CaseReader, found: list[Gap], wanted: tuple[str, ...], actor: str, custodian: str | None
) -> None:
    import datetime as dt

    from workbench.casework.gaps import GapWord, find_gap, gap_decisions, standing
    from workbench.coverage.letters import letter
    from workbench.errors import WorkbenchError

    words = {gap: said.word for gap, said in standing(gap_decisions(reader)).items()}
    names = [name for each in wanted for name in each.replace(",", " ").split()]
    chosen = (
        [each for each in found if words.get(each.id) is not GapWord.CLOSED]
        if "all" in names
        else list({gap.id: gap for gap in (find_gap(found, each) for each in names)}.values())
    )
    if not chosen:
        raise WorkbenchError(
            "there is no gap to ask for", "`workbench gaps` lists them with what was said of each"
        )
    for line in letter(
        chosen,
        disputed={gap for gap, word in words.items() if word is GapWord.DISPUTED},
        case=reader.info().title,
        examiner=actor,
        custodian=custodian,
        date=dt.datetime.now(dt.UTC).date().isoformat(),
    ):
        click.echo(line)


@main.command()
@click.argument("source", nargs=-1)
@JSON
def checklist(source: tuple[str, ...], as_json: bool) -> None:
    """Print what to ask of a custodian for each SOURCE, with which commands, and what is lost otherwise.

    SOURCE is the name of a log as `workbench sources` lists it, the start of one (`aws`), or a case file: then its logs.
    """
    from workbench.casework.as_json import json_line
    from workbench.casework.gap_json import checklist_object
    from workbench.casework.gap_text import always_lines, checklist_lines
    from workbench.coverage.checklists import checklist_of
    from workbench.sources.registry import READERS

    wanted = _sources_of(source)
    for reader in READERS:
        if reader.source not in wanted and source:
            continue
        told = checklist_of(reader.source)
        if as_json:
            click.echo(json_line(checklist_object(reader.source, reader.title, reader.needs, told)))
        else:
            for line in checklist_lines(reader.source, reader.title, reader.needs, told):
                click.echo(line)
            click.echo("")
    if not as_json:
        for line in always_lines():
            click.echo(line)


def _sources_of(words: tuple[str, ...]) -> set[str]:
    from workbench.casefile.reader import CaseReader
    from workbench.sources.registry import READERS

    known = [reader.source for reader in READERS]
    found: set[str] = set()
    for word in words:
        fitting = {each for each in known if each == word} or {
            each for each in known if each.startswith(word)
        }
        if not fitting and Path(word).is_file():
            with CaseReader.open(Path(word)) as reader:
                fitting = {each.key.source for each in reader.coverage.streams()}
        elif not fitting:
            raise click.UsageError(f"{visible(word)} is no log that is known: `workbench sources` lists them")
        found |= fitting
    return found
