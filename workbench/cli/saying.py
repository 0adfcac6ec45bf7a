"""What the commands have in common by which responders say something: who says it, versions, reviews, taking back."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

import click

from workbench.text import printable, visible


def clean(given: dict[str, Any]) -> dict[str, Any]:
    """Return options with their texts as they can be journalled."""

    def clean(value: Any) -> Any:
        if isinstance(value, str):
            return printable(value)
        return tuple(map(clean, value)) if isinstance(value, tuple) else value

    return {name: clean(value) for name, value in given.items()}


def made(form: Any, given: dict[str, Any], **more: Any) -> Any:
    """Return a wish from the options that have its fields' names."""
    import msgspec

    values = {name: given[name] for name in form.__struct_fields__ if name in given} | more
    return msgspec.convert(values, form)


def actor_of(given: dict[str, Any]) -> str:
    """Return who says it."""
    from workbench.casework.actor import current_actor

    return current_actor(given["examiner"])


def reason_of(given: dict[str, Any]) -> str:
    """Return the reason given; it is wrong usage to give none."""
    reason = given["reason"]
    if not reason:
        raise click.UsageError("say how you know: --reason is missing")
    return str(reason)


def common_acts(case: Path, given: dict[str, Any], as_json: bool) -> bool:
    """Do what all kinds of things have in common, if it is asked for; return whether it was."""
    from workbench.casework import tag as acts

    if given["history"]:
        print_history(case, given["history"], as_json=as_json)
    elif given["retract"]:
        acts.retract(case, given["retract"], reason_of(given), actor=actor_of(given))
        click.echo(f"{visible(given['retract'])} was taken back; its history keeps it", err=True)
    elif given.get("review"):
        acts.review(
            case,
            given["review"],
            actor=actor_of(given),
            approves=given["dissent"] is None,
            text=given["dissent"] or given["reason"] or "",
            sampled=given["sampled"],
            errors=given["errors"],
        )
        word = "signed" if given["dissent"] is None else "objected to"
        click.echo(f"{visible(given['review'])} is {word}", err=True)
    else:
        return False
    return True


def print_history(case: Path, name: str, *, as_json: bool) -> None:
    """Print all versions of something."""
    from workbench.casefile.reader import CaseReader
    from workbench.casework.claim_json import version_object
    from workbench.casework.claim_text import version_lines
    from workbench.casework.history import states_of
    from workbench.errors import UnknownReferenceError

    with CaseReader.open(case) as reader:
        ids = reader.claims.ids(name)
        if len(ids) != 1:
            raise UnknownReferenceError(
                f"{'nothing is' if not ids else 'several are'} called {name!r}",
                "give the id as the lists show it",
            )
        found = list(states_of(reader, ids[0]))
    print_all(found, version_object if as_json else None, version_lines)


def print_all(
    found: Iterable[Any],
    as_object: Callable[[Any], dict[str, Any]] | None,
    lines: Callable[[Any], Iterator[str]],
) -> None:
    """Print things, each as one JSON object or as lines."""
    from workbench.casework.as_json import json_line

    for each in found:
        if as_object is not None:
            click.echo(json_line(as_object(each)))
            continue
        for line in lines(each):
            click.echo(line)


def said(kept: Any) -> None:
    """Say what was committed: its id on stdout for scripts, the rest on stderr."""
    from workbench.casework.claim_text import body_word

    origin = kept.origin
    click.echo(origin.id)
    version = f" version {origin.version}" if origin.version > 1 else ""
    click.echo(f"{body_word(kept.body)} {origin.id}{version}, journal entry {origin.seq}", err=True)
