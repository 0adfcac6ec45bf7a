"""The second pass over a whole case: sessions, links, gaps and changes, made anew or brought up to date after an addition."""

from __future__ import annotations

import contextlib
import os
import time
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

import msgspec

from workbench.casefile.case_writer import CaseWriter, write_case
from workbench.casefile.changes.ahead import look_ahead
from workbench.casefile.changes.rows import Found
from workbench.casefile.derived.facts import Progress
from workbench.casefile.derived.writer import Changed, DerivedPass
from workbench.casefile.reader import CaseReader
from workbench.casefile.second_process import second_process
from workbench.casework.finding import FindingState, stale_findings
from workbench.casework.memory import garbage_kept
from workbench.casework.tag import State, stale_tags
from workbench.clock import Clock
from workbench.coverage.derive import gaps_of
from workbench.sessions.derive import derive as derive_from
from workbench.sessions.facts import Facts

_PROCESSORS = os.cpu_count() or 1


class DeriveResult(msgspec.Struct, frozen=True):
    """What a pass did.

    Attributes:
        events: How many events were looked at one by one.
        anew: Whether everything was rebuilt.
        changed: What is new, changed and gone, by kind of thing.
        seconds: How long its parts took.
        stale: The standing tags and findings that cite what is no longer as it was.
    """

    events: int
    anew: bool
    changed: dict[str, Changed]
    seconds: dict[str, float]
    stale: tuple[State | FindingState, ...] = ()


def derive(
    case: Path,
    *,
    actor: str,
    anew: bool = False,
    progress: Callable[[Progress], None] = lambda _: None,
    clock: Clock | None = None,
) -> DeriveResult | None:
    """Bring sessions, links, identities, credentials, gaps and changes of a case up to date.

    Args:
        case: The case file.
        actor: Who does it; nothing of it is journalled, for it can be repeated at any time with the same result.
        anew: Whether to rebuild everything even where only some evidence is new.
        progress: Told how far the look at every event has come; may raise to give up.
        clock: For the writer.

    Returns:
        What was done, ``None`` if everything is up to date already.

    Raises:
        CaseFileError: If the case cannot be written.
    """
    seconds: dict[str, float] = {}
    with garbage_kept(), write_case(case, actor, clock, bulk=True) as writer:
        begun = writer.derived_pass(anew=anew)
        whole = anew or (begun is not None and begun.anew)
        changes = writer.change_pass(anew=whole)
        looked_at = 0
        changed: dict[str, Changed] = {}
        large = begun is not None and begun.large and _PROCESSORS > 1
        with second_process(case) if large else contextlib.nullcontext() as second:
            ahead: Iterator[Iterable[Found]] = iter(())
            if begun is not None:
                with _timed("sessions and links", seconds):
                    facts = begun.look(progress, second)
                if second is not None and changes is not None:
                    ahead = look_ahead(second, changes.stretches)
                changed = _sessions_and_gaps(writer, begun, facts, seconds)
                looked_at = begun.looked_at
                del begun, facts  # what they hold in memory is not needed any more
            # Changes are stated by single records and need no session: they come second so that a kill between leaves
            # sessions whole.
            if changes is not None:
                with _timed("changes", seconds):
                    changed["changes"] = changes.run(ahead)
    if not changed:
        return None
    with CaseReader.open(case) as reader:
        stale: tuple[State | FindingState, ...] = (*stale_tags(reader), *stale_findings(reader))
        return DeriveResult(looked_at, whole, changed, seconds, stale)


def _sessions_and_gaps(
    writer: CaseWriter, begun: DerivedPass, facts: Facts, seconds: dict[str, float]
) -> dict[str, Changed]:
    from workbench.sources.aws_cloudtrail.access_keys import account_of_key

    with _timed("sessions and links", seconds):
        derived = derive_from(facts, account_of_key)
    with _timed("gaps", seconds):
        gaps = gaps_of(begun.look_at_coverage(facts, derived))
    with _timed("sessions and links", seconds):
        changed = begun.keep(derived, gaps)
        with writer.transaction():
            writer.claims.place_events()
    return changed


@contextlib.contextmanager
def _timed(part: str, seconds: dict[str, float]) -> Iterator[None]:
    began = time.monotonic()
    yield
    seconds[part] = seconds.get(part, 0.0) + time.monotonic() - began
