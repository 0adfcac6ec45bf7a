"""Notes and custody: what responders write down, and who handed what to whom."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import click

from workbench.cli.group import CASE, EXAMINER, JSON, main
from workbench.cli.saying import actor_of, clean, common_acts, print_all, said


@main.command("note")
@CASE
@click.argument("text", required=False)
@click.option("--refers-to", metavar="TIME", help="The time it is about, if that is not now.")
@click.option(
    "--on", multiple=True, metavar="REF", help="What it is about: events, sessions, tags, findings."
)
@click.option("--supersede", metavar="ID", help="The note that this one corrects; both stay.")
@click.option("--search", "words", metavar="WORDS", help="Only the notes that hold all of these words.")
@click.option("--history", metavar="ID", help="Print all versions of a note.")
@click.option("--retract", metavar="ID", help="Take a note back; --reason says why.")
@click.option("--reason", help="With --retract: why.")
@click.option("--all", "every", is_flag=True, help="List superseded versions, too.")
@JSON
@EXAMINER
def note(case: Path, text: str | None, as_json: bool, **given: Any) -> None:
    """Write a note (Markdown; - reads it from standard input). Without TEXT: all notes.

    A note written long after the time that it is about says so. It is never edited: a correction supersedes it, and is about the
    same time and things unless others are given.

    \b
    workbench note acme.case "Called the on-call engineer: the deploy at 11:40 was not theirs." --refers-to 2026-03-04T11:45
    workbench note acme.case --search deploy
    """
    from workbench.casefile.reader import CaseReader
    from workbench.casework.claim_json import note_object
    from workbench.casework.claim_text import note_lines
    from workbench.casework.note import search_notes, write_note

    given = clean(given)
    if common_acts(case, given, as_json):
        return
    if text is not None:
        if text == "-":
            text = sys.stdin.read()
        done = write_note(
            case,
            text,
            actor=actor_of(given),
            refers_to=given["refers_to"],
            on=given["on"],
            supersedes=given["supersede"],
        )
        said(done)
        return
    with CaseReader.open(case) as reader:
        found = reader.claims.notes(every=given["every"])
    if given["words"] is not None:
        found = search_notes(found, given["words"])
    print_all(found, note_object if as_json else None, note_lines)
    if not found:
        click.echo("no note fits" if given["words"] else "there are no notes yet", err=True)


@main.command("custody")
@CASE
@click.argument("what", required=False)
@click.option("--from", "giver", metavar="NAME", help="Who handed it over.")
@click.option("--to", "taker", metavar="NAME", help="Who received it.")
@click.option("--at", metavar="TIME", help="When.")
@click.option("--how", help="How: in person, by courier, by upload.")
@click.option(
    "--on", multiple=True, metavar="NAME", help="The evidence of the case that it is, by name or hash."
)
@click.option("--text", default="", help="Anything else.")
@click.option("--supersede", metavar="ID", help="The step that this one corrects; both stay.")
@click.option("--history", metavar="ID", help="Print all versions of a step.")
@click.option("--retract", metavar="ID", help="Take a step back; --reason says why.")
@click.option("--reason", help="With --retract: why.")
@click.option("--all", "every", is_flag=True, help="List superseded versions, too.")
@JSON
@EXAMINER
def custody(case: Path, what: str | None, as_json: bool, **given: Any) -> None:
    """Record who handed WHAT to whom, when and how. Without WHAT: all steps.

    \b
    workbench custody acme.case "disk 4711" --from "A. Admin" --to "R. Doe" --at 2026-03-05T09:30 --how "in person, sealed bag"
    """
    from workbench.casefile.reader import CaseReader
    from workbench.casework.claim_json import custody_object
    from workbench.casework.claim_text import custody_lines
    from workbench.casework.custody import record_custody

    given = clean(given)
    if common_acts(case, given, as_json):
        return
    if what is not None:
        for name, option in (("giver", "from"), ("taker", "to"), ("at", "at"), ("how", "how")):
            if not given[name]:
                raise click.UsageError(
                    f"--{option} is missing: custody says who handed what to whom, when and how"
                )
        step = {name: given[name] for name in ("giver", "taker", "at", "how", "on", "text")}
        said(record_custody(case, what, actor=actor_of(given), supersedes=given["supersede"], **step))
        return
    with CaseReader.open(case) as reader:
        found = reader.claims.custody(every=given["every"])
    print_all(found, custody_object if as_json else None, custody_lines)
    if not found:
        click.echo("no step of custody is recorded yet", err=True)
