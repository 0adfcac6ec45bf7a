"""What was changed: before and after, the life of a resource, sessions compared. Reading changes nothing in the case."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from workbench.cli.group import CASE, JSON, main
from workbench.text import visible

if TYPE_CHECKING:
    from workbench.casefile.reader import CaseReader
    from workbench.casework.change_json import Cited
    from workbench.casework.resource_history import History
    from workbench.model.case import StoredEvent
    from workbench.model.change import Change

_CHUNK = 500


def _warn_if_outdated(reader: CaseReader, case: Path) -> None:
    if not reader.changes.current():
        click.echo(
            "evidence was added since changes were derived, or an earlier version derived them: run"
            f" `workbench derive {visible(str(case))}` first; what follows is the older state",
            err=True,
        )


@main.command()
@CASE
@click.argument("query", default="")
@JSON
@click.option(
    "--left-behind", "left", is_flag=True, help="What the acts left behind, and whether anything undid it."
)
@click.option(
    "--no-attempts", is_flag=True, help="Leave out acts that were denied or failed: they changed nothing."
)
@click.pass_context
def changes(ctx: click.Context, case: Path, query: str, as_json: bool, left: bool, no_attempts: bool) -> None:
    """Print what the events of CASE changed: the field, before and after, and how well "before" is known.

    With QUERY, only the changes of events that fit it. Denied and failed acts are shown as attempts.

    \b
    workbench changes acme.case 'session:S-64e4bd29aa8e'
    workbench changes acme.case 'verb:delegate' --json
    workbench changes acme.case 'identity:jdoe' --left-behind
    """
    from workbench.casefile.reader import CaseReader
    from workbench.casework.as_json import json_line
    from workbench.casework.change_json import Cited, attempt_object, change_object
    from workbench.casework.change_text import attempt_line, change_lines, silent_lines
    from workbench.casework.silent_acts import SilentActs
    from workbench.search import parse

    ctx.obj = query
    ctx.find_root().obj = query
    parsed = parse(query)
    with CaseReader.open(case) as reader:
        _warn_if_outdated(reader, case)
        events = None if parsed is None else [event for chunk in reader.scan(parsed) for event in chunk.ids]
        if left:
            _print_left_behind(reader, events, as_json)
            return
        shown, silent = False, SilentActs(reader)
        last: tuple[int, str] | None = None
        told: set[str] = set()
        for chunk, unstated in _chunks(reader, events, attempts=not no_attempts):
            for stored in unstated:
                shown, last = True, None
                click.echo(json_line(attempt_object(stored)) if as_json else attempt_line(stored))
            listed = [each for each in chunk if not (no_attempts and each.attempted)]
            cited = Cited(reader, listed, silent)
            for change in listed:
                shown = True
                if as_json:
                    click.echo(json_line(change_object(change, cited)))
                    continue
                here = (change.event, change.title)
                for line in change_lines(change, cited, headed=here != last, told=told):
                    click.echo(line)
                last = here
        if not shown:
            click.echo("no event that fits states a change", err=True)
        if events is None and not as_json:
            for line in silent_lines(reader.changes.silent()):
                click.echo(line, err=True)


def _chunks(
    reader: CaseReader, events: list[int] | None, *, attempts: bool
) -> Iterator[tuple[list[Change], list[StoredEvent]]]:
    """Yield changes some at a time; of chosen events, between them, the attempts whose records state none."""
    if events is not None:
        for start in range(0, len(events), _CHUNK):
            some = events[start : start + _CHUNK]
            found = reader.changes.of_events(some)
            unstated = reader.changes.attempts_that_state_nothing(some) if attempts else []
            yield from _in_turn(found, reader.events(unstated) if unstated else [], some)
        return
    chunk: list[Change] = []
    for change in reader.changes.all():
        chunk.append(change)
        if len(chunk) >= _CHUNK:
            yield chunk, []
            chunk = []
    yield chunk, []


def _in_turn(
    found: list[Change], unstated: Sequence[StoredEvent], events: list[int]
) -> Iterator[tuple[list[Change], list[StoredEvent]]]:
    """Yield changes, and attempts without any, in the order of their events."""
    place = {number: index for index, number in enumerate(events)}
    start = 0
    for stored in sorted(unstated, key=lambda each: place[each.id]):
        end = start
        while end < len(found) and place[found[end].event] < place[stored.id]:
            end += 1
        if end > start:
            yield found[start:end], []
        yield [], [stored]
        start = end
    yield found[start:], []


def _print_left_behind(reader: CaseReader, events: list[int] | None, as_json: bool) -> None:
    from workbench.casework.as_json import json_line
    from workbench.casework.change_json import exposure_object
    from workbench.casework.exposure_text import exposure_lines
    from workbench.casework.left_behind import events_of_exposures, left_behind
    from workbench.changes.exposure import LOOKED_FOR, NOT_JUDGED

    found = left_behind(reader, events)
    refs = reader.derived.refs(events_of_exposures(found))
    if as_json:
        for each in found:
            click.echo(json_line(exposure_object(each, refs)))
        click.echo(f"looked for: {LOOKED_FOR}; {NOT_JUDGED}", err=True)
        return
    for line in exposure_lines(found, refs):
        click.echo(line)


@main.command()
@CASE
@click.argument("name", default="")
@JSON
@click.option(
    "--all", "everything", is_flag=True, help="Without NAME: also the resources that no event changed."
)
@click.option("--as-of", metavar="TIME", help="Only what happened up to TIME (RFC 3339, UTC without a zone).")
@click.option(
    "--could-reach",
    is_flag=True,
    help="What the policies of a role or user would have let it do, as far as the case knows them: exposure, never access.",
)
def resource(
    case: Path, name: str, as_json: bool, everything: bool, as_of: str | None, could_reach: bool
) -> None:
    """Print the life of a resource of CASE: every event that names it, every change, and its state as far as it is known.

    NAME is an id (R-…), a name, or a part of one; of any other the nearest are told, exit status 1.
    Without NAME, all resources with changes. Events alike that change nothing are counted where they are many.

    \b
    workbench resource acme.case deploy-admin
    workbench resource acme.case R-0f6a3c81d2be --as-of 2026-03-04T11:30:00Z
    """
    from workbench.casefile.reader import CaseReader
    from workbench.casework.as_json import json_line
    from workbench.casework.change_json import Cited, history_objects, resource_object
    from workbench.casework.change_text import history_lines, resource_line
    from workbench.casework.resource_history import history
    from workbench.casework.resource_search import all_resources, the_resource
    from workbench.casework.silent_acts import SilentActs

    until = None if as_of is None else _instant(as_of)
    with CaseReader.open(case) as reader:
        _warn_if_outdated(reader, case)
        if not name:
            for each in all_resources(reader) if everything else reader.changes.resources():
                click.echo(json_line(resource_object(each)) if as_json else resource_line(each))
            return
        silent = SilentActs(reader)
        found = history(reader, the_resource(reader, name), until, silent)
        cited = Cited(reader, [change for step in found.steps for change in step.changes], silent)
        if could_reach:
            _print_reach(reader, found, cited, as_json)
            return
    if as_json:
        for step in history_objects(found, cited):
            click.echo(json_line(step))
        return
    for line in history_lines(found, cited):
        click.echo(line)


def _print_reach(reader: CaseReader, found: History, cited: Cited, as_json: bool) -> None:
    from workbench.casework.as_json import json_line
    from workbench.casework.change_json import reach_objects
    from workbench.casework.could_reach import could_reach
    from workbench.casework.exposure_text import reach_lines

    reached = could_reach(reader, found)
    refs = reader.derived.refs({number for number in reached.events() if number > 0})
    refs |= {number: ref for number, (ref, _) in reader.changes.snapshots(reached.events()).items()}
    if as_json:
        for each in reach_objects(found, reached, refs):
            click.echo(json_line(each))
        return
    for line in reach_lines(found, reached, cited, refs):
        click.echo(line)


def _instant(text: str) -> int:
    """Return an instant given on the command line, microseconds UTC."""
    import datetime as dt

    from workbench.clock import to_micros

    try:
        moment = dt.datetime.fromisoformat(text)
    except ValueError:
        raise click.UsageError(f"--as-of {text!r} is no time: give one like 2026-03-04T11:30:00Z") from None
    return to_micros(moment if moment.tzinfo else moment.replace(tzinfo=dt.UTC))


@main.command()
@CASE
@click.argument("first")
@click.argument("second", default="")
@JSON
@click.option(
    "--against",
    type=click.Choice(["identity", "role", "everyone"]),
    help="Whose earlier acts a session is held against; of a session of a role of AWS all of the role's by default, with"
    " `identity` those of the same session name alone.",
)
def diff(case: Path, first: str, second: str, as_json: bool, against: str | None) -> None:
    """Print what an event changed, what is new in a session, or two sessions side by side.

    FIRST is the reference of an event (HASH:OFFSET), or a session (S-…): that is held against what its identity, its
    role, or everyone had done before, and the baseline says how much of that time the evidence covers. With SECOND,
    another session, both stand side by side.
    """
    from workbench.casefile.reader import CaseReader
    from workbench.casework.as_json import json_line
    from workbench.casework.change_text import baseline_lines, sides_lines
    from workbench.casework.compare_sessions import against_baseline, two_sessions
    from workbench.casework.comparison_json import baseline_objects, sides_objects
    from workbench.changes.baseline import Against

    with CaseReader.open(case) as reader:
        _warn_if_outdated(reader, case)
        if not first.startswith("S-"):
            if second:
                raise click.UsageError("only sessions (S-…) are put side by side")
            _print_event(reader, first, as_json)
            return
        if second:
            pair = two_sessions(reader, first, second)
            objects, lines = sides_objects(pair), sides_lines(pair)
        else:
            found = against_baseline(reader, first, against=None if against is None else Against(against))
            objects, lines = baseline_objects(found), baseline_lines(found)
    for each in objects if as_json else ():
        click.echo(json_line(each))
    for line in () if as_json else lines:
        click.echo(line)


def _print_event(reader: CaseReader, reference: str, as_json: bool) -> None:
    from workbench.casework.as_json import json_line
    from workbench.casework.change_json import Cited, change_object
    from workbench.casework.change_text import change_lines, nothing_stated
    from workbench.model.references import parse_reference

    stored = reader.find(parse_reference(reference))
    found = reader.changes.of_events([stored.id])
    cited, told = Cited(reader, found), set[str]()
    for index, change in enumerate(found):
        if as_json:
            click.echo(json_line(change_object(change, cited)))
            continue
        headed = not index or change.title != found[index - 1].title
        for line in change_lines(change, cited, headed=headed, told=told):
            click.echo(line)
    if not found:
        click.echo(nothing_stated(stored), err=True)
