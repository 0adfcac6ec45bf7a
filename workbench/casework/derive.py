"""The second pass over a whole case: sessions and links, made anew or brought up to date after an addition."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

import msgspec

from workbench.casefile.case_writer import write_case
from workbench.casefile.derived_writer import Changed
from workbench.casefile.facts import Progress
from workbench.casefile.reader import CaseReader
from workbench.casework.tag import State, stale_tags
from workbench.clock import Clock
from workbench.sessions.derive import derive as derive_from


class DeriveResult(msgspec.Struct, frozen=True):
    """What a pass did.

    Attributes:
        events: How many events were looked at one by one.
        anew: Whether everything was rebuilt.
        changed: What is new, changed and gone, by kind of thing.
        seconds: How long it took.
        stale: The standing tags that cite what is no longer as it was.
    """

    events: int
    anew: bool
    changed: dict[str, Changed]
    seconds: float
    stale: tuple[State, ...] = ()


def derive(
    case: Path,
    *,
    actor: str,
    anew: bool = False,
    progress: Callable[[Progress], None] = lambda _: None,
    clock: Clock | None = None,
) -> DeriveResult | None:
    """Bring sessions, links, identities and credentials of a case up to date.

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
    from workbench.sources.aws_cloudtrail.access_keys import account_of_key

    started = time.monotonic()
    with write_case(case, actor, clock, bulk=True) as writer:
        begun = writer.derived_pass(anew=anew)
        if begun is None:
            return None
        facts = begun.look(progress)
        changed = begun.keep(derive_from(facts, account_of_key))
        with writer.transaction():
            writer.claims.place_events()
    seconds = time.monotonic() - started
    with CaseReader.open(case) as reader:
        return DeriveResult(begun.looked_at, begun.anew, changed, seconds, tuple(stale_tags(reader)))
