"""The command itself, how it answers errors, and what its subcommands share."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Any

import click

import workbench
from workbench.errors import QueryError, WorkbenchError
from workbench.text import visible

CASE = click.argument("case", type=click.Path(path_type=Path, dir_okay=False))
EXAMINER = click.option(
    "--examiner",
    metavar="NAME",
    help="Who you are, for the journal. Default: $WORKBENCH_EXAMINER, else the machine's user.",
)
JSON = click.option("--json", "as_json", is_flag=True, help="Print one JSON object a line.")


class _Group(click.Group):
    """Prints the workbench's own errors as one line and ends with their exit status."""

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except QueryError as error:
            from workbench.search import explain

            click.echo(explain(error, ctx.obj or ""), err=True)
            sys.exit(error.exit_status)
        except WorkbenchError as error:
            click.echo(f"workbench: {visible(str(error))}", err=True)
            sys.exit(error.exit_status)
        except BrokenPipeError:
            # The reader of the output has seen enough; keep the interpreter from complaining at exit.
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            sys.exit(0)


@click.group(
    cls=_Group,
    invoke_without_command=True,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
@click.version_option(workbench.__version__, prog_name="incident-workbench")
@click.pass_context
def main(ctx: click.Context) -> None:
    """Rebuild what happened from audit logs, and prove it.

    Without a command, the case picker opens. A first case:

    \b
      workbench new cases/acme.case --title "ACME 2023-07" --examiner "R. Doe"
      workbench add cases/acme.case LOGS/
      workbench info cases/acme.case
      workbench open cases/acme.case
    """
    if ctx.invoked_subcommand is None:
        open_screens(None)


def open_screens(case: Path | None) -> None:
    """Open the case picker, or a case.

    Raises:
        WorkbenchError: If there is no terminal.
    """
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        raise WorkbenchError(
            "the screens need a terminal", "use `workbench info` or `workbench events` in scripts; see --help"
        )
    from workbench.tui.app import run

    sys.exit(run(case))
