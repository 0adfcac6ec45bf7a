"""Which logs can be read, and what a file would be read as."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import click

from workbench.cli.group import JSON, main
from workbench.cli.reading_options import MAPPING, SOURCE, TIMEZONE, reading_options


@main.group(invoke_without_command=True)
@JSON
@click.pass_context
def sources(ctx: click.Context, as_json: bool) -> None:
    """List the logs that can be read, and what to collect of each.

    \b
    workbench sources explain FILE       which reader would take it, and why
    workbench sources mapping            how to read a log that is not listed
    """
    if ctx.invoked_subcommand is not None:
        return
    from workbench.casework.as_json import json_line
    from workbench.casework.source_text import source_lines, source_object
    from workbench.sources.registry import READERS

    if as_json:
        for reader in READERS:
            click.echo(json_line(source_object(reader)))
    else:
        for line in source_lines(READERS):
            click.echo(line)


@sources.command()
@click.argument("file", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@TIMEZONE
@SOURCE
@MAPPING
@JSON
def explain(file: Path, as_json: bool, **given: Any) -> None:
    """Say which reader would take the records of FILE, by what it knows them, and show three of them as events.

    Nothing is written. Of an archive each member is looked at. Exit status 1 if no record would become an event.
    """
    from workbench.casework.as_json import json_line
    from workbench.casework.explain_file import explain_file
    from workbench.casework.ingest.reading import ReadingOptions
    from workbench.casework.source_text import explanation_lines, explanation_object

    explanation = explain_file(file, ReadingOptions(**reading_options(**given)))
    if as_json:
        for content in explanation.contents:
            click.echo(json_line(explanation_object(content)))
        if explanation.more:
            click.echo("there are more members, which were not looked at", err=True)
    else:
        for line in explanation_lines(explanation):
            click.echo(line)
    if not any(content.readers for content in explanation.contents):
        sys.exit(1)


@sources.command()
def mapping() -> None:
    """Explain mapping files: how to read a log that is not listed."""
    from workbench.sources.mapping import MAPPING_HELP

    click.echo(MAPPING_HELP)
